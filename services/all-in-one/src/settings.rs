//! The settings of the platform in one process. It must read neither environment nor files: `main.rs` does.

use std::{net::IpAddr, num::NonZeroU32, path::PathBuf, time::Duration};

use ipnet::IpNet;
use lcr_consent::domain::policies::OverridePolicy;
use lcr_identity::{ProviderSettings, Seed};

/// The settings of the platform in one process.
#[derive(Debug, Clone)]
pub struct Settings {
    pub data_dir: PathBuf,
    /// The address that every port listens on: loopback, or `0.0.0.0` in a container.
    pub address: IpAddr,
    pub ports: Ports,
    /// The address in the browser, if it differs from the gateway's port on this machine.
    pub public_origin: Option<String>,
    /// How long a view waits for its sources.
    pub deadline: Duration,
    /// The most searches one person may make in a minute.
    pub searches_per_minute: NonZeroU32,
    /// Whether staff may override a refusal in an emergency (`LCR_OVERRIDE_POLICY`).
    pub override_policy: OverridePolicy,
    /// Private address ranges in which partners may be (`LCR_EGRESS_ALLOW`).
    pub egress_allow: Vec<IpNet>,
}

/// The additions of a demonstration; empty in any other use.
#[derive(Debug, Clone, Default)]
pub struct DemoConfig {
    /// Shows the demonstration ribbon on every page and permits sources on loopback.
    pub demo: bool,
    pub providers: Vec<ProviderSettings>,
    pub seed: Seed,
}

/// The ports of the services, all relative to the gateway's port (`services/DESIGN.md`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ports {
    pub gateway: u16,
}

impl Ports {
    pub fn identity(self) -> u16 {
        self.gateway + 1
    }
    pub fn consent(self) -> u16 {
        self.gateway + 2
    }
    pub fn patient_index(self) -> u16 {
        self.gateway + 3
    }
    pub fn record_aggregation(self) -> u16 {
        self.gateway + 4
    }
    pub fn virtual_ward(self) -> u16 {
        self.gateway + 5
    }
    pub fn audit(self) -> u16 {
        self.gateway + 6
    }
    pub fn feeds(self) -> u16 {
        self.gateway + 7
    }
    /// HL7 v2 over MLLP: 2575 beside a gateway on 8080.
    pub fn mllp(self) -> u16 {
        self.gateway - 5505
    }
    pub fn demo_provider(self) -> u16 {
        self.gateway + 10
    }
    pub fn first_source(self) -> u16 {
        self.gateway + 20
    }
    pub fn admin(self) -> u16 {
        self.gateway + 1010
    }
}
