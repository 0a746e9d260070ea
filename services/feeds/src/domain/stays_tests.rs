//! Tests of the stay of a message that has no stay number.

use super::*;
use crate::domain::{
    MappedEvent, ResolvedEvent, StayResolver,
    testing::{PID, mapped},
};

/// The stays of one patient.
#[derive(Default)]
struct Patient(StayResolver);

impl Patient {
    /// A message of this event at this time, with these PV1 fields (by number) and account number.
    fn send(
        &mut self,
        event: &str,
        at: &str,
        fields: &[(usize, &str)],
        account: &str,
    ) -> Result<String, UnresolvedStay> {
        let mut pv1 = [""; 46];
        for (number, value) in fields {
            pv1[*number] = value;
        }
        let pid = format!("{PID}{}{account}", "|".repeat(10));
        let evn = format!("EVN||{at}");
        let mapping = mapped(&format!("ADT^{event}"), &[&evn, &pid, &format!("PV1{}", pv1.join("|"))]);
        let encounters = mapping.unwrap().into_iter().filter(|one| matches!(one, MappedEvent::Encounter(..)));
        match self.0.resolve(encounters.collect())?.pop() {
            Some(ResolvedEvent::Encounter(stay, _)) => Ok(stay.0),
            _ => Err(UnresolvedStay::PersonOnly),
        }
    }

    fn send_unnumbered(&mut self, event: &str, at: &str) -> Result<String, UnresolvedStay> {
        self.send(event, at, &[(2, "I")], "")
    }
}

#[test]
fn a_visit_or_account_number_names_the_stay() {
    let mut patient = Patient::default();
    let by_visit = patient.send("A01", "20261101100000", &[(19, "V1")], "A1").unwrap();
    assert_eq!(patient.send("A02", "20261101110000", &[(19, "V1")], "A2").unwrap(), by_visit);
    let by_account = patient.send("A01", "20261105100000", &[], "A3").unwrap();
    assert_eq!(patient.send("A03", "20261106100000", &[], "A3").unwrap(), by_account);
    assert_ne!(by_visit, by_account);
}

#[test]
fn a_message_without_a_number_is_about_the_only_open_stay() {
    let mut patient = Patient::default();
    let stay = patient.send_unnumbered("A01", "20261101100000").unwrap();
    for (event, at) in
        [("A02", "20261102100000"), ("A08", "20261103100000"), ("A21", "20261104100000"), ("A22", "20261104180000")]
    {
        assert_eq!(patient.send_unnumbered(event, at).unwrap(), stay, "{event}");
    }
    assert_eq!(
        patient.send("A02", "20261105090000", &[(44, "20261101101500")], "").unwrap(),
        stay,
        "its time is another"
    );
    assert_eq!(patient.send_unnumbered("A03", "20261105100000").unwrap(), stay);
    assert_eq!(patient.send_unnumbered("A03", "20261105100000").unwrap(), stay, "repeated");
    assert_eq!(patient.send_unnumbered("A13", "20261105110000").unwrap(), stay, "the discharge is taken back");
    assert_eq!(patient.send_unnumbered("A03", "20261106100000").unwrap(), stay);
    let next = patient.send_unnumbered("A01", "20261110100000").unwrap();
    assert_ne!(next, stay);
    assert_eq!(patient.send_unnumbered("A03", "20261111100000").unwrap(), next);
}

#[test]
fn a_numbered_stay_is_also_found_without_its_number() {
    let mut patient = Patient::default();
    let stay = patient.send("A01", "20261101100000", &[(19, "V1")], "").unwrap();
    assert_eq!(patient.send_unnumbered("A03", "20261102100000").unwrap(), stay);
}

#[test]
fn an_admission_continues_an_expected_or_recent_stay() {
    let mut patient = Patient::default();
    let expected = patient.send_unnumbered("A05", "20261020100000").unwrap();
    assert_eq!(patient.send_unnumbered("A05", "20261021100000").unwrap(), expected);
    assert_eq!(patient.send_unnumbered("A01", "20261101100000").unwrap(), expected);
    assert_eq!(patient.send_unnumbered("A01", "20261101100500").unwrap(), expected, "repeated");
    let mut patient = Patient::default();
    let attendance = patient.send_unnumbered("A04", "20261101100000").unwrap();
    assert_eq!(patient.send_unnumbered("A06", "20261101140000").unwrap(), attendance);
    let mut patient = Patient::default();
    let clinic = patient.send_unnumbered("A04", "20260301100000").unwrap();
    let admission = patient.send_unnumbered("A01", "20261101100000").unwrap();
    assert_ne!(clinic, admission, "the attendance in spring is over");
    assert_eq!(patient.send_unnumbered("A03", "20261102100000").unwrap(), admission);
}

