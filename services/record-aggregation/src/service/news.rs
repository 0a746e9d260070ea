//! What an open view listens for. A word says that something may have changed, never what: the view asks again.

use std::sync::Arc;

use async_trait::async_trait;
use lcr_bus::{Consumer, bodies};
use lcr_contracts::{
    Failure,
    events::{ChoiceChanged, CloudEvent, ItemReceived, PersonChanged, SessionEnded, WardChanged},
};
use lcr_model::{PersonId, SessionId, SourceIdentity, SpellId, seal::DataKeys};
use tokio::sync::broadcast;

use super::stays::on_record;

/// Words kept for a view that is busy; one that missed some takes it as a word about itself.
pub const KEPT: usize = 1024;

/// Something of this changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    Person(PersonId),
    Session(SessionId),
    Identity(SourceIdentity),
    /// A stay, which may have been this person's before.
    Stay(SpellId),
    /// Anything may have: words were missed.
    Everything,
}

/// Every replica hears for its own views.
pub struct Listener {
    pub views: broadcast::Sender<Word>,
    pub keys: Arc<DataKeys>,
}

impl Listener {
    /// Whose a stay is now, and the stay itself: it may have been another person's.
    fn stay(&self, event: &WardChanged) -> Vec<Word> {
        let told = on_record(&self.keys, event).and_then(Result::ok);
        let person = told.and_then(|told| told.person).map(Word::Person);
        person.into_iter().chain([Word::Stay(event.spell.clone())]).collect()
    }
}

#[async_trait]
impl Consumer for Listener {
    async fn apply(&self, events: &[CloudEvent]) -> Result<(), Failure> {
        // Most of the time nobody is looking at anybody: reading the bodies would be for nothing.
        if self.views.receiver_count() == 0 {
            return Ok(());
        }
        let choices = bodies::<ChoiceChanged>(events)?.into_iter().map(|one| Word::Person(one.person));
        let people = bodies::<PersonChanged>(events)?.into_iter().map(|one| Word::Person(one.person));
        let sessions = bodies::<SessionEnded>(events)?.into_iter().map(|one| Word::Session(one.session));
        let items = bodies::<ItemReceived>(events)?.into_iter().map(|one| Word::Identity(one.identity));
        let stays: Vec<WardChanged> = bodies::<WardChanged>(events)?;
        let stays = stays.iter().flat_map(|one| self.stay(one));
        for word in choices.chain(people).chain(sessions).chain(items).chain(stays) {
            let _ = self.views.send(word);
        }
        Ok(())
    }

    /// Every open view looks again, as if told of itself.
    async fn resync(&self) -> Result<(), Failure> {
        let _ = self.views.send(Word::Everything);
        Ok(())
    }
}
