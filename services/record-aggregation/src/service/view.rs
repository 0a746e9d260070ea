//! A view as it fills, or whole at the deadline. Each part is confirmed just before it leaves; what was shown is
//! told to audit when the view ends, however it ends.

use futures::{StreamExt, stream, stream::BoxStream};
use lcr_contracts::{Failure, record::Record, records::Update};
use lcr_runtime::Stop;

use super::{
    asking::time_out,
    completion::{Completer, Shown},
    open::Opened,
};
use crate::domain::{answer::SourceAnswer, assemble};

fn record(opened: &Opened) -> Result<Record, Failure> {
    Ok(assemble::assemble(&assemble::Parts {
        view: opened.view,
        grant: opened.grant()?,
        registry: &opened.registry,
        answers: &opened.answers,
        datasets: &opened.datasets,
        now: opened.clock.now(),
    }))
}

/// The record when every source has answered or its time is up.
pub async fn whole(opened: &mut Opened, completer: &Completer) -> Result<Record, Failure> {
    opened.settle().await;
    let record = record(opened)?;
    opened.confirm().await?;
    completer.shown(&record).await;
    Ok(record)
}

/// How long an answer waits for others before both go out.
const SETTLE: std::time::Duration = std::time::Duration::from_millis(120);

enum Step {
    First,
    Filling,
    Done,
}

struct Filling {
    opened: Opened,
    step: Step,
    shown: Shown,
    stop: Stop,
}

/// The first item at once, another each time a source answers, until all have or the stop is told.
pub fn stream(opened: Opened, completer: Completer, stop: Stop) -> BoxStream<'static, Update> {
    let filling = Filling { opened, step: Step::First, shown: Shown::new(completer), stop };
    stream::unfold(filling, |mut filling| async move {
        let update = next(&mut filling).await?;
        Some((update, filling))
    })
    .boxed()
}

async fn next(filling: &mut Filling) -> Option<Update> {
    match filling.step {
        Step::Done => return None,
        Step::First => filling.step = Step::Filling,
        Step::Filling => {
            let answer = tokio::select! {
                answer = filling.opened.coming.recv() => answer,
                () = filling.stop.cancelled() => None,
            };
            let Some(answer) = answer else { return last(filling).await };
            filling.opened.take(answer);
            // Answers that come close together go out together: fewer changes under a reader's eyes.
            let settled = tokio::time::Instant::now() + SETTLE;
            while let Ok(Some(more)) = tokio::time::timeout_at(settled, filling.opened.coming.recv()).await {
                filling.opened.take(more);
            }
        }
    }
    part(filling).await
}

/// Nobody will answer any more: what is still asked is named, once.
async fn last(filling: &mut Filling) -> Option<Update> {
    filling.step = Step::Done;
    if filling.opened.answers.iter().all(SourceAnswer::finished) {
        return None;
    }
    filling.opened.answers.iter_mut().for_each(time_out);
    part(filling).await
}

/// The record as it stands, confirmed; or the end of the view.
async fn part(filling: &mut Filling) -> Option<Update> {
    let part = match record(&filling.opened) {
        Ok(record) => filling.opened.confirm().await.map(|()| record),
        Err(failure) => Err(failure),
    };
    match part {
        Ok(record) => {
            filling.shown.note(&record);
            Some(Update::Record(Box::new(record)))
        }
        Err(failure) => {
            filling.step = Step::Done;
            Some(Update::Closed { at: filling.opened.clock.now(), failure })
        }
    }
}
