//! Tests of `command.rs`.

use std::time::Duration;

use super::*;
use crate::process::NoCommand;

#[test]
fn a_program_serves_without_a_command_and_refuses_an_unknown_one() {
    let parse =
        |words: &str| Arguments::<NoCommand>::try_parse_from(["feeds"].into_iter().chain(words.split_whitespace()));
    assert!(parse("").unwrap().command.is_none());
    for known in [
        "migrate",
        "check-config",
        "config-schema",
        "dead-letters --revive",
        "new-keys --namespace lcr --prefix lcr --database postgres://{role}@db/lcr",
        "check http://127.0.0.1:9090/readyz",
        "check --within 5 http://127.0.0.1:9090/readyz",
    ] {
        assert!(parse(known).is_ok_and(|arguments| arguments.command.is_some()), "{known}");
    }
    for unknown in ["serve", "log-key", "check", "migrate now", "new-keys --nmespace lcr"] {
        assert!(parse(unknown).is_err_and(|error| error.exit_code() == 2), "{unknown}");
    }
}

/// The chart's `preStop` adds two seconds.
#[test]
fn a_process_stops_within_three_seconds() {
    assert!(STOP_TIMEOUT <= Duration::from_secs(3), "{STOP_TIMEOUT:?}");
}
