//! The versions of the rows that an open page shows, as numbers. The page sends them back when it listens again, to
//! learn whether all of it may still be shown. They must reveal nothing about a patient.

use std::{collections::BTreeMap, fmt::Write};

use lcr_model::SpellId;

use crate::ward::stay_row::StayRow;

/// A longer list is one hash, which only tells that something changed.
const MAX_ROWS: usize = 300;
/// Hexadecimal digits per row.
const ROW_DIGITS: usize = 16;

/// By stay: its version, and the number of its hidden fields. All but that number are hashes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RowVersions(BTreeMap<u32, (u32, u8)>);

/// How the rows changed since the page was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    None,
    Changed(u32),
    /// A row is gone or shows less, so the page must be closed.
    Reduced,
}

impl RowVersions {
    pub fn of(rows: &[impl StayRow]) -> Self {
        let fields = rows.iter().map(StayRow::common);
        Self::from_parts(fields.map(|row| (row.spell, row.version, row.hidden.len())))
    }

    fn from_parts<'a>(rows: impl Iterator<Item = (&'a SpellId, i64, usize)>) -> Self {
        let entry = |(spell, version, hidden): (&SpellId, i64, usize)| {
            let version = hash(&version.to_be_bytes()) >> 8;
            (hash(spell.as_str().as_bytes()), (version, u8::try_from(hidden).unwrap_or(u8::MAX)))
        };
        Self(rows.map(entry).collect())
    }

    /// The form that the page carries.
    pub fn encode(&self) -> String {
        if self.0.len() > MAX_ROWS {
            return format!("*{:08x}", hash(format!("{:?}", self.0).as_bytes()));
        }
        let mut out = String::with_capacity(self.0.len() * ROW_DIGITS);
        for (spell, (version, hidden)) in &self.0 {
            // Writing to a String cannot fail.
            let _ = write!(out, "{spell:08x}{version:06x}{hidden:02x}");
        }
        out
    }

    /// Compares with the rows of a page. A text that cannot be decoded counts as reduced.
    pub fn compare(&self, encoded: &str) -> Difference {
        if encoded == self.encode() {
            return Difference::None;
        }
        let Some(before) = decode(encoded) else { return Difference::Reduced };
        let is_reduced = |(spell, (_, hidden)): (&u32, &(u32, u8))| self.0.get(spell).is_none_or(|now| now.1 > *hidden);
        if before.iter().any(is_reduced) {
            return Difference::Reduced;
        }
        let changed = self.0.iter().filter(|(spell, now)| before.get(*spell) != Some(*now)).count();
        Difference::Changed(u32::try_from(changed).unwrap_or(u32::MAX))
    }
}

fn decode(encoded: &str) -> Option<BTreeMap<u32, (u32, u8)>> {
    if !encoded.is_ascii() || !encoded.len().is_multiple_of(ROW_DIGITS) || encoded.len() > MAX_ROWS * ROW_DIGITS {
        return None;
    }
    let entry = |at: usize| {
        let part = |from: usize, to: usize| u32::from_str_radix(encoded.get(at + from..at + to)?, 16).ok();
        Some((part(0, 8)?, (part(8, 14)?, u8::try_from(part(14, 16)?).ok()?)))
    };
    (0..encoded.len()).step_by(ROW_DIGITS).map(entry).collect()
}

/// FNV-1a, which is no protection of the bytes.
fn hash(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
#[path = "row_version_tests.rs"]
mod tests;
