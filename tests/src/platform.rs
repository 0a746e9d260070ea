//! A platform for tests, in one of its two forms: all services in this process, or each in its own (`split`). Suites do
//! not say which: a test program whose name begins with `split` runs them in the second.

mod balance;
pub mod split;

use std::{
    net::{Ipv4Addr, TcpListener},
    num::NonZeroU32,
    time::{Duration, Instant},
};

use lcr_all_in_one::{Extras, Ports, ProviderSettings, Seed, Settings, StartError};
use lcr_city::{City, CityOptions, Fault, Step};
use lcr_cli::commands::up::{AddedSource, SEED, seed};
use lcr_demo_idp::{DemoIdp, IdpOptions};
use lcr_model::ServiceName;
use lcr_testkit::Folder;
use lcr_web::{EgressRules, Outbound};
use reqwest::Url;

use self::split::{Around, Split, Told};
use crate::{Actor, Browser, Keys, mllp::Line};

/// How a platform is started.
#[derive(Debug, Clone)]
pub struct Options {
    pub people: u32,
    /// Without a city there are only the added sources.
    pub city: bool,
    pub deadline: Duration,
    /// How often one person may search in a minute; more than in life, since a test does a day's work in a minute.
    pub searches_per_minute: NonZeroU32,
    /// Added FHIR sources: (name, base address).
    pub sources: Vec<(String, String)>,
    /// Whether the provider may vouch for patients.
    pub patients: bool,
    /// Whether each service is a process of its own.
    pub split: bool,
    /// Replicas of each service; more than one is split.
    pub replicas: u16,
    /// Threads that each process of a split platform computes with; without, as many as there are processors.
    pub threads: Option<u16>,
    /// What a split platform logs.
    pub log: &'static str,
    /// The bus and the cache of a split platform, where it is not to start them.
    pub around: Option<Around>,
}

/// How the services run.
#[derive(Debug)]
enum Form {
    One(Box<lcr_all_in_one::Platform>),
    Split(Box<Split>),
}

/// A test program whose name begins with `split_replicas` runs its suites on two of each service.
fn usual_replicas() -> u16 {
    let me = std::env::current_exe().unwrap_or_default();
    if me.file_name().is_some_and(|name| name.to_string_lossy().starts_with("split_replicas")) {
        2
    } else {
        1
    }
}

/// Whether this test program runs its suites split.
fn is_split() -> bool {
    let me = std::env::current_exe().unwrap_or_default();
    me.file_name().is_some_and(|name| name.to_string_lossy().starts_with("split"))
}

impl Default for Options {
    fn default() -> Self {
        Self {
            people: 60,
            city: true,
            deadline: Duration::from_secs(2),
            searches_per_minute: NonZeroU32::MAX,
            sources: vec![],
            patients: true,
            split: is_split(),
            replicas: usual_replicas(),
            threads: None,
            log: "warn,lcr=info",
            around: None,
        }
    }
}

/// A running platform.
#[derive(Debug)]
pub struct Platform {
    pub ports: Ports,
    pub provider: DemoIdp,
    form: Form,
    seed: Seed,
    city: Option<City>,
    folder: Folder,
    outbound: Outbound,
}

impl Platform {
    /// Starts one and waits until everybody is in the index.
    pub async fn loaded() -> Self {
        let platform = Self::start(Options::default()).await;
        Box::pin(platform.wait_loaded()).await;
        platform
    }

    pub async fn start(options: Options) -> Self {
        for attempt in 0..20 {
            // On the heap: a whole platform in one future is deeper than the compiler goes.
            if let Some(platform) = Box::pin(Self::at(port(attempt), &options)).await {
                return platform;
            }
        }
        panic!("no free ports");
    }

    /// `None` when a port was taken meanwhile.
    async fn at(port: u16, options: &Options) -> Option<Self> {
        let ports = Ports { gateway: port };
        let idp = IdpOptions { port: 0, platform: format!("http://localhost:{port}") };
        let provider = lcr_demo_idp::start(idp).await.expect("the demo provider starts");
        let city = CityOptions { people: options.people, seed: SEED, first_port: 0 };
        let city =
            if options.city { Some(lcr_city::start(city).await.expect("the city starts")) } else { None };
        let added = |(name, url): &(String, String)| AddedSource {
            name: name.clone(),
            url: Url::parse(url).expect("a base address"),
        };
        let added: Vec<AddedSource> = options.sources.iter().map(added).collect();
        let seed = seed::of(city.as_ref(), &provider, &added).expect("the registry's rows");
        let folder = Folder::new("platform").expect("a folder");
        let form = if options.split || options.replicas > 1 {
            let told = Told {
                ports,
                replicas: options.replicas,
                log: options.log,
                provider: provider.issuer(),
                patients: options.patients,
                deadline: options.deadline,
                searches_per_minute: options.searches_per_minute,
                threads: options.threads,
                around: options.around.clone(),
            };
            let split = Split::start(told, &folder).await;
            split.register(seed.clone()).await;
            Form::Split(Box::new(split))
        } else {
            Form::One(Box::new(one(ports, &folder, options, &provider, seed.clone()).await?))
        };
        let rules = EgressRules { loopback: true, ..EgressRules::default() };
        let outbound = Outbound::new(rules).expect("a client");
        Some(Self { ports, provider, form, seed, city, folder, outbound })
    }

