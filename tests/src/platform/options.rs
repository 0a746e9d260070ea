//! The options of a platform for tests.

use std::{num::NonZeroU32, path::PathBuf, time::Duration};

use lcr_all_in_one::OverridePolicy;

use super::split::ExternalServers;

/// The options of a platform.
#[derive(Debug, Clone)]
pub struct Options {
    pub people: u32,
    /// Whether the demo city runs. Without it there are only the added sources.
    pub city: bool,
    pub deadline: Duration,
    /// The limit of searches per person and minute. It is high because a test does a day's work in a minute.
    pub searches_per_minute: NonZeroU32,
    pub override_policy: OverridePolicy,
    /// Added FHIR sources with name and base address.
    pub sources: Vec<(String, String)>,
    /// Whether patients may sign in with the provider.
    pub patients: bool,
    /// Whether each service runs in a process of its own.
    pub split: bool,
    /// Replicas of each service. More than one implies `split`.
    pub replicas: u16,
    /// Worker threads of each process of a split platform; by default one for each processor.
    pub threads: Option<u16>,
    /// The log filter of a split platform.
    pub log: &'static str,
    /// The bus and the cache of a split platform, if it must not start its own.
    pub external_servers: Option<ExternalServers>,
    /// A PEM file with the certificate authorities that each process of a split platform trusts instead of the machine's.
    pub trust: Option<PathBuf>,
}

/// A test program whose name begins with `split_replicas` uses two replicas of each service.
fn default_replicas() -> u16 {
    let me = std::env::current_exe().unwrap_or_default();
    if me.file_name().is_some_and(|name| name.to_string_lossy().starts_with("split_replicas")) { 2 } else { 1 }
}

/// Whether this test program runs its suites on a split platform.
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
            override_policy: OverridePolicy::default(),
            sources: vec![],
            patients: true,
            split: is_split(),
            replicas: default_replicas(),
            threads: None,
            log: "warn,lcr=info",
            external_servers: None,
            trust: None,
        }
    }
}
