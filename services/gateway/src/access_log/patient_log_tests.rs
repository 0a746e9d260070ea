//! Tests of the sentences of a patient's own access log.

use lcr_contracts::identity::Organisation;
use lcr_model::{Dataset, OdsCode, Role};

use super::*;
use crate::access_log::log_words::entry_number;

fn registry() -> Registry {
    let one = Organisation {
        ods: OdsCode::new("B86000"),
        name: "Beckside Surgery".into(),
        kind: "gp-practice".into(),
        agreement_signed: true,
        part_of: None,
    };
    Registry { organisations: vec![one], systems: vec![] }
}

fn event() -> AccessEvent {
    AccessEvent {
        entry: Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_3f2a_91bc),
        at: "2026-11-21T14:05:00Z".parse().unwrap(),
        who: "Dr Aisha Khan".into(),
        role: Role::Gp,
        kind: ActorKind::Person,
        org: OdsCode::new("B86000"),
        what: AccessKind::Record,
        outcome: Outcome::Allowed,
        reason: "registered at Beckside Surgery".into(),
        datasets: vec![Dataset::Medications, Dataset::Results],
        presumed: false,
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
        "Dr Aisha Khan, a GP at Beckside Surgery, may have looked at your medicines and test results."
    );
}

#[test]
fn protected_staff_appear_by_role() {
    let one = AccessEvent { who: String::new(), role: Role::MentalHealth, reason: String::new(), ..event() };
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
    let refused = AccessEvent { outcome: Outcome::Refused, reason: "no-relationship".into(), ..event() };
    assert!(sentence(&refused).ends_with("asked to see your record and was not allowed to. Nothing was shown."));
    assert!(
        sentence(&AccessEvent { what: AccessKind::WardList, ..event() })
            .contains("saw you on a list of people in hospital.")
    );
    let own_choices = AccessEvent {
        kind: ActorKind::Patient,
        what: AccessKind::Choices,
        reason: "reads choices: your own record".into(),
        ..event()
    };
    assert_eq!(sentence(&own_choices), "You looked at your choices about sharing.");
    let objection = AccessEvent { reason: "objection made: your own record".into(), ..own_choices };
    assert_eq!(sentence(&objection), "You objected to sharing.");
    let made_by_staff = AccessEvent {
        what: AccessKind::Choices,
        reason: "objection made: registered at Beckside Surgery".into(),
        ..event()
    };
    assert!(sentence(&made_by_staff).ends_with("at Beckside Surgery, made an objection to sharing for you."));
}

#[test]
fn views_are_grouped_by_day_and_link_to_whom_to_ask() {
    let earlier = AccessEvent { at: "2026-07-20T22:59:00Z".parse().unwrap(), ..event() };
    let days = group_by_day(&[event(), earlier], &registry(), Some(Uuid::nil()));
    assert_eq!([days[0].date.as_str(), days[1].date.as_str()], ["21 November 2026", "20 July 2026"]);
    assert_eq!([days[0].lines[0].at.as_str(), days[1].lines[0].at.as_str()], ["2:05pm", "11:59pm"]);
    assert!(days[0].lines[0].question_href.as_deref().unwrap().ends_with(
        "/my-record/looks/01900000-0000-7000-8000-00003f2a91bc?before=00000000-0000-0000-0000-000000000000"
    ));
    assert_eq!(entry_number(event().entry), "3F2A-91BC");
}
