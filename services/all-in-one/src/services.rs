//! The handles of the running services. It must contain no wiring: `wiring.rs` builds them, `listeners.rs` serves them.

/// The running services.
#[derive(Debug, Clone)]
pub struct Services {
    pub audit: lcr_audit::Handle,
    pub identity: lcr_identity::Handle,
    pub consent: lcr_consent::Handle,
    pub index: lcr_patient_index::Handle,
    pub records: lcr_record_aggregation::Handle,
    pub ward: lcr_virtual_ward::Handle,
    pub feeds: lcr_feeds::Handle,
}
