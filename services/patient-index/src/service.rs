//! Patient-index's contract: finds candidates, asks consent about all of them at once, and shows only what is granted.

mod loaded_people;
mod reviews;
mod summary;

use std::{collections::HashSet, sync::Arc};

use async_trait::async_trait;
use lcr_authorise::Authoriser;
use lcr_contracts::{
    Caller, Failure, FailureKind, PatientIndex,
    audit::AccessKind,
    care_list::MAX_LISTED,
    consent::{Refusal, RequestedPerson},
    patient_index::{
        DecideReview, Identifier, PatientSummary, PersonIdentities, ReviewPage, SearchAnswer, SearchQuery,
    },
};
use lcr_model::{
    ActorKind, Clock, Dataset, Permit, PersonId, Role, ServiceName, SourceIdentity, UserId, ViewId, london,
};
use lcr_store::Store;
use lcr_web::rate_limit::RateLimits;
use uuid::Uuid;

use self::loaded_people::LoadedPeople;
use crate::{
    Metrics,
    domain::query,
    store::{self, IdentityRow},
};

/// The most people in a search's answer.
const MAX_RESULTS: usize = 20;
/// The most candidates that a search reads, before records in doubt and retired records are removed.
const MAX_CANDIDATES: usize = 4 * MAX_RESULTS;

pub struct Service {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub authoriser: Authoriser,
    pub rates: RateLimits<UserId>,
    /// A machine acts for many users, and may search more often than one of them.
    pub machine_rates: RateLimits<UserId>,
    /// Limits the alerts about a user who searches too often to one per minute.
    pub alert_rates: RateLimits<UserId>,
    pub metrics: Metrics,
}

impl Service {
    /// Refuses a user or a machine that searches too often.
    async fn check_rate(&self, caller: &Caller) -> Result<(), Failure> {
        let rates = if caller.actor.kind == ActorKind::Client { &self.machine_rates } else { &self.rates };
        if rates.allows(&caller.actor.user) {
            return Ok(());
        }
        self.metrics.too_often.inc();
        // One audit entry per minute is enough for the privacy officer.
        if self.alert_rates.allows(&caller.actor.user) {
            tracing::warn!(alarm = "search-rate", org = %caller.actor.org, "somebody searches very often");
            let recorded = self.ask_consent(caller, ViewId::new(), AccessKind::UnusualSearch, vec![]).await;
            // Consent records the alert and then refuses it.
            recorded.map(drop).or_else(
                |failure| {
                    if failure.kind == FailureKind::Forbidden { Ok(()) } else { Err(failure) }
                },
            )?;
        }
        Err(Failure::new(
            FailureKind::TooManyRequests,
            "You have searched very often. Wait a minute, then search again.",
        ))
    }

    /// A verified permit for the people who may be shown, and the refusals of the others.
    async fn ask_consent(
        &self,
        caller: &Caller,
        view: ViewId,
        what: AccessKind,
        people: Vec<RequestedPerson>,
    ) -> Result<(Option<Permit>, Vec<(PersonId, Refusal)>), Failure> {
        let decision = self.authoriser.decide(caller, view, what, people, vec![Dataset::Demographics]).await?;
        Ok((decision.permit, decision.refused))
    }

    /// Loads the identities and marks of `people`.
    async fn load_people(&self, people: &[PersonId]) -> Result<LoadedPeople, Failure> {
        let mut loaded = LoadedPeople::default();
        for (identity, person) in store::identities_with_people(self.store.read(), people).await? {
            loaded.add(identity, person.as_ref());
        }
        Ok(loaded)
    }

    /// The survivor of `person` with their identities and marks. Almost nobody was merged, so the person is loaded first.
    async fn load_survivor(&self, person: PersonId) -> Result<(PersonId, LoadedPeople), Failure> {
        let loaded = self.load_people(&[person]).await?;
        if loaded.has_records(person) {
            return Ok((person, loaded));
        }
        let survivor = store::find_survivor(self.store.read(), person).await?;
        let loaded = if survivor == person { loaded } else { self.load_people(&[survivor]).await? };
        Ok((survivor, loaded))
    }

