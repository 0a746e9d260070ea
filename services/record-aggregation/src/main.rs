//! The program of record-aggregation. `lcr_runtime::process` documents its commands.

use std::process::ExitCode;

fn main() -> ExitCode {
    lcr_runtime::process::main::<lcr_record_aggregation::process::RecordAggregationProcess>()
}
