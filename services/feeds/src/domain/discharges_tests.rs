//! Tests of `discharges.rs`.

use super::*;
use crate::domain::testing::{PID, mapped, mapped_by, source, text};

fn pv1(number: &str, destination: &str) -> String {
    let mut fields = vec![""; 46];
    for (at, value) in
        [(0, "PV1"), (1, "1"), (2, "I"), (3, "J27"), (19, number), (37, destination), (45, "20261119150000")]
    {
        fields[at] = value;
    }
    fields.join("|")
}

fn is_evidence(one: &MappedEvent) -> bool {
    matches!(one, MappedEvent::CareLink(_) | MappedEvent::CareLinkDeletion(_))
}

fn evidence(kind: &str, number: &str, destination: &str) -> Option<MappedEvent> {
    let mapped = mapped(kind, &[PID, &pv1(number, destination)]).unwrap();
    mapped.into_iter().find(is_evidence)
}

fn ends(one: Option<MappedEvent>) -> bool {
    matches!(one, Some(MappedEvent::CareLinkDeletion(end)) if end.key == "ADT|V1|to" && end.is_item)
}

#[test]
fn a_discharge_is_evidence_for_the_organisation_whose_ods_code_is_sent() {
    for destination in [
        "Z9C05",
        "Z9C05&Beck Valley Team&ODS^20261119",
        "Beck Valley Team^^Z9C05^^^ODS",
        "Beck Valley Team^^^^^ODS^^^^Z9C05",
        "^^^^^ODS^^^^Z9C05",
        "54~Z9C05",
    ] {
        let Some(MappedEvent::CareLink(update)) = evidence("ADT^A03", "V1", destination) else {
            panic!("no evidence in {destination}")
        };
        assert_eq!((update.key.as_str(), update.identity.local_id.0.as_str()), ("ADT|V1|to", "4711"));
        let link = update.link;
        assert_eq!((&link.kind, link.organisation.as_str()), (&CareLinkKind::DischargedTo, "Z9C05"));
        assert_eq!(link.from.map(|from| from.to_string()).as_deref(), Some("2026-11-19T15:00:00Z"));
        assert_eq!((link.until, link.stands), (None, true));
    }
}

#[test]
fn a_discharge_to_no_organisation_and_a_cancelled_one_end_what_was_said_before() {
    for destination in ["", "19", "54^20261119", "C5001&Ward C&L", "Beck Valley Team^^Z9C05^^^GMC"] {
        assert!(ends(evidence("ADT^A03", "V1", destination)), "{destination}");
    }
    assert!(ends(evidence("ADT^A13", "V1", "Z9C05")));
}

#[test]
fn other_events_other_sources_and_stays_without_a_number_are_no_evidence() {
    for kind in ["ADT^A01", "ADT^A02"] {
        assert!(evidence(kind, "V1", "Z9C05").is_none(), "{kind}");
    }
    assert!(evidence("ADT^A03", "", "Z9C05").is_none(), "nothing could end it");
    let community = System { kind: "community".into(), ..source(&[("PAS", "Z9H01")]) };
    let mapped = mapped_by(&community, &text("ADT^A03", &[PID, &pv1("V1", "Z9C05")])).unwrap();
    assert!(!mapped.iter().any(is_evidence));
}

#[test]
fn an_update_corrects_whereto_a_patient_has_left_and_plans_nothing() {
    let Some(MappedEvent::CareLink(update)) = evidence("ADT^A08", "V1", "Z9C05") else { panic!("no evidence") };
    assert_eq!((update.key.as_str(), update.link.organisation.as_str()), ("ADT|V1|to", "Z9C05"));
    assert!(ends(evidence("ADT^A08", "V1", "19")), "the patient went home after all");
    assert!(ends(evidence("ADT^A08", "V1", "\"\"")), "the destination was deleted");
    assert!(evidence("ADT^A08", "V1", "").is_none(), "a destination that is not sent changes nothing");
    for leaves in ["", "20991231150000"] {
        let planned = pv1("V1", "Z9C05").replace("20261119150000", leaves);
        let mapped = mapped("ADT^A08", &[PID, &planned]).unwrap();
        assert!(!mapped.iter().any(is_evidence), "leaves {leaves}");
    }
}

#[test]
fn a_visit_number_with_an_nhs_number_is_hashed() {
    let Some(MappedEvent::CareLink(update)) = evidence("ADT^A03", "9990000018", "Z9C05") else { panic!("no evidence") };
    assert!(!update.key.contains("9990000018"));
}
