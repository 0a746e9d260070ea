//! The program of consent, alone. See `lcr_runtime::process` for the words it takes.

use std::process::ExitCode;

fn main() -> ExitCode {
    lcr_runtime::process::main::<lcr_consent::process::Alone>()
}
