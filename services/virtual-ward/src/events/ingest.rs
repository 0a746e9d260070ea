//! Ingests one batch in one transaction: stores it, refolds the visits it touches, publishes the stays that changed. An
//! unchanged stay must not be published.

mod fold_context;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use fold_context::{FoldContext, is_changed, stay_id, to_event};
use jiff::Timestamp;
use lcr_contracts::spell::SpellMessage;
use lcr_model::{OdsCode, PersonId, SourceIdentity, SpellId, seal::DataKeys};
use lcr_store::{Store, registry::RegistryChange};
use sea_orm::{DatabaseTransaction, DbErr};

use super::IncomingBatch;
use crate::{
    domain::{self, IdentityResolver},
    store::{item, message, patient, person, source_activity, spell, visit, waiting_messages},
};

/// The changes of a batch that may concern open lists.
#[derive(Debug, Default)]
pub struct BatchChanges {
    pub people: BTreeSet<PersonId>,
    pub stays: bool,
}

pub async fn ingest(
    tx: &DatabaseTransaction,
    keys: &DataKeys,
    now: Timestamp,
    batch: IncomingBatch,
) -> Result<BatchChanges, DbErr> {
    lcr_store::registry::keep(tx, &batch.partners).await?;
    source_activity::save_later(tx, &batch.last_received).await?;
    let changed = person::save_newest(tx, batch.people).await?;
    // A stay is filed under its latest number, and a person may have gained or lost another: refold all their numbers.
    let people: Vec<PersonId> = changed.people.iter().copied().collect();
    let numbers = person::find_identities(tx, &people).await?;
    let mut identities = changed.identities;
    identities.extend(numbers.into_values().flatten());
    identities.extend(patient::save_newer(tx, keys, batch.patients).await?);
    visit::merge_numbers(tx, &batch.renumbered).await?;
    let mut visits = message::save_new(tx, keys, batch.messages).await?;
    let with_items = item::save_newer(tx, keys, &batch.items).await?;
    visits.extend(with_items.iter().cloned());
    visits.extend(spell::visits_of_identities(tx, &identities).await?);
    visits.extend(visits_of_moved_systems(tx, &batch.partners).await?);
    let waiting_changed = waiting_messages::save_newest(tx, &batch.waiting).await?;
    let stays_changed = Refolder { tx, keys, now, with_items }.refold_visits(&visits).await?;
    Ok(BatchChanges { people: changed.people, stays: stays_changed || waiting_changed })
}

/// Refolds some stays that the previous version stored. Returns whether there were any.
pub async fn refold_old_stays(tx: &DatabaseTransaction, keys: &DataKeys, now: Timestamp) -> Result<bool, DbErr> {
    let (old, visits) = spell::find_old_stays(tx).await?;
    Refolder { tx, keys, now, with_items: BTreeSet::new() }.refold_visits(&visits).await?;
    spell::mark_refolded(tx, &old).await?;
    Ok(!old.is_empty())
}

/// Visits with stays that were last published under another organisation than their system now has.
async fn visits_of_moved_systems(
    tx: &DatabaseTransaction,
    changes: &[RegistryChange],
) -> Result<BTreeSet<SpellId>, DbErr> {
    let mut found = BTreeSet::new();
    for system in changes.iter().filter_map(|one| one.change.system.as_ref()) {
        found.extend(spell::visits_of_other_organisations(tx, &system.id, &system.organisation).await?);
    }
    Ok(found)
}

/// Refolds visits and publishes the stays that changed.
struct Refolder<'t> {
    tx: &'t DatabaseTransaction,
    keys: &'t DataKeys,
    now: Timestamp,
    /// Visits whose letters or pending results changed: their stays are always published.
    with_items: BTreeSet<SpellId>,
}

