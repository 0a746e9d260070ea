//! The sentences a patient reads of each kind of look.

use lcr_contracts::identity::Organisation;
use lcr_model::{OdsCode, Role};

use super::*;

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

fn look() -> Look {
    Look {
        entry: Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_3f2a_91bc),
        at: "2026-11-21T14:05:00Z".parse().unwrap(),
        who: "Dr Aisha Khan".into(),
        role: Role::Gp,
        kind: ActorKind::Person,
        org: OdsCode::new("B86000"),
        what: What::Record,
        outcome: Outcome::Allowed,
        reason: "registered at Beckside Surgery".into(),
        datasets: vec![Dataset::Medications, Dataset::Results],
        presumed: false,
    }
}

fn says(look: &Look) -> String {
    sentence(look, &registry())
}

#[test]
fn a_look_says_who_at_what_and_why() {
    assert_eq!(
        says(&look()),
        "Dr Aisha Khan, a GP at Beckside Surgery, looked at your medicines and test results. Recorded link to you: \
         your GP practice."
    );
    assert_eq!(
        says(&Look { presumed: true, ..look() }).split(" Recorded").next().unwrap(),
        "Dr Aisha Khan, a GP at Beckside Surgery, may have looked at your medicines and test results."
    );
}

#[test]
fn staff_at_risk_appear_by_role() {
    let one = Look { who: String::new(), role: Role::MentalHealth, reason: String::new(), ..look() };
    assert_eq!(
        says(&one),
        "A mental health clinician at Beckside Surgery looked at your medicines and test results."
    );
}

#[test]
fn a_program_is_an_automatic_check() {
    let one = Look { kind: ActorKind::Client, who: "Night list reader".into(), what: What::Fhir, ..look() };
    assert_eq!(
        says(&one),
        "Automatic check by Night list reader for Beckside Surgery: it looked at your medicines and test results."
    );
}

#[test]
fn refusals_lists_and_choices_are_told_as_what_they_were() {
    let refused = Look { outcome: Outcome::Refused, reason: "no-relationship".into(), ..look() };
    assert!(says(&refused).ends_with("asked to see your record and was not allowed to. Nothing was shown."));
    assert!(
        says(&Look { what: What::WardList, ..look() }).contains("saw you on a list of people in hospital.")
    );
    let made = Look {
        kind: ActorKind::Patient,
        what: What::Choices,
        reason: "reads choices: your own record".into(),
        ..look()
    };
    assert_eq!(says(&made), "You looked at your choices about sharing.");
    let objection = Look { reason: "objection made: your own record".into(), ..made };
    assert_eq!(says(&objection), "You objected to sharing.");
    let taken = Look {
        what: What::Choices,
        reason: "objection made: registered at Beckside Surgery".into(),
        ..look()
    };
    assert!(says(&taken).ends_with("at Beckside Surgery, made an objection to sharing for you."));
}

#[test]
fn looks_are_by_day_and_each_can_be_asked_about() {
    let earlier = Look { at: "2026-07-20T22:59:00Z".parse().unwrap(), ..look() };
    let days = days(&[look(), earlier], &registry(), Some(Uuid::nil()));
    assert_eq!([days[0].date.as_str(), days[1].date.as_str()], ["21 November 2026", "20 July 2026"]);
    assert_eq!([days[0].lines[0].at.as_str(), days[1].lines[0].at.as_str()], ["2:05pm", "11:59pm"]);
    assert!(days[0].lines[0].ask.as_deref().unwrap().ends_with(
        "/my-record/looks/01900000-0000-7000-8000-00003f2a91bc?before=00000000-0000-0000-0000-000000000000"
    ));
    assert_eq!(number(look().entry), "3F2A-91BC");
}
