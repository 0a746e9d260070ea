//! Tests of `sharing.rs`.

use lcr_contracts::registry::System;
use lcr_model::{OdsCode, SourceId};

use lcr_contracts::registry::{PartnerState, SystemSetup};

use super::*;

fn organisation(ods: &str, name: &str, kind: &str) -> Organisation {
    Organisation {
        ods: OdsCode::new(ods),
        name: name.into(),
        kind: kind.into(),
        agreement_signed: true,
        part_of: None,
        serves: vec![],
        state: PartnerState::Live,
        receives: None,
    }
}

fn system(ods: &str, discreet: bool) -> System {
    System {
        id: SourceId::new(ods),
        name: "System".into(),
        organisation: OdsCode::new(ods),
        base_url: String::new(),
        kind: if discreet { "discreet".into() } else { "gp".into() },
        authority: false,
        discreet,
        datasets: BTreeMap::from([
            (Dataset::Medications, DatasetSwitch::On),
            (Dataset::Allergies, DatasetSwitch::On),
            (Dataset::Documents, DatasetSwitch::NotAgreed),
        ]),
        rhythm: "real-time".into(),
        default_practice: None,
        suspended: false,
        setup: SystemSetup::default(),
        feed: None,
    }
}

#[test]
fn all_practices_of_a_shared_system_are_named() {
    let all = vec![
        organisation("A1", "Beckside Surgery", "gp-practice"),
        organisation("A2", "Kirkgate Medical Practice", "gp-practice"),
        organisation("P1", "Loom Street Pharmacy", "pharmacy"),
    ];
    let table = sharing_table(&Registry { organisations: all, systems: vec![system("A1", false)] });
    let rows: Vec<&str> = table.rows.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(rows, ["A1", "A2"], "a pharmacy without a system shares nothing");
}

#[test]
fn discreet_services_leave_no_trace() {
    let all = vec![
        organisation("A1", "Beckside Surgery", "gp-practice"),
        organisation("X1", "Canalside Sexual Health", "sexual-health"),
    ];
    let with = Registry { organisations: all.clone(), systems: vec![system("A1", false), system("X1", true)] };
    let without = Registry { organisations: all, systems: vec![system("A1", false)] };
    let table = sharing_table(&with);
    assert_eq!(table, sharing_table(&without));
    assert_eq!(table.rows.len(), 1);
    assert_eq!(table.rows[0].cells[2].text(), ["Allergies and medicines"]);
}
