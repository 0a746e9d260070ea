//! Authorises the candidates of a list: asks consent about all of them, at most 200 people at a time, and verifies the
//! permits. A stay without a verified grant must never reach a row.

mod questions;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::Timestamp;
use lcr_contracts::{
    Caller, Failure,
    audit::AccessKind,
    registry::{DatasetSwitch, Registry, System},
    vocabulary::{PersonMark, SystemKind},
};
use lcr_model::{Actor, Dataset, PersonId, SourceId, SpellId, ViewId, permit::PersonGrant};
use lcr_store::StoreError;
pub(super) use questions::MAX_PEOPLE_PER_QUESTION;
use questions::{ConsentAnswers, check_reader};

use super::{Service, candidates::Candidates};
use crate::{
    domain::row::{DataQuality, RowInput},
    store::{
        person::{self, PersonRow},
        spell::{self, CandidateQuery, StoredStay},
        visit,
        waiting_messages::{self, WaitingMessages},
    },
};

/// The candidates of a list with the grants of the reader.
pub struct AuthorisedStays {
    pub stays: Vec<StoredStay>,
    pub grants: HashMap<PersonId, PersonGrant>,
    pub people: HashMap<PersonId, PersonRow>,
    pub query: CandidateQuery,
    pub registry: Registry,
    pub now: Timestamp,
    pub context: StayContext,
    /// The sources whose stays, or those of a unit, are not open to the reader: not switched on, or not in the agreement of their
    /// organisation.
    pub not_yet_on: BTreeSet<SourceId>,
}

/// Stored data about the stays of a list besides their own messages.
#[derive(Default)]
pub struct StayContext {
    waiting: WaitingMessages,
    /// People with more than one open stay at a source.
    open_twice: HashSet<(PersonId, SourceId)>,
    /// All numbers of each visit.
    numbers: BTreeMap<SpellId, BTreeSet<SpellId>>,
}

impl StayContext {
    fn data_quality(&self, stay: &StoredStay, person: PersonId, quiet_days: Option<u16>) -> DataQuality {
        let own = BTreeSet::from([stay.visit.clone()]);
        let numbers = self.numbers.get(&stay.visit).unwrap_or(&own);
        let identity = stay.spell.identity.as_ref();
        DataQuality {
            stay_waits: self.waiting.oldest_about_visit(&stay.source, numbers),
            patient_waits: identity.and_then(|identity| self.waiting.oldest_about_patient(identity)),
            another_open: stay.spell.left.is_none() && self.open_twice.contains(&(person, stay.source.clone())),
            quiet_days,
        }
    }
}

impl AuthorisedStays {
    /// The candidates that were granted, each with its grant.
    pub fn granted_stays(&self) -> impl Iterator<Item = (&StoredStay, &PersonGrant)> {
        self.stays.iter().filter_map(|stay| Some((stay, self.grants.get(&stay.person?)?)))
    }

    pub fn row_input<'a>(&'a self, stay: &'a StoredStay, person: PersonId) -> RowInput<'a> {
        let row = self.people.get(&person);
        let system = self.registry.system(&stay.source);
        let feed = system.and_then(|system| system.feed.as_ref());
        RowInput {
            id: &stay.id,
            version: stay.version,
            person,
            source: &stay.source,
            hospital: self.hospital_name(&stay.source),
            is_community: system.is_some_and(|system| system.kind == SystemKind::Community),
            spell: &stay.spell,
            restricted: row.is_some_and(|row| row.has_mark(&PersonMark::Restricted)),
            died: row.is_some_and(|row| row.has_mark(&PersonMark::Died)),
            fields: feed.map_or(&[], |feed| &feed.fields),
            quality: self.context.data_quality(stay, person, feed.and_then(|feed| feed.quiet_days)),
            watched: self.query.watched.contains(&person),
            is_site_known: is_site_known(&self.registry, stay),
        }
    }

