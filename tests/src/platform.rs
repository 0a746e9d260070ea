//! A platform for tests, in one of two deployments: all services in this process, or each in its own process (`split`).
//! A test program whose name begins with `split` uses the second one. Nothing here must check a rule of the platform.

mod balance;
mod messages;
mod options;
mod single_process;
pub mod split;
mod start;

use std::time::Duration;

use lcr_all_in_one::{Ports, Seed};
use lcr_city::{City, Fault};
use lcr_demo_idp::DemoIdp;
use lcr_model::ServiceName;
use lcr_testkit::{Folder, eventually};
use lcr_web::Outbound;

pub use self::options::Options;
use self::split::Split;
use crate::{Actor, Browser, HostSystem, Keys};

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

    /// Waits until every source's list of people is read and all events are consumed.
    pub async fn wait_loaded(&self) {
        // On the heap for the same reason.
        eventually(Duration::from_mins(1), "the platform is loaded", async || Box::pin(self.is_loaded()).await).await;
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
