//! The operator's rules: what a `PartnerSystem` means for the mesh, for the registry, for its own conditions. Pure:
//! nothing here asks the cluster, the network or the clock.

pub mod agreement;
pub mod conditions;
pub mod egress;
pub mod registry;

use kube::ResourceExt;

use crate::crd::PartnerSystem;

/// Who writes what carries it: `operator` for what the cluster is told here; `portal` for a row that others keep.
pub const MANAGED_BY: &str = "leedscarerecord.uk/managed-by";
pub const OPERATOR: &str = "operator";
pub const PORTAL: &str = "portal";

/// Where things are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// Where partners' egress objects are written.
    pub egress_namespace: String,
    /// The mesh's.
    pub trust_domain: String,
    /// Where the services run, and what the names of their accounts begin with.
    pub application_namespace: String,
    pub service_account_prefix: String,
}

impl Places {
    /// A service as the mesh knows it.
    fn principal(&self, service: &str) -> String {
        let Self { trust_domain, application_namespace, service_account_prefix, .. } = self;
        format!("{trust_domain}/ns/{application_namespace}/sa/{service_account_prefix}{service}")
    }
}

/// Whether it was written from a row that others keep: such a row is never said back to them.
pub fn kept_by_others(system: &PartnerSystem) -> bool {
    system.labels().get(MANAGED_BY).is_some_and(|by| by == PORTAL)
}

/// Whether it is going away.
pub fn leaving(system: &PartnerSystem) -> bool {
    system.metadata.deletion_timestamp.is_some()
}
