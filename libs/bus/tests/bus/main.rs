//! Both buses pass the suite every bus must pass; the clustered one also outlives what a broker can suffer.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test that cannot go on has failed")]

mod embedded;
mod nats;
mod refused;
mod scene;
mod three;
