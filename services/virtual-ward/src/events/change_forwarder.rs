//! Notifies open lists of changes. A notice holds ids only, and must never hold patient data.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use async_trait::async_trait;
use lcr_bus::{Consumer, bodies};
use lcr_contracts::{
    Failure,
    events::{ChoiceChanged, CloudEvent, PartnersChanged, PersonChanged, SessionEnded, Stream, WardChanged},
};
use lcr_model::PersonId;

use super::{ChangeNotice, ChangeSender};

/// The streams whose events may close or change an open list.
pub const WATCHED_STREAMS: [Stream; 5] =
    [Stream::Consent, Stream::Identity, Stream::Partners, Stream::People, Stream::Ward];

/// Each notice is sent again after this delay, when other services and replicas have processed the event.
const REPEAT_DELAY: Duration = Duration::from_millis(1500);

/// Forwards changes to open lists.
pub struct ChangeForwarder {
    pub changes: ChangeSender,
}

#[async_trait]
impl Consumer for ChangeForwarder {
    async fn apply(&self, events: &[CloudEvent]) -> Result<(), Failure> {
        let sessions = bodies::<SessionEnded>(events)?.into_iter().map(|ended| ended.session);
        let mut notices: Vec<ChangeNotice> = sessions.map(ChangeNotice::SessionEnded).collect();
        let choices = bodies::<ChoiceChanged>(events)?.into_iter().map(|change| change.person);
        let people = bodies::<PersonChanged>(events)?.into_iter().map(|change| change.person);
        let people: BTreeSet<PersonId> = choices.chain(people).collect();
        if !people.is_empty() {
            notices.push(ChangeNotice::People(Arc::new(people)));
        }
        if !bodies::<WardChanged>(events)?.is_empty() {
            notices.push(ChangeNotice::Stays);
        }
        if !bodies::<PartnersChanged>(events)?.is_empty() {
            notices.push(ChangeNotice::Everything);
        }
        self.forward(notices);
        Ok(())
    }

    /// Makes every open list authorise again. Sessions that ended meanwhile are refused then.
    async fn resync(&self) -> Result<(), Failure> {
        self.forward(vec![ChangeNotice::Everything]);
        Ok(())
    }
}

impl ChangeForwarder {
    /// Sends the notices now and once more after a delay. `send` fails if no list is open; that is fine.
    fn forward(&self, notices: Vec<ChangeNotice>) {
        if notices.is_empty() || self.changes.receiver_count() == 0 {
            return;
        }
        for notice in &notices {
            let _ = self.changes.send(notice.clone());
        }
        let changes = self.changes.clone();
        tokio::spawn(async move {
            tokio::time::sleep(REPEAT_DELAY).await;
            for notice in notices {
                let _ = changes.send(notice);
            }
        });
    }
}
