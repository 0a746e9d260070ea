//! Builds the two lists from authorised stays. A row must never show more than its grant allows.

use std::collections::{BTreeSet, HashMap};

use jiff::ToSpan;
use lcr_contracts::{
    Failure,
    ward::{Discharges, HospitalActivity, Inpatients},
};
use lcr_model::{PersonId, SourceId, SourceIdentity, SpellId};

use super::{AuthorisedStays, Service, candidates::listable_sources};
use crate::{
    domain::{
        place,
        row::{self, FollowUp},
    },
    store::{
        item, person, source_activity,
        spell::{self, StoredStay},
    },
};

impl Service {
    pub(super) async fn build_inpatients(&self, authorised: &AuthorisedStays) -> Result<Inpatients, Failure> {
        let row = |(stay, grant): (&StoredStay, &lcr_model::permit::PersonGrant)| {
            row::build_inpatient_row(&authorised.row_input(stay, grant.person), grant, authorised.now)
        };
        let mut rows: Vec<_> = authorised.granted_stays().filter_map(row).collect();
        rows.sort_by_cached_key(|row| {
            let ward = row.place.as_ref().and_then(|place| place.value.ward.as_deref()).map(place::lookup_key);
            (row.hospital.clone(), ward, row.who.patient.family.to_uppercase(), row.spell.clone())
        });
        let shown = rows.iter().map(|row| &row.source).collect();
        let hospitals = self.hospitals(authorised, shown).await?;
        let listed: Vec<SourceId> = hospitals.iter().map(|one| one.source.clone()).collect();
        let since = authorised.now.checked_sub(48.hours()).unwrap_or(authorised.now);
        let unmatched = spell::count_unmatched(self.store.read(), &listed, since, authorised.now).await?;
        Ok(Inpatients { as_of: authorised.now, rows, unmatched, hospitals })
    }

    pub(super) async fn build_discharges(&self, authorised: &AuthorisedStays, days: u8) -> Result<Discharges, Failure> {
        let mut follow_ups = self.load_follow_ups(authorised).await?;
        let mut row = |(stay, grant): (&StoredStay, &lcr_model::permit::PersonGrant)| {
            let follow_up = follow_ups.remove(&stay.id).unwrap_or_default();
            let input = authorised.row_input(stay, grant.person);
            row::build_discharged_row(&input, grant, follow_up, days, authorised.now)
        };
        let mut rows: Vec<_> = authorised.granted_stays().filter_map(&mut row).collect();
        rows.sort_by(|one, other| other.left.at.cmp(&one.left.at).then_with(|| one.spell.cmp(&other.spell)));
        let shown = rows.iter().map(|row| &row.source).collect();
        let hospitals = self.hospitals(authorised, shown).await?;
        Ok(Discharges { as_of: authorised.now, days, rows, hospitals })
    }

    /// Letters, pending results and readmissions of the granted stays.
    async fn load_follow_ups(&self, authorised: &AuthorisedStays) -> Result<HashMap<SpellId, FollowUp>, Failure> {
        let numbers: BTreeSet<SpellId> =
            authorised.granted_stays().flat_map(|(stay, _)| authorised.visit_numbers(stay)).collect();
        let items = item::find_by_visits(self.store.read(), &self.data_keys, &numbers).await?;
        let people: BTreeSet<PersonId> = authorised.granted_stays().map(|(_, grant)| grant.person).collect();
        let people: Vec<PersonId> = people.into_iter().collect();
        let identities: BTreeSet<SourceIdentity> = items.iter().map(|item| item.identity.clone()).collect();
        let owners = person::find_owners(self.store.read(), &identities).await?;
        // A readmission may be at any hospital, but it is shown only if the reader may see that stay.
        let anywhere = listable_sources(&authorised.registry, &every_hospital(), &lcr_model::OdsCode::new(""));
        let others = spell::find_by_people(self.store.read(), &self.data_keys, &people, &anywhere).await?;
        let mut follow_ups = HashMap::new();
        for (stay, grant) in authorised.granted_stays() {
            let readmissions = others.iter().filter(|other| other.id != stay.id).filter_map(|other| {
                let input = authorised.row_input(other, grant.person);
                let is_theirs = other.person == Some(grant.person) && input.is_granted(grant);
                input.readmission_after(stay.spell.left?).filter(|_| is_theirs)
            });
            let readmission = readmissions.min_by_key(|readmission| readmission.at.at);
            let numbers = authorised.visit_numbers(stay);
            // A visit number may be reused: an item must name this person and be no older than this stay.
            let is_reused = others.iter().any(|other| other.visit == stay.visit && other.id != stay.id);
            let admitted = stay.spell.arrival().filter(|_| is_reused).map(|arrival| arrival.value.at);
            let own_items = items.iter().filter(|item| {
                let owner = owners.get(&item.identity).copied();
                let is_theirs = Some(&item.identity) == stay.spell.identity.as_ref() || owner == Some(grant.person);
                numbers.contains(&item.spell) && is_theirs && admitted.is_none_or(|admitted| item.at >= admitted)
            });
            let mut follow_up = FollowUp { readmission, ..FollowUp::default() };
            for item in own_items {
                item.add_to(&mut follow_up);
            }
            follow_ups.insert(stay.id.clone(), follow_up);
        }
        Ok(follow_ups)
    }

    /// The hospitals of this list that send messages or have a row, with the time of their last message.
    async fn hospitals(
        &self,
        authorised: &AuthorisedStays,
        shown: BTreeSet<&SourceId>,
    ) -> Result<Vec<HospitalActivity>, Failure> {
        let last = source_activity::load_all(self.store.read()).await?;
        let sends = |source: &&SourceId| {
            let mut systems = authorised.registry.systems.iter();
            // A system that accepts any sender is no hospital until it sends.
            let named = |feed: &lcr_contracts::registry::Feed| !feed.senders.is_empty();
            let feeds =
                systems.any(|one| one.id == **source && one.feed.as_ref().is_some_and(named) && !one.is_stopped());
            feeds || last.contains_key(*source) || shown.contains(*source)
        };
        let hospital = |source: &SourceId| HospitalActivity {
            source: source.clone(),
            hospital: authorised.hospital_name(source).to_owned(),
            last: last.get(source).copied(),
            not_yet_on: authorised.not_yet_on.contains(source),
        };
        Ok(authorised.query.sources.iter().filter(sends).map(hospital).collect())
    }
}

fn every_hospital() -> lcr_contracts::ward::ListOf {
    lcr_contracts::ward::ListOf::Practice(lcr_model::OdsCode::new(""))
}
