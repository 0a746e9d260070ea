//! Notices that something an open view depends on may have changed. A notice never carries the change itself: the view
//! decides again and reads again.

use std::sync::Arc;

use async_trait::async_trait;
use lcr_bus::{Consumer, bodies};
use lcr_contracts::{
    Failure,
    events::{ChoiceChanged, CloudEvent, ItemReceived, PartnersChanged, PersonChanged, SessionEnded, WardChanged},
};
use lcr_model::{PersonId, SessionId, SourceIdentity, SpellId, seal::DataKeys};
use tokio::sync::broadcast;

use super::ward_stays::open_stay;

/// Notices buffered for a slow view. A view that missed some treats that as a notice about itself.
pub const CHANNEL_CAPACITY: usize = 1024;

/// What may have changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeNotice {
    Person(PersonId),
    Session(SessionId),
    Identity(SourceIdentity),
    /// A stay, which may have belonged to another person before.
    Stay(SpellId),
    /// Events were missed, or a partner changed, so anything may have changed.
    Everything,
}

/// Turns bus events into notices. Every replica watches for its own views.
pub struct ChangeListener {
    pub views: broadcast::Sender<ChangeNotice>,
    pub keys: Arc<DataKeys>,
}

impl ChangeListener {
    /// Notices for the stay's person and for the stay itself, which may have been on another person's record.
    fn stay_notices(&self, event: &WardChanged) -> Vec<ChangeNotice> {
        let stay = open_stay(&self.keys, event).and_then(Result::ok);
        let person = stay.and_then(|stay| stay.person).map(ChangeNotice::Person);
        person.into_iter().chain([ChangeNotice::Stay(event.spell.clone())]).collect()
    }
}

#[async_trait]
impl Consumer for ChangeListener {
    async fn apply(&self, events: &[CloudEvent]) -> Result<(), Failure> {
        // No view is open most of the time: skip decoding then.
        if self.views.receiver_count() == 0 {
            return Ok(());
        }
        let choices = bodies::<ChoiceChanged>(events)?.into_iter().map(|body| ChangeNotice::Person(body.person));
        let people = bodies::<PersonChanged>(events)?.into_iter().map(|body| ChangeNotice::Person(body.person));
        let sessions = bodies::<SessionEnded>(events)?.into_iter().map(|body| ChangeNotice::Session(body.session));
        let items = bodies::<ItemReceived>(events)?.into_iter().map(|body| ChangeNotice::Identity(body.identity));
        let stays: Vec<WardChanged> = bodies::<WardChanged>(events)?;
        let stays = stays.iter().flat_map(|body| self.stay_notices(body));
        // An agreement, a suspension or a step of the switch-on may change what everybody sees.
        let partners = bodies::<PartnersChanged>(events)?;
        let partners = partners.first().map(|_| ChangeNotice::Everything);
        for notice in choices.chain(people).chain(sessions).chain(items).chain(stays).chain(partners) {
            let _ = self.views.send(notice);
        }
        Ok(())
    }

    async fn resync(&self) -> Result<(), Failure> {
        let _ = self.views.send(ChangeNotice::Everything);
        Ok(())
    }
}
