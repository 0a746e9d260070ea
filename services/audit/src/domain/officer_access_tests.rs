//! Properties of an officer's reading: only an open incident that is shared shows an entry of another organisation's staff, and
//! only inside its scope.

use std::collections::BTreeMap;

use lcr_contracts::{audit::Outcome, vocabulary::ReasonCode};
use lcr_model::{Actor, ActorKind, Purpose, Role, ServiceName, SessionId, ViewId};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

const ORGANISATIONS: [&str; 3] = ["Y90001", "Z9H01", "Z9T01"];

fn ods(at: usize) -> OdsCode {
    OdsCode::new(ORGANISATIONS[at % ORGANISATIONS.len()])
}

fn person(at: u128) -> PersonId {
    PersonId(Uuid::from_u128(at))
}

fn second(at: i64) -> Timestamp {
    Timestamp::from_second(at).unwrap()
}

/// An entry about some of three people by a reader of one of three organisations.
fn entries() -> impl Strategy<Value = OpenEntry> {
    let people = proptest::sample::subsequence(vec![1_u128, 2, 3], 0..=3);
    let kinds = proptest::sample::select(vec![AccessKind::Record, AccessKind::WardList, AccessKind::Incident]);
    let concerned = proptest::collection::vec((0..3_usize, 1..=3_u128), 0..4);
    (people, kinds, concerned, 0..3_usize, 0..2_u8, 0..40_i64).prop_map(|(people, what, concerned, org, user, at)| {
        let actor = Actor {
            user: UserId::new(format!("user-{user}")),
            kind: ActorKind::Person,
            name: "Sam Reed".into(),
            org: ods(org),
            role: Role::Gp,
            purpose: Purpose::DirectCare,
            session: SessionId::new(),
        };
        let people: Vec<PersonId> = people.into_iter().map(person).collect();
        let mut by_org: BTreeMap<OdsCode, Vec<PersonId>> = BTreeMap::new();
        for (org, one) in concerned.into_iter().filter(|(_, one)| people.contains(&person(*one))) {
            let of_org = by_org.entry(ods(org)).or_default();
            if !of_org.contains(&person(one)) {
                of_org.push(person(one));
            }
        }
        OpenEntry {
            id: Uuid::now_v7(),
            view: ViewId::new(),
            at: second(at),
            actor,
            audience: ServiceName::RecordAggregation,
            what,
            outcome: Outcome::Allowed,
            reason: ReasonCode::LogRead,
            people,
            datasets: vec![],
            policy_version: String::new(),
            choice: None,
            concerned: by_org,
        }
    })
}

fn incidents() -> impl Strategy<Value = IncidentScope> {
    let shared = proptest::sample::subsequence(vec![0_usize, 1, 2], 0..=3);
    let user = proptest::option::of(0..2_u8);
    (0..3_usize, 1..=3_u128, user, 0..30_i64, 0..15_i64, any::<bool>(), shared).prop_map(
        |(owner, about, user, from, days, is_closed, shared)| IncidentScope {
            owner: ods(owner),
            person: person(about),
            user: user.map(|user| UserId::new(format!("user-{user}"))),
            from: second(from),
            until: second(from + days),
            is_closed,
            shared_with: shared.into_iter().map(ods).collect(),
        },
    )
}

proptest! {
    /// Nothing is shown if the incident is closed or not shared, is about another person or user, or the entry is outside its
    /// period.
    #[test]
    fn an_incident_shows_nothing_outside_its_scope(entry in entries(), incident in incidents(), officer in 0..3_usize) {
        let officer = ods(officer);
        let Some(people) = incident_people(&entry, &officer, &incident) else { return Ok(()) };
        prop_assert!(!incident.is_closed);
        prop_assert!(incident.owner == officer || incident.shared_with.contains(&officer));
        prop_assert!(incident.from <= entry.at && entry.at < incident.until);
        prop_assert!(incident.user.as_ref().is_none_or(|user| *user == entry.actor.user));
        prop_assert!(entry.what != AccessKind::Incident);
        // Nobody else of the entry is named, and the owner may read it about this person.
        let named = [incident.person];
        prop_assert_eq!(people.as_slice(), named.as_slice());
        prop_assert!(own_people(&entry, &incident.owner).is_some_and(|own| own.contains(&incident.person)));
    }

    /// Inside its scope an incident shows to the other organisation exactly what its owner reads.
    #[test]
    fn whom_an_incident_is_shared_with_reads_what_its_owner_reads(
        entry in entries(), incident in incidents(), officer in 0..3_usize,
    ) {
        let officer = ods(officer);
        let of_owner = incident_people(&entry, &incident.owner, &incident);
        let expected = if incident.is_visible_to(&officer) { of_owner } else { None };
        prop_assert_eq!(incident_people(&entry, &officer, &incident), expected);
    }

    /// Without an incident an officer reads nothing of another organisation's staff but about their own people.
    #[test]
    fn without_an_incident_an_officer_reads_only_of_their_own(entry in entries(), officer in 0..3_usize) {
        let officer = ods(officer);
        match own_people(&entry, &officer) {
            Some(people) if entry.actor.org != officer => {
                let concerned = entry.concerned.get(&officer).cloned().unwrap_or_default();
                prop_assert!(!people.is_empty() && people.iter().all(|one| concerned.contains(one)));
            }
            Some(people) => prop_assert_eq!(people, entry.people),
            None => prop_assert!(entry.actor.org != officer && !entry.concerned.contains_key(&officer)),
        }
    }

    /// An incident that ends, by its share or altogether, shows nothing any more.
    #[test]
    fn an_incident_that_ends_shows_nothing(entry in entries(), incident in incidents(), officer in 0..3_usize) {
        let officer = ods(officer);
        let closed = IncidentScope { is_closed: true, ..incident.clone() };
        prop_assert_eq!(incident_people(&entry, &officer, &closed), None);
        prop_assert_eq!(incident_people(&entry, &incident.owner, &closed), None);
        let unshared = IncidentScope { shared_with: vec![], ..incident };
        if unshared.owner != officer {
            prop_assert_eq!(incident_people(&entry, &officer, &unshared), None);
        }
    }
}
