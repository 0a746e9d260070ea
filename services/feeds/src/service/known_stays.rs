//! Which stay each encounter of a message is about, by what the feed has told of the person's stays before. Decided
//! before anything is published, in the message's own transaction.

use std::collections::HashMap;

use lcr_contracts::spell::SpellMessage;
use lcr_model::{SourceIdentity, SpellId, seal::DataKeys};
use sea_orm::{DatabaseTransaction, DbErr};

use crate::{
    domain::{Item, KnownStays, Mapped, NotMapped, PatientTold, StayKey, Unresolved, Withdrawal, digest},
    store::held,
};

/// What a message says, each encounter with its stay.
pub enum Resolved {
    Demographics(PatientTold),
    Encounter(SpellId, Box<SpellMessage>),
    Item(Item),
    Withdrawal(Withdrawal),
}

/// Names the stay of every encounter, and keeps what the message makes of the stays. An update that names none, of
/// somebody who has no open one, is about the person alone.
pub async fn resolve(
    tx: &DatabaseTransaction,
    keys: &DataKeys,
    mapped: Vec<Mapped>,
) -> Result<Result<Vec<Resolved>, NotMapped>, DbErr> {
    let mut registry = Registry { tx, keys, known: HashMap::new() };
    let mut resolved = vec![];
    for one in mapped {
        match one {
            Mapped::Demographics(patient) => {
                registry.merge(&patient).await?;
                resolved.push(Resolved::Demographics(patient));
            }
            Mapped::Item(item) => resolved.push(Resolved::Item(item)),
            Mapped::Withdrawal(one) => resolved.push(Resolved::Withdrawal(one)),
            Mapped::Encounter(key, message) => match registry.stay(&key, &message).await? {
                Ok(spell) => resolved.push(Resolved::Encounter(spell, message)),
                Err(Unresolved::PersonOnly) => {}
                Err(why) => return Ok(Err(waits(why))),
            },
        }
    }
    registry.keep().await?;
    Ok(Ok(resolved))
}

/// The known stays of the people of one message, and whether they changed.
struct Registry<'t> {
    tx: &'t DatabaseTransaction,
    keys: &'t DataKeys,
    known: HashMap<SourceIdentity, (KnownStays, bool)>,
}

impl Registry<'_> {
    async fn stay(
        &mut self,
        key: &StayKey,
        message: &SpellMessage,
    ) -> Result<Result<SpellId, Unresolved>, DbErr> {
        let (known, changed) = self.of(&message.identity).await?;
        let found = known.resolve(key, message);
        if let Ok(spell) = &found {
            *changed |= known.note(spell, matches!(key, StayKey::Numbered(_)), message);
        }
        Ok(found)
    }

    /// The stays of the numbers that a person's number replaces become its own.
    async fn merge(&mut self, patient: &PatientTold) -> Result<(), DbErr> {
        for local_id in &patient.replaces {
            let source = patient.identity.source.clone();
            let other = SourceIdentity { source, local_id: local_id.clone() };
            let stays = self.of(&other).await?.0.clone();
            let (known, changed) = self.of(&patient.identity).await?;
            *changed |= known.take_over(stays);
        }
        Ok(())
    }

    async fn of(&mut self, identity: &SourceIdentity) -> Result<&mut (KnownStays, bool), DbErr> {
        if !self.known.contains_key(identity) {
            let id = row_id(identity);
            let sealed = held::get(self.tx, &id).await?.and_then(|row| row.sealed);
            let plain = sealed.and_then(|sealed| self.keys.open(&place(&id), &sealed).ok());
            let known = plain.and_then(|plain| serde_json::from_slice(&plain).ok()).unwrap_or_default();
            self.known.insert(identity.clone(), (known, false));
        }
        Ok(self.known.entry(identity.clone()).or_default())
    }

    async fn keep(self) -> Result<(), DbErr> {
        for (identity, (known, _)) in self.known.into_iter().filter(|(_, (_, changed))| *changed) {
            let id = row_id(&identity);
            let sealed = super::publish::sealed(self.keys, &place(&id), &known)?;
            held::keep(self.tx, held::Row { id, version: 0, sealed: Some(sealed) }).await?;
        }
        Ok(())
    }
}

fn row_id(identity: &SourceIdentity) -> String {
    digest(&["stays", identity.source.as_str(), &identity.local_id.0])
}

fn place(id: &str) -> String {
    format!("feeds/stays/{id}")
}

fn waits(why: Unresolved) -> NotMapped {
    let words = match why {
        Unresolved::SeveralOpenStays => {
            "the stay is not named (PV1-19, PID-18, PV1-44), and the patient has several open stays here"
        }
        _ => "the stay is not named (PV1-19, PID-18, PV1-44), and the patient has no open stay here",
    };
    NotMapped::waits(words, "PV1-19")
}
