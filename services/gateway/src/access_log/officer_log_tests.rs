//! Tests of the officers' table: each kind of access reads differently, and nobody is named unasked.

use jiff::Timestamp;
use lcr_contracts::{
    audit::{OpenEntry, ShownDataset},
    vocabulary::ReasonCode,
};
use lcr_model::{Actor, OdsCode, PersonId, Purpose, Role, ServiceName, SessionId, SourceId, UserId, ViewId};
use uuid::Uuid;

use super::*;

fn entry(what: AccessKind, datasets: &[Dataset], completion: Completion) -> Entry {
    let opened = OpenEntry {
        id: Uuid::from_u128(1),
        view: ViewId::new(),
        at: Timestamp::UNIX_EPOCH,
        actor: Actor {
            user: UserId::new("u"),
            kind: ActorKind::Person,
            name: "Dr Aisha Khan".into(),
            org: OdsCode::new("B86000"),
            role: Role::Gp,
            purpose: Purpose::DirectCare,
            session: SessionId::new(),
        },
        audience: ServiceName::RecordAggregation,
        what,
        outcome: if completion == Completion::NothingShown { Outcome::Refused } else { Outcome::Allowed },
        reason: ReasonCode::Permitted(what),
        people: vec![PersonId(Uuid::from_u128(7))],
        datasets: datasets.to_vec(),
        policy_version: "1".into(),
        choice: None,
        concerned: std::collections::BTreeMap::new(),
    };
    Entry { opened, completion, receipt: None }
}

pub fn entry_about(people: Vec<PersonId>, completion: Completion) -> Entry {
    let entry = entry(AccessKind::Record, &[], completion);
    Entry { opened: OpenEntry { people, ..entry.opened }, ..entry }
}

fn shown() -> Completion {
    let shown = ShownDataset {
        source: SourceId::new("beckside"),
        dataset: Dataset::Documents,
        state: "has-data".into(),
        count: 1,
    };
    Completion::Shown { at: Timestamp::UNIX_EPOCH, shown: vec![shown] }
}

fn cell(entry: &Entry, column: usize, names: Option<&PeopleNames>) -> String {
    let table = officer_table(std::slice::from_ref(entry), &Registry::default(), names);
    table.rows[0].cells[column].text().join("|")
}

#[test]
fn each_kind_of_access_reads_differently() {
    let page = [Dataset::Demographics, Dataset::Documents];
    let may = "May have been shown: the page was opened, and its end was not recorded";
    for (entry, expected) in [
        (entry(AccessKind::Record, &page, shown()), "Opened a record".to_owned()),
        (entry(AccessKind::Record, &page, Completion::PresumedShown), format!("Opened a record|{may}")),
        (entry(AccessKind::Record, &page[1..], shown()), "Opened a document".to_owned()),
        (entry(AccessKind::Search, &[], Completion::PresumedShown), "Searched for people".to_owned()),
        (entry(AccessKind::WardList, &[], shown()), "Opened a list of people in hospital".to_owned()),
        (
            entry(AccessKind::CareList, &[], Completion::PresumedShown),
            "Opened a list of people in their care".to_owned(),
        ),
        (entry(AccessKind::Claim, &[], Completion::PresumedShown), "A stated reason or an override".to_owned()),
        (
            entry(AccessKind::CareList, &[], Completion::NothingShown),
            "Refused, nothing shown|Tried: to open a list of people in their care".to_owned(),
        ),
        (
            entry(AccessKind::Record, &page, Completion::NothingShown),
            "Refused, nothing shown|Tried: to open a record".to_owned(),
        ),
    ] {
        assert_eq!(cell(&entry, 3, None), expected);
    }
}

#[test]
fn people_are_named_only_with_names_and_a_choice_has_its_receipt() {
    let mut one = entry(AccessKind::Choices, &[], Completion::PresumedShown);
    one.receipt = Some("LCR-ABCD-2345".into());
    assert_eq!(cell(&one, 3, Some(&PeopleNames::new())), "one person");
    let names = PeopleNames::from([(one.opened.people[0], "SMITH, Fredrica, 14-Jul-1945".to_owned())]);
    assert_eq!(cell(&one, 3, Some(&names)), "SMITH, Fredrica, 14-Jul-1945");
    assert!(cell(&one, 4, None).ends_with("|receipt LCR-ABCD-2345"));
}
