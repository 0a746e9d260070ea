//! `dead-letters`: what a service has put aside of what it heard, and its second chance. It names events and why they were
//! put aside, and never what is in them.

use std::time::Duration;

use lcr_bus::{Bus, NatsBus};
use lcr_contracts::events::Stream;
use lcr_model::ServiceName;

use super::{
    StartError, frame,
    settings::{BadSettings, Settings},
};

const CONNECTS_WITHIN: Duration = Duration::from_secs(10);

/// Lists them; with `--revive` they are delivered again.
pub async fn run(
    (service, hears): (ServiceName, &[Stream]),
    settings: &Settings,
    words: &[&str],
) -> Result<(), StartError> {
    let revive = match words {
        [] => false,
        ["--revive"] => true,
        _ => return Err(BadSettings::wrong("dead-letters", "takes nothing, or --revive").into()),
    };
    if hears.is_empty() {
        println!("{service} hears nothing");
        return Ok(());
    }
    let bus = connected(settings).await?;
    for stream in hears {
        told(&bus, *stream, service.as_str()).await?;
        if revive {
            let again =
                bus.revive(*stream, service.as_str()).await.map_err(|e| StartError::away(e.outward()))?;
            println!("{}: {again} delivered again", stream.name());
        }
    }
    Ok(())
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

async fn told(bus: &NatsBus, stream: Stream, consumer: &'static str) -> Result<(), StartError> {
    let (all, oldest) =
        bus.dead_letters(stream, consumer).await.map_err(|e| StartError::away(e.outward()))?;
    println!("{}: {all} put aside", stream.name());
    for letter in oldest {
        println!("  {} {} {}: {}", letter.at, letter.event.event_type, letter.event.id, letter.cause);
    }
    Ok(())
}
