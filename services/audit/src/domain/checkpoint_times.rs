//! The times in a checkpoint: when it was signed, and since when rows must have codes. The signature covers both, so write
//! access to the database cannot change them.

/// How long rows without codes are accepted after the first checkpoint that states `codes_since`. During a rollout the
/// previous version still appends such rows.
pub const GRACE_SECONDS: i64 = 15 * 60;

/// The extension lines of a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckpointTimes {
    /// Seconds since 1970.
    pub signed_at: i64,
    /// Seconds since 1970. Every checkpoint copies it from the one before.
    pub codes_since: i64,
}

impl CheckpointTimes {
    /// `None` for a checkpoint of the previous version, which has no such lines.
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

    /// The times of the checkpoint after `previous`.
    pub fn next(previous: Option<Self>, now: i64) -> Self {
        Self { signed_at: now, codes_since: previous.map_or(now, |previous| previous.codes_since) }
    }

    /// The times of the first checkpoint of a new log, in which every row has a code.
    pub fn for_new_log(now: i64) -> Self {
        Self { signed_at: now, codes_since: 0 }
    }

    /// Whether a row without a code may still be sequenced.
    pub fn accepts_uncoded_rows(previous: Option<Self>, now: i64) -> bool {
        previous.is_none_or(|previous| now < previous.codes_since.saturating_add(GRACE_SECONDS))
    }
}

#[cfg(test)]
#[path = "checkpoint_times_tests.rs"]
mod tests;
