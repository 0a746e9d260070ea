//! Reviews of doubtful links: shows both records to data stewards with a permit, and applies their decision. The audit entry
//! must be committed before anything changes.

use lcr_contracts::{
    Caller, Failure, FailureKind,
    audit::AccessKind,
    events::ReviewDecided,
    patient_index::{DecideReview, Doubt, LinkDecision, LinkReview, ReviewPage},
};
use lcr_model::{Permit, PersonId, Role, SourceId, ViewId};
use lcr_store::Store;
use uuid::Uuid;

use super::{Service, loaded_people::LoadedPeople};
use crate::{
    publish_people::publish_people,
    store::{
        self,
        review::{self, ReviewRow},
    },
};

/// Reviews on a page.
const PAGE_SIZE: u64 = 20;
/// The longest reason, in characters.
const MAX_REASON_LENGTH: usize = 500;

/// A review with the people it is about.
struct ReviewCase {
    row: ReviewRow,
    holder: PersonId,
    doubtful: PersonId,
}

impl Service {
    pub(super) async fn review_page(&self, caller: &Caller, after: Option<Uuid>) -> Result<ReviewPage, Failure> {
        require_steward(caller)?;
        let rows = review::read_page(self.store.read(), after, PAGE_SIZE).await?;
        let after = (rows.len() as u64 == PAGE_SIZE).then(|| rows.last().map(|row| row.id)).flatten();
        let (cases, loaded) = self.load_cases(rows).await?;
        let permit = self.request_permit(caller, ViewId::new(), &cases, &loaded).await?;
        let reviews: Vec<LinkReview> =
            cases.iter().filter_map(|case| to_link_review(case, permit.as_ref()?, &loaded)).collect();
        let not_shown = u32::try_from(cases.len() - reviews.len()).unwrap_or(u32::MAX);
        Ok(ReviewPage { reviews, not_shown, after })
    }

    pub(super) async fn close_review(&self, caller: &Caller, id: Uuid, decision: DecideReview) -> Result<(), Failure> {
        require_steward(caller)?;
        let reason = decision.reason.trim().to_owned();
        if reason.is_empty() || reason.chars().count() > MAX_REASON_LENGTH {
            return Err(Failure::bad_request("Give a reason of at most 500 characters."));
        }
        let row = review::find(self.store.read(), id).await?;
        let row = row.ok_or_else(Failure::not_found)?;
        if !row.is_open() {
            return Err(already_closed());
        }
        let (cases, loaded) = self.load_cases(vec![row]).await?;
        let case = cases.first().ok_or_else(already_closed)?;
        // Asking for the permit commits the audit entry. Nothing may change before it.
        let view = ViewId::new();
        let permit = self.request_permit(caller, view, &cases, &loaded).await?.ok_or_else(Failure::not_found)?;
        for person in [case.holder, case.doubtful] {
            permit.for_person(person).map_err(|_| Failure::not_found())?;
        }
        let now = self.clock.now();
        let event = ReviewDecided {
            review: id,
            view,
            by: caller.actor.user.clone(),
            at: now,
            decision: decision.decision,
            people: [case.holder, case.doubtful],
        };
        let identity = case.row.identity();
        let closed = self.store.write(async move |tx| {
            let [holder, doubtful] = event.people;
            let state = match event.decision {
                LinkDecision::Link => review::LINKED,
                LinkDecision::Separate => review::SEPARATED,
            };
            if !review::record_decision(&tx, id, now, state, &event.by.0, &reason).await? {
                return Ok(false);
            }
            if event.decision == LinkDecision::Link {
                store::join_record(&tx, &identity, doubtful, holder).await?;
            }
            publish_people(&tx, now, [holder, doubtful]).await?;
            Store::publish(&tx, now, &[event]).await?;
            Ok(true)
        });
        if closed.await? { Ok(()) } else { Err(already_closed()) }
    }

