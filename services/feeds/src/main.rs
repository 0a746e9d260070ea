//! The feeds program. `lcr_runtime::process` defines its commands.

use std::process::ExitCode;

fn main() -> ExitCode {
    lcr_runtime::process::main::<lcr_feeds::process::FeedsProcess>()
}
