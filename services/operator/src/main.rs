//! The program of the operator. See `lcr_runtime::process` for the words it takes; `crd` besides.

use std::process::ExitCode;

fn main() -> ExitCode {
    lcr_runtime::process::main::<lcr_operator::process::Alone>()
}
