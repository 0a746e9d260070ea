//! Rules for texts in several OBX: which OBX are lines of one text, and the status of that text. A line must never
//! replace another line of the same message.

use lcr_hl7::Segment;

use crate::domain::hl7_values;

/// The notice that replaces a withdrawn line.
pub const WITHDRAWN: &str = "[The sender withdrew this line.]";

/// Whether the OBX is a line of text. A short text (ST) with a unit, a range or a flag is a result of its own.
pub fn is_line(obx: Segment<'_>) -> bool {
    let is_bare = || [6, 7, 8].into_iter().all(|field| obx.field(field).first_text().is_none());
    match hl7_values::value_type(obx).as_str() {
        "TX" | "FT" => true,
        "ST" => is_bare(),
        _ => false,
    }
}

/// Whether the line is deleted or wrong.
pub fn is_withdrawn(status: Option<&str>) -> bool {
    matches!(status, Some("D" | "W"))
}

/// Whether lines with these statuses can form one text: equal or settled statuses, or a change beside any status with a
/// value.
pub fn can_share_text(one: Option<&str>, other: Option<&str>) -> bool {
    let is_settled = |status| matches!(status, Some("F" | "C" | "A" | "B" | "U"));
    let has_value = |status| is_settled(status) || matches!(status, None | Some("P" | "R" | "S" | "V"));
    let is_change = |status| status == Some("C") || is_withdrawn(status);
    one == other
        || (is_settled(one) && is_settled(other))
        || (is_change(one) && (is_change(other) || has_value(other)))
        || (is_change(other) && has_value(one))
}

/// The status of the text: corrected if one line is, else amended if one is. Withdrawn only if all lines are.
pub fn combined_status(one: Option<&str>, other: Option<&str>) -> Option<String> {
    let first = |codes: &[&str]| [one, other].into_iter().find(|status| status.is_some_and(|s| codes.contains(&s)));
    let stands = if is_withdrawn(one) { other } else { one };
    first(&["C"]).or_else(|| first(&["A", "B"])).unwrap_or(stands).map(str::to_owned)
}
