//! The commands of `lcr`, apart from the program, so that the tests of the whole platform start it with the same
//! registry rows. It must never be linked into a service.

pub mod commands;
