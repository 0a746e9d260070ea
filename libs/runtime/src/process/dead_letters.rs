//! `dead-letters`: lists the events that a service could not process and its own oversized events, and redelivers them.
//! It names events and causes and must never print a body.

use std::time::Duration;

use lcr_bus::{Bus, DeadLetter, NatsBus};
use lcr_contracts::{Failure, events::Stream};
use lcr_store::{Durability, Store};

use super::{
    NoTables, ServiceSpec, StartError, context,
    output::print,
    settings::{BadSettings, CommonSettings},
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Lists dead letters, and redelivers them if told to.
pub async fn run(spec: &ServiceSpec, settings: &CommonSettings, redeliver: bool) -> Result<(), StartError> {
    if !spec.bus {
        return Err(BadSettings::wrong("dead-letters", "is not a command of this service: it has no bus").into());
    }
    let service = spec.service.as_str();
    let bus = connected(settings).await?;
    for stream in spec.subscribes_to {
        let (all, oldest) =
            bus.dead_letters(*stream, service).await.map_err(|e| StartError::unavailable(e.outward()))?;
        print_list(stream.name(), all, &oldest)?;
        if redeliver {
            let count = bus.redeliver(*stream, service).await.map_err(|e| StartError::unavailable(e.outward()))?;
            print(&format!("{}: {count} delivered again\n", stream.name()))?;
        }
    }
    let log = context::location(settings, spec.service, false)?;
    let log = Store::open::<NoTables>(log, service, Durability::Acknowledged).await;
    print_oversized(&log.map_err(StartError::unavailable)?, redeliver).await
}

/// The service's own oversized events. A running replica publishes those that are redelivered.
async fn print_oversized(log: &Store, redeliver: bool) -> Result<(), StartError> {
    for stream in Stream::ALL {
        let (all, oversized) =
            log.oversized(stream).await.map_err(|e| StartError::unavailable(lcr_store::cause_of(&e)))?;
        if all == 0 {
            continue;
        }
        let seqs = oversized.iter().map(|one| one.row.seq).collect();
        let letters: Vec<DeadLetter> = oversized
            .into_iter()
            .map(|one| DeadLetter { event: one.row.event, cause: one.cause, at: one.at })
            .collect();
        print_list(&format!("{}, its own", stream.name()), all, &letters)?;
        if redeliver {
            log.retry_oversized(seqs).await.map_err(|e| StartError::unavailable(Failure::from(e).inward()))?;
        }
    }
    Ok(())
}

fn print_list(of: &str, all: u64, oldest: &[DeadLetter]) -> Result<(), StartError> {
    print(&format!("{of}: {all} dead letters\n"))?;
    oldest
        .iter()
        .try_for_each(|one| print(&format!("  {} {} {}: {}\n", one.at, one.event.event_type, one.event.id, one.cause)))
}

async fn connected(settings: &CommonSettings) -> Result<NatsBus, StartError> {
    let bus = NatsBus::connect(context::bus_url(settings)?, settings.bus_replicas.unwrap_or(1)).await;
    let bus = bus.map_err(|failure| BadSettings::wrong("bus_url", failure.outward()))?;
    let ready = async {
        while !bus.ready() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let ready = tokio::time::timeout(CONNECT_TIMEOUT, ready).await;
    ready.map_err(|_| StartError::Unavailable("the bus does not answer".to_owned()))?;
    Ok(bus)
}
