//! `dead-letters`: what a service has put aside of what it heard, what of its own did not go out, and their second chance.
//! It names events and why they are there, and never what is in them.

use std::time::Duration;

use lcr_bus::{Bus, DeadLetter, NatsBus};
use lcr_contracts::{Failure, events::Stream};
use lcr_store::{Durability, Store};

use super::{
    Needs, NoTables, StartError,
    command::out,
    frame,
    settings::{BadSettings, Settings},
};

const CONNECTS_WITHIN: Duration = Duration::from_secs(10);

/// Lists them; with `--revive` they are delivered again.
pub async fn run(needs: &Needs, settings: &Settings, words: &[&str]) -> Result<(), StartError> {
    let revive = match words {
        [] => false,
        ["--revive"] => true,
        _ => return Err(BadSettings::wrong("dead-letters", "takes nothing, or --revive").into()),
    };
    let service = needs.service.as_str();
    let bus = connected(settings).await?;
    for stream in needs.hears {
        let (all, oldest) =
            bus.dead_letters(*stream, service).await.map_err(|e| StartError::away(e.outward()))?;
        told(stream.name(), all, &oldest)?;
        if revive {
            let again = bus.revive(*stream, service).await.map_err(|e| StartError::away(e.outward()))?;
            out(&format!("{}: {again} delivered again\n", stream.name()))?;
        }
    }
    let log = frame::location(settings, needs.service, false)?;
    let log = Store::open::<NoTables>(log, service, Durability::Acknowledged).await;
    kept_back(&log.map_err(StartError::away)?, revive).await
}

/// What of its own log the bus would not take, being too large. A running replica sends again what is revived.
async fn kept_back(log: &Store, revive: bool) -> Result<(), StartError> {
    for stream in Stream::ALL {
        let (all, kept) =
            log.kept_back(stream).await.map_err(|e| StartError::away(lcr_store::cause_of(&e)))?;
        if all == 0 {
            continue;
        }
        let seqs = kept.iter().map(|one| one.row.seq).collect();
        let letters: Vec<DeadLetter> = kept
            .into_iter()
            .map(|one| DeadLetter { event: one.row.event, cause: one.cause, at: one.at })
            .collect();
        told(&format!("{}, its own", stream.name()), all, &letters)?;
        if revive {
            log.revive(seqs).await.map_err(|e| StartError::away(Failure::from(e).inward()))?;
        }
    }
    Ok(())
}

fn told(of: &str, all: u64, oldest: &[DeadLetter]) -> Result<(), StartError> {
    out(&format!("{of}: {all} put aside\n"))?;
    oldest.iter().try_for_each(|one| {
        out(&format!("  {} {} {}: {}\n", one.at, one.event.event_type, one.event.id, one.cause))
    })
}

async fn connected(settings: &Settings) -> Result<NatsBus, StartError> {
    let bus = NatsBus::connect(frame::bus_url(settings)?, settings.bus_replicas.unwrap_or(1)).await;
    let bus = bus.map_err(|failure| BadSettings::wrong("bus_url", failure.outward()))?;
    let ready = async {
        while !bus.ready() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let ready = tokio::time::timeout(CONNECTS_WITHIN, ready).await;
    ready.map_err(|_| StartError::Away("the bus does not answer".to_owned()))?;
    Ok(bus)
}
