//! What patient-index does: find candidates itself, ask consent about them in bulk, then show what is granted.

mod reviews;
mod stub;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use async_trait::async_trait;
use lcr_auth::KeyRing;
use lcr_contracts::{
    Caller, Consent, Failure, Kind, PatientIndex,
    audit::What,
    consent::{Ask, AskPerson, Refusal},
    events::LOGIN_SOURCE,
    patient_index::{DecideReview, Identifier, Resolved, ReviewPage, SearchAnswer, SearchQuery, Stub},
};
use lcr_model::{
    ActorKind, Clock, Dataset, NhsNumber, Permit, PersonId, Role, ServiceName, SourceId, SourceIdentity,
    UserId, ViewId,
};
use lcr_store::Store;
use lcr_web::rate::Rates;
use uuid::Uuid;

use self::stub::Visibility;
use crate::{
    Numbers,
    domain::query,
    store::{self, IdentityRow, PersonRow},
};

/// The most people a search lists.
const MOST: usize = 20;
/// The most candidates a search reads: records in doubt and records no longer used are left out afterwards.
const READ: usize = 4 * MOST;

pub struct Service {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub consent: Arc<dyn Consent>,
    pub keys: KeyRing,
    pub rates: Rates<UserId>,
    /// Of whom the log was told this minute that they search too often.
    pub told: Rates<UserId>,
    pub numbers: Numbers,
}

fn away(error: &sea_orm::DbErr) -> Failure {
    lcr_store::unavailable(error)
}

impl Service {
    /// Refuses somebody who searches more often than anybody at work does. A machine acts for many people, and its
    /// searches name one person each: it is not counted.
    async fn not_too_often(&self, caller: &Caller) -> Result<(), Failure> {
        if caller.actor.kind == ActorKind::Client || self.rates.allows(&caller.actor.user) {
            return Ok(());
        }
        self.numbers.too_often.inc();
        // Once a minute for the privacy officer, who reads it in the log.
        if self.told.allows(&caller.actor.user) {
            tracing::warn!(alarm = "search-rate", org = %caller.actor.org, "somebody searches very often");
            let told = self.decide(caller, ViewId::new(), What::UnusualSearch, vec![]).await;
            // Consent refuses it, having had it recorded.
            told.map(drop)
                .or_else(|failure| if failure.kind == Kind::Forbidden { Ok(()) } else { Err(failure) })?;
        }
        Err(Failure::new(
            Kind::TooManyRequests,
            "You have searched very often. Wait a minute, then search again.",
        ))
    }

    /// A verified permit for those who may be shown, and why the others may not.
    async fn decide(
        &self,
        caller: &Caller,
        view: ViewId,
        what: What,
        people: Vec<AskPerson>,
    ) -> Result<(Option<Permit>, Vec<(PersonId, Refusal)>), Failure> {
        let caller = caller.through(ServiceName::PatientIndex);
        let audience = ServiceName::PatientIndex;
        let ask = Ask { audience, view, what, people, datasets: vec![Dataset::Demographics] };
        let decision = self.consent.decide(&caller, ask).await?;
        let verify = |bytes: String| {
            Permit::verify(&bytes, &self.keys.of(ServiceName::Consent), audience, self.clock.now())
                .map_err(Failure::internal)
        };
        Ok((decision.permit.map(verify).transpose()?, decision.refused))
    }

    /// The identities of `people`, grouped, with what consent needs to be asked.
    async fn gather(&self, people: &[PersonId]) -> Result<Gathered, Failure> {
        let rows = store::identities_of(self.store.read(), people).await.map_err(|e| away(&e))?;
        let persons = store::person_rows(self.store.read(), people).await.map_err(|e| away(&e))?;
        let mut identities: HashMap<PersonId, Vec<IdentityRow>> = HashMap::new();
        for row in rows {
            identities.entry(PersonId(row.person)).or_default().push(row);
        }
        Ok(Gathered {
            identities,
            persons: persons.into_iter().map(|(id, row)| (id, Marks::from(&row))).collect(),
        })
    }

