//! Opening a view: nothing is asked of a source before the decision and its audit entry stand.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use lcr_contracts::{
    Caller, Failure, Kind as FailureKind,
    identity::Registry,
    patient_index::{Doubt, Resolved},
    record::MissingReason,
    records::ViewAsk,
};
use lcr_model::{
    Clock, Dataset, Permit, PersonId, SourceId, SourceIdentity, ViewId, permit::PersonGrant, seal::DataKeys,
};
use tokio::{sync::broadcast, time::Instant};
use tracing::Instrument;

use super::{
    Service,
    answers::{Answers, Reading},
    as_me,
    asking::{Asked, ask_source, time_out},
    deciding::grant_of,
    news::Word,
    plan::plan,
    standing::DECIDED_WITHIN,
    stays::OfPerson,
};
use crate::{
    domain::{
        answer::{Ended, SourceAnswer, TypeAnswer},
        listing::Listing,
        pushed::{self, Pushed},
        sensitivity,
        stays::{self, Ward},
    },
    sources::{RetryBudget, State},
    store,
};

/// How long after the deadline the word of what there was at the deadline is waited for.
const LAST_WORD: std::time::Duration = std::time::Duration::from_millis(250);
/// Retries one view may spend.
const RETRIES: u32 = 12;

type Opaque = Box<dyn Fn(&str) -> String + Send + Sync>;

/// A view with its permit, its sources being asked.
pub struct Opened {
    pub view: ViewId,
    pub person: PersonId,
    pub permit: Permit,
    pub registry: Registry,
    pub datasets: Vec<Dataset>,
    pub identities: Vec<SourceIdentity>,
    /// The id that the source of each knows the person by, where it can be asked with one.
    own_ids: HashMap<SourceIdentity, String>,
    /// Records under the person's NHS number that may be somebody else's.
    pub doubts: Vec<Doubt>,
    pub answers: Vec<Arc<SourceAnswer>>,
    pub reading: Reading,
    pub until: Instant,
    /// What sources pushed, beside what they answer.
    pub pushed: Vec<Pushed>,
    /// What the ward says of the person's stays.
    pub ward: OfPerson,
    pub news: broadcast::Receiver<Word>,
    pub clock: Arc<dyn Clock>,
    /// Ids for a reader who may not know the source's own.
    opaque: Opaque,
    ask: ViewAsk,
    me: Caller,
    service: Service,
}

impl Opened {
    pub fn grant(&self) -> Result<&PersonGrant, Failure> {
        grant_of(&self.permit, self.person)
    }

    /// Takes what there is when a source has spoken again. False when none will.
    pub async fn more(&mut self) -> bool {
        let more = self.reading.more().await;
        let any = more.is_some();
        self.answers = more.unwrap_or_else(|| std::mem::take(&mut self.answers));
        any
    }

    /// Reads these answers from now on, which are to the same questions.
    pub fn go_over(&mut self, newer: Arc<Answers>) {
        self.until = newer.until;
        (self.reading, self.answers) = Reading::of(newer);
    }

    /// Takes answers until every source has answered or its time is up; the others are then named.
    pub async fn settle(&mut self) {
        while !self.answers.iter().all(|one| one.finished()) {
            let until = self.until + LAST_WORD;
            if !matches!(tokio::time::timeout_at(until, self.more()).await, Ok(true)) {
                break;
            }
        }
        self.answers.iter_mut().for_each(time_out);
    }

    /// What sources answered so far, with what they pushed and the stays of the ward.
    pub fn with_pushed(&self) -> Vec<SourceAnswer> {
        let mut all = pushed::beside(&self.answers, &self.pushed);
        let ward = Ward { stays: &self.ward.stays, sends: &self.ward.sends, now: self.clock.now() };
        stays::beside(&mut all, ward, &self.registry, |source| self.local_ids(source));
        // The one place for every door: what is withheld for its labels goes no further.
        sensitivity::withhold(&mut all);
        all
    }

