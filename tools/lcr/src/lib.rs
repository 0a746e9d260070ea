//! The commands of `lcr` as a library, so that the platform's tests start it with the same registry rows. It must never
//! be linked into a service.

pub mod commands;
