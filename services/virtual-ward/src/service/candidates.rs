//! The stays that may be on a list, before any decision. None of them may be shown before it is authorised.

use jiff::Timestamp;
use lcr_contracts::{
    Caller, Failure,
    registry::{Registry, System},
    ward::{Inpatients, ListOf, ListRequest},
    whereabouts::name_key,
};
use lcr_model::{OdsCode, SourceId, ViewId};

use super::{MAX_CANDIDATES, MAX_OPENED, Service, check_size, stay_list::StayList};
use crate::{
    domain::row,
    store::{
        reader_settings as settings_store,
        spell::{self, CandidateQuery, ListPeriod, StoredStay},
    },
};

/// The candidates of a list, with the query that found them.
pub(super) struct Candidates {
    pub(super) stays: Vec<StoredStay>,
    pub(super) query: CandidateQuery,
    pub(super) registry: Registry,
    pub(super) now: Timestamp,
}

/// The sources whose stays may be on this list. Discreet systems are left out: their name alone would reveal the care.
pub(super) fn listable_sources(registry: &Registry, of: &ListOf, own: &OdsCode) -> Vec<SourceId> {
    let own_only = matches!(of, ListOf::Ward(_) | ListOf::Consultant(_) | ListOf::Specialty(_) | ListOf::Emergency);
    let is_listable = |system: &&System| !system.is_discreet() && (!own_only || system.organisation == *own);
    registry.systems.iter().filter(is_listable).map(|system| system.id.clone()).collect()
}

fn is_of_specialty(stay: &StoredStay, name: &str) -> bool {
    let is = |text: &str| name_key(text) == name_key(name);
    let specialty = row::specialty_cell(&stay.spell);
    specialty.is_some_and(|cell| cell.value.code.as_deref().is_some_and(is) || is(&cell.value.name))
}

pub(super) fn practices_of_list(registry: &Registry, of: &ListOf) -> Vec<OdsCode> {
    match of {
        ListOf::Practice(practice) => vec![practice.clone()],
        ListOf::Team(team) => {
            let of_team = registry.organisations.iter().filter(|org| org.part_of.as_ref() == Some(team));
            of_team.map(|org| org.ods.clone()).collect()
        }
        ListOf::Ward(_) | ListOf::Consultant(_) | ListOf::Specialty(_) | ListOf::Emergency | ListOf::Watched => vec![],
    }
}

impl Service {
    pub(super) async fn find_candidates<L: StayList>(
        &self,
        caller: &Caller,
        ask: &ListRequest,
    ) -> Result<Candidates, Failure> {
        let registry = lcr_store::registry::load(self.store.read()).await?;
        let now = self.clock.now();
        let watched = settings_store::find_watched(self.store.read(), &caller.actor.user).await?;
        let query = CandidateQuery {
            practices: practices_of_list(&registry, &ask.of),
            sources: listable_sources(&registry, &ask.of, &caller.actor.org),
            of: ask.of.clone(),
            watched,
            period: L::period(ask.days, now),
        };
        let stays = self.find_stays(&query).await?;
        check_size(stays.len() > MAX_CANDIDATES)?;
        Ok(Candidates { stays, query, registry, now })
    }

    /// The stays of a list. A specialty and the emergency department have no column: their stays are opened and compared.
    pub(super) async fn find_stays(&self, query: &CandidateQuery) -> Result<Vec<StoredStay>, Failure> {
        let limit = |most: usize| u64::try_from(most + 1).unwrap_or(u64::MAX);
        let (db, keys) = (self.store.read(), &self.data_keys);
        match (&query.of, query.period) {
            (ListOf::Emergency, ListPeriod::InHospital(_)) => {
                let (stays, has_more) = self.find_in_emergency(&query.sources).await?;
                check_size(has_more)?;
                Ok(stays)
            }
            (ListOf::Emergency, ListPeriod::Left(..)) => Ok(vec![]),
            (ListOf::Specialty(name), _) => {
                let mut stays = spell::find_candidates(db, keys, query, limit(MAX_OPENED)).await?;
                check_size(stays.len() > MAX_OPENED)?;
                stays.retain(|stay| is_of_specialty(stay, name));
                Ok(stays)
            }
            _ => Ok(spell::find_candidates(db, keys, query, limit(MAX_CANDIDATES)).await?),
        }
    }

    /// The stays of a list of people in hospital, before authorisation.
    pub(super) async fn find_present(&self, caller: &Caller, of: &ListOf) -> Result<Vec<StoredStay>, Failure> {
        let ask = ListRequest { of: of.clone(), view: ViewId::new(), days: 0 };
        Ok(self.find_candidates::<Inpatients>(caller, &ask).await?.stays)
    }
}
