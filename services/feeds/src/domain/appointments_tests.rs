//! Tests of the evidence in appointments: for whom, from when and until when.

use lcr_contracts::events::CareLink;
use lcr_model::CareLinkKind;

use crate::domain::testing::{PID, links, mapped};

const SCH: &str = "SCH||APP3|||||CHK||||^^^20261201100000";

fn evidence(kind: &str, sch: &str, resource: &str) -> CareLink {
    links(mapped(kind, &[sch, PID, resource])).remove(0).link
}

#[test]
fn an_appointment_is_evidence_for_the_clinic_from_its_start() {
    let update = links(mapped("SIU^S12", &[SCH, PID, "AIL|1||CLINIC^^^Z9C05"])).remove(0);
    assert_eq!((update.key.as_str(), update.identity.local_id.0.as_str()), ("SIU|APP3", "4711"));
    let link = update.link;
    assert_eq!((&link.kind, link.organisation.as_str()), (&CareLinkKind::Appointment, "Z9C05"));
    assert_eq!(link.from.map(|from| from.to_string()).as_deref(), Some("2026-12-01T10:00:00Z"));
    assert_eq!((link.until, link.stands), (None, true));
}

#[test]
fn the_clinic_is_the_organisation_whose_ods_code_is_sent_else_the_source() {
    for (resource, expected) in [
        ("AIL|1||OPD12^Room 55^^GHH Hospital", "Z9H01"),
        ("AIP|1||C1^Darwin^Samuel^^^Dr^^^^^^^^Z9C05", "Z9C05"),
        ("AIG|1||Z9C05^Clinic^ODS", "Z9C05"),
        ("AIG|1||X5001^Video^L", "Z9H01"),
        ("ZZZ|1", "Z9H01"),
    ] {
        assert_eq!(evidence("SIU^S12", SCH, resource).organisation.0, expected, "{resource}");
    }
}

#[test]
fn only_a_booked_attended_or_missed_appointment_stands() {
    for (status, stands) in [
        ("", true),
        ("Booked", true),
        ("Overbook", true),
        ("Started", true),
        ("Complete", true),
        ("Noshow", true),
        ("Pending", false),
        ("Waitlist", false),
        ("Blocked", false),
        ("Dc", false),
        ("Deleted", false),
        ("Requested", false),
    ] {
        let sch = format!("{SCH}{}{status}", "|".repeat(14));
        assert_eq!(evidence("SIU^S12", &sch, "ZZZ|1").stands, stands, "{status}");
    }
}

#[test]
fn a_cancelled_or_deleted_appointment_does_not_stand_and_a_missed_one_ends_at_its_start() {
    for (kind, stands) in
        [("SIU^S12", true), ("SIU^S14", true), ("SIU^S15", false), ("SIU^S16", false), ("SIU^S17", false)]
    {
        let link = evidence(kind, SCH, "ZZZ|1");
        assert_eq!((link.stands, link.until), (stands, None), "{kind}");
    }
    let missed = evidence("SIU^S26", SCH, "ZZZ|1");
    assert_eq!((missed.stands, missed.until), (true, missed.from));
    let missed = evidence("SIU^S26", "SCH||APP3", "ZZZ|1");
    assert_eq!(missed.until.map(|until| until.to_string()).as_deref(), Some("2026-11-20T09:30:00Z"));
    let unreadable = evidence("SIU^S12", "SCH||APP3|||||CHK||||^^^soon", "ZZZ|1");
    assert_eq!((unreadable.from, unreadable.stands), (None, true));
}
