//! The identity program. `lcr_runtime::process` lists its commands.

use std::process::ExitCode;

fn main() -> ExitCode {
    lcr_runtime::process::main::<lcr_identity::process::IdentityProcess>()
}
