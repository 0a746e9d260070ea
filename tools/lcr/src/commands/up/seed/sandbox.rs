//! The sandbox: a source that only sends, for trying messages. It must never be in a registry outside the demonstration.

use lcr_contracts::registry::{DatasetSwitch, Feed, Organisation, PartnerState, System, SystemSetup};
use lcr_model::{Dataset, OdsCode, SourceId};

/// The demonstration's source that accepts messages of any sender. It is never asked for data.
const SANDBOX: &str = "sandbox";
const SANDBOX_OWNER: &str = "Z9Q01";

pub(super) fn sandbox_owner() -> Organisation {
    Organisation {
        ods: OdsCode::new(SANDBOX_OWNER),
        name: "Sandbox Hospital".to_owned(),
        kind: "acute".into(),
        agreement_signed: true,
        part_of: None,
        serves: vec![],
        state: PartnerState::Live,
        receives: None,
    }
}

pub(super) fn sandbox() -> System {
    System {
        id: SourceId::new(SANDBOX),
        name: "Sandbox Hospital".to_owned(),
        organisation: OdsCode::new(SANDBOX_OWNER),
        base_url: String::new(),
        kind: "hospital".into(),
        authority: false,
        discreet: false,
        datasets: Dataset::ALL.iter().map(|dataset| (*dataset, DatasetSwitch::On)).collect(),
        rhythm: "real-time".to_owned(),
        default_practice: None,
        suspended: false,
        setup: SystemSetup::default(),
        feed: Some(Feed { profile: "default".to_owned(), training: true, ..Feed::default() }),
    }
}
