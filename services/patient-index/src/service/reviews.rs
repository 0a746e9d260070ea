//! Reviews of doubtful links: shown to data stewards side by side under a permit, and closed by their decision.

use lcr_contracts::{
    Caller, Failure, Kind,
    audit::What,
    events::ReviewDecided,
    patient_index::{DecideReview, Doubt, LinkDecision, LinkReview, ReviewPage},
};
use lcr_model::{Permit, PersonId, Role, SourceId, ViewId};
use lcr_store::Store;
use sea_orm::DbErr;
use uuid::Uuid;

use super::{Gathered, Service, away};
use crate::{
    restate::restate,
    store::{
        self,
        review::{self, ReviewRow},
    },
};

/// Reviews on a page.
const PAGE: u64 = 20;
/// The most characters of a reason.
const REASON: usize = 500;

/// A review with the people it is about.
struct About {
    row: ReviewRow,
    holder: PersonId,
    doubtful: PersonId,
}

impl Service {
    pub(super) async fn review_page(
        &self,
        caller: &Caller,
        after: Option<Uuid>,
    ) -> Result<ReviewPage, Failure> {
        stewards_alone(caller)?;
        let rows = review::page(self.store.read(), after, PAGE).await.map_err(|e| away(&e))?;
        let after = (rows.len() as u64 == PAGE).then(|| rows.last().map(|row| row.id)).flatten();
        let (about, gathered) = self.about(rows).await?;
        let permit = self.permitted(caller, ViewId::new(), &about, &gathered).await?;
        let reviews: Vec<LinkReview> =
            about.iter().filter_map(|one| shown(one, permit.as_ref()?, &gathered)).collect();
        let not_shown = u32::try_from(about.len() - reviews.len()).unwrap_or(u32::MAX);
        Ok(ReviewPage { reviews, not_shown, after })
    }

    pub(super) async fn close_review(
        &self,
        caller: &Caller,
        id: Uuid,
        decided: DecideReview,
    ) -> Result<(), Failure> {
        stewards_alone(caller)?;
        let reason = decided.reason.trim().to_owned();
        if reason.is_empty() || reason.chars().count() > REASON {
            return Err(Failure::bad_request("Give a reason of at most 500 characters."));
        }
        let row = review::find(self.store.read(), id).await.map_err(|e| away(&e))?;
        let row = row.ok_or_else(Failure::not_found)?;
        if !row.is_open() {
            return Err(already_closed());
        }
        let (about, gathered) = self.about(vec![row]).await?;
        let one = about.first().ok_or_else(already_closed)?;
        // The entry of the log stands before anything changes.
        let view = ViewId::new();
        let permit = self.permitted(caller, view, &about, &gathered).await?.ok_or_else(Failure::not_found)?;
        for person in [one.holder, one.doubtful] {
            permit.for_person(person).map_err(|_| Failure::not_found())?;
        }
        let now = self.clock.now();
        let told = ReviewDecided {
            review: id,
            view,
            by: caller.actor.user.clone(),
            at: now,
            decision: decided.decision,
            people: [one.holder, one.doubtful],
        };
        let identity = one.row.identity();
        let closed = self.store.write::<_, DbErr, _>(move |tx| {
            Box::pin(async move {
                let [holder, doubtful] = told.people;
                let state = match told.decision {
                    LinkDecision::Link => review::LINKED,
                    LinkDecision::Separate => review::SEPARATED,
                };
                if !review::decide(tx, id, now, state, &told.by.0, &reason).await? {
                    return Ok(false);
                }
                if told.decision == LinkDecision::Link {
                    store::join(tx, &identity, doubtful, holder).await?;
                }
                restate(tx, now, [holder, doubtful]).await?;
                Store::publish(tx, now, &[told]).await?;
                Ok(true)
            })
        });
        if closed.await? { Ok(()) } else { Err(already_closed()) }
    }

    /// Sources with a record under the person's number that may be somebody else's; and, for the person of such a
    /// record, the sources of whoever has the number.
    pub(super) async fn doubts(&self, person: PersonId, gathered: &Gathered) -> Result<Vec<Doubt>, Failure> {
        let doubt = |source: SourceId, row: &ReviewRow| Doubt {
            source,
            other_sex: row.other_sex,
            other_birth_date: row.other_birth_date,
        };
        let against = review::open_against(self.store.read(), &[person]).await.map_err(|e| away(&e))?;
        let mut doubts: Vec<Doubt> =
            against.iter().map(|row| doubt(SourceId::new(row.source.clone()), row)).collect();
        let own: Vec<_> = gathered.doubted(person).map(store::IdentityRow::identity).collect();
        for row in review::open_of(self.store.read(), own.iter()).await.map_err(|e| away(&e))? {
            let holder = store::identities_of(self.store.read(), &[PersonId(row.holder)]).await;
            let holder = holder.map_err(|e| away(&e))?;
            let numbered = holder.iter().filter(|one| one.number().is_some() && !one.number_doubted);
            doubts.extend(numbered.map(|one| doubt(SourceId::new(one.source.clone()), &row)));
        }
        doubts.sort_by(|one, other| one.source.cmp(&other.source));
        doubts.dedup();
        Ok(doubts)
    }

    /// The reviews whose people are known, with what is known of them.
    async fn about(&self, rows: Vec<ReviewRow>) -> Result<(Vec<About>, Gathered), Failure> {
        let mut about = Vec::new();
        for row in rows {
            let found = store::identity_row(self.store.read(), &row.identity()).await;
            let Some(identity) = found.map_err(|e| away(&e))? else { continue };
            let holder = store::survivor(self.store.read(), PersonId(row.holder)).await;
            let holder = holder.map_err(|e| away(&e))?;
            about.push(About { row, holder, doubtful: PersonId(identity.person) });
        }
        let people: Vec<PersonId> = about.iter().flat_map(|one| [one.holder, one.doubtful]).collect();
        Ok((about, self.gather(&people).await?))
    }

    async fn permitted(
        &self,
        caller: &Caller,
        view: ViewId,
        about: &[About],
        gathered: &Gathered,
    ) -> Result<Option<Permit>, Failure> {
        let mut people: Vec<PersonId> = about.iter().flat_map(|one| [one.holder, one.doubtful]).collect();
        people.sort_unstable();
        people.dedup();
        let asked = people.into_iter().filter_map(|person| gathered.asked(person)).collect();
        Ok(self.decide(caller, view, What::Review, asked).await?.0)
    }
}

fn shown(one: &About, permit: &Permit, gathered: &Gathered) -> Option<LinkReview> {
    let mut doubtful = gathered.stub(permit, one.doubtful, "", true)?;
    // The number it came with is what the review is about.
    let holder = gathered.stub(permit, one.holder, "", true)?;
    doubtful.nhs_number.clone_from(&holder.nhs_number);
    Some(LinkReview {
        id: one.row.id,
        opened_at: jiff::Timestamp::from_microsecond(one.row.opened).unwrap_or_default(),
        source: SourceId::new(one.row.source.clone()),
        doubtful,
        holder,
        holder_sources: gathered.sources(one.holder),
        other_sex: one.row.other_sex,
        other_birth_date: one.row.other_birth_date,
    })
}

fn stewards_alone(caller: &Caller) -> Result<(), Failure> {
    if caller.actor.role == Role::DataSteward {
        Ok(())
    } else {
        Err(Failure::forbidden("Reviews are for data stewards."))
    }
}

fn already_closed() -> Failure {
    Failure::new(Kind::Conflict, "This review is closed already.")
}
