//! Gathering what a decision needs about everybody a question names, in a handful of reads whatever their number.

use std::{collections::HashMap, sync::Arc};

use jiff::Timestamp;
use lcr_contracts::{
    Failure,
    consent::AskPerson,
    events::Stay,
    identity::{Organisation, Registry},
};
use lcr_model::{Actor, OdsCode, PersonId, SourceId};
use sea_orm::DbErr;

use super::Service;
use crate::{
    domain::{
        Facts,
        choices::Objection,
        relationship::{self, Evidence},
    },
    store::{self, choice::ChoiceRow},
};

/// What is known of the people of one question.
pub struct Known {
    now: Timestamp,
    actor: Actor,
    registry: Arc<Registry>,
    people: HashMap<PersonId, (i64, Option<String>, bool)>,
    stays: HashMap<PersonId, Vec<Stay>>,
    choices: HashMap<PersonId, Vec<ChoiceRow>>,
    own: Option<PersonId>,
}

fn away(error: &DbErr) -> Failure {
    lcr_store::unavailable(error)
}

impl Service {
    pub(super) async fn known(
        &self,
        actor: &Actor,
        asked: &[AskPerson],
        registry: u64,
    ) -> Result<Known, Failure> {
        let ids: Vec<PersonId> = asked.iter().map(|one| one.person).collect();
        let db = self.store.read();
        let rows = store::find_person(db, &ids).await.map_err(|e| away(&e))?;
        let marked = |marks: &str| marks.split(',').any(|mark| mark == "restricted");
        let people = rows.into_iter().map(|(id, row)| (id, (row.version, row.practice, marked(&row.marks))));
        let choices = if store::choice::any(db).await.map_err(|e| away(&e))? {
            store::choice::of_people(db, &ids).await.map_err(|e| away(&e))?
        } else {
            HashMap::new()
        };
        Ok(Known {
            now: self.clock.now(),
            actor: actor.clone(),
            registry: self.registry(registry).await?,
            people: people.collect(),
            stays: store::stays_of(db, &ids).await.map_err(|e| away(&e))?,
            choices,
            own: lcr_store::login::of(db, &actor.user).await.map_err(|e| away(&e))?,
        })
    }

    /// A question about a person known by id alone, at the version consent itself has.
    pub(super) async fn asked_by_id(&self, person: PersonId) -> Result<AskPerson, Failure> {
        let rows = store::find_person(self.store.read(), &[person]).await.map_err(|e| away(&e))?;
        let index_version = rows.get(&person).map_or(0, |row| row.version);
        Ok(AskPerson { person, index_version, identities: vec![] })
    }
}

impl Known {
    fn organisation(&self, ods: Option<&str>) -> Option<&Organisation> {
        let ods = ods?;
        self.registry.organisations.iter().find(|org| org.ods.as_str() == ods)
    }

    /// The systems that belong to an organisation.
    pub(super) fn systems_of(&self, ods: &OdsCode) -> Vec<&SourceId> {
        let own = self.registry.systems.iter().filter(|system| system.organisation == *ods);
        own.map(|system| &system.id).collect()
    }

    /// The facts of one of them.
    pub(super) fn of<'a>(&'a self, asked: &AskPerson, epoch: u64, session_ended: bool) -> Facts<'a> {
        let row = self.people.get(&asked.person);
        let practice = row.and_then(|(_, practice, _)| practice.as_deref());
        let reader = self.organisation(Some(self.actor.org.as_str()));
        let evidence = Evidence {
            own: self.own == Some(asked.person),
            practice: self.organisation(practice),
            practice_code: practice,
            stays: self.stays.get(&asked.person).map_or(&[][..], Vec::as_slice),
            reader,
        };
        Facts {
            person: asked.person,
            known_version: row.map(|(version, ..)| *version),
            asked_version: asked.index_version,
            practice,
            relationships: relationship::all(&self.actor, evidence, self.now),
            restricted: row.is_some_and(|(.., restricted)| *restricted),
            objections: self.objections(asked),
            session_ended,
            agreement_signed: reader.is_some_and(|org| org.agreement_signed),
            systems: &self.registry.systems,
            epoch,
        }
    }

    /// Those in force. One that does not read counts as an objection to everything.
    fn objections(&self, asked: &AskPerson) -> Vec<Objection> {
        let rows = self.choices.get(&asked.person).into_iter().flatten();
        let whole = Objection { direction: lcr_contracts::choices::Direction::Whole, organisation: None };
        rows.filter(|row| row.status().map_or(true, lcr_contracts::choices::ChoiceStatus::in_force))
            .map(|row| {
                let organisation: Option<OdsCode> = row.organisation();
                row.direction().map_or(whole.clone(), |direction| Objection { direction, organisation })
            })
            .collect()
    }
}
