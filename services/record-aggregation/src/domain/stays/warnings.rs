//! Adds warnings about a stay that follow from no single message: a long silence, and two open stays of one person at
//! one hospital. They are never stored, because they depend on the time of reading.

use jiff::{SignedDuration, Timestamp};
use lcr_contracts::registry::Registry;
use lcr_model::london;

use super::Stay;

/// Days without a message after which a stay gets a warning, if the hospital's profile sets no other number.
const QUIET_DAYS: u16 = 7;
const TWO_OPEN: &str = "The hospital has two open stays of this patient and has not told us that either has ended.";

/// Adds the warnings to the stays of one source.
pub fn add_warnings(stays: &mut [Stay], registry: &Registry, now: Timestamp) {
    let is_open = |stay: &Stay| stay.is_in_progress() && !stay.on_record.attends;
    let open = stays.iter().filter(|stay| is_open(stay)).count();
    for stay in stays.iter_mut().filter(|stay| is_open(stay)) {
        let system = registry.system(&stay.on_record.source);
        let quiet = system.and_then(|system| system.feed.as_ref()?.quiet_days).unwrap_or(QUIET_DAYS);
        let limit = SignedDuration::from_hours(i64::from(quiet.max(1)) * 24);
        if now.duration_since(stay.on_record.last_message_at) > limit {
            stay.on_record.warnings.push(silence_warning(stay.on_record.last_message_at));
        }
        if open > 1 {
            stay.on_record.warnings.push(TWO_OPEN.to_owned());
        }
    }
}

fn silence_warning(last: Timestamp) -> String {
    let zone = london::zone();
    let day = last.to_zoned(zone).strftime("%d-%b-%Y");
    format!("The hospital has sent nothing about this stay since {day}.")
}
