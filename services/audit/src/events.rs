//! What audit hears: views completed, and who a signed-in patient is. The inbox makes a second delivery of the same
//! event have no effect. One that does not read is never left out: its batch fails, and the bus puts it aside.

use std::sync::Arc;

use async_trait::async_trait;
use lcr_bus::{Consumer, bodies};
use lcr_contracts::{
    Failure,
    events::{CloudEvent, PersonChanged, ViewCompleted},
};
use lcr_store::{Store, inbox};
use sea_orm::DbErr;
use tokio::sync::Notify;

use crate::{Numbers, store};

pub struct Completions {
    pub store: Store,
    /// Wakes the sequencer.
    pub woken: Arc<Notify>,
    pub numbers: Numbers,
}

#[async_trait]
impl Consumer for Completions {
    async fn apply(&self, events: &[CloudEvent]) -> Result<(), Failure> {
        let mut completed = Vec::new();
        for event in events {
            let body = bodies::<ViewCompleted>(std::slice::from_ref(event))?;
            completed.extend(body.into_iter().map(|body| (event.id, body)));
        }
        let completed = self
            .store
            .write::<_, DbErr, _>(move |tx| {
                Box::pin(async move {
                    let ids: Vec<_> = completed.iter().map(|(id, _)| *id).collect();
                    let new = inbox::first_time(tx, &ids).await?;
                    let mut entries = 0;
                    for (id, body) in completed.iter().filter(|(id, _)| new.contains(id)) {
                        entries += store::completes(tx, body).await?;
                        store::complete(tx, *id, body).await?;
                    }
                    Ok(entries)
                })
            })
            .await?;
        self.numbers.completed(completed);
        self.woken.notify_one();
        Ok(())
    }
}

pub struct Logins(pub Store);

#[async_trait]
impl Consumer for Logins {
    async fn apply(&self, events: &[CloudEvent]) -> Result<(), Failure> {
        let changes: Vec<PersonChanged> = bodies(events)?;
        let keep = self.0.write::<_, DbErr, _>(move |tx| {
            Box::pin(async move { lcr_store::login::keep(tx, &changes).await })
        });
        Ok(keep.await?)
    }
}
