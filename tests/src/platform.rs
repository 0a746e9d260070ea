//! A platform that runs in this process; it ends with the test's runtime.

use std::{
    net::{Ipv4Addr, TcpListener},
    time::{Duration, Instant},
};

use lcr_all_in_one::{Extras, Ports, ProviderSettings, Settings, StartError};
use lcr_city::{City, CityOptions, Fault, Step};
use lcr_cli::commands::up::{AddedSource, SEED, seed};
use lcr_demo_idp::{DemoIdp, IdpOptions};
use lcr_model::ServiceName;
use lcr_testkit::Folder;
use lcr_web::{EgressRules, Outbound};
use reqwest::Url;

use crate::{Actor, Browser, Keys, mllp::Line};

/// How a platform is started.
#[derive(Debug, Clone)]
pub struct Options {
    pub people: u32,
    /// Without a city there are only the added sources.
    pub city: bool,
    pub deadline: Duration,
    /// Added FHIR sources: (name, base address).
    pub sources: Vec<(String, String)>,
    /// Whether the provider may vouch for patients.
    pub patients: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { people: 60, city: true, deadline: Duration::from_secs(2), sources: vec![], patients: true }
    }
}

/// A running platform.
#[derive(Debug)]
pub struct Platform {
    pub ports: Ports,
    pub provider: DemoIdp,
    pub inner: lcr_all_in_one::Platform,
    city: Option<City>,
    folder: Folder,
    outbound: Outbound,
}

impl Platform {
    /// Starts one and waits until everybody is in the index.
    pub async fn loaded() -> Self {
        let platform = Self::start(Options::default()).await;
        platform.wait_loaded().await;
        platform
    }

    pub async fn start(options: Options) -> Self {
        for attempt in 0..20 {
            if let Some(platform) = Self::at(port(attempt), &options).await {
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
        let extras = Extras {
            demo: true,
            providers: vec![ProviderSettings {
                issuer: provider.issuer(),
                client_id: "leeds-care-record".to_owned(),
                organisations: vec![],
                patients: options.patients,
            }],
            seed: seed::of(city.as_ref(), &provider, &added).expect("the registry's rows"),
        };
        let folder = Folder::new("platform").expect("a folder");
        let settings = Settings {
            data_dir: folder.path().to_owned(),
            ports,
            deadline: options.deadline,
            egress_allow: vec![],
        };
        let inner = match lcr_all_in_one::start(settings, extras).await {
            Ok(inner) => inner,
            Err(StartError::Port { .. }) => return None,
            Err(error) => panic!("the platform does not start: {error}"),
        };
        let rules = EgressRules { loopback: true, ..EgressRules::default() };
        let outbound = Outbound::new(rules).expect("a client");
        Some(Self { ports, provider, inner, city, folder, outbound })
    }

    /// Waits until every list of people is read and everybody has heard of everybody.
    pub async fn wait_loaded(&self) {
        let end = Instant::now() + Duration::from_mins(1);
        while Instant::now() < end {
            if let Ok((read, of, _, 0)) = self.inner.loaded().await
                && of > 0
                && read == of
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("not loaded within a minute");
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

    pub fn city(&self) -> &City {
        self.city.as_ref().expect("a platform with a city")
    }

    pub fn set_fault(&self, source: &str, fault: impl Into<Option<Fault>>) {
        self.city().set_fault(source, fault.into());
    }

    pub fn stop(&self, service: ServiceName) {
        self.inner.stop(service);
    }

    /// The `SQLite` file of a service.
    pub fn database(&self, service: ServiceName) -> std::path::PathBuf {
        self.folder.path().join(format!("{service}.db"))
    }

    /// The services' own keys, as a thief of the key folder would have them.
    pub fn keys(&self) -> Keys {
        Keys::of(self.folder.path())
    }

    /// Where the gateway is.
    pub fn origin(&self) -> String {
        format!("http://localhost:{}", self.ports.gateway)
    }

    /// Where a service listens itself.
    pub fn address(&self, service: ServiceName) -> String {
        let port = match service {
            ServiceName::Identity => self.ports.identity(),
            ServiceName::Consent => self.ports.consent(),
            ServiceName::PatientIndex => self.ports.patient_index(),
            ServiceName::RecordAggregation => self.ports.record_aggregation(),
            ServiceName::VirtualWard => self.ports.virtual_ward(),
            ServiceName::Audit => self.ports.audit(),
            ServiceName::Feeds => self.ports.feeds(),
            _ => self.ports.gateway,
        };
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

/// A gateway port whose neighbours are free; another for every attempt and process. Below those that systems
/// hand out by themselves, above those of the suites that start processes.
fn port(attempt: u32) -> u16 {
    let seed = std::process::id().wrapping_mul(7919).wrapping_add(attempt * 31);
    let offsets = (0..=10).chain([1010]);
    (0..200)
        .map(|step| 23_000 + u16::try_from((seed + step) % 200).unwrap_or(0) * 40)
        .find(|base| {
            offsets.clone().all(|offset| TcpListener::bind((Ipv4Addr::LOCALHOST, base + offset)).is_ok())
        })
        .expect("free ports")
}
