//! Opens a view. It must never ask a source before the decision is made and its audit entry is committed.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use futures::FutureExt;
use lcr_contracts::{
    Caller, Failure, FailureKind,
    patient_index::{Doubt, PersonIdentities},
    record::MissingReason,
    records_api::ViewRequest,
    registry::{Registry, System},
};
use lcr_model::{
    Clock, Dataset, Permit, PersonId, SourceId, SourceIdentity, ViewId, permit::PersonGrant, seal::DataKeys,
};
use tokio::{sync::broadcast, time::Instant};
use tracing::Instrument;

use super::{
    Service,
    change_feed::ChangeNotice,
    confirmation::REDECIDE_WITHIN,
    decision::grant_of,
    fetch::{FetchPlan, fetch_source, mark_timed_out},
    on_behalf_of,
    plan::plan_fetches,
    shared_answers::{AnswerReceiver, SharedAnswers},
    stored_data::StoredData,
    ward_stays::PersonStays,
};
use crate::{
    domain::{
        closed_units,
        item_list::ListInput,
        pushed_resources::{self, PushedResources},
        sensitivity,
        source_answer::{QueryOutcome, SourceAnswer, TypeAnswer},
        stays::{self, WardData},
    },
    sources::{RetryBudget, State},
    store::{self, list_progress},
};

/// How long after the deadline a view waits for the sources' partial answers, which are sent at the deadline.
const PARTIAL_ANSWER_GRACE: std::time::Duration = std::time::Duration::from_millis(250);
/// Retries one view may spend over all its sources.
const MAX_RETRIES: u32 = 12;

/// Replaces a source's id by an opaque one.
type OpaqueId = Box<dyn Fn(&str) -> String + Send + Sync>;

/// A view with its permit, while its sources answer and as long as its page is open.
pub struct OpenView {
    pub view: ViewId,
    pub person: PersonId,
    pub permit: Permit,
    pub registry: Arc<Registry>,
    pub datasets: Vec<Dataset>,
    pub identities: Vec<SourceIdentity>,
    /// The id to ask each identity's source with, if one is known.
    own_ids: HashMap<SourceIdentity, String>,
    /// The sources whose whole list of people was read.
    lists_read: BTreeSet<SourceId>,
    /// Records under the person's NHS number that may belong to somebody else.
    pub doubts: Vec<Doubt>,
    pub answers: Vec<Arc<SourceAnswer>>,
    pub receiver: AnswerReceiver,
    pub deadline: Instant,
    pub pushed: Vec<PushedResources>,
    /// The person's stays as the ward reports them.
    pub ward: PersonStays,
    pub changes: broadcast::Receiver<ChangeNotice>,
    pub clock: Arc<dyn Clock>,
    /// Makes ids for a reader who may not know the source's own ids.
    opaque: OpaqueId,
    ask: ViewRequest,
    me: Caller,
    service: Service,
}

impl OpenView {
    pub fn grant(&self) -> Result<&PersonGrant, Failure> {
        grant_of(&self.permit, self.person)
    }

    /// Waits for a source to answer again. Returns false when all have finished.
    pub async fn next_answers(&mut self) -> bool {
        let newer = self.receiver.next().await;
        let has_newer = newer.is_some();
        self.answers = newer.unwrap_or_else(|| std::mem::take(&mut self.answers));
        has_newer
    }

    /// Switches to newer answers to the same plan.
    pub fn switch_to(&mut self, newer: Arc<SharedAnswers>) {
        self.deadline = newer.deadline;
        (self.receiver, self.answers) = AnswerReceiver::subscribe(newer);
    }

    /// Waits until every source has answered or the deadline has passed, then marks the others as timed out.
    pub async fn wait_for_sources(&mut self) {
        while !self.answers.iter().all(|answer| answer.is_finished()) {
            let until = self.deadline + PARTIAL_ANSWER_GRACE;
            if !matches!(tokio::time::timeout_at(until, self.next_answers()).await, Ok(true)) {
                break;
            }
        }
        self.answers.iter_mut().for_each(mark_timed_out);
    }

    /// The answers so far, with pushed items and the stays of the ward.
    pub fn all_answers(&self) -> Vec<SourceAnswer> {
        let mut all = pushed_resources::add_pushed(&self.answers, &self.pushed);
        let ward = WardData { stays: &self.ward.stays, feeds: &self.ward.feeds, now: self.clock.now() };
        stays::add_stays(&mut all, ward, &self.registry, |source| self.local_ids(source));
        // Every output reads its items here, so that no item leaves whose labels the permit does not open.
        let grant = self.grant().ok();
        sensitivity::remove_labelled_items(&mut all, |dataset, label| {
            grant.is_some_and(|grant| grant.opens_label(dataset, label))
        });
        // After the labels: the number of what is not yet on must not tell of a labelled item.
        if let Some(grant) = grant {
            closed_units::remove_closed_units(&mut all, grant, &self.registry);
        }
        all
    }