    /// The people that a search offers. It leaves out records in doubt until a steward has decided. A retired record is
    /// offered only if no other record has that name and birth date, because sources also retire records of people who died
    /// or moved away.
    async fn filter_offered(&self, candidates: &[PersonId], loaded: &LoadedPeople) -> Result<Vec<PersonId>, Failure> {
        let doubted: Vec<_> = candidates
            .iter()
            .flat_map(|person| loaded.doubted_identities(*person))
            .map(IdentityRow::identity)
            .collect();
        let open = store::review::find_open(self.store.read(), doubted.iter()).await?;
        let open: HashSet<SourceIdentity> = open.iter().map(store::review::ReviewRow::identity).collect();
        let in_doubt = |person: PersonId| loaded.doubted_identities(person).any(|row| open.contains(&row.identity()));
        let replaced = |person: PersonId| {
            let mut others = candidates.iter().filter(|other| **other != person && !loaded.is_retired(**other));
            loaded.is_retired(person) && others.any(|other| loaded.have_same_name(person, *other))
        };
        Ok(candidates.iter().copied().filter(|one| !in_doubt(*one) && !replaced(*one)).collect())
    }

    async fn permitted_summaries(
        &self,
        caller: &Caller,
        what: AccessKind,
        view: ViewId,
        (people, loaded): (&[PersonId], &LoadedPeople),
        matched_on: &str,
    ) -> Result<Vec<PatientSummary>, Failure> {
        let questions: Vec<RequestedPerson> =
            people.iter().filter_map(|person| loaded.person_question(*person)).collect();
        let (permit, refused) = self.ask_consent(caller, view, what, questions).await?;
        if refused.iter().any(|(_, refusal)| *refusal == Refusal::Role) {
            let outward = match what {
                AccessKind::CareList => "Your role opens no records.",
                _ => "Your role does not search for people, or your organisation does not take part yet.",
            };
            return Err(Failure::forbidden(outward));
        }
        if refused.iter().any(|(_, refusal)| *refusal == Refusal::SessionEnded) {
            return Err(Failure::new(FailureKind::Unauthenticated, "You were signed out."));
        }
        let Some(permit) = permit else { return Ok(vec![]) };
        // A steward compares two records with all their details. Others see an address only with a relationship.
        let compares = what == AccessKind::Review;
        Ok(people.iter().filter_map(|person| loaded.patient(&permit, *person, matched_on, compares)).collect())
    }
}

#[async_trait]
impl PatientIndex for Service {
    async fn search(&self, caller: &Caller, query: SearchQuery) -> Result<SearchAnswer, Failure> {
        self.check_rate(caller).await?;
        let search = match query::parse(&query, london::date(self.clock.now())) {
            Ok(search) => search,
            Err(error) => {
                // Check the role first: a user who may not search learns nothing about searches.
                let nobody = (&[][..], &LoadedPeople::default());
                self.permitted_summaries(caller, AccessKind::Search, ViewId::new(), nobody, "").await?;
                return Err(Failure::bad_request(error.to_string()));
            }
        };
        let candidates = store::find_candidates(self.store.read(), &search, MAX_CANDIDATES).await?;
        let loaded = self.load_people(&candidates).await?;
        let mut found = self.filter_offered(&candidates, &loaded).await?;
        let more = found.len() > MAX_RESULTS;
        found.truncate(MAX_RESULTS);
        let (view, words) = (ViewId::new(), search.description());
        let people =
            self.permitted_summaries(caller, AccessKind::Search, view, (found.as_slice(), &loaded), words).await?;
        Ok(SearchAnswer { people, more })
    }

    async fn summary(&self, caller: &Caller, person: PersonId, view: ViewId) -> Result<PatientSummary, Failure> {
        let (person, loaded) = self.load_survivor(person).await?;
        let found = (std::slice::from_ref(&person), &loaded);
        let summaries = self.permitted_summaries(caller, AccessKind::Identity, view, found, "").await?;
        summaries.into_iter().next().ok_or_else(Failure::not_found)
    }

