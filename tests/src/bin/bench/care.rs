//! Who cares for whom: from evidence to its effect, a decision beside Cedar alone, a caseload of a hundred thousand, and
//! launches from a partner's system. It must never end a measurement before the effect is seen.

mod caseload;
pub mod decisions;
mod evidence;
mod group;
mod launches;

use std::collections::BTreeMap;

use lcr_contracts::registry::{DatasetSwitch, System, SystemSetup};
use lcr_model::{Actor, ActorKind, Dataset, OdsCode, Purpose, Role, SessionId, SourceId, UserId};
use lcr_tests::{Options, Platform};

use super::report::Report;

/// People of the city, as in the other measurements.
const PEOPLE: u32 = 2_000;

pub async fn measure(report: &mut Report) {
    decisions::measure(report);
    decisions::limit(report);
    caseload::measure(report).await;
    for (form, split) in [("one process", false), ("split", true)] {
        let platform = Platform::start(Options { people: PEOPLE, split, log: "warn", ..Options::default() }).await;
        platform.wait_loaded().await;
        evidence::measure(&platform, form, report).await;
        launches::measure(&platform, form, report).await;
        group::measure(&platform, form, report).await;
    }
}

fn actor(role: Role, organisation: &str) -> Actor {
    Actor {
        user: UserId::new("bench"),
        kind: ActorKind::Person,
        name: "Somebody".into(),
        org: OdsCode::new(organisation),
        role,
        purpose: Purpose::DirectCare,
        session: SessionId::new(),
    }
}

/// A source system that shares every dataset.
fn system(id: &str, kind: &str, organisation: &str) -> System {
    System {
        id: SourceId::new(id),
        name: id.to_owned(),
        organisation: OdsCode::new(organisation),
        base_url: String::new(),
        kind: kind.into(),
        authority: kind == "authority",
        discreet: false,
        datasets: Dataset::ALL.iter().map(|dataset| (*dataset, DatasetSwitch::On)).collect::<BTreeMap<_, _>>(),
        rhythm: "real-time".to_owned(),
        default_practice: None,
        suspended: false,
        setup: SystemSetup::default(),
        feed: None,
    }
}
