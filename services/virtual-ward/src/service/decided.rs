//! Asking consent about every candidate, in questions of at most 200 people, and keeping what it granted.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    time::Duration,
};

use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use lcr_contracts::{
    Caller, Failure, Kind,
    audit::What,
    consent::{Ask, AskPerson, Confirm, Refusal},
    identity::Registry,
};
use lcr_model::{Dataset, Permit, PersonId, ServiceName, SourceId, SpellId, ViewId, permit::PersonGrant};
use sea_orm::DbErr;

use super::{Found, Service, away};
use crate::{
    domain::row::{Doubts, Held},
    store::{
        person::{self, PersonRow},
        spell::{self, Kept, Wanted},
        visit,
        waiting::{self, Waiting},
    },
};

/// The most people consent takes in one question.
const CHUNK: usize = 200;
/// How long consent is waited for when it has not yet heard of somebody what is known here, and how often.
const CATCH_UP: Duration = Duration::from_millis(200);
const CATCH_UP_TRIES: usize = 4;
/// Confirmations under way at once.
const AT_ONCE: usize = 16;

/// Candidates, and what the reader was granted of whom.
pub struct Decided {
    pub kept: Vec<Kept>,
    pub grants: HashMap<PersonId, PersonGrant>,
    pub people: HashMap<PersonId, PersonRow>,
    pub wanted: Wanted,
    pub registry: Registry,
    pub now: Timestamp,
    pub around: Around,
}

/// What is in doubt about the stays of a list, besides what their own messages say.
#[derive(Default)]
pub struct Around {
    waiting: Waiting,
    /// People with more than one open stay at a source.
    open_twice: HashSet<(PersonId, SourceId)>,
    /// All numbers of each visit.
    numbers: BTreeMap<SpellId, BTreeSet<SpellId>>,
}

impl Around {
    fn doubts(&self, kept: &Kept, person: PersonId, quiet_days: Option<u16>) -> Doubts {
        let own = BTreeSet::from([kept.visit.clone()]);
        let numbers = self.numbers.get(&kept.visit).unwrap_or(&own);
        let identity = kept.spell.identity.as_ref();
        Doubts {
            stay_waits: self.waiting.about_visit(&kept.source, numbers),
            patient_waits: identity.and_then(|identity| self.waiting.about_number(identity)),
            another_open: kept.spell.left.is_none()
                && self.open_twice.contains(&(person, kept.source.clone())),
            quiet_days,
        }
    }
}

impl Decided {
    /// Candidates that were decided on, each with its grant.
    pub fn granted(&self) -> impl Iterator<Item = (&Kept, &PersonGrant)> {
        self.kept.iter().filter_map(|kept| Some((kept, self.grants.get(&kept.person?)?)))
    }

    /// The stay with what is known around it.
    pub fn held<'a>(&'a self, kept: &'a Kept, person: PersonId) -> Held<'a> {
        let row = self.people.get(&person);
        let system = self.registry.systems.iter().find(|system| system.id == kept.source);
        let feed = system.and_then(|system| system.feed.as_ref());
        Held {
            id: &kept.id,
            version: kept.version,
            person,
            source: &kept.source,
            hospital: self.hospital(&kept.source),
            community: system.is_some_and(|system| system.kind == "community"),
            spell: &kept.spell,
            restricted: row.is_some_and(|row| row.marked("restricted")),
            died: row.is_some_and(|row| row.marked("died")),
            fields: feed.map_or(&[], |feed| &feed.fields),
            doubts: self.around.doubts(kept, person, feed.and_then(|feed| feed.quiet_days)),
            watched: self.wanted.watched.contains(&person),
        }
    }

    /// All numbers of the visit that a stay belongs to.
    pub fn numbers(&self, kept: &Kept) -> BTreeSet<SpellId> {
        let all = self.around.numbers.get(&kept.visit).cloned();
        all.unwrap_or_else(|| BTreeSet::from([kept.visit.clone()]))
    }

    /// The hospital's name: its organisation's, else its system's.
    pub fn hospital<'a>(&'a self, source: &'a SourceId) -> &'a str {
        let Some(system) = self.registry.systems.iter().find(|system| system.id == *source) else {
            return source.as_str();
        };
        let organisation = self.registry.organisations.iter().find(|org| org.ods == system.organisation);
        organisation.map_or(system.name.as_str(), |org| org.name.as_str())
    }
}

/// Consent's answers so far.
#[derive(Default)]
struct Answers {
    grants: HashMap<PersonId, PersonGrant>,
    refused: Vec<Refusal>,
}

impl Service {
    /// Whether the reader's role sees lists at all: asked before anything is looked for, so that no answer depends on
    /// which organisations and wards there are. It names nobody and no dataset; consent records a refusal alone.
    pub(super) async fn may_list(&self, caller: &Caller, view: ViewId) -> Result<(), Failure> {
        let audience = ServiceName::VirtualWard;
        let ask = Ask { audience, view, what: What::WardList, people: vec![], datasets: vec![] };
        self.consent.decide(&caller.through(audience), ask).await.map(|_| ())
    }

