//! The rows of some people from which their relationships follow, as read at one moment. It must never decide what a
//! relationship opens.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use lcr_contracts::{events::Stay, registry::Registry};
use lcr_model::{OdsCode, PersonId};
use lcr_store::StoreError;
use sea_orm::DatabaseConnection;

use crate::{
    domain::{
        care_links::{self, StoredLink},
        relationship,
    },
    store::{self, PersonRow},
};

#[derive(Default)]
pub(super) struct PersonRows {
    pub people: HashMap<PersonId, PersonRow>,
    pub stays: HashMap<PersonId, Vec<Stay>>,
    /// The care links whose period includes the moment of the read.
    pub links: HashMap<PersonId, Vec<StoredLink>>,
}

impl PersonRows {
    /// Reads the rows of these people with one statement for each table. Care links are found by the identities of the people.
    pub async fn load(db: &DatabaseConnection, people: &[PersonId], now: Timestamp) -> Result<Self, StoreError> {
        if people.is_empty() {
            return Ok(Self::default());
        }
        let with_links = async {
            let people = store::find_people(db, people).await?;
            let links = store::care_link::links_of(db, &people, now).await?;
            Ok::<_, StoreError>((people, links))
        };
        let ((people, links), stays) = tokio::try_join!(with_links, store::stays_of(db, people))?;
        Ok(Self { people, stays, links })
    }

    /// The organisations of these people: their registered practices, hospitals where they are or were within 28 days, and
    /// organisations whose own systems say that they care for them.
    pub fn concerned(
        &self,
        people: &[PersonId],
        registry: &Registry,
        now: Timestamp,
    ) -> BTreeMap<OdsCode, Vec<PersonId>> {
        let mut concerned: BTreeMap<OdsCode, Vec<PersonId>> = BTreeMap::new();
        for person in people {
            let practice = self.people.get(person).and_then(|row| row.practice.clone().map(OdsCode));
            let recent = self.stays.get(person).into_iter().flatten().filter(|stay| relationship::is_recent(stay, now));
            let linked = care_links::concerned(self.links.get(person).map_or(&[][..], Vec::as_slice), registry, now);
            let orgs = practice.into_iter().chain(recent.map(|stay| stay.organisation.clone()));
            let orgs = orgs.chain(linked.cloned());
            for org in orgs.collect::<BTreeSet<_>>() {
                concerned.entry(org).or_default().push(*person);
            }
        }
        concerned
    }
}
