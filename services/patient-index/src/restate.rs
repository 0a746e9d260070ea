//! What each changed person's identities say together, kept and published in the transaction of the change. It
//! decides nothing about who is whom.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use lcr_contracts::events::PersonChanged;
use lcr_model::PersonId;
use lcr_store::Store;
use sea_orm::{DatabaseTransaction, DbErr};

use crate::{
    domain::link::{self, Standing},
    store::{self, IdentityRow},
};

/// Gives each of these people a new version and publishes it. Somebody whom every identity has left stays, with none.
pub async fn restate(
    tx: &DatabaseTransaction,
    now: Timestamp,
    people: impl IntoIterator<Item = PersonId>,
) -> Result<(), DbErr> {
    let people: BTreeSet<PersonId> = people.into_iter().collect();
    let people: Vec<PersonId> = people.into_iter().collect();
    let before = store::person_rows(tx, &people).await?;
    let mut of_person: HashMap<PersonId, Vec<IdentityRow>> =
        people.iter().map(|person| (*person, vec![])).collect();
    for row in store::identities_of(tx, &people).await? {
        of_person.entry(PersonId(row.person)).or_default().push(row);
    }
    let mut standings: HashMap<PersonId, (i64, Standing)> = HashMap::new();
    let mut changes = Vec::with_capacity(of_person.len());
    for (person, rows) in of_person {
        let identities: Vec<_> = rows.iter().map(IdentityRow::identity).collect();
        let counts = |row: &&IdentityRow| !link::is_superseded(&row.identity(), &identities);
        let patients: Vec<_> = rows.iter().filter(counts).map(IdentityRow::as_patient).collect();
        let standing = link::standing(&patients.iter().collect::<Vec<_>>());
        let version = before.get(&person).map_or(1, |row| row.version + 1);
        changes.push(PersonChanged {
            person,
            version,
            identities,
            practice: standing.practice.clone(),
            marks: standing.marks(),
        });
        standings.insert(person, (version, standing));
    }
    store::keep(tx, &[], &standings).await?;
    let restricted =
        standings.iter().filter(|(_, (_, standing))| standing.restricted).map(|(person, _)| *person);
    store::forget_places(tx, &restricted.collect::<Vec<_>>()).await?;
    Store::publish(tx, now, &changes).await
}
