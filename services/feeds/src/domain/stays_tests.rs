//! Which stay a message is about that names none.

use super::*;
use crate::domain::{
    Mapped, Resolved, StayBook,
    testing::{PID, mapped},
};

/// The stays of one patient as their messages tell of them.
#[derive(Default)]
struct Story(StayBook);

impl Story {
    /// A message of this event at this time, with these PV1 fields (by number) and account number.
    fn tell(
        &mut self,
        event: &str,
        at: &str,
        fields: &[(usize, &str)],
        account: &str,
    ) -> Result<String, Unresolved> {
        let mut pv1 = [""; 46];
        for (number, value) in fields {
            pv1[*number] = value;
        }
        let pid = format!("{PID}{}{account}", "|".repeat(10));
        let evn = format!("EVN||{at}");
        let mapping = mapped(&format!("ADT^{event}"), &[&evn, &pid, &format!("PV1{}", pv1.join("|"))]);
        let encounters = mapping.unwrap().into_iter().filter(|one| matches!(one, Mapped::Encounter(..)));
        match self.0.resolve(encounters.collect())?.pop() {
            Some(Resolved::Encounter(stay, _)) => Ok(stay.0),
            _ => Err(Unresolved::PersonOnly),
        }
    }

    fn bare(&mut self, event: &str, at: &str) -> Result<String, Unresolved> {
        self.tell(event, at, &[(2, "I")], "")
    }
}

#[test]
fn a_number_of_the_visit_or_account_names_the_stay() {
    let mut story = Story::default();
    let by_visit = story.tell("A01", "20261101100000", &[(19, "V1")], "A1").unwrap();
    assert_eq!(story.tell("A02", "20261101110000", &[(19, "V1")], "A2").unwrap(), by_visit);
    let by_account = story.tell("A01", "20261105100000", &[], "A3").unwrap();
    assert_eq!(story.tell("A03", "20261106100000", &[], "A3").unwrap(), by_account);
    assert_ne!(by_visit, by_account);
}

#[test]
fn without_a_number_the_one_open_stay_is_meant() {
    let mut story = Story::default();
    let stay = story.bare("A01", "20261101100000").unwrap();
    for (event, at) in [
        ("A02", "20261102100000"),
        ("A08", "20261103100000"),
        ("A21", "20261104100000"),
        ("A22", "20261104180000"),
    ] {
        assert_eq!(story.bare(event, at).unwrap(), stay, "{event}");
    }
    assert_eq!(
        story.tell("A02", "20261105090000", &[(44, "20261101101500")], "").unwrap(),
        stay,
        "its time is another"
    );
    assert_eq!(story.bare("A03", "20261105100000").unwrap(), stay);
    assert_eq!(story.bare("A03", "20261105100000").unwrap(), stay, "told again");
    assert_eq!(story.bare("A13", "20261105110000").unwrap(), stay, "the discharge is taken back");
    assert_eq!(story.bare("A03", "20261106100000").unwrap(), stay);
    let next = story.bare("A01", "20261110100000").unwrap();
    assert_ne!(next, stay);
    assert_eq!(story.bare("A03", "20261111100000").unwrap(), next);
}

#[test]
fn a_numbered_stay_is_found_without_its_number() {
    let mut story = Story::default();
    let stay = story.tell("A01", "20261101100000", &[(19, "V1")], "").unwrap();
    assert_eq!(story.bare("A03", "20261102100000").unwrap(), stay);
}

#[test]
fn an_admission_goes_on_from_what_was_expected_or_just_begun() {
    let mut story = Story::default();
    let expected = story.bare("A05", "20261020100000").unwrap();
    assert_eq!(story.bare("A05", "20261021100000").unwrap(), expected);
    assert_eq!(story.bare("A01", "20261101100000").unwrap(), expected);
    assert_eq!(story.bare("A01", "20261101100500").unwrap(), expected, "told again");
    let mut story = Story::default();
    let attendance = story.bare("A04", "20261101100000").unwrap();
    assert_eq!(story.bare("A06", "20261101140000").unwrap(), attendance);
    let mut story = Story::default();
    let clinic = story.bare("A04", "20260301100000").unwrap();
    let admission = story.bare("A01", "20261101100000").unwrap();
    assert_ne!(clinic, admission, "an attendance of spring is over");
    assert_eq!(story.bare("A03", "20261102100000").unwrap(), admission);
}

