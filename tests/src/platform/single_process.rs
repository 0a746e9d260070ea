//! A platform of one process: its settings, and ports that no other test uses.

use std::net::{Ipv4Addr, TcpListener};

use lcr_all_in_one::{DemoConfig, Platform, Ports, Seed, Settings, StartError};
use lcr_cli::commands::up::seed::provider_settings;
use lcr_demo_idp::DemoIdp;
use lcr_testkit::Folder;

use super::Options;

/// Returns `None` if another program took a port meanwhile.
pub async fn start(
    ports: Ports,
    folder: &Folder,
    options: &Options,
    provider: &DemoIdp,
    seed: Seed,
) -> Option<Platform> {
    let providers = vec![provider_settings(provider, &seed, options.patients)];
    let extras = DemoConfig { demo: true, providers, seed };
    let settings = Settings {
        data_dir: folder.path().to_owned(),
        address: Ipv4Addr::LOCALHOST.into(),
        ports,
        public_origin: None,
        deadline: options.deadline,
        searches_per_minute: options.searches_per_minute,
        override_policy: options.override_policy,
        egress_allow: vec![],
    };
    match lcr_all_in_one::start(settings, extras).await {
        Ok(one) => Some(one),
        Err(StartError::Port { .. }) => None,
        Err(error) => panic!("the platform does not start: {error}"),
    }
}

/// Finds a gateway port whose related ports are free, different for every attempt and process. The range is below the
/// system's ephemeral ports and above the ports of the suites that start processes.
pub fn find_free_port(attempt: u32) -> u16 {
    let seed = std::process::id().wrapping_mul(7919).wrapping_add(attempt * 31);
    let offsets = (0..=10).chain([1010]).chain(20..=38).chain(100..=128);
    (0..40)
        .map(|step| 23_000 + u16::try_from((seed + step) % 40).unwrap_or(0) * 200)
        .find(|base| offsets.clone().all(|offset| TcpListener::bind((Ipv4Addr::LOCALHOST, base + offset)).is_ok()))
        .expect("free ports")
}