    /// All numbers of the stay's visit.
    pub fn visit_numbers(&self, stay: &StoredStay) -> BTreeSet<SpellId> {
        let all = self.context.numbers.get(&stay.visit).cloned();
        all.unwrap_or_else(|| BTreeSet::from([stay.visit.clone()]))
    }

    /// The name of the hospital's organisation, else of its system.
    pub fn hospital_name<'a>(&'a self, source: &'a SourceId) -> &'a str {
        let Some(system) = self.registry.system(source) else {
            return source.as_str();
        };
        let organisation = self.registry.organisation(&system.organisation);
        organisation.map_or(system.name.as_str(), |org| org.name.as_str())
    }
}

/// Whether the registry knows the unit that the hospital sent as the stay's latest site.
pub(super) fn is_site_known(registry: &Registry, stay: &StoredStay) -> bool {
    stay.spell.latest_site().is_some_and(|site| registry.knows_unit(&stay.source, site))
}

/// The sources whose stays, or those of a unit, are not switched on for the reader, or not in the agreement of their organisation.
/// For the words of a list alone: consent decides about its rows.
fn sources_not_yet_on(registry: &Registry, reader: &Actor) -> BTreeSet<SourceId> {
    let (organisation, all) = (registry.organisation(&reader.org), &registry.organisations);
    let has_closed = |system: &&System| {
        let dataset = Dataset::Encounters;
        let is_agreed = system.datasets.get(&dataset) == Some(&DatasetSwitch::On);
        let stages = &system.setup.stages;
        let is_received = organisation.is_none_or(|one| one.receives_from(&system.organisation, dataset, all));
        let is_open = is_received && stages.is_open_to(dataset, reader);
        is_agreed && (!is_open || !stages.closed_units(dataset, reader).is_empty())
    };
    registry.systems.iter().filter(has_closed).map(|system| system.id.clone()).collect()
}

impl Service {
    /// Checks that the reader's role may see lists. It runs before any query, so that no refusal reveals which organisations
    /// and wards exist. The question names nobody; consent records only a refusal.
    pub(super) async fn check_can_list(&self, caller: &Caller, view: ViewId) -> Result<(), Failure> {
        self.authoriser.decide(caller, view, AccessKind::WardList, vec![], vec![]).await.map(drop)
    }

    /// Authorises all candidates. An empty list is authorised and recorded too.
    pub(super) async fn authorise(
        &self,
        caller: &Caller,
        view: ViewId,
        candidates: Candidates,
    ) -> Result<AuthorisedStays, Failure> {
        let people: BTreeSet<PersonId> = candidates.stays.iter().filter_map(|stay| stay.person).collect();
        let people: Vec<PersonId> = people.into_iter().collect();
        let mut answers = ConsentAnswers::default();
        if people.is_empty() {
            self.ask_consent(caller, view, vec![], &mut answers).await?;
        }
        for chunk in people.chunks(MAX_PEOPLE_PER_QUESTION) {
            self.ask_until_current(caller, view, chunk, &mut answers).await?;
        }
        check_reader(&answers)?;
        let rows = person::find_by_ids(self.store.read(), &people).await?;
        let context = self.load_context(&candidates, &people).await?;
        let Candidates { stays, query, registry, now } = candidates;
        // By the registry and not by the grants, because a list without candidates has none.
        let not_yet_on = sources_not_yet_on(&registry, &caller.actor);
        let grants = answers.grants;
        Ok(AuthorisedStays { stays, grants, people: rows, query, registry, now, context, not_yet_on })
    }

    async fn load_context(&self, candidates: &Candidates, people: &[PersonId]) -> Result<StayContext, StoreError> {
        let db = self.store.read();
        let visits: BTreeSet<SpellId> = candidates.stays.iter().map(|stay| stay.visit.clone()).collect();
        Ok(StayContext {
            waiting: waiting_messages::load(db, &candidates.query.sources).await?,
            open_twice: spell::find_people_with_two_open_stays(db, people, candidates.now).await?,
            numbers: visit::find_by_numbers(db, &visits).await?,
        })
    }
}
