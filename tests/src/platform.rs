//! A platform for tests, in one of two deployments: all services in this process, or each in its own process (`split`).
//! A test program whose name begins with `split` uses the second one. Nothing here must check a rule of the platform.

mod balance;
mod options;
mod single_process;
pub mod split;

use std::{collections::BTreeMap, time::Duration};

use lcr_all_in_one::{Ports, Seed};
use lcr_city::{CareMessage, City, CityOptions, Fault, Step};
use lcr_cli::commands::up::{AddedSource, SEED, seed};
use lcr_demo_idp::{DemoIdp, IdpOptions};
use lcr_model::{Clock, ServiceName, SystemClock};
use lcr_testkit::{Folder, eventually};
use lcr_web::{EgressRules, Outbound};
use reqwest::Url;

pub use self::options::Options;
use self::split::{Split, SplitOptions};
use crate::{Actor, Browser, HostSystem, Keys, mllp::MllpConnection};

/// The deployment of the services.
#[derive(Debug)]
enum Deployment {
    SingleProcess(Box<lcr_all_in_one::Platform>),
    Split(Box<Split>),
}

/// A running platform.
#[derive(Debug)]
pub struct Platform {
    pub ports: Ports,
    pub provider: DemoIdp,
    deployment: Deployment,
    seed: Seed,
    city: Option<City>,
    folder: Folder,
    outbound: Outbound,
}

impl Platform {
    /// Starts a platform and waits until the index holds everybody.
    pub async fn start_loaded() -> Self {
        let platform = Self::start(Options::default()).await;
        platform.wait_loaded().await;
        platform
    }

    pub async fn start(options: Options) -> Self {
        for attempt in 0..20 {
            // On the heap, because the future of a whole platform is too deep for the compiler.
            if let Some(platform) = Box::pin(Self::try_start(single_process::find_free_port(attempt), &options)).await {
                return platform;
            }
        }
        panic!("no free ports");
    }

    /// Returns `None` if another program took a port meanwhile.
    async fn try_start(port: u16, options: &Options) -> Option<Self> {
        let ports = Ports { gateway: port };
        let idp = IdpOptions { port: 0, platform: format!("http://localhost:{port}") };
        let provider = lcr_demo_idp::start(idp).await.expect("the demo provider starts");
        let city = CityOptions { people: options.people, seed: SEED, first_port: 0 };
        let city = if options.city { Some(lcr_city::start(city).await.expect("the city starts")) } else { None };
        let added = |(name, url): &(String, String)| AddedSource {
            name: name.clone(),
            url: Url::parse(url).expect("a base address"),
        };
        let added: Vec<AddedSource> = options.sources.iter().map(added).collect();
        let seed = seed::build_seed(city.as_ref(), &provider, &added).expect("the registry's rows");
        let folder = Folder::new("platform").expect("a folder");
        let deployment = if options.split || options.replicas > 1 {
            let split_options = SplitOptions {
                ports,
                replicas: options.replicas,
                log: options.log,
                provider: provider.issuer(),
                patients: options.patients,
                deadline: options.deadline,
                searches_per_minute: options.searches_per_minute,
                override_policy: options.override_policy,
                threads: options.threads,
                external: options.external_servers.clone(),
            };
            let split = Split::start(split_options, &folder).await;
            split.register(seed.clone()).await;
            Deployment::Split(Box::new(split))
        } else {
            Deployment::SingleProcess(Box::new(
                single_process::start(ports, &folder, options, &provider, seed.clone()).await?,
            ))
        };
        let rules = EgressRules { loopback: true, ..EgressRules::default() };
        let outbound = Outbound::new(rules).expect("a client");
        Some(Self { ports, provider, deployment, seed, city, folder, outbound })
    }

    /// Waits until every source's list of people is read and all events are consumed.
    pub async fn wait_loaded(&self) {
        // On the heap for the same reason.
        eventually(Duration::from_mins(1), "the platform is loaded", async || Box::pin(self.is_loaded()).await).await;
    }

    async fn is_loaded(&self) -> bool {
        match &self.deployment {
            Deployment::SingleProcess(one) => {
                matches!(one.load_progress().await, Ok((read, of, _, 0)) if of > 0 && read == of)
            }
            Deployment::Split(split) => self.are_lists_read().await && split.count_unconsumed_events().await == Some(0),
        }
    }

    /// Whether `/sources` reports every source's list of people as read.
    async fn are_lists_read(&self) -> bool {
        let answer = self.actor("gp").await.get("/api/record-aggregation/v1/sources").await;
        let sources = answer.json()["sources"].as_array().cloned().unwrap_or_default();
        let asked = sources.iter().filter(|one| one["discreet"] == false && one["state"] != "sends-only");
        !sources.is_empty() && asked.into_iter().all(|one| one["loaded"] == true)
    }

