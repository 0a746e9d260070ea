//! What audit hears: views completed. The inbox makes a second delivery of the same event have no effect.

use async_trait::async_trait;
use lcr_bus::Consumer;
use lcr_contracts::{
    Failure,
    events::{CloudEvent, ViewCompleted},
};
use lcr_store::{Store, inbox};
use sea_orm::DbErr;

use crate::store;

pub struct Completions {
    pub store: Store,
}

#[async_trait]
impl Consumer for Completions {
    async fn apply(&self, events: &[CloudEvent]) -> Result<(), Failure> {
        let mut completed = Vec::new();
        for event in events {
            match event.body::<ViewCompleted>() {
                Some(Ok(body)) => completed.push((event.id, body)),
                Some(Err(_)) => {
                    tracing::error!(event = %event.id, "a completion that does not read was left out");
                }
                None => {}
            }
        }
        self.store
            .write::<_, DbErr, _>(move |tx| {
                Box::pin(async move {
                    let ids: Vec<_> = completed.iter().map(|(id, _)| *id).collect();
                    let new = inbox::first_time(tx, &ids).await?;
                    for (id, body) in completed.iter().filter(|(id, _)| new.contains(id)) {
                        store::complete(tx, *id, body).await?;
                    }
                    Ok(())
                })
            })
            .await
            .map_err(Failure::from)
    }
}
