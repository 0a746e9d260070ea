//! What audit hears: views completed, and who a signed-in patient is. The inbox makes a second delivery of the same
//! event have no effect. One that does not read is never left out: its batch fails, and the bus puts it aside.

use async_trait::async_trait;
use lcr_bus::{Consumer, bodies};
use lcr_contracts::{
    Failure,
    events::{CloudEvent, PersonChanged, ViewCompleted},
};
use lcr_store::inbox;
use sea_orm::DbErr;

use crate::{service::Service, store};

pub struct Completions {
    pub service: Service,
}

#[async_trait]
impl Consumer for Completions {
    async fn apply(&self, events: &[CloudEvent]) -> Result<(), Failure> {
        let mut completed = Vec::new();
        for event in events {
            let body = bodies::<ViewCompleted>(std::slice::from_ref(event))?;
            completed.extend(body.into_iter().map(|body| (event.id, body)));
        }
        // Waits until the tree moves: what is refused now comes again.
        self.service.watch.check(None).await?;
        let (key, now) = (self.service.key.clone(), self.service.clock.now());
        let completed = self
            .service
            .store
            .write::<_, DbErr, _>(move |tx| {
                Box::pin(async move {
                    let ids: Vec<_> = completed.iter().map(|(id, _)| *id).collect();
                    let new = inbox::first_time(tx, &ids).await?;
                    let mut entries = 0;
                    for (id, body) in completed.iter().filter(|(id, _)| new.contains(id)) {
                        entries += store::completes(tx, body).await?;
                        store::complete(tx, &key, *id, body, now).await?;
                    }
                    Ok(entries)
                })
            })
            .await?;
        self.service.numbers.completed(completed);
        self.service.woken.notify_one();
        Ok(())
    }
}

pub struct Logins(pub Service);

#[async_trait]
impl Consumer for Logins {
    async fn apply(&self, events: &[CloudEvent]) -> Result<(), Failure> {
        let changes: Vec<PersonChanged> = bodies(events)?;
        let (key, now, watch) = (self.0.key.clone(), self.0.clock.now(), self.0.watch.clone());
        let keep = self.0.store.write::<_, DbErr, _>(move |tx| {
            Box::pin(async move {
                let claims = lcr_store::login::keep(tx, &changes).await?;
                // While the version before signs they wait: its sequencer does not know such rows.
                if watch.places_logins(tx).await? {
                    store::claim::keep(tx, &key, &claims, now).await?;
                }
                Ok(claims.len())
            })
        });
        if keep.await? > 0 {
            self.0.woken.notify_one();
        }
        Ok(())
    }
}
