//! The operator's rules: what a `PartnerSystem` means for the mesh, the registry and its conditions. They must not use
//! the cluster, the network or the clock.

pub mod agreement;
pub mod conditions;
pub mod credentials;
pub mod egress;
pub mod registry;
pub mod stages;

use kube::ResourceExt;
use lcr_contracts::registry::PartnerState;

use crate::crd::PartnerSystem;

/// The label that names an object's writer: `operator` for mesh objects, `portal` for resources of rows from the portal.
pub const MANAGED_BY: &str = "leedscarerecord.uk/managed-by";
pub const OPERATOR: &str = "operator";
pub const PORTAL: &str = "portal";

/// The namespaces and trust domain that mesh objects name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeshScope {
    /// The namespace of the egress objects.
    pub egress_namespace: String,
    /// The trust domain of the mesh.
    pub trust_domain: String,
    /// The namespace of the services.
    pub application_namespace: String,
    /// The prefix of the services' account names.
    pub service_account_prefix: String,
}

impl MeshScope {
    /// The identity of a service in the mesh.
    fn principal(&self, service: &str) -> String {
        let Self { trust_domain, application_namespace, service_account_prefix, .. } = self;
        format!("{trust_domain}/ns/{application_namespace}/sa/{service_account_prefix}{service}")
    }
}

/// Whether the resource comes from a row of the portal. Such a row is never written back to identity.
pub fn managed_elsewhere(system: &PartnerSystem) -> bool {
    system.labels().get(MANAGED_BY).is_some_and(|by| by == PORTAL)
}

/// Whether the system or its organisation is suspended, or the organisation has left.
pub fn is_suspended(system: &PartnerSystem) -> bool {
    let state = system.spec.organisation.state;
    system.spec.suspended || matches!(state, Some(PartnerState::Suspended | PartnerState::Left))
}

/// Whether the resource is marked for deletion.
pub fn is_being_deleted(system: &PartnerSystem) -> bool {
    system.metadata.deletion_timestamp.is_some()
}
