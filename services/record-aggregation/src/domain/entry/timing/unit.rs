//! The units of a period and their names.

/// A unit of time in words.
#[derive(Clone, Copy)]
pub struct Unit {
    pub(super) one: &'static str,
    pub many: &'static str,
}

impl Unit {
    /// `a day` or `an hour`.
    pub fn per_unit(self) -> String {
        format!("{} {}", if self.one == "hour" { "an" } else { "a" }, self.one)
    }

    pub(super) fn name_for(self, number: &str) -> &'static str {
        if number == "1" { self.one } else { self.many }
    }
}

/// The unit for a UCUM code or a name.
pub fn parse_unit(code: &str) -> Option<Unit> {
    let (one, many) = match code.trim_end_matches('s') {
        "" | "second" => ("second", "seconds"),
        "min" | "minute" => ("minute", "minutes"),
        "h" | "hr" | "hour" => ("hour", "hours"),
        "d" | "day" => ("day", "days"),
        "wk" | "week" => ("week", "weeks"),
        "mo" | "month" => ("month", "months"),
        "a" | "year" => ("year", "years"),
        _ => return None,
    };
    (!code.is_empty()).then_some(Unit { one, many })
}