    /// Whom a search offers. A record in doubt is nobody until a steward has decided; one that its source no longer
    /// uses is offered only where it is the only record of somebody with that name and birth date, since sources
    /// also retire the records of those who died or moved away.
    async fn offered(&self, found: Vec<PersonId>) -> Result<Vec<PersonId>, Failure> {
        let gathered = self.gather(&found).await?;
        let doubted: Vec<_> =
            found.iter().flat_map(|person| gathered.doubted(*person)).map(IdentityRow::identity).collect();
        let open = store::review::open_of(self.store.read(), doubted.iter()).await.map_err(|e| away(&e))?;
        let open: HashSet<SourceIdentity> = open.iter().map(store::review::ReviewRow::identity).collect();
        let in_doubt = |person: PersonId| gathered.doubted(person).any(|row| open.contains(&row.identity()));
        let replaced = |person: PersonId| {
            let mut others = found.iter().filter(|other| **other != person && !gathered.retired(**other));
            gathered.retired(person) && others.any(|other| gathered.alike(person, *other))
        };
        Ok(found.iter().copied().filter(|one| !in_doubt(*one) && !replaced(*one)).collect())
    }

    async fn stubs(
        &self,
        caller: &Caller,
        what: What,
        view: ViewId,
        people: &[PersonId],
        matched_on: &str,
    ) -> Result<Vec<Stub>, Failure> {
        let gathered = self.gather(people).await?;
        let asked: Vec<AskPerson> = people.iter().filter_map(|person| gathered.asked(*person)).collect();
        let (permit, refused) = self.decide(caller, view, what, asked).await?;
        if refused.iter().any(|(_, refusal)| *refusal == Refusal::Role) {
            return Err(Failure::forbidden("Your role does not search for people."));
        }
        if refused.iter().any(|(_, refusal)| *refusal == Refusal::SessionEnded) {
            return Err(Failure::new(Kind::Unauthenticated, "You were signed out."));
        }
        let Some(permit) = permit else { return Ok(vec![]) };
        // A steward compares two records with all that tells them apart; everybody else sees where somebody lives only
        // where they have a relationship with them.
        let compares = what == What::Review;
        Ok(people.iter().filter_map(|person| gathered.stub(&permit, *person, matched_on, compares)).collect())
    }
}

/// A person's marks.
struct Marks {
    version: i64,
    restricted: bool,
    died: bool,
}

impl From<&PersonRow> for Marks {
    fn from(row: &PersonRow) -> Self {
        Self { version: row.version, restricted: row.restricted, died: row.died }
    }
}

struct Gathered {
    identities: HashMap<PersonId, Vec<IdentityRow>>,
    persons: HashMap<PersonId, Marks>,
}

impl Gathered {
    fn asked(&self, person: PersonId) -> Option<AskPerson> {
        let identities = self.identities.get(&person)?.iter().map(IdentityRow::identity).collect();
        Some(AskPerson { person, index_version: self.persons.get(&person)?.version, identities })
    }

