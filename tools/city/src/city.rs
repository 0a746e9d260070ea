//! Starts and stops the city: every source listens on loopback. It must never listen on another address.

use std::sync::Arc;

use jiff::Timestamp;

use crate::care::Care;
use crate::error::CityError;
use crate::fhir_source::CitySource;
use crate::plan::{Plan, Source};
use crate::server::{self, Behaviour, Fault, RunningSource};
use crate::traffic::{OutgoingMessage, Step, Traffic};
use crate::world::{CAST_SIZE, Cast, MAX_PEOPLE, World};

/// The size, seed and ports of a city.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CityOptions {
    pub people: u32,
    /// The same seed on the same day is the same city.
    pub seed: u64,
    /// Sources listen on this port and the twelve after it; 0 means any free ports.
    pub first_port: u16,
}

/// A running city.
#[derive(Debug)]
pub struct City {
    plan: Plan,
    cast: Cast,
    world: Arc<World>,
    sources: Vec<RunningSource>,
}

/// Binds every source on 127.0.0.1, then serves all.
pub async fn start(options: CityOptions) -> Result<City, CityError> {
    let CityOptions { people, seed, first_port } = options;
    if !(CAST_SIZE..=MAX_PEOPLE).contains(&people) {
        return Err(CityError::People { requested: people, min: CAST_SIZE, max: MAX_PEOPLE });
    }
    let world = Arc::new(World::new(seed, people, Timestamp::now()));
    let mut bound = Vec::new();
    for (source, offset) in Source::ALL.iter().zip(0_u16..) {
        let port = match first_port {
            0 => 0,
            first => first.checked_add(offset).ok_or(CityError::Ports(first))?,
        };
        bound.push(server::bind(source.id(), port).await?);
    }
    let ports: Vec<u16> = bound.iter().map(|one| one.port).collect();
    let sources = bound
        .into_iter()
        .zip(Source::ALL)
        .map(|(socket, source)| {
            socket.serve(Arc::new(CitySource { world: Arc::clone(&world), source }), behaviour(source))
        })
        .collect();
    Ok(City { plan: Plan::at(&ports), cast: Cast::of(&world), world, sources })
}

/// Wharfe Valley is slow. The community system refuses every fourth request.
fn behaviour(source: Source) -> Behaviour {
    match source {
        Source::WharfeValley => Behaviour::slow(900, 1600),
        Source::Community => Behaviour::flaky(4),
        _ => Behaviour::default(),
    }
}

impl City {
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    pub fn cast(&self) -> &Cast {
        &self.cast
    }

    /// The messages that the hospitals of this city send.
    pub fn traffic(&self) -> Traffic {
        Traffic::of(Arc::clone(&self.world))
    }

    /// `Traffic::history` of this city.
    pub fn history(&self) -> impl Iterator<Item = OutgoingMessage> + Send + 'static + use<> {
        self.traffic().history()
    }

    /// `Traffic::live` of this city, at the usual rate for its size.
    pub fn live(&self, from: Timestamp) -> impl Iterator<Item = OutgoingMessage> + Send + 'static + use<> {
        let traffic = self.traffic();
        traffic.live(from, traffic.usual_rate())
    }

    /// `Traffic::next_message_for`, now.
    pub fn next_message_for(&self, who: &str, step: Step) -> Option<OutgoingMessage> {
        self.traffic().next_message_for(who, step, Timestamp::now())
    }

    /// The evidence of care that the partners of this city send.
    pub fn care(&self) -> Care {
        Care::of(Arc::clone(&self.world))
    }

    /// NHS numbers of people who object to sharing: about one in a hundred, computed on demand. The city stores none;
    /// the caller makes these choices through the platform's own API.
    pub fn objectors(&self) -> impl Iterator<Item = String> + Send + 'static + use<> {
        Arc::clone(&self.world).objectors()
    }

    /// Injects a fault into a source, or ends it with `None`. Ignores an unknown name.
    pub fn set_fault(&self, source: &str, fault: Option<Fault>) {
        if let Some(found) = self.sources.iter().find(|one| one.name == source) {
            found.set_fault(fault);
        }
    }

    pub async fn shutdown(self) {
        for source in self.sources {
            source.stop().await;
        }
    }
}
