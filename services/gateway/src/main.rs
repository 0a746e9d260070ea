//! The gateway program. `lcr_runtime::process` defines its commands.

use std::process::ExitCode;

fn main() -> ExitCode {
    lcr_runtime::process::main::<lcr_gateway::process::GatewayProcess>()
}
