//! Tests of the sentences of a patient's own access log.

use lcr_contracts::{
    registry::{Organisation, PartnerState},
    vocabulary::ReasonCode,
};
use lcr_model::{Dataset, OdsCode, Role};
use uuid::Uuid;

use super::*;

pub fn registry() -> Registry {
    let one = Organisation {
        ods: OdsCode::new("B86000"),
        name: "Beckside Surgery".into(),
        kind: "gp-practice".into(),
        agreement_signed: true,
        part_of: None,
        serves: vec![],
        state: PartnerState::Live,
        receives: None,
    };
    Registry { organisations: vec![one], systems: vec![] }
}

fn recorded(text: &str) -> ReasonCode {
    text.to_owned().into()
}

pub fn event() -> AccessEvent {
    AccessEvent {
        entry: Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_3f2a_91bc),
        at: "2026-11-21T14:05:00Z".parse().unwrap(),
        who: "Dr Aisha Khan".into(),
        role: Role::Gp,
        kind: ActorKind::Person,
        org: OdsCode::new("B86000"),
        what: AccessKind::Record,
        outcome: Outcome::Allowed,
        reason: recorded("registered at Beckside Surgery"),
        datasets: vec![Dataset::Medications, Dataset::Results],
        presumed: false,
        receipt: None,
    }
}

fn sentence(event: &AccessEvent) -> String {
    access_sentence(event, &registry())
}

#[test]
fn a_view_shows_who_looked_at_what_and_why() {
    assert_eq!(
        sentence(&event()),
        "Dr Aisha Khan, a GP at Beckside Surgery, looked at your medicines and test results. Recorded link to you: \
         your GP practice."
    );
    assert_eq!(
        sentence(&AccessEvent { presumed: true, ..event() }).split(" Recorded").next().unwrap(),
        "Dr Aisha Khan, a GP at Beckside Surgery, may have looked at your medicines and test results: the page was \
         opened, and its end was not recorded."
    );
}

#[test]
fn a_claim_and_an_override_are_told_as_what_was_said() {
    let said = |reason| sentence(&AccessEvent { reason: recorded(reason), ..event() });
    assert!(
        said("involved, as stated: covering")
            .ends_with("test results. They said why they were involved: covering for a colleague.")
    );
    assert!(said("emergency override: life-threatening").ends_with("A privacy officer checks this."));
    let checked = AccessEvent {
        what: AccessKind::Claim,
        role: Role::PrivacyOfficer,
        reason: recorded("claim not justified: involved, as stated: covering"),
        datasets: vec![],
        ..event()
    };
    assert!(sentence(&checked).ends_with(
        "a privacy officer at Beckside Surgery, checked the reason that somebody gave for opening your record, and found it \
         not right."
    ));
}

#[test]
fn protected_staff_appear_by_role() {
    let one = AccessEvent { who: String::new(), role: Role::MentalHealth, reason: recorded(""), ..event() };
    assert_eq!(
        sentence(&one),
        "A mental health clinician at Beckside Surgery looked at your medicines and test results."
    );
}

#[test]
fn a_program_appears_as_an_automatic_check() {
    let one =
        AccessEvent { kind: ActorKind::Client, who: "Night list reader".into(), what: AccessKind::Fhir, ..event() };
    assert_eq!(
        sentence(&one),
        "Automatic check by Night list reader for Beckside Surgery: it looked at your medicines and test results."
    );
}

#[test]
fn refusals_lists_and_choices_have_sentences_of_their_own() {
    let refused = AccessEvent { outcome: Outcome::Refused, reason: recorded("no-relationship"), ..event() };
    assert!(sentence(&refused).ends_with("asked to see your record and was not allowed to. Nothing was shown."));
    assert!(
        sentence(&AccessEvent { what: AccessKind::WardList, ..event() })
            .contains("saw you on a list of people in hospital.")
    );
    let document = AccessEvent { datasets: vec![Dataset::Documents], ..event() };
    assert!(sentence(&document).contains(", opened a letter or document. Recorded link"));
    let own_choices = AccessEvent {
        kind: ActorKind::Patient,
        what: AccessKind::Choices,
        reason: recorded("reads choices: your own record"),
        ..event()
    };
    assert_eq!(sentence(&own_choices), "You looked at your choices about sharing.");
    let receipt = Some("LCR-ABCD-2345".into());
    let objection = AccessEvent { reason: recorded("objection made: your own record"), receipt, ..own_choices };
    assert_eq!(sentence(&objection), "You objected to sharing (receipt LCR-ABCD-2345).");
    let made_by_staff = AccessEvent {
        what: AccessKind::Choices,
        reason: recorded("objection made: registered at Beckside Surgery"),
        ..event()
    };
    assert!(sentence(&made_by_staff).ends_with("at Beckside Surgery, made an objection to sharing for you."));
}
