//! The versions of the agreement, and until when each counts (S-68, S-69). A published version must never change: its text has
//! been signed. A change is a new version.

use std::iter;

use jiff::{
    ToSpan,
    civil::{Date, date},
};

/// For how many days after the date of a new version the version before counts.
const GRACE_DAYS: i64 = 90;

/// A version of the agreement with its documents.
#[derive(Debug)]
pub struct Version {
    pub id: &'static str,
    /// From this day on, signatures are under this version.
    pub date: Date,
    pub templates: [Template; 3],
}

/// A document with placeholders such as `{{organisation}}`.
#[derive(Debug)]
pub struct Template {
    pub name: &'static str,
    pub text: &'static str,
}

/// All versions, the oldest first.
#[derive(Debug)]
pub struct Versions {
    pub first: Version,
    pub later: &'static [Version],
}

/// The versions of the product.
pub static PUBLISHED: Versions = Versions {
    first: Version {
        id: "2026-1",
        date: date(2026, 4, 1),
        templates: [
            Template { name: "agreement", text: include_str!("../../agreements/2026-1/agreement.md") },
            Template { name: "privacy-notice", text: include_str!("../../agreements/2026-1/privacy-notice.md") },
            Template {
                name: "data-flow-schedule",
                text: include_str!("../../agreements/2026-1/data-flow-schedule.md"),
            },
        ],
    },
    later: &[],
};

impl Versions {
    fn all(&self) -> impl Iterator<Item = &Version> {
        iter::once(&self.first).chain(self.later)
    }

    /// The version that is signed today.
    pub fn current(&self, today: Date) -> &Version {
        self.later.iter().rev().find(|version| version.date <= today).unwrap_or(&self.first)
    }

    /// The last day on which signatures under this version count. `None`: no later version is announced.
    pub fn last_day(&self, id: &str) -> Option<Date> {
        let next = self.all().skip_while(|version| version.id != id).nth(1)?;
        Some(next.date.saturating_add(GRACE_DAYS.days()))
    }

    /// Whether signatures under this version count today. A version that this platform does not know never counts.
    pub fn counts(&self, id: &str, today: Date) -> bool {
        self.all().any(|version| version.id == id) && self.last_day(id).is_none_or(|last| today <= last)
    }
}

#[cfg(test)]
pub mod testing {
    use super::*;

    const TEXTS: [Template; 3] = [
        Template { name: "agreement", text: "# Agreement\n\n{{organisation}} {{version}}" },
        Template { name: "privacy-notice", text: "# Notice\n\n{{organisation}}" },
        Template { name: "data-flow-schedule", text: "# Schedule\n\n{{gives}}" },
    ];

    /// Two versions: of 1 January 2026 and of 1 June 2026.
    pub static TWO: Versions = Versions {
        first: Version { id: "one", date: date(2026, 1, 1), templates: TEXTS },
        later: &[Version { id: "two", date: date(2026, 6, 1), templates: TEXTS }],
    };
}

#[cfg(test)]
#[path = "versions_tests.rs"]
mod tests;