#[test]
fn an_ambiguous_stay_is_not_guessed() {
    let mut patient = Patient::default();
    for event in ["A02", "A03", "A11", "A12", "A13", "A21"] {
        assert_eq!(patient.send_unnumbered(event, "20261101100000"), Err(UnresolvedStay::NoOpenStay), "{event}");
    }
    assert_eq!(patient.send_unnumbered("A08", "20261101100000"), Err(UnresolvedStay::PersonOnly));
    patient.send("A01", "20261101100000", &[(19, "V1")], "").unwrap();
    patient.send("A01", "20261103100000", &[(19, "V2")], "").unwrap();
    assert_eq!(patient.send_unnumbered("A03", "20261104100000"), Err(UnresolvedStay::SeveralOpenStays));
    patient.send("A11", "20261104110000", &[(19, "V1")], "").unwrap();
    assert!(patient.send_unnumbered("A03", "20261104120000").is_ok(), "the cancelled stay does not count");
}

#[test]
fn the_stays_of_a_person_are_limited_and_include_those_of_a_merged_number() {
    let encounter_of = |number: &str, event: &str, at: &str| {
        let pv1 = [&["PV1"], &[""; 18][..], &[number]].concat().join("|");
        let mapping = mapped(&format!("ADT^{event}"), &[&format!("EVN||{at}"), PID, &pv1]).unwrap();
        let encounter = mapping.into_iter().find_map(|one| match one {
            MappedEvent::Encounter(StayKey::Numbered(numbers), message) => Some((numbers, message)),
            _ => None,
        });
        encounter.unwrap()
    };
    let (mut one, mut other) = (KnownStays::default(), KnownStays::default());
    let (numbers, message) = encounter_of("V1", "A01", "20261101100000");
    other.record(&SpellId::new("s"), &numbers, &message);
    assert!(one.absorb(other));
    let (_, message) = encounter_of("V1", "A03", "20261102100000");
    assert_eq!(one.resolve_unnumbered(&StayKey::Unnamed, &message), Ok(SpellId::new("s")));
    for number in 0..200 {
        let (numbers, message) = encounter_of(&format!("V{number}"), "A01", "20261103100000");
        one.record(&SpellId::new(format!("s{number}")), &numbers, &message);
    }
    assert_eq!(one.stays.len(), MAX_STAYS);
}

#[test]
fn a_discharge_date_without_a_time_covers_the_whole_day() {
    let mut patient = Patient::default();
    let stay = patient.send("A01", "20261101100000", &[(19, "V1"), (44, "20261101100000")], "").unwrap();
    patient.send("A03", "20261101180000", &[(19, "V1"), (45, "20261101")], "").unwrap();
    patient.send("A01", "20261101180500", &[(19, "V1"), (44, "20261101100000")], "").unwrap();
    assert_eq!(
        patient.send_unnumbered("A02", "20261102100000"),
        Err(UnresolvedStay::NoOpenStay),
        "the discharge of that day stands"
    );
    assert_eq!(patient.send("A03", "20261101", &[], "").unwrap(), stay, "repeated without an hour");
}

#[test]
fn stays_stored_with_plain_times_can_still_be_read() {
    let old =
        r#"{"stays":[{"spell":"s","numbered":true,"phase":"admitted","opened":"2026-11-01T10:00:00Z","closed":null}]}"#;
    let read: KnownStays = serde_json::from_str(old).unwrap();
    assert!(read.find(&SpellId::new("s")).is_some());
    let again: KnownStays = serde_json::from_str(&serde_json::to_string(&read).unwrap()).unwrap();
    assert_eq!(again, read);
}

#[test]
fn an_update_with_a_location_but_no_known_stay_is_unresolved() {
    let mut patient = Patient::default();
    let placed = [(2, "I"), (3, "W12^^B4")];
    assert_eq!(patient.send("A08", "20261101100000", &placed, ""), Err(UnresolvedStay::NoOpenStay));
    let left = [(2, "I"), (3, "W12^^B4"), (45, "20261101")];
    assert_eq!(patient.send("A08", "20261101100000", &left, ""), Err(UnresolvedStay::PersonOnly));
    patient.send_unnumbered("A01", "20261101100000").unwrap();
    patient.send_unnumbered("A03", "20261102100000").unwrap();
    assert_eq!(
        patient.send("A08", "20261103100000", &placed, ""),
        Err(UnresolvedStay::PersonOnly),
        "coded after they left"
    );
}