impl Refolder<'_> {
    /// Returns whether any stay changed.
    async fn refold_visits(&self, numbers: &BTreeSet<SpellId>) -> Result<bool, DbErr> {
        if numbers.is_empty() {
            return Ok(false);
        }
        let visits = visit::find_by_numbers(self.tx, numbers).await?;
        let all: BTreeSet<SpellId> = visits.values().flatten().cloned().collect();
        let mut messages = message::find_by_visits(self.tx, self.keys, &all).await?;
        let context = self.load_context(messages.values().flat_map(|(messages, _)| messages)).await?;
        let mut before: BTreeMap<SpellId, spell::StoredStay> = BTreeMap::new();
        for stored in spell::find_by_visits(self.tx, self.keys, &all).await? {
            before.insert(stored.id.clone(), stored);
        }
        let (mut changed, mut gone) = (vec![], vec![]);
        for (visit, numbers) in &visits {
            let (mut of_visit, mut is_cut) = (vec![], false);
            for number in numbers {
                let (messages, number_is_cut) = messages.remove(number).unwrap_or_default();
                of_visit.extend(messages);
                is_cut |= number_is_cut;
            }
            let stays = Self::fold(visit, &of_visit, &context);
            let ids: BTreeSet<&SpellId> = stays.iter().map(|stay| &stay.id).collect();
            let missing = before.values().filter(|stored| numbers.contains(&stored.visit) && !ids.contains(&stored.id));
            // If old messages were cut off, the oldest stays are no longer folded: leave them as they are.
            gone.extend(missing.filter(|_| !is_cut).map(|stored| stored.id.clone()));
            let has_items = numbers.iter().any(|number| self.with_items.contains(number));
            changed.extend(stays.into_iter().filter_map(|stay| {
                let stored = before.get(&stay.id);
                (has_items || is_changed(&stay, stored)).then(|| self.with_next_version(stay, stored))
            }));
        }
        self.write(changed, gone, &before).await
    }

    fn with_next_version(&self, mut stay: spell::StoredStay, stored: Option<&spell::StoredStay>) -> spell::StoredStay {
        // Versions follow the clock, so that a rebuilt store continues above its earlier versions.
        stay.version = self.now.as_microsecond().max(stored.map_or(0, |stored| stored.version) + 1);
        stay
    }

    async fn write(
        &self,
        changed: Vec<spell::StoredStay>,
        gone: Vec<SpellId>,
        before: &BTreeMap<SpellId, spell::StoredStay>,
    ) -> Result<bool, DbErr> {
        spell::save(self.tx, self.keys, self.now, &changed).await?;
        spell::delete(self.tx, &gone).await?;
        let voided = gone.iter().filter_map(|id| before.get(id)).map(|stored| {
            let mut voided = self.with_next_version(stored.clone(), Some(stored));
            voided.spell.void = Some(self.now);
            voided
        });
        let all = changed.iter().cloned().chain(voided);
        let events = all.map(|stay| to_event(self.keys, &stay)).collect::<Result<Vec<_>, _>>()?;
        Store::publish(self.tx, self.now, &events).await?;
        Ok(!events.is_empty())
    }

    async fn load_context(&self, messages: impl Iterator<Item = &SpellMessage>) -> Result<FoldContext, DbErr> {
        let numbers: BTreeSet<SourceIdentity> = messages.map(|message| message.identity.clone()).collect();
        let patients = patient::find_with_survivors(self.tx, self.keys, &numbers).await?;
        let merged: HashMap<_, _> =
            patients.iter().filter_map(|(number, patient)| Some((number.clone(), patient.merge.clone()?))).collect();
        let mut all = numbers;
        all.extend(merged.values().map(|merge| merge.into.clone()));
        let persons = person::find_owners(self.tx, &all).await?;
        let registry = lcr_store::registry::load(self.tx).await?;
        let organisations = registry.systems.into_iter().map(|system| (system.id, system.organisation)).collect();
        Ok(FoldContext { resolver: IdentityResolver { merged, persons }, patients, organisations })
    }

    fn fold(visit: &SpellId, messages: &[SpellMessage], context: &FoldContext) -> Vec<spell::StoredStay> {
        let to_stored = |stay: domain::Stay| {
            let mut spell = stay.spell;
            let identity = spell.identity.clone()?;
            if let Some(details) = context.patient_details(&identity) {
                spell.patient = details;
            }
            let organisation = context.organisations.get(&identity.source).cloned();
            Some(spell::StoredStay {
                id: stay_id(visit, &stay.first_identity, stay.nth),
                visit: visit.clone(),
                version: 0,
                organisation: organisation.unwrap_or_else(|| OdsCode::new("")),
                person: context.resolver.persons.get(&identity).copied(),
                source: identity.source,
                spell,
            })
        };
        domain::fold_visit(messages, &context.resolver).into_iter().filter_map(to_stored).collect()
    }
}
