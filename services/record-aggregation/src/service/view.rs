//! A view as it fills, or whole at the deadline. Each part is confirmed just before it leaves; what was shown is
//! told to audit when the view ends, however it ends.

use futures::{StreamExt, stream, stream::BoxStream};
use lcr_contracts::{
    Failure,
    record::{Record, SourceReport},
    records::Update,
};
use lcr_model::permit::PersonGrant;
use lcr_runtime::Stop;
use tokio::time::Instant;

use super::{
    asking::time_out,
    completion::{Completer, Shown},
    live::{Live, Look},
    open::Opened,
    standing::{DECIDED_WITHIN, shown, standing},
};
use crate::domain::assemble;

/// The record as the view stands, under its newest grant. It may leave only once that grant is confirmed.
pub fn record(opened: &Opened) -> Result<Record, Failure> {
    let answers = opened.with_pushed();
    Ok(assemble::assemble(&assemble::Parts {
        view: opened.view,
        listing: opened.listing(&answers)?,
        doubts: &opened.doubts,
    }))
}

/// What every source said, whoever may know of it.
pub fn reports(opened: &Opened) -> Vec<SourceReport> {
    let answers = opened.with_pushed();
    opened.listing(&answers).map_or_else(|_| vec![], |listing| assemble::reports(&listing, &opened.doubts))
}

/// The record when every source has answered or its time is up.
pub async fn whole(opened: &mut Opened, completer: &Completer) -> Result<Record, Failure> {
    shown(completer, opened, record, |record| record).await
}

/// How long an answer waits for others before both go out.
const SETTLE: std::time::Duration = std::time::Duration::from_millis(120);

enum Step {
    First,
    Filling,
    /// Everybody has answered; the view stays open.
    Live,
    Done,
}

struct Filling {
    opened: Opened,
    step: Step,
    /// For a view that stays open.
    live: Option<Live>,
    shown: Shown,
    stop: Stop,
}

/// The first item at once, another each time a source answers, until all have or the stop is told; one that is
/// `live` goes on until it may no longer be shown or nobody reads it.
pub fn stream(opened: Opened, live: bool, completer: Completer, stop: Stop) -> BoxStream<'static, Update> {
    let live = live.then(|| Live::new(stop.clone()));
    let filling = Filling { opened, step: Step::First, live, shown: Shown::new(completer), stop };
    stream::unfold(filling, |mut filling| async move {
        let update = next(&mut filling).await?;
        Some((update, filling))
    })
    .boxed()
}

async fn next(filling: &mut Filling) -> Option<Update> {
    match filling.step {
        Step::Done => return None,
        Step::Live => return watch(filling).await,
        Step::First => filling.step = Step::Filling,
        Step::Filling => {
            let more = tokio::select! {
                more = filling.opened.more() => more,
                () = filling.stop.cancelled() => false,
            };
            if !more {
                return last(filling).await;
            }
            // Answers that come close together go out together: fewer changes under a reader's eyes.
            let settled = tokio::time::Instant::now() + SETTLE;
            while let Ok(true) = tokio::time::timeout_at(settled, filling.opened.more()).await {}
        }
    }
    part(filling).await
}

/// Nobody will answer any more: what is still asked is named, once.
async fn last(filling: &mut Filling) -> Option<Update> {
    let stays = filling.live.is_some() && !filling.stop.is_cancelled();
    filling.step = if stays { Step::Live } else { Step::Done };
    if filling.opened.answers.iter().all(|one| one.finished()) {
        return if stays { watch(filling).await } else { None };
    }
    filling.opened.answers.iter_mut().for_each(time_out);
    part(filling).await
}

/// Waits until something may have changed, and tells what it did: new items, less to see, or the end.
async fn watch(filling: &mut Filling) -> Option<Update> {
    loop {
        let opened = &filling.opened;
        let before = (opened.pushed.clone(), opened.grant().ok()?.clone(), opened.ward.stays.clone());
        let (identities, mut newer) = (opened.identities.clone(), false);
        let again = match filling.live.as_mut()?.look(&mut filling.opened).await {
            Look::Stop => return None,
            Look::Renew => filling.opened.renew(decided_by()).await,
            Look::Newer(answers) => {
                newer = true;
                filling.opened.go_over(answers);
                filling.opened.read_pushed().await
            }
            Look::Word => match filling.opened.confirm().await {
                Ok(()) => filling.opened.read_pushed().await,
                Err(_) => filling.opened.renew(decided_by()).await,
            },
        };
        if let Err(failure) = again {
            filling.step = Step::Done;
            return Some(Update::Closed { at: filling.opened.clock.now(), failure });
        }
        let same_grant = |now: &PersonGrant| {
            (&now.grants, &now.hide, &now.withheld, &now.clearances)
                == (&before.1.grants, &before.1.hide, &before.1.withheld, &before.1.clearances)
        };
        let opened = &filling.opened;
        // A person with other identities may be another: what was shown of them is told again, whatever the grant says.
        let same =
            opened.pushed == before.0 && opened.ward.stays == before.2 && opened.identities == identities;
        if newer || !same || !same_grant(opened.grant().ok()?) {
            return part(filling).await;
        }
    }
}

fn decided_by() -> Instant {
    Instant::now() + DECIDED_WITHIN
}

/// The record as it stands, confirmed; or the end of the view.
async fn part(filling: &mut Filling) -> Option<Update> {
    match standing(&mut filling.opened, false, record).await {
        Ok(record) => {
            // A view whose sources are asked anew, because the person has other identities now, fills again.
            if matches!(filling.step, Step::Live) && !record.complete {
                filling.step = Step::Filling;
            }
            filling.shown.note(&filling.opened, &record);
            Some(Update::Record(Box::new(record)))
        }
        Err(failure) => {
            filling.step = Step::Done;
            Some(Update::Closed { at: filling.opened.clock.now(), failure })
        }
    }
}
