//! The rows of a list in figures: enough for an open page to ask "is this still what may be shown?", and nothing
//! that tells of anybody. A page sends them back when it listens again.

use std::{collections::BTreeMap, fmt::Write};

use lcr_contracts::ward::{DischargedRow, InpatientRow};
use lcr_model::SpellId;

/// Longer lists are one figure: their page is read again when it no longer holds.
const MOST: usize = 300;
const WIDTH: usize = 16;

/// Stay → its version and how many of its cells are hidden.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rows(BTreeMap<u32, (u32, u8)>);

/// What became of a page's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    None,
    Changed(u32),
    /// A row is gone, or less of it may be shown: the page may not stand.
    Less,
}

impl Rows {
    pub fn inpatients(rows: &[InpatientRow]) -> Self {
        Self::of(rows.iter().map(|row| (&row.spell, row.version, row.hidden.len())))
    }

    pub fn discharged(rows: &[DischargedRow]) -> Self {
        Self::of(rows.iter().map(|row| (&row.spell, row.version, row.hidden.len())))
    }

    fn of<'a>(rows: impl Iterator<Item = (&'a SpellId, i64, usize)>) -> Self {
        let figures = |(spell, version, hidden): (&SpellId, i64, usize)| {
            let version = hash(&version.to_be_bytes()) >> 8;
            (hash(spell.as_str().as_bytes()), (version, u8::try_from(hidden).unwrap_or(u8::MAX)))
        };
        Self(rows.map(figures).collect())
    }

    /// As the page carries them.
    pub fn named(&self) -> String {
        if self.0.len() > MOST {
            return format!("*{:08x}", hash(format!("{:?}", self.0).as_bytes()));
        }
        let mut out = String::with_capacity(self.0.len() * WIDTH);
        for (spell, (version, hidden)) in &self.0 {
            // Writing to a text cannot fail.
            let _ = write!(out, "{spell:08x}{version:06x}{hidden:02x}");
        }
        out
    }

    /// What became of the rows that a page carries as `named`. What cannot be read may not stand.
    pub fn since(&self, named: &str) -> Difference {
        if named == self.named() {
            return Difference::None;
        }
        let Some(before) = read(named) else { return Difference::Less };
        let less =
            |(spell, (_, hidden)): (&u32, &(u32, u8))| self.0.get(spell).is_none_or(|now| now.1 > *hidden);
        if before.iter().any(less) {
            return Difference::Less;
        }
        let changed = self.0.iter().filter(|(spell, now)| before.get(*spell) != Some(*now)).count();
        Difference::Changed(u32::try_from(changed).unwrap_or(u32::MAX))
    }
}

fn read(named: &str) -> Option<BTreeMap<u32, (u32, u8)>> {
    if !named.is_ascii() || !named.len().is_multiple_of(WIDTH) || named.len() > MOST * WIDTH {
        return None;
    }
    let figure = |at: usize| {
        let part = |from: usize, to: usize| u32::from_str_radix(named.get(at + from..at + to)?, 16).ok();
        Some((part(0, 8)?, (part(8, 14)?, u8::try_from(part(14, 16)?).ok()?)))
    };
    (0..named.len()).step_by(WIDTH).map(figure).collect()
}

/// FNV-1a: a name for some bytes, not a protection of them.
fn hash(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(all: &[(&str, i64, usize)]) -> Rows {
        let ids: Vec<SpellId> = all.iter().map(|(id, _, _)| SpellId::new(*id)).collect();
        Rows::of(ids.iter().zip(all).map(|(id, (_, version, hidden))| (id, *version, *hidden)))
    }

    #[test]
    fn a_page_is_told_what_became_of_its_rows() {
        let page = rows(&[("a", 1, 0), ("b", 1, 0)]).named();
        let became = |all| rows(all).since(&page);
        assert_eq!(became(&[("b", 1, 0), ("a", 1, 0)]), Difference::None);
        assert_eq!(became(&[("a", 2, 0), ("b", 1, 0), ("c", 1, 0)]), Difference::Changed(2));
        assert_eq!(became(&[("a", 1, 0)]), Difference::Less, "somebody is gone");
        assert_eq!(became(&[("a", 1, 0), ("b", 1, 3)]), Difference::Less, "less may be shown of somebody");
    }

    #[test]
    fn what_cannot_be_read_may_not_stand() {
        let now = rows(&[("a", 1, 0)]);
        for named in ["x", "zzzzzzzzzzzzzzzz", "é", "*00000000", &"0".repeat(WIDTH * (MOST + 1))] {
            assert_eq!(now.since(named), Difference::Less, "{named}");
        }
        assert_eq!(rows(&[]).since(""), Difference::None, "an empty list");
        assert_eq!(now.since(""), Difference::Changed(1), "one more than none");
    }

    #[test]
    fn a_very_long_list_is_one_figure() {
        let ids: Vec<String> = (0..=MOST).map(|number| number.to_string()).collect();
        let all: Vec<(&str, i64, usize)> = ids.iter().map(|id| (id.as_str(), 1, 0)).collect();
        let long = rows(&all);
        assert_eq!(long.named().len(), 9);
        assert_eq!(long.since(&long.named()), Difference::None);
        assert_eq!(rows(&all[1..]).since(&long.named()), Difference::Less);
    }
}
