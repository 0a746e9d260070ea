//! A view as a stream: the record at once, again each time a source answers, and for a live view again after each change until
//! the page is closed. Each part is confirmed just before it leaves.

use futures::{StreamExt, stream, stream::BoxStream};
use lcr_contracts::{Failure, records_api::Update};
use lcr_runtime::Stop;

use super::{
    completion::{CompletionPublisher, PendingCompletion},
    confirmation::compute_confirmed,
    fetch::mark_timed_out,
    open::OpenView,
    open_page::{PageChange, wait_for_change},
    recheck_timer::RecheckTimer,
    view::record,
};

/// How long an answer waits for others, so that the reader's page changes less often.
const SETTLE_TIME: std::time::Duration = std::time::Duration::from_millis(120);

enum Step {
    First,
    Filling,
    /// Every source has answered; the page stays open.
    Open,
    Done,
}

struct ViewStream {
    view: OpenView,
    step: Step,
    /// `None` for a view that ends when every source has answered.
    timer: Option<RecheckTimer>,
    completion: PendingCompletion,
    stop: Stop,
}

/// Streams the view until every source has answered or the service stops; a `live` view goes on until it may no longer be
/// shown or the reader leaves.
pub fn updates(view: OpenView, live: bool, publisher: CompletionPublisher, stop: Stop) -> BoxStream<'static, Update> {
    let timer = live.then(|| RecheckTimer::new(stop.clone()));
    let stream = ViewStream { view, step: Step::First, timer, completion: PendingCompletion::new(publisher), stop };
    stream::unfold(stream, |mut stream| async move {
        let update = stream.next().await?;
        Some((update, stream))
    })
    .boxed()
}

impl ViewStream {
    async fn next(&mut self) -> Option<Update> {
        match self.step {
            Step::Done => return None,
            Step::Open => return self.next_change().await,
            Step::First => self.step = Step::Filling,
            Step::Filling => {
                let has_more = tokio::select! {
                    has_more = self.view.next_answers() => has_more,
                    () = self.stop.cancelled() => false,
                };
                if !has_more {
                    return self.finish_filling().await;
                }
                let settled = tokio::time::Instant::now() + SETTLE_TIME;
                while let Ok(true) = tokio::time::timeout_at(settled, self.view.next_answers()).await {}
            }
        }
        self.send_record().await
    }

    /// No more answers will come. Reports the sources still outstanding, once.
    async fn finish_filling(&mut self) -> Option<Update> {
        let stays_open = self.timer.is_some() && !self.stop.is_cancelled();
        self.step = if stays_open { Step::Open } else { Step::Done };
        if self.view.answers.iter().all(|answer| answer.is_finished()) {
            return if stays_open { self.next_change().await } else { None };
        }
        self.view.answers.iter_mut().for_each(mark_timed_out);
        self.send_record().await
    }

    async fn next_change(&mut self) -> Option<Update> {
        match wait_for_change(self.timer.as_mut()?, &mut self.view).await? {
            PageChange::Changed => self.send_record().await,
            PageChange::Closed(failure) => Some(self.close(failure)),
        }
    }

    /// The record as it stands, confirmed; or the end of the view.
    async fn send_record(&mut self) -> Option<Update> {
        match compute_confirmed(&mut self.view, false, record).await {
            Ok(record) => {
                // After a change of identities the sources are asked anew, and the view fills again.
                if matches!(self.step, Step::Open) && !record.complete {
                    self.step = Step::Filling;
                }
                self.completion.set_shown(&self.view, &record);
                Some(Update::Record(Box::new(record)))
            }
            Err(failure) => Some(self.close(failure)),
        }
    }

    fn close(&mut self, failure: Failure) -> Update {
        self.step = Step::Done;
        Update::Closed { at: self.view.clock.now(), failure }
    }
}
