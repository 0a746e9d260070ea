//! A service as a process of its own: settings in, adapters opened, ports served, told to stop. What differs between
//! services is their `NEEDS` and what they build; everything else is here once. No rule of a service may live here.

pub mod command;
mod dead_letters;
mod frame;
mod needs;
mod new_keys;
mod running;
pub mod secrets;
pub mod settings;
pub mod signals;

pub use frame::{Frame, StartError, origin_of};
pub use needs::Needs;
pub use running::Running;
pub use settings::Settings;

use std::{future::Future, process::ExitCode};

use sea_orm_migration::MigratorTrait;

/// A service that can run by itself.
pub trait Process {
    const NEEDS: Needs;
    /// Its tables; `NoTables` where it keeps nothing.
    type Tables: MigratorTrait;
    /// Builds it from what the frame opened.
    fn start(frame: Frame) -> impl Future<Output = Result<Running, StartError>> + Send;
    /// What it prints when told `word`, where that is a word of its own. `frame` reads the settings, if it needs any.
    fn own_word(
        _word: &str,
        _frame: impl FnOnce() -> Result<Frame, StartError>,
    ) -> Option<Result<String, StartError>> {
        None
    }
}

/// The tables of a service that keeps nothing.
#[derive(Debug)]
pub struct NoTables;

impl MigratorTrait for NoTables {
    fn migrations() -> Vec<Box<dyn sea_orm_migration::MigrationTrait>> {
        vec![]
    }
}

/// The whole of a service's `main`.
pub fn main<P: Process>() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    command::run::<P>(&arguments)
}
