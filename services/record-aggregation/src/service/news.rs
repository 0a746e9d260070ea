//! What an open view listens for. A word says that something may have changed, never what: the view asks again.

use async_trait::async_trait;
use lcr_bus::{Consumer, bodies};
use lcr_contracts::{
    Failure,
    events::{ChoiceChanged, CloudEvent, ItemReceived, PersonChanged, SessionEnded},
};
use lcr_model::{PersonId, SessionId, SourceIdentity};
use tokio::sync::broadcast;

/// Words kept for a view that is busy; one that missed some takes it as a word about itself.
pub const KEPT: usize = 1024;

/// Something of this changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    Person(PersonId),
    Session(SessionId),
    Identity(SourceIdentity),
    /// Anything may have: words were missed.
    Everything,
}

/// Every replica hears for its own views.
pub struct Listener(pub broadcast::Sender<Word>);

#[async_trait]
impl Consumer for Listener {
    async fn apply(&self, events: &[CloudEvent]) -> Result<(), Failure> {
        // Most of the time nobody is looking at anybody: reading the bodies would be for nothing.
        if self.0.receiver_count() == 0 {
            return Ok(());
        }
        let choices = bodies::<ChoiceChanged>(events)?.into_iter().map(|one| Word::Person(one.person));
        let people = bodies::<PersonChanged>(events)?.into_iter().map(|one| Word::Person(one.person));
        let sessions = bodies::<SessionEnded>(events)?.into_iter().map(|one| Word::Session(one.session));
        let items = bodies::<ItemReceived>(events)?.into_iter().map(|one| Word::Identity(one.identity));
        for word in choices.chain(people).chain(sessions).chain(items) {
            let _ = self.0.send(word);
        }
        Ok(())
    }

    /// Every open view looks again, as if told of itself.
    async fn resync(&self) -> Result<(), Failure> {
        let _ = self.0.send(Word::Everything);
        Ok(())
    }
}
