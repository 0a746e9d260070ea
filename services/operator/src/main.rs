//! The `operator` program. It takes the commands of `lcr_runtime::process`, and `crd`.

use std::process::ExitCode;

fn main() -> ExitCode {
    lcr_runtime::process::main::<lcr_operator::process::OperatorProcess>()
}
