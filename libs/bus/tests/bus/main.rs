//! Both buses pass the common suite. The NATS bus also survives the failures of a broker.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test that cannot go on has failed")]

mod broker_refusals;
mod cluster;
mod embedded;
mod nats;
mod scene;
