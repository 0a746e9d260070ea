//! Recomputes changed people from their identities, stores them and publishes them, in the transaction of the change. It
//! must not decide which identity belongs to whom.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use lcr_contracts::events::PersonChanged;
use lcr_model::PersonId;
use lcr_store::Store;
use sea_orm::{DatabaseTransaction, DbErr};

use crate::{
    domain::link::{self, PersonAttributes},
    store::{self, IdentityRow},
};

/// Gives each of these people a new version and publishes it. A person without identities stays.
pub async fn publish_people(
    tx: &DatabaseTransaction,
    now: Timestamp,
    people: impl IntoIterator<Item = PersonId>,
) -> Result<(), DbErr> {
    let people: BTreeSet<PersonId> = people.into_iter().collect();
    let people: Vec<PersonId> = people.into_iter().collect();
    let previous = store::find_people(tx, &people).await?;
    let mut of_person: HashMap<PersonId, Vec<IdentityRow>> = people.iter().map(|person| (*person, vec![])).collect();
    for row in store::identities_of(tx, &people).await? {
        of_person.entry(PersonId(row.person)).or_default().push(row);
    }
    let mut attributes: HashMap<PersonId, (i64, PersonAttributes)> = HashMap::new();
    let mut changes = Vec::with_capacity(of_person.len());
    for (person, rows) in of_person {
        let identities: Vec<_> = rows.iter().map(IdentityRow::identity).collect();
        let is_current = |row: &&IdentityRow| !link::is_superseded(&row.identity(), &identities);
        let patients: Vec<_> = rows.iter().filter(is_current).map(IdentityRow::to_source_patient).collect();
        let combined = link::combine_attributes(&patients.iter().collect::<Vec<_>>());
        let version = previous.get(&person).map_or(1, |row| row.version + 1);
        changes.push(PersonChanged {
            person,
            version,
            identities,
            practice: combined.practice.clone(),
            marks: combined.marks(),
        });
        attributes.insert(person, (version, combined));
    }
    store::store_placements(tx, &[], &attributes).await?;
    let restricted = attributes.iter().filter(|(_, (_, combined))| combined.restricted).map(|(person, _)| *person);
    store::erase_restricted_addresses(tx, &restricted.collect::<Vec<_>>()).await?;
    Store::publish(tx, now, &changes).await
}
