//! What a platform in one process is told.

use std::{net::IpAddr, num::NonZeroU32, path::PathBuf, time::Duration};

use ipnet::IpNet;
use lcr_identity::{ProviderSettings, Seed};

/// Where everything is and how it behaves.
#[derive(Debug, Clone)]
pub struct Settings {
    pub data_dir: PathBuf,
    /// The address every port is on: loopback, or all of a container's.
    pub address: IpAddr,
    pub ports: Ports,
    /// As browsers see it, where that is not the gateway's own port on this machine.
    pub public_origin: Option<String>,
    /// How long a view waits for its sources.
    pub deadline: Duration,
    /// How often one person may search in a minute.
    pub searches_per_minute: NonZeroU32,
    /// Private ranges partners may be in (`LCR_EGRESS_ALLOW`).
    pub egress_allow: Vec<IpNet>,
}

/// What a demonstration adds; empty in any other use.
#[derive(Debug, Clone, Default)]
pub struct Extras {
    /// Invented people: the ribbon on every page, sources on loopback.
    pub demo: bool,
    pub providers: Vec<ProviderSettings>,
    pub seed: Seed,
}

/// The ports of the design, moved together (section 9).
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
