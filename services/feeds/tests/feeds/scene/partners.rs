//! The organisations and systems that tests name, and their users.

use std::collections::BTreeMap;

use lcr_contracts::registry::{Feed, Organisation, PartnerState, System, SystemSetup};
use lcr_model::{Actor, ActorKind, OdsCode, Purpose, Role, SessionId, SourceId, UserId};

pub fn system(id: &str, organisation: &str, feed: Feed) -> System {
    System {
        id: SourceId::new(id),
        name: id.to_owned(),
        organisation: OdsCode::new(organisation),
        base_url: String::new(),
        kind: "hospital".into(),
        authority: false,
        discreet: false,
        datasets: BTreeMap::new(),
        rhythm: "real-time".to_owned(),
        default_practice: None,
        suspended: false,
        setup: SystemSetup::default(),
        feed: Some(feed),
    }
}

pub fn organisation(ods: &str, state: PartnerState) -> Organisation {
    Organisation {
        ods: OdsCode::new(ods),
        name: ods.to_owned(),
        kind: "acute".into(),
        agreement_signed: true,
        part_of: None,
        serves: vec![],
        state,
        receives: None,
    }
}

pub fn hospital() -> System {
    let senders = vec![("PAS".to_owned(), "Z9H01".to_owned())];
    system("st-hildas", "Z9H01", Feed { senders, profile: "default".to_owned(), training: false, ..Feed::default() })
}

pub fn itk() -> System {
    let senders = vec![("PAS".to_owned(), "Z9H02".to_owned())];
    system("wharfe", "Z9H02", Feed { senders, profile: "itk".to_owned(), training: false, ..Feed::default() })
}

pub fn sandbox() -> System {
    system(
        "sandbox",
        "Z9K01",
        Feed { senders: vec![], profile: "default".to_owned(), training: true, ..Feed::default() },
    )
}

pub(super) fn actor(role: Role, organisation: &str) -> Actor {
    Actor {
        user: UserId::new(format!("{role}@{organisation}")),
        kind: if role == Role::FeedsClient { ActorKind::Client } else { ActorKind::Person },
        name: "Somebody".to_owned(),
        org: OdsCode::new(organisation),
        role,
        purpose: Purpose::Feeds,
        session: SessionId::new(),
    }
}