    /// What the record's lists are made from.
    pub fn listing<'a>(&'a self, answers: &'a [SourceAnswer]) -> Result<Listing<'a>, Failure> {
        Ok(Listing {
            opaque: &self.opaque,
            grant: self.grant()?,
            registry: &self.registry,
            answers,
            datasets: &self.datasets,
            now: self.clock.now(),
        })
    }

    /// The ids by which resources of `source` name the person: its own, and those of what it pushed.
    pub fn local_ids(&self, source: &SourceId) -> Vec<String> {
        let of_source = self.identities.iter().filter(|identity| identity.source == *source);
        let ids = of_source.flat_map(|identity| {
            let own = self.own_ids.get(identity).filter(|own| **own != identity.local_id.0);
            std::iter::once(identity.local_id.0.clone()).chain(own.cloned())
        });
        ids.collect()
    }

    /// Just before a part leaves: does the decision still stand?
    pub async fn confirm(&self) -> Result<(), Failure> {
        self.service.deciding.confirm(&self.me, &self.permit, self.person).await
    }

    /// Decides again under the same view, and reads again what was pushed.
    pub async fn renew(&mut self, until: Instant) -> Result<(), Failure> {
        let deciding = &self.service.deciding;
        let (resolved, permit) = deciding.decide(&self.me, &self.ask, &self.datasets, until).await?;
        if resolved.person != self.person {
            return Err(Failure::new(
                FailureKind::Conflict,
                "Who this record is about has just been corrected. Open the record again.",
            ));
        }
        // What was answered was asked under the old identities or the old grant: it may be somebody else's now, and what
        // is granted now may not have been asked for. The sources are asked anew.
        let asked_for = self.grant()?.grants.clone();
        let wider = !grant_of(&permit, self.person)?.grants.is_subset(&asked_for);
        if wider || !same(&resolved.identities, &self.identities) {
            let (service, ask, me) = (self.service.clone(), self.ask.clone(), self.me.clone());
            *self = service.begin_view(me, ask, self.datasets.clone(), (resolved, permit)).await?;
            return Ok(());
        }
        self.permit = permit;
        self.doubts = resolved.doubts;
        self.read_pushed().await
    }

    /// What sources pushed of the person and what the ward says, as it stands.
    pub async fn read_pushed(&mut self) -> Result<(), Failure> {
        let filed_under = self.service.hashed_ids.filed_under(&self.identities).await?;
        self.pushed = self.service.shelf.read(&filed_under).await?;
        self.ward = self.service.shelf.stays(self.person).await?;
        Ok(())
    }
}

impl Service {
    pub async fn open(&self, caller: &Caller, ask: &ViewAsk) -> Result<Opened, Failure> {
        let me = as_me(caller);
        // Heard from before the decision on, so that no change falls between the two.
        let news = self.news.subscribe();
        let asked: Option<BTreeSet<Dataset>> = ask.datasets.as_ref().map(|all| all.iter().copied().collect());
        let wanted = |dataset: &Dataset| asked.as_ref().is_none_or(|asked| asked.contains(dataset));
        let datasets: Vec<Dataset> = Dataset::ALL.iter().copied().filter(wanted).collect();
        let until = Instant::now() + DECIDED_WITHIN;
        let decided = self.deciding.decide(&me, ask, &datasets, until).await;
        self.numbers.viewed(&decided);
        let opened = self.begin_view(me, ask.clone(), datasets, decided?).await?;
        Ok(Opened { news, ..opened })
    }

