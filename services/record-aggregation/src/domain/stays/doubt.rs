//! Doubts about a stay that no single message tells: silence for longer than the hospital's rhythm, and two open stays of
//! one person at one hospital. The ward's list says the same; they are worked out when the record is read.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use lcr_contracts::identity::Registry;

use super::Stay;

/// Days without a message after which a stay is in doubt, if the hospital's profile says nothing else.
const QUIET_DAYS: u16 = 7;
const TWO_OPEN: &str =
    "The hospital has two open stays of this patient and has not told us that either has ended.";

/// Adds them to the warnings of the stays of one source.
pub fn add(stays: &mut [Stay], registry: &Registry, now: Timestamp) {
    let is_open = |stay: &Stay| stay.in_progress() && !stay.on_record.attends;
    let open = stays.iter().filter(|stay| is_open(stay)).count();
    for stay in stays.iter_mut().filter(|stay| is_open(stay)) {
        let system = registry.systems.iter().find(|system| system.id == stay.on_record.source);
        let quiet = system.and_then(|system| system.feed.as_ref()?.quiet_days).unwrap_or(QUIET_DAYS);
        let limit = SignedDuration::from_hours(i64::from(quiet.max(1)) * 24);
        if now.duration_since(stay.on_record.last_told) > limit {
            stay.on_record.warnings.push(silent(stay.on_record.last_told));
        }
        if open > 1 {
            stay.on_record.warnings.push(TWO_OPEN.to_owned());
        }
    }
}

fn silent(last: Timestamp) -> String {
    let zone = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
    let day = last.to_zoned(zone).strftime("%d-%b-%Y");
    format!("The hospital has sent nothing about this stay since {day}.")
}