    /// Decides on everybody in `found`. A list of nobody is decided and recorded as well.
    pub(super) async fn decide(
        &self,
        caller: &Caller,
        view: ViewId,
        found: Found,
    ) -> Result<Decided, Failure> {
        let people: BTreeSet<PersonId> = found.kept.iter().filter_map(|kept| kept.person).collect();
        let people: Vec<PersonId> = people.into_iter().collect();
        let caller = caller.through(ServiceName::VirtualWard);
        let mut answers = Answers::default();
        if people.is_empty() {
            self.ask(&caller, view, vec![], &mut answers).await?;
        }
        for chunk in people.chunks(CHUNK) {
            self.ask_chunk(&caller, view, chunk, &mut answers).await?;
        }
        refused_all(&answers)?;
        let rows = person::find(self.store.read(), &people).await.map_err(|e| away(&e))?;
        let around = self.around(&found, &people).await.map_err(|e| away(&e))?;
        let Found { kept, wanted, registry, now } = found;
        Ok(Decided { kept, grants: answers.grants, people: rows, wanted, registry, now, around })
    }

    async fn around(&self, found: &Found, people: &[PersonId]) -> Result<Around, DbErr> {
        let db = self.store.read();
        let visits: BTreeSet<SpellId> = found.kept.iter().map(|kept| kept.visit.clone()).collect();
        Ok(Around {
            waiting: waiting::all(db, &found.wanted.sources).await?,
            open_twice: spell::open_twice(db, people, found.now).await?,
            numbers: visit::of_numbers(db, &visits).await?,
        })
    }

    /// Asks until consent knows everybody as they are known here: leaving somebody out would be silent.
    async fn ask_chunk(
        &self,
        caller: &Caller,
        view: ViewId,
        people: &[PersonId],
        answers: &mut Answers,
    ) -> Result<(), Failure> {
        let mut asked = people.to_vec();
        for _ in 0..CATCH_UP_TRIES {
            let questions = self.questions(&asked).await?;
            asked = self.ask(caller, view, questions, answers).await?;
            if asked.is_empty() {
                return Ok(());
            }
            tokio::time::sleep(CATCH_UP).await;
        }
        Err(Failure::new(Kind::CatchingUp, "This list is being brought up to date. Try again in a moment."))
    }

    async fn questions(&self, people: &[PersonId]) -> Result<Vec<AskPerson>, Failure> {
        let rows = person::find(self.store.read(), people).await.map_err(|e| away(&e))?;
        let identities = person::identities_of(self.store.read(), people).await.map_err(|e| away(&e))?;
        let question = |person: &PersonId| {
            Some(AskPerson {
                person: *person,
                index_version: rows.get(person)?.version,
                identities: identities.get(person)?.iter().cloned().collect(),
            })
        };
        Ok(people.iter().filter_map(question).collect())
    }

    /// One question; returns those of whom consent knows less than is known here.
    async fn ask(
        &self,
        caller: &Caller,
        view: ViewId,
        people: Vec<AskPerson>,
        answers: &mut Answers,
    ) -> Result<Vec<PersonId>, Failure> {
        let audience = ServiceName::VirtualWard;
        let datasets = vec![Dataset::Encounters, Dataset::Results, Dataset::Documents];
        let ask = Ask { audience, view, what: What::WardList, people, datasets };
        let decision = self.consent.decide(caller, ask).await?;
        if let Some(bytes) = decision.permit {
            let keys = self.keys.of(ServiceName::Consent);
            let permit =
                Permit::verify(&bytes, &keys, audience, self.clock.now()).map_err(Failure::internal)?;
            let claims = permit.claims();
            if claims.view_id != view || claims.session != caller.actor.session {
                return Err(Failure::internal("a permit for another view or session"));
            }
            answers.grants.extend(claims.people.iter().map(|grant| (grant.person, grant.clone())));
        }
        let behind =
            |(person, refusal): &(PersonId, Refusal)| (*refusal == Refusal::CatchingUp).then_some(*person);
        let waiting = decision.refused.iter().filter_map(behind).collect();
        let refused = decision.refused.iter().map(|(_, refusal)| *refusal);
        answers.refused.extend(refused.filter(|refusal| *refusal != Refusal::CatchingUp));
        Ok(waiting)
    }

    /// Whether every decision still stands.
    pub(super) async fn stands(&self, caller: &Caller, decided: &Decided) -> Result<bool, Failure> {
        let session = caller.actor.session;
        let caller = caller.through(ServiceName::VirtualWard);
        let all: Vec<(PersonId, u64)> =
            decided.grants.values().map(|grant| (grant.person, grant.epoch)).collect();
        let answers = stream::iter(all).map(|(person, epoch)| {
            let (consent, caller) = (self.consent.clone(), caller.clone());
            async move { consent.confirm(&caller, Confirm { person, epoch, session }).await }
        });
        let answers = answers.buffer_unordered(AT_ONCE);
        answers.try_fold(true, |all, one| std::future::ready(Ok(all && one))).await
    }
}

/// Why nobody at all may be shown, where that is about the reader.
fn refused_all(answers: &Answers) -> Result<(), Failure> {
    if answers.refused.contains(&Refusal::SessionEnded) {
        return Err(Failure::new(Kind::Unauthenticated, "You were signed out."));
    }
    let role = !answers.refused.is_empty() && answers.refused.iter().all(|one| *one == Refusal::Role);
    if role && answers.grants.is_empty() {
        return Err(Failure::forbidden("Your role does not see the lists of people in hospital."));
    }
    Ok(())
}
