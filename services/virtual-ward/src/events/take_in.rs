//! One batch into the store: kept, folded again where something is new, published where something changed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use lcr_contracts::{
    events::{OnRecord, PartnersChanged, Stay, WardChanged},
    spell::SpellMessage,
};
use lcr_model::{OdsCode, PersonId, SourceId, SourceIdentity, SpellId, seal::DataKeys};
use lcr_store::Store;
use sea_orm::{DatabaseTransaction, DbErr};
use sha2::{Digest, Sha256};

use super::Arrived;
use crate::{
    domain::{self, Who, row},
    store::{heard, item, message, patient, person, spell, visit, waiting},
};

/// What a batch changed, for open lists.
#[derive(Debug, Default)]
pub struct Changed {
    pub people: BTreeSet<PersonId>,
    pub stays: bool,
}

pub async fn take_in(
    tx: &DatabaseTransaction,
    keys: &DataKeys,
    now: Timestamp,
    arrived: Arrived,
) -> Result<Changed, DbErr> {
    lcr_store::registry::keep(tx, &arrived.partners).await?;
    heard::keep(tx, &arrived.heard).await?;
    let moved = person::keep(tx, arrived.people).await?;
    // All numbers of whoever changed: a stay goes by its latest number, and another one may have come or gone.
    let people: Vec<PersonId> = moved.people.iter().copied().collect();
    let numbers = person::identities_of(tx, &people).await?;
    let mut identities = moved.identities;
    identities.extend(numbers.into_values().flatten());
    identities.extend(patient::keep(tx, keys, arrived.patients).await?);
    for (former, number) in &arrived.renumbered {
        visit::join(tx, former, number).await?;
    }
    let mut visits = message::keep(tx, keys, arrived.messages).await?;
    let with_items = item::keep(tx, keys, &arrived.items).await?;
    visits.extend(with_items.iter().cloned());
    visits.extend(spell::under(tx, &identities).await?);
    visits.extend(misplaced(tx, &arrived.partners).await?);
    let marked = waiting::keep(tx, &arrived.waiting).await?;
    let folded = Refold { tx, keys, now, with_items }.visits(&visits).await?;
    Ok(Changed { people: moved.people, stays: folded || marked })
}

/// Folds some of the stays again that the version before stored. Returns whether there were any.
pub async fn take_in_old(tx: &DatabaseTransaction, keys: &DataKeys, now: Timestamp) -> Result<bool, DbErr> {
    let (old, visits) = spell::of_before(tx).await?;
    Refold { tx, keys, now, with_items: BTreeSet::new() }.visits(&visits).await?;
    spell::are_folded(tx, &old).await?;
    Ok(!old.is_empty())
}

/// Visits with stays whose hospital's organisation was not known, or another, when they were last published.
async fn misplaced(
    tx: &DatabaseTransaction,
    changes: &[PartnersChanged],
) -> Result<BTreeSet<SpellId>, DbErr> {
    let mut found = BTreeSet::new();
    for system in changes.iter().filter_map(|change| change.system.as_ref()) {
        found.extend(spell::misplaced(tx, &system.id, &system.organisation).await?);
    }
    Ok(found)
}

/// Folds visits again and publishes the stays that came out otherwise than before.
struct Refold<'t> {
    tx: &'t DatabaseTransaction,
    keys: &'t DataKeys,
    now: Timestamp,
    /// Visits whose letter or awaited results changed: their stays are published in any case.
    with_items: BTreeSet<SpellId>,
}

/// What is known around the messages of some visits.
struct Known {
    who: Who,
    patients: HashMap<SourceIdentity, patient::Known>,
    organisations: HashMap<SourceId, OdsCode>,
}

