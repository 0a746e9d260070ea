//! NHS numbers for invented people: in a range that is never issued, with a true check digit, and found
//! again from the number. It must never give a number outside the test ranges.

use crate::draw::Scatter;

/// Prefixes 950000000 to 999999999, ten to a block. The weight of a prefix's last digit is 2, which 11
/// does not divide, so the ten of a block leave ten different remainders and at most one of them has
/// no check digit: every block holds at least nine numbers, and the k-th is found without searching.
const FIRST_BLOCK: u64 = 95_000_000;
const PER_BLOCK: u64 = 9;
/// The largest prime not above the 45,000,000 numbers of those blocks.
const PRIME: u64 = 44_999_971;

/// The numbers of one city.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NhsNumbers {
    scatter: Scatter,
}

impl NhsNumbers {
    pub(crate) fn new(seed: u64) -> Self {
        Self { scatter: Scatter::new(PRIME, seed, "nhs-number") }
    }

    pub(crate) fn of(&self, index: u32) -> u64 {
        let slot = self.scatter.at(index);
        let block = FIRST_BLOCK + slot / PER_BLOCK;
        (0..10)
            .filter_map(|last| whole(block * 10 + last))
            .nth(as_count(slot % PER_BLOCK))
            .unwrap_or_default()
    }

    /// Whose number this is, if it is one of this range at all.
    pub(crate) fn index_of(&self, number: u64) -> Option<u32> {
        let prefix = number / 10;
        if whole(prefix)? != number {
            return None;
        }
        let block = prefix / 10;
        let before = (block * 10..prefix).filter(|earlier| whole(*earlier).is_some()).count() as u64;
        if before >= PER_BLOCK {
            return None;
        }
        self.scatter.index_of(block.checked_sub(FIRST_BLOCK)? * PER_BLOCK + before)
    }
}

/// The number that begins with these nine digits; none where the check digit would be 10.
fn whole(prefix: u64) -> Option<u64> {
    let (mut rest, mut sum) = (prefix, 0);
    for weight in 2..=10 {
        sum += rest % 10 * weight;
        rest /= 10;
    }
    match 11 - sum % 11 {
        11 => Some(prefix * 10),
        10 => None,
        check => Some(prefix * 10 + check),
    }
}

fn as_count(value: u64) -> usize {
    usize::try_from(value).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_check_digit_is_that_of_published_numbers() {
        assert_eq!(whole(943_476_591), Some(9_434_765_919));
        assert_eq!(whole(999_000_001), Some(9_990_000_018));
        assert_eq!(whole(987_654_321), Some(9_876_543_210));
        assert_eq!(whole(999_000_000), None);
        assert_eq!(whole(999_000_014), None);
    }

    #[test]
    fn a_hundred_thousand_numbers_are_valid_different_and_found_again() {
        let numbers = NhsNumbers::new(20_261_121);
        let mut seen = HashSet::new();
        for index in 0..100_000 {
            let number = numbers.of(index);
            assert_eq!(whole(number / 10), Some(number), "check digit of {number}");
            assert!(number >= 9_500_000_000 && seen.insert(number), "{number} is used twice");
            assert_eq!(numbers.index_of(number), Some(index));
        }
    }
}
