//! Tests of `zone.rs`.

use super::*;

const LATER: &str = "2026-11-29T12:00:00Z";

fn texts(written: Times<&str>, received: &str) -> Times<String> {
    let read = resolve_times(written, received.parse().unwrap());
    Times::from_array(read.into_array().map(|at| at.map_or(String::new(), |at| at.to_string())))
}

#[test]
fn a_time_keeps_its_offset_else_it_is_london_time() {
    let read = texts(
        Times {
            occurred: "20260715093000+0200",
            entered: "20260715093000",
            sent: "20260715093100",
            ..Times::default()
        },
        LATER,
    );
    assert_eq!((read.occurred.as_str(), read.entered.as_str()), ("2026-07-15T07:30:00Z", "2026-07-15T08:30:00Z"));
    let read = texts(Times { admitted: "202601150930", sent: "20260115093100+0000", ..Times::default() }, LATER);
    assert_eq!(read.admitted, "2026-01-15T09:30Z");
    let read = texts(Times { admitted: "202607150930", sent: "20261115093100+0000", ..Times::default() }, LATER);
    assert_eq!(read.admitted, "2026-07-15T08:30Z", "London's offset in November says nothing of July");
}

#[test]
fn the_offset_of_a_sender_on_utc_or_abroad_applies_to_the_whole_message() {
    let written =
        Times { admitted: "20260714", entered: "20260715093000", sent: "20260715093100+0000", ..Times::default() };
    let read = texts(written, LATER);
    assert_eq!((read.admitted.as_str(), read.entered.as_str()), ("2026-07-14", "2026-07-15T09:30:00Z"));
    let read = texts(Times { entered: "202601151000", sent: "20260115100100-0500", ..Times::default() }, LATER);
    assert_eq!(read.entered, "2026-01-15T15:00Z");
}

#[test]
fn in_the_repeated_hour_the_order_of_the_fields_decides() {
    let read = texts(Times { entered: "20261025013000", sent: "20261025011000", ..Times::default() }, LATER);
    assert_eq!((read.entered.as_str(), read.sent.as_str()), ("2026-10-25T00:30:00Z", "2026-10-25T01:10:00Z"));
    let written =
        Times { admitted: "20261025015000", occurred: "20261025014000", sent: "20261025020500", ..Times::default() };
    let read = texts(written, LATER);
    assert_eq!((read.admitted.as_str(), read.occurred.as_str()), ("2026-10-25T00:50:00Z", "2026-10-25T01:40:00Z"));
    let read = texts(Times { sent: "20261025014500", ..Times::default() }, "2026-10-25T00:46:00Z");
    assert_eq!(read.sent, "2026-10-25T00:45:00Z", "nothing is sent after it was received");
    let read = texts(Times { entered: "20261025013000", sent: "20261025011000+0000", ..Times::default() }, LATER);
    assert_eq!(read.entered, "2026-10-25T00:30:00Z");
}

#[test]
fn if_the_order_does_not_decide_the_offset_of_msh_7_counts() {
    let read = texts(Times { entered: "20261025011000", sent: "20261025013000+0000", ..Times::default() }, LATER);
    assert_eq!(read.entered, "2026-10-25T01:10:00Z");
    let read = texts(Times { entered: "20261025011000", sent: "20261025013000+0100", ..Times::default() }, LATER);
    assert_eq!(read.entered, "2026-10-25T00:10:00Z");
}

#[test]
fn if_nothing_decides_the_earlier_time_counts() {
    let read = texts(Times { entered: "20261025013000", sent: "20261025090000+0000", ..Times::default() }, LATER);
    assert_eq!(read.entered, "2026-10-25T00:30:00Z");
    let read = texts(Times { entered: "20261025011000", sent: "20261025011000", ..Times::default() }, LATER);
    assert_eq!((read.entered.as_str(), read.sent.as_str()), ("2026-10-25T00:10:00Z", "2026-10-25T00:10:00Z"));
    let read = texts(Times { sent: "20261025011000", ..Times::default() }, "2026-10-25T01:10:02Z");
    assert_eq!(read.sent, "2026-10-25T01:10:00Z", "it arrived two seconds after that");
}

#[test]
fn an_invalid_time_is_none_and_affects_no_other() {
    let read = texts(Times { entered: "soon", sent: "20261025013000", admitted: "", ..Times::default() }, LATER);
    assert_eq!((read.entered.as_str(), read.admitted.as_str()), ("", ""));
    assert_eq!(read.sent, "2026-10-25T00:30:00Z");
}
