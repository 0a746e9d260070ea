//! A city that runs: every source bound on loopback and answering. It must never listen anywhere else.

use std::sync::Arc;

use jiff::Timestamp;

use crate::error::CityError;
use crate::plan::{Plan, Source};
use crate::server::{self, Fault, Listening, Temper};
use crate::shelf::CityShelf;
use crate::traffic::{Outgoing, Step, Traffic};
use crate::world::{CAST_SIZE, Cast, MOST_PEOPLE, World};

/// How large a city, which one, and where.
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
    sources: Vec<Listening>,
}

/// Binds every source on 127.0.0.1 and serves.
pub async fn start(options: CityOptions) -> Result<City, CityError> {
    let CityOptions { people, seed, first_port } = options;
    if !(CAST_SIZE..=MOST_PEOPLE).contains(&people) {
        return Err(CityError::People { asked: people, least: CAST_SIZE, most: MOST_PEOPLE });
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
            socket.serve(Arc::new(CityShelf { world: Arc::clone(&world), source }), temper(source))
        })
        .collect();
    Ok(City { plan: Plan::at(&ports), cast: Cast::of(&world), world, sources })
}

/// Wharfe Valley is slow, the community system busy at about every fourth request.
fn temper(source: Source) -> Temper {
    match source {
        Source::WharfeValley => Temper::slow(900, 1600),
        Source::Community => Temper::flaky(4),
        _ => Temper::default(),
    }
}

impl City {
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    pub fn cast(&self) -> &Cast {
        &self.cast
    }

    /// What the hospitals of this city send.
    pub fn traffic(&self) -> Traffic {
        Traffic::of(Arc::clone(&self.world))
    }

    /// `Traffic::opening` of this city.
    pub fn opening(&self) -> impl Iterator<Item = Outgoing> + Send + 'static + use<> {
        self.traffic().opening()
    }

    /// `Traffic::day` of this city, at the pace that suits its size.
    pub fn day(&self, from: Timestamp) -> impl Iterator<Item = Outgoing> + Send + 'static + use<> {
        let traffic = self.traffic();
        traffic.day(from, traffic.usual_pace())
    }

    /// `Traffic::next_for`, now.
    pub fn next_for(&self, who: &str, step: Step) -> Option<Outgoing> {
        self.traffic().next_for(who, step, Timestamp::now())
    }

    /// NHS numbers of people who object to sharing: about one in a hundred, worked out as they are asked for. They
    /// are recorded nowhere here; whoever fills a platform makes their choices through its own API.
    pub fn objectors(&self) -> impl Iterator<Item = String> + Send + 'static + use<> {
        Arc::clone(&self.world).objectors()
    }

    /// Makes a source fail in this way until told otherwise; a name nobody has is ignored.
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
