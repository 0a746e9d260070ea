//! The two lists, from what was decided.

use std::collections::{BTreeSet, HashMap};

use jiff::ToSpan;
use lcr_contracts::{
    Failure,
    ward::{Discharges, Heard, Inpatients},
};
use lcr_model::{PersonId, SourceId, SourceIdentity, SpellId};

use super::{Decided, Service, away};
use crate::{
    domain::{
        place,
        row::{self, Afterwards},
    },
    store::{
        heard, item, person,
        spell::{self, Kept},
    },
};

impl Service {
    pub(super) async fn in_hospital(&self, decided: &Decided) -> Result<Inpatients, Failure> {
        let row = |(kept, grant): (&Kept, &lcr_model::permit::PersonGrant)| {
            row::inpatient(&decided.held(kept, grant.person), grant, decided.now)
        };
        let mut rows: Vec<_> = decided.granted().filter_map(row).collect();
        rows.sort_by_cached_key(|row| {
            let ward = row.place.as_ref().and_then(|place| place.value.ward.as_deref()).map(place::key);
            (row.hospital.clone(), ward, row.who.said.family.to_uppercase(), row.spell.clone())
        });
        let shown = rows.iter().map(|row| &row.source).collect();
        let hospitals = self.hospitals(decided, shown).await?;
        let listed: Vec<SourceId> = hospitals.iter().map(|one| one.source.clone()).collect();
        let since = decided.now.checked_sub(48.hours()).unwrap_or(decided.now);
        let unmatched = spell::unmatched(self.store.read(), &listed, since, decided.now).await;
        let unmatched = unmatched.map_err(|e| away(&e))?;
        Ok(Inpatients { as_of: decided.now, rows, unmatched, hospitals })
    }

    pub(super) async fn who_left(&self, decided: &Decided, days: u8) -> Result<Discharges, Failure> {
        let mut afterwards = self.afterwards(decided).await?;
        let mut row = |(kept, grant): (&Kept, &lcr_model::permit::PersonGrant)| {
            let then = afterwards.remove(&kept.id).unwrap_or_default();
            row::discharged(&decided.held(kept, grant.person), grant, then, days, decided.now)
        };
        let mut rows: Vec<_> = decided.granted().filter_map(&mut row).collect();
        rows.sort_by(|one, other| other.left.at.cmp(&one.left.at).then_with(|| one.spell.cmp(&other.spell)));
        let shown = rows.iter().map(|row| &row.source).collect();
        let hospitals = self.hospitals(decided, shown).await?;
        Ok(Discharges { as_of: decided.now, days, rows, hospitals })
    }

    /// Letters and awaited results of stays that ended, and whether the person is back.
    async fn afterwards(&self, decided: &Decided) -> Result<HashMap<SpellId, Afterwards>, Failure> {
        let numbers: BTreeSet<SpellId> =
            decided.granted().flat_map(|(kept, _)| decided.numbers(kept)).collect();
        let items = item::of(self.store.read(), &self.data_keys, &numbers).await.map_err(|e| away(&e))?;
        let people: BTreeSet<PersonId> = decided.granted().map(|(_, grant)| grant.person).collect();
        let people: Vec<PersonId> = people.into_iter().collect();
        let identities: BTreeSet<SourceIdentity> = items.iter().map(|item| item.identity.clone()).collect();
        let owners = person::owners(self.store.read(), &identities).await.map_err(|e| away(&e))?;
        // At any hospital, not only those of this list: but only where the reader may see the stay itself.
        let anywhere = super::sources(&decided.registry, &every_hospital(), &lcr_model::OdsCode::new(""));
        let others = spell::of_people(self.store.read(), &self.data_keys, &people, &anywhere).await;
        let others = others.map_err(|e| away(&e))?;
        let mut found = HashMap::new();
        for (kept, grant) in decided.granted() {
            let back = others.iter().filter(|other| other.id != kept.id).filter_map(|other| {
                let held = decided.held(other, grant.person);
                let is_theirs = other.person == Some(grant.person) && held.shown(grant);
                held.back_after(kept.spell.left?).filter(|_| is_theirs)
            });
            let back = back.min_by_key(|back| back.at.at);
            let numbers = decided.numbers(kept);
            // A visit number may be used again: an item is of the person it is about, and of none of their earlier stays.
            let again = others.iter().any(|other| other.visit == kept.visit && other.id != kept.id);
            let came = kept.spell.came().filter(|_| again).map(|came| came.value.at);
            let own = items.iter().filter(|item| {
                let owner = owners.get(&item.identity).copied();
                let is_theirs =
                    Some(&item.identity) == kept.spell.identity.as_ref() || owner == Some(grant.person);
                numbers.contains(&item.spell) && is_theirs && came.is_none_or(|came| item.at >= came)
            });
            let mut afterwards = Afterwards { back, ..Afterwards::default() };
            for item in own {
                item.add_to(&mut afterwards);
            }
            found.insert(kept.id.clone(), afterwards);
        }
        Ok(found)
    }

    /// The hospitals of this list, and when each was last heard: those that send, and those shown.
    async fn hospitals(&self, decided: &Decided, shown: BTreeSet<&SourceId>) -> Result<Vec<Heard>, Failure> {
        let last = heard::all(self.store.read()).await.map_err(|e| away(&e))?;
        let sends = |source: &&SourceId| {
            let mut systems = decided.registry.systems.iter();
            // One that takes any sender is no hospital until it is heard.
            let named = |feed: &lcr_contracts::identity::Feed| !feed.senders.is_empty();
            let feeds = systems
                .any(|one| one.id == **source && one.feed.as_ref().is_some_and(named) && !one.suspended);
            feeds || last.contains_key(*source) || shown.contains(*source)
        };
        let hospital = |source: &SourceId| Heard {
            source: source.clone(),
            hospital: decided.hospital(source).to_owned(),
            last: last.get(source).copied(),
        };
        Ok(decided.wanted.sources.iter().filter(sends).map(hospital).collect())
    }
}

fn every_hospital() -> lcr_contracts::ward::ListOf {
    lcr_contracts::ward::ListOf::Practice(lcr_model::OdsCode::new(""))
}
