//! Starts a platform and finds out when it is loaded. It must never leave one behind that only half started.

use lcr_all_in_one::Ports;
use lcr_city::CityOptions;
use lcr_cli::commands::up::{AddedSource, SEED, seed};
use lcr_demo_idp::IdpOptions;
use lcr_testkit::Folder;
use lcr_web::{EgressRules, Outbound};
use reqwest::Url;

use super::{
    Deployment, Options, Platform, single_process,
    split::{Split, SplitOptions},
};

impl Platform {
    /// Returns `None` if another program took a port meanwhile.
    pub(super) async fn try_start(port: u16, options: &Options) -> Option<Self> {
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
                trust: options.trust.clone(),
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

    pub(super) async fn is_loaded(&self) -> bool {
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
}
