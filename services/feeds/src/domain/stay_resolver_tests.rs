//! Tests of stay resolution: with and without authority, by account, and under a new number.

use lcr_model::LocalId;

use super::*;
use crate::domain::testing::mapped;

/// The stays at one hospital.
#[derive(Default)]
struct Hospital(StayResolver);

/// A person by their number, a visit (PV1-19) and an account (PID-18).
type Names<'a> = (&'a str, &'a str, &'a str);

impl Hospital {
    fn resolve_all(
        &mut self,
        event: &str,
        at: &str,
        (person, visit, account): Names<'_>,
        mrg: &str,
    ) -> Vec<ResolvedEvent> {
        let pid = format!("PID|1||{person}^^^Z9H01^MR||Ashdown|||||||||||||{account}");
        let pv1 = format!("PV1|1|I{}{visit}", "|".repeat(17));
        let evn = format!("EVN||{at}");
        let mut segments = vec![evn.as_str(), &pid];
        segments.extend([mrg, &pv1].into_iter().filter(|segment| !segment.is_empty()));
        let mapping = mapped(&format!("ADT^{event}"), &segments);
        self.0.resolve(mapping.unwrap()).unwrap_or_else(|why| panic!("{event}: {why:?}"))
    }

    fn message(&mut self, event: &str, at: &str, names: Names<'_>, mrg: &str) -> (String, SpellMessage) {
        let resolved = self.resolve_all(event, at, names, mrg).into_iter().find_map(|one| match one {
            ResolvedEvent::Encounter(stay, message) => Some((stay.0, *message)),
            _ => None,
        });
        resolved.unwrap_or_else(|| panic!("{event} has no stay"))
    }

    fn stay(&mut self, event: &str, at: &str, names: Names<'_>) -> String {
        self.message(event, at, names, "").0
    }

    /// The current stay, the former stay, and whether it moved to another person.
    fn renumbered(&mut self, event: &str, names: Names<'_>, mrg: &str) -> (String, Option<String>, bool) {
        let (stay, message) = self.message(event, "20261103100000", names, mrg);
        (stay, message.formerly.map(|stay| stay.0), message.moves_visit)
    }
}

const MONDAY: &str = "20261101100000";
const TUESDAY: &str = "20261102100000";

#[test]
fn a_visit_number_without_its_authority_is_the_same_visit() {
    let mut hospital = Hospital::default();
    let stay = hospital.stay("A01", MONDAY, ("1", "WV0801^^^PAS^VN", ""));
    assert_eq!(hospital.stay("A03", TUESDAY, ("1", "WV0801", "")), stay);
    let other = hospital.stay("A01", MONDAY, ("2", "WV0802", ""));
    assert_eq!(hospital.stay("A03", TUESDAY, ("2", "WV0802^^^PAS^VN", "")), other);
    assert_ne!(hospital.stay("A01", MONDAY, ("3", "WV0801^^^ED^VN", "")), stay, "another authority is another visit");
}

#[test]
fn an_account_number_names_the_visit_it_last_belonged_to() {
    let mut hospital = Hospital::default();
    let stay = hospital.stay("A01", MONDAY, ("1", "V1", "A1"));
    assert_eq!(hospital.stay("A03", TUESDAY, ("1", "", "A1")), stay);
    let unseen = hospital.stay("A08", MONDAY, ("2", "V2", "A2"));
    assert_eq!(hospital.stay("A03", TUESDAY, ("2", "", "A2")), unseen, "also of a visit whose admission was not sent");
    let by_account = hospital.stay("A01", MONDAY, ("3", "", "A3"));
    assert_eq!(hospital.stay("A03", TUESDAY, ("3", "V3", "A3")), by_account, "the visit number came later");
    assert_eq!(hospital.stay("A08", TUESDAY, ("3", "V3", "")), by_account);
    assert_ne!(hospital.stay("A01", MONDAY, ("4", "", "A1")), stay, "an account is a person's");
}

#[test]
fn a_new_account_number_names_the_only_open_stay() {
    let mut hospital = Hospital::default();
    let stay = hospital.stay("A01", MONDAY, ("1", "V1", ""));
    assert_eq!(hospital.stay("A03", TUESDAY, ("1", "", "A9")), stay);
    let mut hospital = Hospital::default();
    let stay = hospital.stay("A01", MONDAY, ("1", "V1", "A1"));
    assert_ne!(hospital.stay("A02", TUESDAY, ("1", "", "A9")), stay, "that one has another account");
    let unnumbered = hospital.stay("A01", MONDAY, ("2", "", ""));
    assert_eq!(hospital.stay("A03", TUESDAY, ("2", "V2", "")), unnumbered, "the number came later");
}

#[test]
fn a_renumbered_visit_names_its_former_stay() {
    for event in ["A06", "A07", "A50", "A42", "A51", "A02", "A08"] {
        let mut hospital = Hospital::default();
        let before = hospital.stay("A01", MONDAY, ("1", "V1", ""));
        let (now, formerly, moves) = hospital.renumbered(event, ("1", "V2", ""), "MRG|1^^^Z9H01^MR||||V1");
        assert_ne!(now, before);
        assert_eq!((formerly, moves), (Some(before), false), "{event}");
        assert_eq!(hospital.stay("A03", "20261104100000", ("1", "", "")), now, "{event}: it is one open stay");
    }
}

