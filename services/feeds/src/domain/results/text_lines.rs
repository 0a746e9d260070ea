//! Which OBX are lines of one text, and the status of the text. A status of one line never replaces another line of
//! the same message.

use lcr_hl7::Segment;

use crate::domain::value;

/// What stands in the place of a line that its sender withdrew.
pub const WITHDRAWN: &str = "[The sender withdrew this line.]";

/// A text; a short one (ST) with a unit, a range or a flag is a result of its own.
pub fn is_line(obx: Segment<'_>) -> bool {
    let is_bare = || [6, 7, 8].into_iter().all(|field| obx.field(field).words().is_none());
    match value::kind(obx).as_str() {
        "TX" | "FT" => true,
        "ST" => is_bare(),
        _ => false,
    }
}

/// Deleted, or posted as wrong.
pub fn is_withdrawn(status: Option<&str>) -> bool {
    matches!(status, Some("D" | "W"))
}

/// Lines of equal status do; so do settled, corrected and withdrawn ones, and any with a value beside a corrected
/// or withdrawn one.
pub fn go_together(one: Option<&str>, other: Option<&str>) -> bool {
    let is_settled = |status| matches!(status, Some("F" | "C" | "A" | "B" | "U"));
    let has_value = |status| is_settled(status) || matches!(status, None | Some("P" | "R" | "S" | "V"));
    let is_change = |status| status == Some("C") || is_withdrawn(status);
    one == other
        || (is_settled(one) && is_settled(other))
        || (is_change(one) && (is_change(other) || has_value(other)))
        || (is_change(other) && has_value(one))
}

/// Corrected where a line is, else amended where one is; withdrawn only where all lines are.
pub fn status_of_both(one: Option<&str>, other: Option<&str>) -> Option<String> {
    let first =
        |codes: &[&str]| [one, other].into_iter().find(|status| status.is_some_and(|s| codes.contains(&s)));
    let stands = if is_withdrawn(one) { other } else { one };
    first(&["C"]).or_else(|| first(&["A", "B"])).unwrap_or(stands).map(str::to_owned)
}