impl Refold<'_> {
    async fn visits(&self, numbers: &BTreeSet<SpellId>) -> Result<bool, DbErr> {
        if numbers.is_empty() {
            return Ok(false);
        }
        let visits = visit::of_numbers(self.tx, numbers).await?;
        let all: BTreeSet<SpellId> = visits.values().flatten().cloned().collect();
        let mut messages = message::of_visits(self.tx, self.keys, &all).await?;
        let known = self.known(messages.values().flat_map(|(messages, _)| messages)).await?;
        let mut before: BTreeMap<SpellId, spell::Kept> = BTreeMap::new();
        for kept in spell::of_visits(self.tx, self.keys, &all).await? {
            before.insert(kept.id.clone(), kept);
        }
        let (mut changed, mut gone) = (vec![], vec![]);
        for (visit, numbers) in &visits {
            let (mut of_visit, mut cut) = (vec![], false);
            for number in numbers {
                let (messages, is_cut) = messages.remove(number).unwrap_or_default();
                of_visit.extend(messages);
                cut |= is_cut;
            }
            let stays = Self::stays(visit, &of_visit, &known);
            let ids: BTreeSet<&SpellId> = stays.iter().map(|stay| &stay.id).collect();
            let missing =
                before.values().filter(|held| numbers.contains(&held.visit) && !ids.contains(&held.id));
            // Of a visit with too many messages the oldest stays are not folded any more; they stand as they are.
            gone.extend(missing.filter(|_| !cut).map(|held| held.id.clone()));
            let has_items = numbers.iter().any(|number| self.with_items.contains(number));
            changed.extend(stays.into_iter().filter_map(|stay| {
                let held = before.get(&stay.id);
                (has_items || differs(&stay, held)).then(|| self.next(stay, held))
            }));
        }
        self.write(changed, gone, &before).await
    }

    /// The stay under a version above the one it had.
    fn next(&self, mut stay: spell::Kept, held: Option<&spell::Kept>) -> spell::Kept {
        // By the clock, so that a store that was lost and rebuilt goes on above what it told before.
        stay.version = self.now.as_microsecond().max(held.map_or(0, |held| held.version) + 1);
        stay
    }

    async fn write(
        &self,
        changed: Vec<spell::Kept>,
        gone: Vec<SpellId>,
        before: &BTreeMap<SpellId, spell::Kept>,
    ) -> Result<bool, DbErr> {
        spell::keep(self.tx, self.keys, self.now, &changed).await?;
        spell::delete(self.tx, &gone).await?;
        let ended = gone.iter().filter_map(|id| before.get(id)).map(|held| {
            let mut ended = self.next(held.clone(), Some(held));
            ended.spell.void = Some(self.now);
            ended
        });
        let all = changed.iter().cloned().chain(ended);
        let events = all.map(|stay| published(self.keys, &stay)).collect::<Result<Vec<_>, _>>()?;
        Store::publish(self.tx, self.now, &events).await?;
        Ok(!events.is_empty())
    }

    async fn known(&self, messages: impl Iterator<Item = &SpellMessage>) -> Result<Known, DbErr> {
        let numbers: BTreeSet<SourceIdentity> = messages.map(|message| message.identity.clone()).collect();
        let patients = patient::of(self.tx, self.keys, &numbers).await?;
        let merged: HashMap<_, _> =
            patients.iter().filter_map(|(one, known)| Some((one.clone(), known.merge.clone()?))).collect();
        let mut all = numbers;
        all.extend(merged.values().map(|merge| merge.into.clone()));
        let persons = person::owners(self.tx, &all).await?;
        let registry = lcr_store::registry::load(self.tx).await?;
        let organisations =
            registry.systems.into_iter().map(|system| (system.id, system.organisation)).collect();
        Ok(Known { who: Who { merged, persons }, patients, organisations })
    }

    /// The stays of one visit as they are now.
    fn stays(visit: &SpellId, messages: &[SpellMessage], known: &Known) -> Vec<spell::Kept> {
        let kept = |stay: domain::Stay| {
            let mut spell = stay.spell;
            let identity = spell.identity.clone()?;
            if let Some(said) = known.heading(&identity) {
                spell.patient = said;
            }
            let organisation = known.organisations.get(&identity.source).cloned();
            Some(spell::Kept {
                id: stay_id(visit, &stay.began_as, stay.nth),
                visit: visit.clone(),
                version: 0,
                organisation: organisation.unwrap_or_else(|| OdsCode::new("")),
                person: known.who.persons.get(&identity).copied(),
                source: identity.source,
                spell,
            })
        };
        domain::stays(messages, &known.who).into_iter().filter_map(kept).collect()
    }
}

impl Known {
    /// What the source says of the patient: of a number that it merged since, what it says of the one that stays.
    fn heading(&self, identity: &SourceIdentity) -> Option<lcr_contracts::spell::PatientSaid> {
        let own = self.patients.get(identity)?;
        let survivor = own.merge.as_ref().filter(|merge| own.version <= merge.told.as_microsecond());
        let survivor = survivor.and_then(|merge| self.patients.get(&merge.into)?.said.clone());
        survivor.or_else(|| own.said.clone())
    }
}

/// The name of a stay: its visit, the number it began under, and which stay of that number it is.
fn stay_id(visit: &SpellId, began_as: &SourceIdentity, nth: usize) -> SpellId {
    let mut hash = Sha256::new();
    for part in [visit.as_str(), began_as.source.as_str(), &began_as.local_id.0, &nth.to_string()] {
        hash.update(part.len().to_be_bytes());
        hash.update(part.as_bytes());
    }
    let hex = |text: String, byte: &u8| text + &format!("{byte:02x}");
    SpellId::new(hash.finalize().iter().take(16).fold(String::new(), hex))
}

fn differs(stay: &spell::Kept, held: Option<&spell::Kept>) -> bool {
    held.is_none_or(|held| {
        held.spell != stay.spell
            || held.person != stay.person
            || held.organisation != stay.organisation
            || held.visit != stay.visit
    })
}

/// A stay as relationships need it, ids and times alone, and as the person's record shows it.
fn published(keys: &DataKeys, stay: &spell::Kept) -> Result<WardChanged, DbErr> {
    let came = stay.spell.came().map(|came| came.value.at);
    let body = Stay {
        person: stay.person,
        source: stay.source.clone(),
        organisation: stay.organisation.clone(),
        ward: stay.spell.place().and_then(|held| held.place.ward.clone()),
        from: came.or(stay.spell.gone_from()).unwrap_or(Timestamp::UNIX_EPOCH),
        until: stay.spell.relationship_until(),
        counts: stay.spell.counts(),
    };
    let record: OnRecord = row::on_record(&stay.spell, stay.person, &stay.source);
    let seal = |place: &str, plain: serde_json::Result<Vec<u8>>| {
        let plain = plain.map_err(|e| DbErr::Json(e.to_string()))?;
        keys.seal(place, &plain).map_err(|e| DbErr::Custom(e.to_string()))
    };
    Ok(WardChanged {
        spell: stay.id.clone(),
        version: stay.version,
        sealed: seal("ward/stay", serde_json::to_vec(&body))?,
        record: Some(seal("ward/record", serde_json::to_vec(&record))?),
    })
}