    /// Waits until every list of people is read and everybody has heard of everybody.
    pub async fn wait_loaded(&self) {
        let end = Instant::now() + Duration::from_mins(1);
        while Instant::now() < end {
            let loaded = match &self.form {
                Form::One(one) => matches!(one.loaded().await, Ok((read, of, _, 0)) if of > 0 && read == of),
                Form::Split(split) => self.lists_are_read().await && split.behind().await == Some(0),
            };
            if loaded {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("not loaded within a minute");
    }

    /// Whether `/sources` says so of every source that is asked.
    async fn lists_are_read(&self) -> bool {
        let answer = self.actor("gp").await.get("/api/record-aggregation/v1/sources").await;
        let sources = answer.json()["sources"].as_array().cloned().unwrap_or_default();
        let asked = sources.iter().filter(|one| one["discreet"] == false && one["state"] != "sends-only");
        !sources.is_empty() && asked.into_iter().all(|one| one["loaded"] == true)
    }

    /// Has the city's hospitals tell how things came to stand as they do, and waits until it is taken in.
    pub async fn hospitals_open(&self) {
        let mut line = Line::open(self.ports.mllp()).await.expect("an MLLP listener");
        for message in self.city().opening() {
            line.say(&message.bytes).await;
        }
        self.wait_loaded().await;
    }

    /// Has the next thing happen to one of the cast, and waits until everybody has heard of it.
    pub async fn hospital_sends(&self, who: &str, step: Step) {
        let message = self.city().next_for(who, step).expect("somebody of the cast");
        let mut line = Line::open(self.ports.mllp()).await.expect("an MLLP listener");
        line.say(&message.bytes).await;
        self.wait_loaded().await;
    }

    /// The registry's rows it was given.
    pub fn seed(&self) -> Seed {
        self.seed.clone()
    }

    pub fn city(&self) -> &City {
        self.city.as_ref().expect("a platform with a city")
    }

    pub fn set_fault(&self, source: &str, fault: impl Into<Option<Fault>>) {
        self.city().set_fault(source, fault.into());
    }

    /// As when it fails.
    pub fn stop(&self, service: ServiceName) {
        match &self.form {
            Form::One(one) => one.stop(service),
            Form::Split(split) => split.kill(service, 0),
        }
    }

    /// The processes, where there are several.
    pub fn split(&self) -> &Split {
        match &self.form {
            Form::Split(split) => split,
            Form::One(_) => panic!("a platform in one process"),
        }
    }

    /// The one process.
    pub fn one(&self) -> &lcr_all_in_one::Platform {
        match &self.form {
            Form::One(one) => one,
            Form::Split(_) => panic!("a platform of several processes"),
        }
    }

    /// The `SQLite` file of a service, in one process.
    pub fn database(&self, service: ServiceName) -> std::path::PathBuf {
        self.folder.path().join(format!("{service}.db"))
    }

    /// The services' own keys, as a thief of them would have them.
    pub fn keys(&self) -> Keys {
        match &self.form {
            Form::One(_) => Keys::of(self.folder.path()),
            Form::Split(_) => Keys::of_trial(),
        }
    }

    /// Where the gateway is.
    pub fn origin(&self) -> String {
        format!("http://localhost:{}", self.ports.gateway)
    }

    /// Where a service listens itself.
    pub fn address(&self, service: ServiceName) -> String {
        let port = split::canonical(self.ports, service);
        format!("http://localhost:{port}")
    }

    /// Somebody signed in: a persona or client of the demo city.
    pub async fn actor(&self, who: &str) -> Actor {
        self.anonymous().signed_in(who, &self.provider.issuer()).await
    }

    /// Somebody without a token.
    pub fn anonymous(&self) -> Actor {
        Actor::new(self.outbound.clone(), self.origin())
    }

    /// Somebody in a browser, signed in by the two redirects.
    pub async fn browser(&self, who: &str) -> Browser {
        Browser::sign_in(self.anonymous(), who).await
    }
}

/// `None` when a port was taken meanwhile.
async fn one(
    ports: Ports,
    folder: &Folder,
    options: &Options,
    provider: &DemoIdp,
    seed: Seed,
) -> Option<lcr_all_in_one::Platform> {
    let extras = Extras {
        demo: true,
        providers: vec![ProviderSettings {
            issuer: provider.issuer(),
            client_id: "leeds-care-record".to_owned(),
            callback: None,
            organisations: vec![],
            patients: options.patients,
            organisation: None,
            role: None,
        }],
        seed,
    };
    let settings = Settings {
        data_dir: folder.path().to_owned(),
        address: Ipv4Addr::LOCALHOST.into(),
        ports,
        public_origin: None,
        deadline: options.deadline,
        searches_per_minute: options.searches_per_minute,
        egress_allow: vec![],
    };
    match lcr_all_in_one::start(settings, extras).await {
        Ok(one) => Some(one),
        Err(StartError::Port { .. }) => None,
        Err(error) => panic!("the platform does not start: {error}"),
    }
}

/// A gateway port whose neighbours are free; another for every attempt and process. Below those that systems
/// hand out by themselves, above those of the suites that start processes.
fn port(attempt: u32) -> u16 {
    let seed = std::process::id().wrapping_mul(7919).wrapping_add(attempt * 31);
    let offsets = (0..=10).chain([1010]).chain(20..=38).chain(100..=128);
    (0..40)
        .map(|step| 23_000 + u16::try_from((seed + step) % 40).unwrap_or(0) * 200)
        .find(|base| {
            offsets.clone().all(|offset| TcpListener::bind((Ipv4Addr::LOCALHOST, base + offset)).is_ok())
        })
        .expect("free ports")
}
