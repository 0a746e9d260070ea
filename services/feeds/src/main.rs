//! The program of feeds, alone. See `lcr_runtime::process` for the words it takes.

use std::process::ExitCode;

fn main() -> ExitCode {
    lcr_runtime::process::main::<lcr_feeds::process::Alone>()
}