    /// The input for the record's lists.
    pub fn listing<'a>(&'a self, answers: &'a [SourceAnswer]) -> Result<ListInput<'a>, Failure> {
        Ok(ListInput {
            opaque_id: &self.opaque,
            grant: self.grant()?,
            registry: &self.registry,
            answers,
            datasets: &self.datasets,
            now: self.clock.now(),
        })
    }

    /// Whether each source knows the person. A source whose list of people was never read is absent, unless it is linked
    /// or the ward has a stay there.
    pub fn known_at(&self, grant: &PersonGrant) -> BTreeMap<SourceId, bool> {
        let with_stay = stays::sources_with_stay(&self.ward.stays, grant);
        let known = |system: &System| {
            let is_linked = self.identities.iter().any(|identity| identity.source == system.id);
            let is_known = is_linked || with_stay.contains(&system.id);
            let can_tell = is_known || !system.is_asked() || self.lists_read.contains(&system.id);
            can_tell.then(|| (system.id.clone(), is_known))
        };
        self.registry.systems.iter().filter_map(known).collect()
    }

    /// The ids by which resources of `source` name the person, both answered and pushed ones.
    pub fn local_ids(&self, source: &SourceId) -> Vec<String> {
        let of_source = self.identities.iter().filter(|identity| identity.source == *source);
        let ids = of_source.flat_map(|identity| {
            let own_id = self.own_ids.get(identity).filter(|own_id| **own_id != identity.local_id.0);
            std::iter::once(identity.local_id.0.clone()).chain(own_id.cloned())
        });
        ids.collect()
    }

    /// Checks, just before data leaves, that the decision has not changed.
    pub async fn confirm(&self) -> Result<(), Failure> {
        self.service.decisions.confirm(&self.me, &self.permit, self.person).await
    }

    /// Decides again under the same view, and reads pushed items again.
    pub async fn decide_again(&mut self, until: Instant) -> Result<(), Failure> {
        let decisions = &self.service.decisions;
        let (resolved, permit) = decisions.decide(&self.me, &self.ask, &self.datasets, until).await?;
        if resolved.person != self.person {
            return Err(Failure::new(
                FailureKind::Conflict,
                "Who this record is about has just been corrected. Open the record again.",
            ));
        }
        // The answers belong to the old identities and the old grant: some may now be another person's, and newly granted
        // datasets were not asked for. The sources are asked anew.
        let (now, before) = (grant_of(&permit, self.person)?, self.grant()?);
        let asks_anew = !now.grants.is_subset(&before.grants)
            || are_sources_gone(now, before)
            || self.has_changed_sources()
            || !are_same_identities(&resolved.identities, &self.identities);
        if asks_anew {
            let (service, ask, me) = (self.service.clone(), self.ask.clone(), self.me.clone());
            *self = service.start_view(me, ask, self.datasets.clone(), (resolved, permit)).await?;
            return Ok(());
        }
        self.permit = permit;
        self.doubts = resolved.doubts;
        self.reload_pushed().await
    }

    /// Whether the registry now has another address of a source that this view asked, or stopped it, or let it go live.
    pub fn has_changed_sources(&self) -> bool {
        let state = self.service.sources.state();
        let address = |registry: &Registry, source: &SourceId| {
            registry.system(source).map(|system| (system.is_asked(), system.base_url.clone()))
        };
        let asked = self.grant().into_iter().flat_map(|grant| &grant.grants).map(|(source, _)| source);
        let asked: BTreeSet<&SourceId> = asked.collect();
        asked.into_iter().any(|source| address(&self.registry, source) != address(&state.registry, source))
    }

    /// Reads the person's pushed items and stays again.
    pub async fn reload_pushed(&mut self) -> Result<(), Failure> {
        let StoredData { pushed, ward, .. } = self.service.load_stored(self.person, &self.identities).await?;
        (self.pushed, self.ward) = (pushed, ward);
        Ok(())
    }
}

impl Service {
    pub async fn open(&self, caller: &Caller, ask: &ViewRequest) -> Result<OpenView, Failure> {
        let me = on_behalf_of(caller);
        // Subscribe before the decision: a change between the two would be missed otherwise.
        let changes = self.changes.subscribe();
        let requested: Option<BTreeSet<Dataset>> = ask.datasets.as_ref().map(|all| all.iter().copied().collect());
        let is_requested = |dataset: &Dataset| requested.as_ref().is_none_or(|all| all.contains(dataset));
        let datasets: Vec<Dataset> = Dataset::ALL.iter().copied().filter(is_requested).collect();
        let until = Instant::now() + REDECIDE_WITHIN;
        let decided = self.decisions.decide(&me, ask, &datasets, until).await;
        self.metrics.record_view(&decided);
        let view = self.start_view(me, ask.clone(), datasets, decided?).await?;
        Ok(OpenView { changes, ..view })
    }

