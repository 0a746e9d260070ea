//! One batch into the store: kept, folded again where something is new, told of where something changed.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use lcr_contracts::{
    events::{PartnersChanged, Stay, WardChanged},
    spell::SpellMessage,
};
use lcr_model::{OdsCode, PersonId, SourceId, SpellId, seal::DataKeys};
use lcr_store::Store;
use sea_orm::{DatabaseTransaction, DbErr};

use super::Arrived;
use crate::{
    domain,
    store::{heard, item, message, person, spell},
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
    let told = message::keep(tx, keys, arrived.messages).await?;
    let with_items = item::keep(tx, keys, &arrived.items).await?;
    let mut touched = spell::under(tx, &moved.identities).await?;
    touched.extend(misplaced(tx, &arrived.partners).await?);
    let work = Work { told, with_items, touched };
    let stays = work.refresh(tx, keys, now).await?;
    Ok(Changed { people: moved.people, stays })
}

/// Stays whose hospital's organisation was not known, or another, when they were last told of.
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

struct Work {
    /// Stays with new messages, and all messages they now have.
    told: HashMap<SpellId, Vec<SpellMessage>>,
    /// Stays whose letter or awaited results changed.
    with_items: BTreeSet<SpellId>,
    /// Stays that may be somebody else's, or elsewhere, now.
    touched: BTreeSet<SpellId>,
}

impl Work {
    async fn refresh(
        &self,
        tx: &DatabaseTransaction,
        keys: &DataKeys,
        now: Timestamp,
    ) -> Result<bool, DbErr> {
        let ids: BTreeSet<&SpellId> = self.told.keys().chain(&self.with_items).chain(&self.touched).collect();
        let ids: Vec<SpellId> = ids.into_iter().cloned().collect();
        if ids.is_empty() {
            return Ok(false);
        }
        let held = spell::find(tx, keys, &ids).await?;
        let organisations = organisations(tx).await?;
        let mut stays: Vec<spell::Kept> =
            ids.iter().filter_map(|id| self.state(id, held.get(id), &organisations)).collect();
        let identities: Vec<_> = stays.iter().map(spell::identity).collect();
        let owners = person::owners(tx, &identities).await?;
        for (stay, identity) in stays.iter_mut().zip(&identities) {
            stay.person = owners.get(identity).copied();
        }
        stays.retain(|stay| self.differs(stay, held.get(&stay.id)));
        for stay in &mut stays {
            // By the clock, so that a store that was lost and rebuilt goes on above what it told before.
            stay.version = now.as_microsecond().max(stay.version + 1);
        }
        spell::keep(tx, keys, now, &stays).await?;
        let changes = stays.iter().map(|stay| told_of(keys, stay)).collect::<Result<Vec<_>, _>>()?;
        Store::publish(tx, now, &changes).await?;
        Ok(!changes.is_empty())
    }

    /// The stay as it is now, its person yet to be looked up.
    fn state(
        &self,
        id: &SpellId,
        held: Option<&spell::Kept>,
        organisations: &HashMap<SourceId, OdsCode>,
    ) -> Option<spell::Kept> {
        let state = match (self.told.get(id), held) {
            (Some(messages), _) => domain::fold(messages),
            (None, held) => held?.spell.clone(),
        };
        let source = state.identity.as_ref()?.source.clone();
        let organisation = organisations.get(&source).cloned();
        Some(spell::Kept {
            id: id.clone(),
            version: held.map_or(0, |held| held.version),
            organisation: organisation.unwrap_or_else(|| OdsCode::new("")),
            source,
            person: None,
            spell: state,
        })
    }

    fn differs(&self, stay: &spell::Kept, held: Option<&spell::Kept>) -> bool {
        self.with_items.contains(&stay.id)
            || held.is_none_or(|held| {
                held.spell != stay.spell
                    || held.person != stay.person
                    || held.organisation != stay.organisation
            })
    }
}

async fn organisations(tx: &DatabaseTransaction) -> Result<HashMap<SourceId, OdsCode>, DbErr> {
    let registry = lcr_store::registry::load(tx).await?;
    Ok(registry.systems.into_iter().map(|system| (system.id, system.organisation)).collect())
}

/// A stay as relationships need it: ids and times, nothing clinical.
fn told_of(keys: &DataKeys, stay: &spell::Kept) -> Result<WardChanged, DbErr> {
    let came = stay.spell.came().map(|came| came.value);
    let body = Stay {
        person: stay.person,
        source: stay.source.clone(),
        organisation: stay.organisation.clone(),
        ward: stay.spell.place().and_then(|held| held.place.ward.clone()),
        from: came.or(stay.spell.left).unwrap_or(Timestamp::UNIX_EPOCH),
        until: stay.spell.relationship_until(),
        counts: stay.spell.counts(),
    };
    let plain = serde_json::to_vec(&body).map_err(|e| DbErr::Json(e.to_string()))?;
    let sealed = keys.seal("ward/stay", &plain).map_err(|e| DbErr::Custom(e.to_string()))?;
    Ok(WardChanged { spell: stay.id.clone(), version: stay.version, sealed })
}