#[test]
fn what_may_mean_no_stay_or_several_is_not_guessed() {
    let mut story = Story::default();
    for event in ["A02", "A03", "A11", "A12", "A13", "A21"] {
        assert_eq!(story.bare(event, "20261101100000"), Err(Unresolved::NoOpenStay), "{event}");
    }
    assert_eq!(story.bare("A08", "20261101100000"), Err(Unresolved::PersonOnly));
    story.tell("A01", "20261101100000", &[(19, "V1")], "").unwrap();
    story.tell("A01", "20261103100000", &[(19, "V2")], "").unwrap();
    assert_eq!(story.bare("A03", "20261104100000"), Err(Unresolved::SeveralOpenStays));
    story.tell("A11", "20261104110000", &[(19, "V1")], "").unwrap();
    assert!(story.bare("A03", "20261104120000").is_ok(), "the cancelled one is none");
}

#[test]
fn the_stays_of_a_person_are_bounded_and_those_of_a_merged_number_are_taken_over() {
    let told = |number: &str, event: &str, at: &str| {
        let pv1 = [&["PV1"], &[""; 18][..], &[number]].concat().join("|");
        let mapping = mapped(&format!("ADT^{event}"), &[&format!("EVN||{at}"), PID, &pv1]).unwrap();
        let encounter = mapping.into_iter().find_map(|one| match one {
            Mapped::Encounter(StayKey::Numbered(numbers), message) => Some((numbers, message)),
            _ => None,
        });
        encounter.unwrap()
    };
    let (mut one, mut other) = (KnownStays::default(), KnownStays::default());
    let (numbers, message) = told("V1", "A01", "20261101100000");
    other.note(&SpellId::new("s"), &numbers, &message);
    assert!(one.take_over(other));
    let (_, message) = told("V1", "A03", "20261102100000");
    assert_eq!(one.unnumbered(&StayKey::Unnamed, &message), Ok(SpellId::new("s")));
    for number in 0..200 {
        let (numbers, message) = told(&format!("V{number}"), "A01", "20261103100000");
        one.note(&SpellId::new(format!("s{number}")), &numbers, &message);
    }
    assert_eq!(one.stays.len(), MOST);
}

#[test]
fn a_day_alone_does_not_end_before_an_hour_of_that_day() {
    let mut story = Story::default();
    let stay = story.tell("A01", "20261101100000", &[(19, "V1"), (44, "20261101100000")], "").unwrap();
    story.tell("A03", "20261101180000", &[(19, "V1"), (45, "20261101")], "").unwrap();
    story.tell("A01", "20261101180500", &[(19, "V1"), (44, "20261101100000")], "").unwrap();
    assert_eq!(
        story.bare("A02", "20261102100000"),
        Err(Unresolved::NoOpenStay),
        "the discharge of that day stands"
    );
    assert_eq!(story.tell("A03", "20261101", &[], "").unwrap(), stay, "told again without an hour");
}

#[test]
fn stays_that_were_kept_with_plain_times_read_as_they_did() {
    let old = r#"{"stays":[{"spell":"s","numbered":true,"phase":"admitted","opened":"2026-11-01T10:00:00Z","closed":null}]}"#;
    let read: KnownStays = serde_json::from_str(old).unwrap();
    assert!(read.find(&SpellId::new("s")).is_some());
    let again: KnownStays = serde_json::from_str(&serde_json::to_string(&read).unwrap()).unwrap();
    assert_eq!(again, read);
}

#[test]
fn an_update_that_places_somebody_without_any_known_stay_is_no_update_of_the_person_alone() {
    let mut story = Story::default();
    let placed = [(2, "I"), (3, "W12^^B4")];
    assert_eq!(story.tell("A08", "20261101100000", &placed, ""), Err(Unresolved::NoOpenStay));
    let left = [(2, "I"), (3, "W12^^B4"), (45, "20261101")];
    assert_eq!(story.tell("A08", "20261101100000", &left, ""), Err(Unresolved::PersonOnly));
    story.bare("A01", "20261101100000").unwrap();
    story.bare("A03", "20261102100000").unwrap();
    assert_eq!(
        story.tell("A08", "20261103100000", &placed, ""),
        Err(Unresolved::PersonOnly),
        "coded after they left"
    );
}
