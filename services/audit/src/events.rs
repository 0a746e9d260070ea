//! Consumes completed views, and which person a sign-in belongs to. The inbox makes repeated deliveries harmless. An
//! unreadable event is never skipped: its batch fails, and the bus stores it as a dead letter.

use async_trait::async_trait;
use lcr_bus::{Consumer, bodies};
use lcr_contracts::{
    Failure,
    events::{CloudEvent, PersonChanged, ViewCompleted},
};
use lcr_store::{db_failure, inbox};

use crate::{
    service::Service,
    store::{self, NewCompletion},
};

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
        // Fails while the log accepts no entries. The bus delivers the batch again.
        self.service.monitor.check(None).await?;
        let (key, now) = (&self.service.key, self.service.clock.now());
        let rows = completed.iter().map(|(id, body)| NewCompletion::of(key, *id, body, now));
        let rows = rows.collect::<Result<Vec<_>, _>>().map_err(db_failure)?;
        let completed = self
            .service
            .store
            .write(async move |tx| {
                let ids: Vec<_> = rows.iter().map(NewCompletion::id).collect();
                let new = inbox::first_time(&tx, &ids).await?;
                let rows = rows.into_iter().filter(|row| new.contains(&row.id())).collect();
                store::append_completions(&tx, rows).await
            })
            .await?;
        self.service.metrics.count_completed(completed);
        self.service.wake.notify_one();
        Ok(())
    }
}

pub struct Logins(pub Service);

#[async_trait]
impl Consumer for Logins {
    async fn apply(&self, events: &[CloudEvent]) -> Result<(), Failure> {
        let changes: Vec<PersonChanged> = bodies(events)?;
        let (key, now, monitor) = (self.0.key.clone(), self.0.clock.now(), self.0.monitor.clone());
        let write = self.0.store.write(async move |tx| {
            let claims = lcr_store::login::keep(&tx, &changes).await?;
            // The previous version's sequencer does not know such rows. They wait until this version signs.
            if monitor.can_sequence_logins(&tx).await? {
                store::login_claim::append(&tx, &key, &claims, now).await?;
            }
            Ok(claims.len())
        });
        if write.await? > 0 {
            self.0.wake.notify_one();
        }
        Ok(())
    }
}