    /// Asks the sources under a new decision.
    async fn start_view(
        &self,
        me: Caller,
        ask: ViewRequest,
        datasets: Vec<Dataset>,
        (resolved, permit): (PersonIdentities, Permit),
    ) -> Result<OpenView, Failure> {
        let changes = self.changes.subscribe();
        let state = self.sources.state();
        let grant = grant_of(&permit, resolved.person)?;
        let (StoredData { own_ids, pushed, ward }, lists) =
            tokio::try_join!(self.load_stored(resolved.person, &resolved.identities), self.list_progress())?;
        let plan = plan_fetches(grant, &resolved, &own_ids, &state.registry, &datasets);
        let lists_read =
            lists.iter().filter(|row| row.finished.is_some()).map(|row| SourceId::new(row.source.as_str()));
        let initial = |plan: &FetchPlan| {
            let has_connector = state.connectors.contains_key(&plan.source);
            if has_connector { Self::initial_answer(plan, &lists) } else { Self::push_only_answer(plan) }
        };
        let fetch_all = || self.fetch_all(&state, plan.clone(), plan.iter().map(initial).collect());
        let answers = if ask.live {
            self.sharing.join_or_ask((me.actor.session, resolved.person), &plan, fetch_all)
        } else {
            fetch_all()
        };
        let deadline = answers.deadline;
        let (receiver, answers) = AnswerReceiver::subscribe(answers);
        Ok(OpenView {
            view: ask.view,
            person: resolved.person,
            permit,
            registry: state.registry.clone(),
            datasets,
            identities: resolved.identities,
            own_ids,
            lists_read: lists_read.collect(),
            doubts: resolved.doubts,
            answers,
            receiver,
            deadline,
            pushed,
            ward,
            changes,
            clock: self.clock.clone(),
            opaque: opaque_ids(self.pushed_items.keys.clone(), resolved.person),
            ask,
            me,
            service: self.clone(),
        })
    }

    /// How far the sources' lists of people are read.
    async fn list_progress(&self) -> Result<Arc<[list_progress::Model]>, Failure> {
        let read = store::load_all_list_progress(self.store.read());
        self.lists.get_or_read(read).await.map_err(Failure::from)
    }

    /// Starts asking every source that knows the person.
    fn fetch_all(&self, state: &State, plans: Vec<FetchPlan>, initial: Vec<SourceAnswer>) -> Arc<SharedAnswers> {
        let deadline = Instant::now() + self.deadline;
        let retries = Arc::new(RetryBudget::new(MAX_RETRIES));
        let connector = |plan: &FetchPlan| state.connectors.get(&plan.source).filter(|_| plan.can_be_asked()).cloned();
        let calls: Vec<_> = plans
            .iter()
            .filter_map(|plan| Some((connector(plan)?, plan.clone())))
            .map(|(connector, plan)| (Arc::new(connector.view_budget()), connector, plan))
            .collect();
        let budgets = calls.iter().map(|(budget, ..)| budget.clone()).collect();
        let answers = SharedAnswers::new(plans, deadline, (initial, calls.len()), budgets);
        for (budget, connector, plan) in calls {
            let fetch = fetch_source(connector, plan, deadline, (retries.clone(), budget), answers.sender());
            let mut fetch = Box::pin(fetch.in_current_span());
            // A source whose answers are all at hand is finished here, and needs no task.
            if fetch.as_mut().now_or_never().is_none() {
                tokio::spawn(fetch);
            }
        }
        answers
    }

    /// The answer of a source without a connector: it gives pushed items only.
    fn push_only_answer(plan: &FetchPlan) -> SourceAnswer {
        let mut answer = SourceAnswer::pending(plan.source.clone(), plan.is_linked, &plan.resource_types);
        answer.types.values_mut().for_each(|one| one.outcome = QueryOutcome::NotOffered);
        answer.push_only = true;
        answer
    }

    /// The answer before the source has answered. If its list of people was never read to the end, or the id to ask with is
    /// unknown, its types have failed: it is never said to have no record of the person.
    fn initial_answer(plan: &FetchPlan, lists: &[list_progress::Model]) -> SourceAnswer {
        let is_list_read = lists.iter().any(|row| row.source == plan.source.0 && row.finished.is_some());
        let is_unaskable = !plan.can_be_asked() && (plan.is_linked || !is_list_read);
        let mut answer =
            SourceAnswer::pending(plan.source.clone(), plan.can_be_asked() || is_unaskable, &plan.resource_types);
        if is_unaskable {
            answer.types.values_mut().for_each(|one| *one = TypeAnswer::failed(MissingReason::ListNotRead));
        }
        answer
    }
}

/// Hashes ids so that an item of a person has the same opaque id in every view.
fn opaque_ids(keys: Arc<DataKeys>, person: PersonId) -> OpaqueId {
    Box::new(move |id| keys.hash_name(&format!("opaque-id|{person}|{id}")))
}

/// Whether a source that was granted is neither granted nor withheld now: the record must not count what it answered.
fn are_sources_gone(now: &PersonGrant, before: &PersonGrant) -> bool {
    let granted = now.grants.iter().map(|(source, _)| source);
    let named: BTreeSet<&SourceId> = granted.chain(now.withheld.iter().map(|(source, ..)| source)).collect();
    before.grants.iter().any(|(source, _)| !named.contains(source))
}

fn are_same_identities(one: &[SourceIdentity], other: &[SourceIdentity]) -> bool {
    let set = |all: &[SourceIdentity]| all.iter().cloned().collect::<BTreeSet<_>>();
    set(one) == set(other)
}
