//! Tests of the evidence in referrals: for whom, from when and until when.

use lcr_contracts::events::CareLink;
use lcr_model::{CareLinkKind, OdsCode};

use crate::domain::{
    MappedEvent,
    testing::{PID, items, links, mapped, mapped_by, source, text},
};

const RF1: &str = "RF1|A|R|MED|||REF9|20261119|20261231";
const RECEIVER: &str = "PRD|RT|||^^^Z9C05";

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
fn a_referral_is_no_evidence_unless_the_ods_code_of_its_receiver_is_sent() {
    for prd in ["PRD|RT||||||Z9C05^ODS", RECEIVER, "PRD|RT|Hale||||||||Clinic^^Z9C05"] {
        assert_eq!(evidence("REF^I12", RF1, prd).organisation.0, "Z9C05", "{prd}");
    }
    for prd in [
        "PRD|RT|||^^^||Z9X01^ODS^^",
        "PRD|RT||||||C1234567^GMC",
        "PRD|RT||||||C1234567",
        "PRD|RT|||^^^GI Facility",
        "PRD|RT|Hale||||||||Clinic^^4711^^^Z9H01",
        "PRD|RP||||||Z9C05^ODS",
        "ZZZ|1",
    ] {
        // The receiver of the message (MSH-6) is not the receiver of the referral.
        let sent = text("REF^I12", &[RF1, prd, PID]).replace("|LCR|LCR|", "|LCR|Z9C05|");
        let all = mapped_by(&source(&[("PAS", "Z9H01")]), &sent);
        assert!(links(all.clone()).is_empty(), "{prd}");
        assert_eq!(items(all.clone()).len(), 1, "{prd}");
        let ends = |one: MappedEvent| matches!(one, MappedEvent::CareLinkDeletion(end) if end.key == "REF|REF9");
        assert!(all.unwrap().into_iter().any(ends), "an earlier version with a receiver must end: {prd}");
    }
}

#[test]
fn only_an_accepted_referral_stands_and_an_expired_one_has_ended() {
    for (kind, status, stands) in [
        ("REF^I12", "A", true),
        ("REF^I12", "", true),
        ("REF^I13", "A^Accepted", true),
        ("REF^I13", "", true),
        ("REF^I12", "P", false),
        ("REF^I12", "R", false),
        ("REF^I12", "Z9", false),
        ("REF^I13", "C^Cancelled", false),
        ("REF^I14", "A", false),
        ("REF^I14", "", false),
    ] {
        let rf1 = RF1.replace("RF1|A", &format!("RF1|{status}"));
        assert_eq!(evidence(kind, &rf1, RECEIVER).stands, stands, "{kind} {status}");
    }
    let cancelled = items(mapped("REF^I14", &[RF1, PID])).remove(0);
    assert_eq!(cancelled.pushed.resources[0]["status"], "revoked");
    for end in ["", "|20261231"] {
        let expired = evidence("REF^I13", &format!("RF1|E|R|MED|||REF9|20261119{end}"), RECEIVER);
        assert_eq!(expired.until.map(|until| until.to_string()).as_deref(), Some("2026-11-20T09:30:00Z"), "{end}");
    }
}

#[test]
fn an_enquiry_about_the_status_of_a_referral_is_no_evidence() {
    for status in ["A", "E", ""] {
        let rf1 = RF1.replace("RF1|A", &format!("RF1|{status}"));
        let all = mapped("REF^I15", &[rf1.as_str(), RECEIVER, PID]).unwrap();
        let is_evidence =
            |one: &MappedEvent| matches!(one, MappedEvent::CareLink(_) | MappedEvent::CareLinkDeletion(_));
        assert_eq!((all.len(), all.iter().any(is_evidence)), (2, false), "{status}");
    }
}

#[test]
fn a_date_that_cannot_be_read_is_left_out_and_an_end_before_the_start_is_kept() {
    let unreadable = evidence("REF^I12", "RF1|A|R|MED|||REF9|soon|later", RECEIVER);
    assert_eq!(unreadable.from.map(|from| from.to_string()).as_deref(), Some("2026-11-20T09:30:00Z"));
    assert_eq!(unreadable.until, None);
    let crossed = evidence("REF^I12", "RF1|A|R|MED|||REF9|20261119|20261101", RECEIVER);
    assert!(crossed.until < crossed.from);
}