    fn numbers(&self, person: PersonId) -> Vec<NhsNumber> {
        let rows = self.identities.get(&person).into_iter().flatten();
        let numbers = rows.filter(|row| !row.number_doubted).filter_map(IdentityRow::number);
        numbers.collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn doubted(&self, person: PersonId) -> impl Iterator<Item = &IdentityRow> {
        self.identities.get(&person).into_iter().flatten().filter(|row| row.number_doubted)
    }

    fn sources(&self, person: PersonId) -> Vec<SourceId> {
        let rows = self.identities.get(&person).into_iter().flatten();
        let sources = rows.filter(|row| row.source != LOGIN_SOURCE).map(|row| row.identity().source);
        sources.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Whether no source uses any of the person's records any more.
    fn retired(&self, person: PersonId) -> bool {
        let rows = self.identities.get(&person).into_iter().flatten();
        let mut rows = rows.filter(|row| row.source != LOGIN_SOURCE).peekable();
        rows.peek().is_some() && rows.all(|row| row.retired)
    }

    /// Whether two people have a name and birth date in common.
    fn alike(&self, one: PersonId, other: PersonId) -> bool {
        let keys = |person: PersonId| {
            let rows = self.identities.get(&person).into_iter().flatten();
            rows.map(|row| (&row.family_key, &row.given_key, &row.birth_date)).collect::<BTreeSet<_>>()
        };
        keys(one).intersection(&keys(other)).next().is_some()
    }

    fn stub(&self, permit: &Permit, person: PersonId, matched_on: &str, compares: bool) -> Option<Stub> {
        let grant = permit.for_person(person).ok()?;
        let marks = self.persons.get(&person)?;
        let seen = Visibility { restricted: marks.restricted, died: marks.died, compares };
        stub::of(grant, self.identities.get(&person)?, seen, matched_on)
    }
}

#[async_trait]
impl PatientIndex for Service {
    async fn search(&self, caller: &Caller, query: SearchQuery) -> Result<SearchAnswer, Failure> {
        self.not_too_often(caller).await?;
        let search = match query::read(&query) {
            Ok(search) => search,
            Err(wrong) => {
                // The role first: who may not search is not told what a search takes.
                self.stubs(caller, What::Search, ViewId::new(), &[], "").await?;
                return Err(Failure::bad_request(wrong.to_string()));
            }
        };
        let found = store::candidates(self.store.read(), &search, READ).await.map_err(|e| away(&e))?;
        let mut found = self.offered(found).await?;
        let more = found.len() > MOST;
        found.truncate(MOST);
        let people = self.stubs(caller, What::Search, ViewId::new(), &found, search.in_words()).await?;
        Ok(SearchAnswer { people, more })
    }

    async fn stub(&self, caller: &Caller, person: PersonId, view: ViewId) -> Result<Stub, Failure> {
        let person = store::survivor(self.store.read(), person).await.map_err(|e| away(&e))?;
        let stubs = self.stubs(caller, What::Identity, view, &[person], "").await?;
        stubs.into_iter().next().ok_or_else(Failure::not_found)
    }

    async fn resolve(&self, caller: &Caller, person: PersonId) -> Result<Resolved, Failure> {
        if caller.service != ServiceName::RecordAggregation {
            return Err(Failure::forbidden("Only record aggregation resolves."));
        }
        let person = store::survivor(self.store.read(), person).await.map_err(|e| away(&e))?;
        let gathered = self.gather(&[person]).await?;
        let asked = gathered.asked(person).ok_or_else(Failure::not_found)?;
        let (numbers, doubts) = (gathered.numbers(person), self.doubts(person, &gathered).await?);
        Ok(Resolved { person, version: asked.index_version, identities: asked.identities, numbers, doubts })
    }

    async fn own(&self, caller: &Caller) -> Result<Option<PersonId>, Failure> {
        if caller.actor.role != Role::Patient {
            return Err(Failure::forbidden("Only a signed-in patient has a record of their own here."));
        }
        let linked = store::by_login(self.store.read(), &caller.actor.user).await.map_err(|e| away(&e))?;
        let Some(person) = linked else { return Ok(None) };
        store::survivor(self.store.read(), person).await.map(Some).map_err(|e| away(&e))
    }

    async fn identifiers(&self, caller: &Caller, person: PersonId) -> Result<Vec<Identifier>, Failure> {
        if caller.actor.role != Role::DataSteward {
            return Err(Failure::forbidden("Identities are for data stewards."));
        }
        let gathered = self.gather(&[person]).await?;
        let asked = gathered.asked(person).ok_or_else(Failure::not_found)?;
        self.decide(caller, ViewId::new(), What::Identity, vec![asked])
            .await?
            .0
            .ok_or_else(Failure::not_found)?;
        let rows = gathered.identities.get(&person).into_iter().flatten();
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
        store::count(self.store.read()).await.map_err(|e| away(&e))
    }
}