    /// The sources with a record under the person's number that may be another person's. For the person of such a record,
    /// the sources of the person who has the number.
    pub(super) async fn doubts(&self, person: PersonId, loaded: &LoadedPeople) -> Result<Vec<Doubt>, Failure> {
        let doubt = |source: SourceId, row: &ReviewRow| Doubt {
            source,
            other_sex: row.other_sex,
            other_birth_date: row.other_birth_date,
        };
        let against = review::find_open_against(self.store.read(), &[person]).await?;
        let mut doubts: Vec<Doubt> = against.iter().map(|row| doubt(SourceId::new(row.source.clone()), row)).collect();
        let own: Vec<_> = loaded.doubted_identities(person).map(store::IdentityRow::identity).collect();
        for row in review::find_open(self.store.read(), own.iter()).await? {
            let holder = store::identities_of(self.store.read(), &[PersonId(row.holder)]).await?;
            let numbered = holder.iter().filter(|one| one.number().is_some() && !one.number_doubted);
            doubts.extend(numbered.map(|one| doubt(SourceId::new(one.source.clone()), &row)));
        }
        doubts.sort_by(|one, other| one.source.cmp(&other.source));
        doubts.dedup();
        Ok(doubts)
    }

    /// The reviews whose identities still exist, with their people.
    async fn load_cases(&self, rows: Vec<ReviewRow>) -> Result<(Vec<ReviewCase>, LoadedPeople), Failure> {
        let mut cases = Vec::new();
        for row in rows {
            let Some(identity) = store::find_identity(self.store.read(), &row.identity()).await? else { continue };
            let holder = store::find_survivor(self.store.read(), PersonId(row.holder)).await?;
            cases.push(ReviewCase { row, holder, doubtful: PersonId(identity.person) });
        }
        let people: Vec<PersonId> = cases.iter().flat_map(|case| [case.holder, case.doubtful]).collect();
        Ok((cases, self.load_people(&people).await?))
    }

    async fn request_permit(
        &self,
        caller: &Caller,
        view: ViewId,
        cases: &[ReviewCase],
        loaded: &LoadedPeople,
    ) -> Result<Option<Permit>, Failure> {
        let mut people: Vec<PersonId> = cases.iter().flat_map(|case| [case.holder, case.doubtful]).collect();
        people.sort_unstable();
        people.dedup();
        let questions = people.into_iter().filter_map(|person| loaded.person_question(person)).collect();
        Ok(self.ask_consent(caller, view, AccessKind::Review, questions).await?.0)
    }
}

fn to_link_review(case: &ReviewCase, permit: &Permit, loaded: &LoadedPeople) -> Option<LinkReview> {
    let grant = permit.for_person(case.holder).ok().filter(|grant| grant.may_name(&case.row.source))?;
    let mut doubtful = loaded.patient(permit, case.doubtful, "", true)?;
    // Show the doubtful record with the number under review.
    let holder = loaded.patient(permit, case.holder, "", true)?;
    doubtful.nhs_number.clone_from(&holder.nhs_number);
    let holder_sources = loaded.sources(case.holder).into_iter();
    Some(LinkReview {
        id: case.row.id,
        opened_at: jiff::Timestamp::from_microsecond(case.row.opened).unwrap_or_default(),
        source: SourceId::new(case.row.source.clone()),
        doubtful,
        holder,
        holder_sources: holder_sources.filter(|source| grant.may_name(source.as_str())).collect(),
        other_sex: case.row.other_sex,
        other_birth_date: case.row.other_birth_date,
    })
}

fn require_steward(caller: &Caller) -> Result<(), Failure> {
    if caller.actor.role == Role::DataSteward {
        Ok(())
    } else {
        Err(Failure::forbidden("Reviews are for data stewards."))
    }
}

fn already_closed() -> Failure {
    Failure::new(FailureKind::Conflict, "This review is closed already.")
}
