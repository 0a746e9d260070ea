//! A synthetic Leeds: invented people and organisations, with source systems that answer FHIR R4 over HTTP on loopback.
//! For laptops, demonstrations and tests. It must never contain or resemble a real person's data.

#![allow(
    clippy::disallowed_methods,
    reason = "a demonstration outside the platform: it has its own clock and makes one call of its own"
)]

mod care;
mod catalogue;
mod chart;
mod city;
mod course;
mod error;
mod fhir_source;
mod folder;
mod health;
mod hospital;
mod names;
mod nhs_number;
mod plan;
mod random;
mod server;
pub mod simulated_hospital;
mod stays;
mod traffic;
mod world;

pub use care::{Care, CareMessage};
pub use city::{City, CityOptions, start};
pub use error::CityError;
pub use folder::{FolderSource, serve_folder};
pub use plan::{Plan, PlanFeed, PlanOrganisation, PlanSystem, organisations};
pub use server::Fault;
pub use traffic::{OutgoingMessage, Step, Traffic, messages_per_minute};
pub use world::{Cast, CastMember};