    /// Asks the sources under a decision just made.
    async fn begin_view(
        &self,
        me: Caller,
        ask: ViewAsk,
        datasets: Vec<Dataset>,
        (resolved, permit): (Resolved, Permit),
    ) -> Result<Opened, Failure> {
        let news = self.news.subscribe();
        let state = self.sources.now();
        let grant = grant_of(&permit, resolved.person)?;
        let pushed = self.shelf.read(&self.hashed_ids.filed_under(&resolved.identities).await?).await?;
        let ward = self.shelf.stays(resolved.person).await?;
        let own_ids = self.hashed_ids.own_ids(&resolved.identities).await?;
        let plan = plan(grant, &resolved, &own_ids, &state.registry, &datasets);
        let rosters = store::rosters(self.store.read()).await.map_err(|e| lcr_store::unavailable(&e))?;
        let begin = |one: &Asked| {
            let asked = state.connectors.contains_key(&one.source);
            if asked { Self::begin(one, &rosters) } else { Self::only_pushes(one) }
        };
        let ask_all = || self.ask_all(&state, plan.clone(), plan.iter().map(begin).collect());
        let answers = if ask.live {
            self.sharing.of((me.actor.session, resolved.person), &plan, ask_all)
        } else {
            ask_all()
        };
        let until = answers.until;
        let (reading, answers) = Reading::of(answers);
        Ok(Opened {
            view: ask.view,
            person: resolved.person,
            permit,
            registry: state.registry.clone(),
            datasets,
            identities: resolved.identities,
            own_ids,
            doubts: resolved.doubts,
            answers,
            reading,
            until,
            pushed,
            ward,
            news,
            clock: self.clock.clone(),
            opaque: opaque(self.shelf.keys.clone(), resolved.person),
            ask,
            me,
            service: self.clone(),
        })
    }

    /// Asks every source that knows the person.
    fn ask_all(&self, state: &State, plan: Vec<Asked>, begun: Vec<SourceAnswer>) -> Arc<Answers> {
        let until = Instant::now() + self.deadline;
        let retries = Arc::new(RetryBudget::of(RETRIES));
        let connector = |one: &Asked| state.connectors.get(&one.source).filter(|_| one.known()).cloned();
        let calls: Vec<_> = plan
            .iter()
            .filter_map(|one| Some((connector(one)?, one.clone())))
            .map(|(connector, one)| (Arc::new(connector.view_bytes()), connector, one))
            .collect();
        let bytes = calls.iter().map(|(bytes, ..)| bytes.clone()).collect();
        let answers = Answers::new(plan, until, (begun, calls.len()), bytes);
        for (bytes, connector, one) in calls {
            let asking = ask_source(connector, one, until, (retries.clone(), bytes), answers.teller());
            tokio::spawn(asking.in_current_span());
        }
        answers
    }

    /// A source that is never asked has said all it has to say: what it pushed.
    fn only_pushes(asked: &Asked) -> SourceAnswer {
        let mut answer = SourceAnswer::asking(asked.source.clone(), asked.sends_about, &asked.kinds);
        answer.types.values_mut().for_each(|one| one.ended = Ended::NotOffered);
        answer.only_pushes = true;
        answer
    }

    /// A source whose list of people was never read to its end cannot be said not to know somebody, and one that knows them
    /// by an id that is not known here was not asked.
    fn begin(asked: &Asked, rosters: &[store::roster::Model]) -> SourceAnswer {
        let read = rosters.iter().any(|row| row.source == asked.source.0 && row.finished.is_some());
        let not_asked = !asked.known() && (asked.sends_about || !read);
        let mut answer = SourceAnswer::asking(asked.source.clone(), asked.known() || not_asked, &asked.kinds);
        if not_asked {
            answer.types.values_mut().for_each(|one| *one = TypeAnswer::failed(MissingReason::ListNotRead));
        }
        answer
    }
}

/// The same item of the same person has the same id in every view.
fn opaque(keys: Arc<DataKeys>, person: PersonId) -> Opaque {
    Box::new(move |id| keys.hash_name(&format!("opaque-id|{person}|{id}")))
}

fn same(one: &[SourceIdentity], other: &[SourceIdentity]) -> bool {
    let set = |all: &[SourceIdentity]| all.iter().cloned().collect::<BTreeSet<_>>();
    set(one) == set(other)
}
