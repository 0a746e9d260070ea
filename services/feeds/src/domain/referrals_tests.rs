//! Tests of the evidence in referrals: for whom, from when and until when.

use lcr_contracts::events::CareLink;
use lcr_model::{CareLinkKind, OdsCode};

use crate::domain::testing::{PID, items, links, mapped, mapped_by, source, text};

const RF1: &str = "RF1|A|R|MED|||REF9|20261119|20261231";

fn evidence(kind: &str, rf1: &str, prd: &str) -> CareLink {
    links(mapped(kind, &[rf1, prd, PID])).remove(0).link
}

#[test]
fn a_referral_is_evidence_for_its_receiver_from_its_date_until_it_expires() {
    let prd = "PRD|RT|Hale^Imre||||||||Clinic^^^^^ODS^^^^Z9C05";
    let update =
        links(mapped("REF^I12", &[RF1, "PRD|RP|Ward^Ann||||||||Practice^^^^^ODS^^^^Y90001", prd, PID])).remove(0);
    assert_eq!((update.key.as_str(), update.identity.local_id.0.as_str()), ("REF|REF9", "4711"));
    let expected = CareLink {
        kind: CareLinkKind::Referral,
        organisation: OdsCode::new("Z9C05"),
        team: None,
        from: Some("2026-11-19T00:00:00Z".parse().unwrap()),
        until: Some("2027-01-01T00:00:00Z".parse().unwrap()),
        stands: true,
    };
    assert_eq!(update.link, expected);
    assert_eq!(update.sent.to_string(), "2026-11-20T09:30:00Z");
}

#[test]
fn the_receiver_is_the_organisation_whose_ods_code_is_sent_else_the_source() {
    for (prd, expected) in [
        ("PRD|RT|||^^^||Z9X01^ODS^^", "Z9H01"),
        ("PRD|RT||||||Z9C05^ODS", "Z9C05"),
        ("PRD|RT||||||C1234567^GMC", "Z9H01"),
        ("PRD|RT||||||C1234567", "Z9H01"),
        ("PRD|RT|||^^^Z9C05", "Z9C05"),
        ("PRD|RT|||^^^GI Facility", "Z9H01"),
        ("PRD|RT|Hale||||||||Clinic^^Z9C05", "Z9C05"),
        ("PRD|RT|Hale||||||||Clinic^^4711^^^Z9H01", "Z9H01"),
        ("PRD|RP||||||Z9C05^ODS", "Z9H01"),
        ("ZZZ|1", "Z9H01"),
    ] {
        assert_eq!(evidence("REF^I12", RF1, prd).organisation.0, expected, "{prd}");
    }
    let to_clinic = text("REF^I12", &[RF1, PID]).replace("|LCR|LCR|", "|LCR|Z9C05|");
    let update = links(mapped_by(&source(&[("PAS", "Z9H01")]), &to_clinic)).remove(0);
    assert_eq!(update.link.organisation.0, "Z9C05", "MSH-6");
}

#[test]
fn a_cancelled_referral_does_not_stand_and_an_expired_one_has_ended() {
    for (kind, status, stands) in [
        ("REF^I12", "P", true),
        ("REF^I13", "A", true),
        ("REF^I13", "C^Cancelled", false),
        ("REF^I14", "A", false),
        ("REF^I15", "R", false),
        ("REF^I15", "", true),
    ] {
        let rf1 = RF1.replace("RF1|A", &format!("RF1|{status}"));
        assert_eq!(evidence(kind, &rf1, "ZZZ|1").stands, stands, "{kind} {status}");
    }
    let cancelled = items(mapped("REF^I14", &[RF1, PID])).remove(0);
    assert_eq!(cancelled.pushed.resources[0]["status"], "revoked");
    let expired = evidence("REF^I15", "RF1|E|R|MED|||REF9|20261119", "ZZZ|1");
    assert_eq!(expired.until.map(|until| until.to_string()).as_deref(), Some("2026-11-20T09:30:00Z"));
}

#[test]
fn a_date_that_cannot_be_read_is_left_out_and_an_end_before_the_start_is_kept() {
    let unreadable = evidence("REF^I12", "RF1|A|R|MED|||REF9|soon|later", "ZZZ|1");
    assert_eq!(unreadable.from.map(|from| from.to_string()).as_deref(), Some("2026-11-20T09:30:00Z"));
    assert_eq!(unreadable.until, None);
    let crossed = evidence("REF^I12", "RF1|A|R|MED|||REF9|20261119|20261101", "ZZZ|1");
    assert!(crossed.until < crossed.from);
}