    /// Sends the message history of the city's hospitals and waits until it is consumed.
    pub async fn send_history(&self) {
        let mut hospital = MllpConnection::open(self.ports.mllp()).await.expect("an MLLP listener");
        for message in self.city().history() {
            hospital.send_accepted(&message.bytes).await;
        }
        self.wait_loaded().await;
    }

    /// Sends the message of the next step in the stay of a cast member, and waits until it is consumed.
    pub async fn send_next_message(&self, who: &str, step: Step) {
        let message = self.city().next_message_for(who, step).expect("a cast member");
        let mut hospital = MllpConnection::open(self.ports.mllp()).await.expect("an MLLP listener");
        hospital.send_accepted(&message.bytes).await;
        self.wait_loaded().await;
    }

    /// Sends the evidence of care of the city's partners, the hospital's by HL7 v2 and the others' each as its own client, and
    /// waits until it is consumed.
    pub async fn send_care(&self) {
        let (care, now) = (self.city().care(), SystemClock.now());
        let mut hospital = MllpConnection::open(self.ports.mllp()).await.expect("an MLLP listener");
        for message in care.hospital_messages(now) {
            hospital.send_accepted(&message.bytes).await;
        }
        self.send_bundles(care.messages(now)).await;
        self.wait_loaded().await;
    }

    /// Sends Bundles of the city's partners and returns when they are accepted.
    pub async fn send_bundles(&self, messages: Vec<CareMessage>) {
        let mut clients: BTreeMap<&str, Actor> = BTreeMap::new();
        for CareMessage { system, bundle } in messages {
            let client = match clients.remove(system) {
                Some(client) => client,
                None => self.actor(&format!("{system}-feed")).await,
            };
            let answer = client.post("/api/feeds/v1/fhir", &bundle).await;
            assert_eq!(answer.status, 200, "{system}: {}", answer.text());
            clients.insert(system, client);
        }
    }

    /// The registry rows that the platform was started with.
    pub fn seed(&self) -> Seed {
        self.seed.clone()
    }

    pub fn city(&self) -> &City {
        self.city.as_ref().expect("a platform with a city")
    }

    pub fn set_fault(&self, source: &str, fault: impl Into<Option<Fault>>) {
        self.city().set_fault(source, fault.into());
    }

    /// Stops a service as a crash would.
    pub fn stop(&self, service: ServiceName) {
        match &self.deployment {
            Deployment::SingleProcess(one) => one.stop(service),
            Deployment::Split(split) => split.kill(service, 0),
        }
    }

    /// The processes of a split platform. Panics for a platform in one process.
    pub fn split(&self) -> &Split {
        match &self.deployment {
            Deployment::Split(split) => split,
            Deployment::SingleProcess(_) => panic!("a platform in one process"),
        }
    }

    /// The processes of a split platform; `None` for a platform in one process.
    pub fn split_if_any(&self) -> Option<&Split> {
        match &self.deployment {
            Deployment::Split(split) => Some(split),
            Deployment::SingleProcess(_) => None,
        }
    }

    /// The platform in one process. Panics for a split platform.
    pub fn single_process(&self) -> &lcr_all_in_one::Platform {
        match &self.deployment {
            Deployment::SingleProcess(one) => one,
            Deployment::Split(_) => panic!("a platform of several processes"),
        }
    }

    /// The `SQLite` file of a service of a platform in one process.
    pub fn database(&self, service: ServiceName) -> std::path::PathBuf {
        self.folder.path().join(format!("{service}.db"))
    }

    /// The services' private keys, as a thief would have them.
    pub fn keys(&self) -> Keys {
        match &self.deployment {
            Deployment::SingleProcess(_) => Keys::of(self.folder.path()),
            Deployment::Split(_) => Keys::of_trial(),
        }
    }

    /// The gateway's address.
    pub fn origin(&self) -> String {
        format!("http://localhost:{}", self.ports.gateway)
    }

    /// The address on which a service itself listens.
    pub fn service_url(&self, service: ServiceName) -> String {
        let port = split::canonical_port(self.ports, service);
        format!("http://localhost:{port}")
    }

    /// Signs in a persona or client of the demo city.
    pub async fn actor(&self, who: &str) -> Actor {
        self.anonymous().signed_in(who, &self.provider.issuer()).await
    }

    /// An actor without a token.
    pub fn anonymous(&self) -> Actor {
        Actor::new(self.outbound.clone(), self.origin())
    }

    /// A browser that is not signed in.
    pub fn new_browser(&self) -> Browser {
        Browser::new(self.anonymous())
    }

    /// The record system of a partner of this platform.
    pub fn host_system(&self) -> HostSystem {
        HostSystem::new(self.anonymous(), self.provider.issuer(), self.origin())
    }

    /// Signs in a persona in a browser, through both redirects.
    pub async fn browser(&self, who: &str) -> Browser {
        Browser::sign_in(self.anonymous(), who).await
    }
}
