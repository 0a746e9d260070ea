//! What a checkpoint says beside size and root: when it was signed, and since when rows carry a code of the log's own.
//! Both are under the signature, so whoever writes the database can change neither.

/// Rows without a code are taken in for this long after the first checkpoint that asks for codes: replicas of the
/// version before are still appending while a new version is rolled out.
pub const GRACE_SECONDS: i64 = 15 * 60;

/// The extension lines of a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Seconds since the epoch.
    pub signed_at: i64,
    /// Seconds since the epoch; carried from checkpoint to checkpoint.
    pub codes_since: i64,
}

impl Moment {
    /// `None` for a checkpoint of a version that wrote no such lines.
    pub fn read(extension: &str) -> Option<Self> {
        let value = |name: &str| {
            let line = extension.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
            line.parse().ok()
        };
        Some(Self { signed_at: value("signed-at")?, codes_since: value("codes-since")? })
    }

    pub fn write(self) -> String {
        format!("signed-at {}\ncodes-since {}\n", self.signed_at, self.codes_since)
    }

    /// The next one.
    pub fn after(before: Option<Self>, now: i64) -> Self {
        Self { signed_at: now, codes_since: before.map_or(now, |before| before.codes_since) }
    }

    /// The first one of a log that begins empty: every row has a code.
    pub fn from_the_start(now: i64) -> Self {
        Self { signed_at: now, codes_since: 0 }
    }

    /// Whether a row without a code may still get a place.
    pub fn takes_bare_rows(before: Option<Self>, now: i64) -> bool {
        before.is_none_or(|before| now < before.codes_since.saturating_add(GRACE_SECONDS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_as_it_was_written_and_other_lines_are_left_alone() {
        let moment = Moment { signed_at: 1_800_000_100, codes_since: 1_800_000_000 };
        assert_eq!(Moment::read(&moment.write()), Some(moment));
        assert_eq!(Moment::read(&format!("other 1\n{}", moment.write())), Some(moment));
        for text in ["", "signed-at 1\n", "signed-at x\ncodes-since 1\n", "codes-since 1\n"] {
            assert_eq!(Moment::read(text), None, "{text}");
        }
    }

    #[test]
    fn rows_without_a_code_are_taken_for_a_quarter_of_an_hour_and_never_again() {
        let first = Moment::after(None, 1000);
        let later = Moment::after(Some(first), 5000);
        assert_eq!((later.signed_at, later.codes_since), (5000, 1000));
        assert!(Moment::takes_bare_rows(None, 9000));
        assert!(Moment::takes_bare_rows(Some(later), 1000 + GRACE_SECONDS - 1));
        assert!(!Moment::takes_bare_rows(Some(later), 1000 + GRACE_SECONDS));
    }
}
