//! Loads the facts of a decision for all people of a question, with a fixed number of reads. Never one read per person.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use jiff::Timestamp;
use lcr_contracts::{
    Failure,
    consent::RequestedPerson,
    registry::{Organisation, Registry, System},
    vocabulary::PersonMark,
};
use lcr_model::{Actor, OdsCode, PersonId, SourceId};
use lcr_store::StoreError;

use super::{Service, person_rows::PersonRows};
use crate::{
    domain::{
        Facts,
        choices::Objection,
        relationship::{self, Evidence},
    },
    store::{
        self, PersonRow,
        choice::{ChoiceRow, is_key_of_source},
    },
};

/// The rows from which the facts of one question's people follow.
pub struct FactSources {
    now: Timestamp,
    actor: Actor,
    registry: Arc<Registry>,
    rows: PersonRows,
    choices: HashMap<PersonId, Vec<ChoiceRow>>,
    /// The person that the reader is, if the reader is a patient.
    own_person: Option<PersonId>,
    /// The owners of systems that do not take part: the agreement is not signed, or they are not live.
    unsigned_owners: BTreeSet<OdsCode>,
}

impl Service {
    pub(super) async fn load_fact_sources(
        &self,
        actor: &Actor,
        questions: &[RequestedPerson],
        registry_epoch: u64,
    ) -> Result<FactSources, Failure> {
        let ids: Vec<PersonId> = questions.iter().map(|question| question.person).collect();
        let (db, now) = (self.store.read(), self.clock.now());
        // The epochs were read before: a change between these reads fails the confirmation, whatever their order.
        let (rows, choices, own_person) = tokio::try_join!(
            PersonRows::load(db, &ids, now),
            store::choice::find_by_people(db, &ids),
            self.find_own_person(actor),
        )?;
        let registry = self.registry(registry_epoch).await?;
        let unsigned = registry.systems.iter().filter(|system| !registry.owner_has_signed(system));
        Ok(FactSources {
            now,
            actor: actor.clone(),
            unsigned_owners: unsigned.map(|system| system.organisation.clone()).collect(),
            registry: registry.clone(),
            rows,
            choices,
            own_person,
        })
    }

    /// The person that the reader is. Only roles that open nothing but the reader's own record need to know.
    async fn find_own_person(&self, actor: &Actor) -> Result<Option<PersonId>, StoreError> {
        if !relationship::opens_own_record_only(actor.role) {
            return Ok(None);
        }
        lcr_store::login::of(self.store.read(), &actor.user).await
    }

    /// The organisations of these people, if no decision has just loaded their facts.
    pub(super) async fn concerned_organisations(
        &self,
        people: &[PersonId],
    ) -> Result<BTreeMap<OdsCode, Vec<PersonId>>, Failure> {
        let now = self.clock.now();
        let rows = PersonRows::load(self.store.read(), people, now).await?;
        Ok(rows.concerned(people, self.last_registry().await?.as_ref(), now))
    }

    /// A question about a person of whom only the id is known, at consent's own version.
    pub(super) async fn person_question(&self, person: PersonId) -> Result<RequestedPerson, Failure> {
        let rows = store::find_people(self.store.read(), &[person]).await?;
        let index_version = rows.get(&person).map_or(0, |row| row.version);
        Ok(RequestedPerson { person, index_version, identities: vec![] })
    }
}

impl FactSources {
    fn organisation(&self, ods: Option<&str>) -> Option<&Organisation> {
        let ods = ods?;
        self.registry.organisations.iter().find(|org| org.ods.as_str() == ods)
    }

    /// The organisations of these people, as far as the decision was about them.
    pub(super) fn concerned(&self, people: &[PersonId]) -> BTreeMap<OdsCode, Vec<PersonId>> {
        self.rows.concerned(people, &self.registry, self.now)
    }

    /// Whether a system of the reader's organisation, or of the one that it is part of, is known to hold the person.
    pub(super) fn is_held_by_reader(&self, person: PersonId) -> bool {
        let (row, reader) = (self.rows.people.get(&person), self.organisation(Some(self.actor.org.as_str())));
        let (Some(row), Some(reader)) = (row, reader) else { return false };
        let owns = |system: &&System| {
            system.organisation == reader.ods || reader.part_of.as_ref() == Some(&system.organisation)
        };
        let mut systems = self.registry.systems.iter().filter(owns);
        systems.any(|system| row.identities.lines().any(|key| is_key_of_source(key, &system.id)))
    }

    /// The source systems of an organisation.
    pub(super) fn systems_of(&self, ods: &OdsCode) -> Vec<&SourceId> {
        let systems = self.registry.systems.iter().filter(|system| system.organisation == *ods);
        systems.map(|system| &system.id).collect()
    }

    /// The facts of one person of the question.
    pub(super) fn facts_of<'a>(&'a self, question: &RequestedPerson, epoch: u64, session_ended: bool) -> Facts<'a> {
        let row = self.rows.people.get(&question.person);
        let practice = row.and_then(|row| row.practice.as_deref());
        let reader = self.organisation(Some(self.actor.org.as_str()));
        let evidence = Evidence {
            own: self.own_person == Some(question.person),
            practice: self.organisation(practice),
            practice_code: practice,
            former_practice: row.and_then(PersonRow::left_practice),
            stays: self.rows.stays.get(&question.person).map_or(&[][..], Vec::as_slice),
            links: self.rows.links.get(&question.person).map_or(&[][..], Vec::as_slice),
            reader,
            registry: &self.registry,
        };
        Facts {
            person: question.person,
            known_version: row.map(|row| row.version),
            asked_version: question.index_version,
            practice,
            relationships: relationship::find_all(&self.actor, evidence, self.now),
            unconfirmed_launch: false,
            restricted: row.is_some_and(|row| PersonMark::Restricted.is_in(&row.marks)),
            objections: self.objections(question),
            session_ended,
            agreement_signed: reader.is_some_and(Organisation::takes_part),
            organisation: reader,
            organisations: &self.registry.organisations,
            systems: &self.registry.systems,
            unsigned_owners: &self.unsigned_owners,
            epoch,
        }
    }

    /// Objections in force. An unreadable one counts as an objection to all sharing.
    fn objections(&self, question: &RequestedPerson) -> Vec<Objection> {
        let rows = self.choices.get(&question.person).into_iter().flatten();
        let whole = Objection { direction: lcr_contracts::choices::Direction::Whole, organisation: None };
        rows.filter(|row| row.status().map_or(true, lcr_contracts::choices::ChoiceStatus::in_force))
            .map(|row| {
                let organisation: Option<OdsCode> = row.organisation();
                row.direction().map_or(whole.clone(), |direction| Objection { direction, organisation })
            })
            .collect()
    }
}