    async fn summaries(
        &self,
        caller: &Caller,
        people: Vec<PersonId>,
        view: ViewId,
    ) -> Result<Vec<PatientSummary>, Failure> {
        if u64::try_from(people.len()).is_ok_and(|count| count > MAX_LISTED) {
            return Err(Failure::new(FailureKind::TooLarge, "Too many people in one list."));
        }
        let loaded = self.load_people(&people).await?;
        self.permitted_summaries(caller, AccessKind::CareList, view, (people.as_slice(), &loaded), "").await
    }

    async fn person_of(&self, caller: &Caller, identity: SourceIdentity) -> Result<Option<PatientSummary>, Failure> {
        self.check_rate(caller).await?;
        let (known, loaded) = match store::find_identity(self.store.read(), &identity).await? {
            Some(row) => {
                let (person, loaded) = self.load_survivor(PersonId(row.person)).await?;
                (vec![person], loaded)
            }
            None => (vec![], LoadedPeople::default()),
        };
        let found = self.filter_offered(&known, &loaded).await?;
        // Recorded also if there is nobody.
        let (view, found) = (ViewId::new(), (found.as_slice(), &loaded));
        let summaries = self.permitted_summaries(caller, AccessKind::Search, view, found, "").await?;
        Ok(summaries.into_iter().next())
    }

    async fn resolve(&self, caller: &Caller, person: PersonId) -> Result<PersonIdentities, Failure> {
        if caller.service != ServiceName::RecordAggregation {
            return Err(Failure::forbidden("Only record aggregation resolves."));
        }
        let (person, loaded) = self.load_survivor(person).await?;
        let question = loaded.person_question(person).ok_or_else(Failure::not_found)?;
        let (numbers, doubts) = (loaded.numbers(person), self.doubts(person, &loaded).await?);
        Ok(PersonIdentities {
            person,
            version: question.index_version,
            identities: question.identities,
            numbers,
            doubts,
        })
    }

    async fn own(&self, caller: &Caller) -> Result<Option<PersonId>, Failure> {
        if caller.actor.role != Role::Patient {
            return Err(Failure::forbidden("Only a signed-in patient has a record of their own here."));
        }
        let linked = store::find_by_login(self.store.read(), &caller.actor.user).await?;
        let Some(person) = linked else { return Ok(None) };
        Ok(Some(store::find_survivor(self.store.read(), person).await?))
    }

    async fn identifiers(&self, caller: &Caller, person: PersonId) -> Result<Vec<Identifier>, Failure> {
        if caller.actor.role != Role::DataSteward {
            return Err(Failure::forbidden("Identities are for data stewards."));
        }
        let loaded = self.load_people(&[person]).await?;
        let question = loaded.person_question(person).ok_or_else(Failure::not_found)?;
        let (permit, _) = self.ask_consent(caller, ViewId::new(), AccessKind::Identity, vec![question]).await?;
        let permit = permit.ok_or_else(Failure::not_found)?;
        let grant = permit.for_person(person).map_err(|_| Failure::not_found())?;
        let rows = loaded.identities.get(&person).into_iter().flatten().filter(|row| grant.may_name(&row.source));
        let identifier = |row: &IdentityRow| Identifier {
            source: row.source.clone(),
            linked_because: row.because.clone(),
            has_nhs_number: row.nhs_number.is_some(),
        };
        Ok(rows.map(identifier).collect())
    }

    async fn reviews(&self, caller: &Caller, after: Option<Uuid>) -> Result<ReviewPage, Failure> {
        self.review_page(caller, after).await
    }

    async fn decide_review(&self, caller: &Caller, id: Uuid, decision: DecideReview) -> Result<(), Failure> {
        self.close_review(caller, id, decision).await
    }

    async fn count(&self) -> Result<u64, Failure> {
        Ok(store::count(self.store.read()).await?)
    }
}
