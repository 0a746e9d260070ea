//! A synthetic Leeds: invented people, organisations, and source systems that really answer, in FHIR R4 over
//! HTTP on loopback. For laptops, demonstrations and tests; it must never hold or resemble a real person's data.

#![allow(
    clippy::disallowed_methods,
    reason = "a demonstration apart from the platform: its clock and its one call are its own"
)]

mod catalogue;
mod chart;
mod city;
mod draw;
mod error;
mod folder;
mod health;
mod hospital;
mod nhs_number;
mod plan;
mod server;
mod shelf;
mod stays;
mod traffic;
pub mod true_hospital;
mod words;
mod world;

pub use city::{City, CityOptions, start};
pub use error::CityError;
pub use folder::{FolderSource, serve_folder};
pub use plan::{Plan, PlanFeed, PlanOrganisation, PlanSystem, organisations};
pub use server::Fault;
pub use traffic::{Outgoing, Step, Traffic, messages_per_minute};
pub use world::{Cast, CastMember};