#[test]
fn a_merge_of_people_can_join_their_visits() {
    let mut hospital = Hospital::default();
    let before = hospital.stay("A01", MONDAY, ("2", "V1", ""));
    let (now, formerly, _) = hospital.renumbered("A40", ("1", "V2", ""), "MRG|2^^^Z9H01^MR||||V1");
    assert_eq!(formerly, Some(before));
    assert_eq!(hospital.stay("A03", "20261104100000", ("1", "", "")), now);
    let resolved = hospital.resolve_all("A40", "20261103100000", ("1", "V2", ""), "MRG|3^^^Z9H01^MR");
    assert!(resolved.iter().all(|one| matches!(one, ResolvedEvent::Demographics(_))));
}

#[test]
fn a_visit_moves_to_another_person_with_or_without_a_new_number() {
    let mut hospital = Hospital::default();
    let before = hospital.stay("A01", MONDAY, ("2", "V1", ""));
    let same = hospital.renumbered("A45", ("1", "", ""), "MRG|2^^^Z9H01^MR||||V1");
    assert_eq!(same, (before.clone(), None, true));
    assert_eq!(hospital.stay("A02", "20261104100000", ("1", "", "")), before);
    let (now, formerly, moves) = hospital.renumbered("A45", ("3", "V9", ""), "MRG|1^^^Z9H01^MR||||V1");
    assert_eq!((formerly, moves), (Some(before), true));
    assert_eq!(hospital.stay("A02", "20261104100000", ("3", "", "")), now);
    let own = hospital.renumbered("A45", ("3", "V10", ""), "MRG|3^^^Z9H01^MR||||V9");
    assert_eq!((own.1, own.2), (Some(now), false), "the person is the same");
}

#[test]
fn an_account_moves_or_gets_a_new_number() {
    let mut hospital = Hospital::default();
    let before = hospital.stay("A01", MONDAY, ("2", "", "A1"));
    let (now, formerly, moves) = hospital.renumbered("A44", ("1", "", "A1"), "MRG|2^^^Z9H01^MR||A1");
    assert_eq!((&now, formerly, moves), (&before, None, true));
    assert_eq!(hospital.stay("A03", "20261104100000", ("1", "", "A1")), before);
    for event in ["A35", "A41", "A49"] {
        let mut hospital = Hospital::default();
        let before = hospital.stay("A01", MONDAY, ("1", "", "A1"));
        let (now, formerly, moves) = hospital.renumbered(event, ("1", "", "A2"), "MRG|1^^^Z9H01^MR||A1");
        assert_eq!((formerly, moves), (Some(before), false), "{event}");
        assert_eq!(hospital.stay("A03", "20261104100000", ("1", "", "A2")), now);
        let mut hospital = Hospital::default();
        let before = hospital.stay("A01", MONDAY, ("1", "V1", "A1"));
        let (now, formerly, _) = hospital.renumbered(event, ("1", "", "A2"), "MRG|1^^^Z9H01^MR||A1");
        assert_eq!((&now, formerly), (&before, None), "{event}: the visit keeps its number");
        assert_eq!(hospital.stay("A03", "20261104100000", ("1", "", "A2")), before);
    }
}

#[test]
fn an_account_of_one_visit_names_no_other_visit() {
    let mut hospital = Hospital::default();
    let before = hospital.stay("A01", MONDAY, ("2", "V1", ""));
    let moved = hospital.renumbered("A45", ("1", "", "A1"), "MRG|2^^^Z9H01^MR||||V1");
    assert_eq!((&moved.0, moved.2), (&before, true));
    assert_eq!(hospital.stay("A08", "20261104100000", ("1", "", "A1")), before);
    assert_ne!(hospital.stay("A01", "20261105100000", ("1", "V2", "A1")), before);
    let mut hospital = Hospital::default();
    let ended = hospital.stay("A01", MONDAY, ("1", "", "A1"));
    hospital.stay("A03", TUESDAY, ("1", "", "A1"));
    assert_ne!(hospital.stay("A01", "20261105100000", ("1", "V2", "A1")), ended, "that stay is over");
}

#[test]
fn results_find_their_visit_by_the_same_rules() {
    let mut hospital = Hospital::default();
    let stay = hospital.stay("A01", MONDAY, ("1", "V1^^^PAS^VN", "A1"));
    for (visit, account) in [("V1", ""), ("V1^^^PAS", ""), ("", "A1")] {
        let pid = format!("PID|1||1^^^Z9H01^MR||Ashdown|||||||||||||{account}");
        let pv1 = format!("PV1|1|I{}{visit}", "|".repeat(17));
        let mapping = mapped("ORU^R01", &[&pid, &pv1, "OBR|1||F1|T^Test^L", "OBX|1|ST|a||b||||||F"]).unwrap();
        let found = hospital.0.resolve(mapping).unwrap().into_iter().find_map(|one| match one {
            ResolvedEvent::Item(_, stay) => Some(stay),
            _ => None,
        });
        assert_eq!(found.unwrap().unwrap().0, stay, "{visit} {account}");
    }
}

#[test]
fn changed_states_can_be_stored_and_loaded() {
    let mut hospital = Hospital::default();
    let stay = hospital.stay("A01", MONDAY, ("1", "V1^^^PAS^VN", "A1"));
    let changes = hospital.0.take_changes().unwrap();
    assert_eq!(changes.len(), 3, "the person, the number and the authorities");
    let mut again = Hospital::default();
    for (key, json) in changes {
        again.0.load(key, Some(&json));
    }
    assert_eq!(again.stay("A03", TUESDAY, ("1", "V1", "")), stay);
    assert_eq!(again.stay("A08", TUESDAY, ("1", "", "A1")), stay);
    assert!(again.0.take_changes().is_ok());
    again.0.load(
        StateKey::Person(SourceIdentity { source: SourceId::new("x"), local_id: LocalId("1".into()) }),
        Some(b"no"),
    );
}
