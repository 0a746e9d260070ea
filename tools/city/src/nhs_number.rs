//! NHS numbers for invented people, with valid check digits. The index of a person can be computed from the number. It
//! must never create a number outside the test ranges, which are never issued.

use crate::random::Permutation;

/// Prefixes 950000000 to 999999999, in blocks of ten. The weight of the last digit is 2, so the ten prefixes of a block
/// have different remainders modulo 11 and at most one has no check digit. Every block therefore has at least nine
/// numbers, and the k-th number is found without a search.
const FIRST_BLOCK: u64 = 95_000_000;
const PER_BLOCK: u64 = 9;
/// The largest prime not above the 45,000,000 numbers of those blocks.
const PRIME: u64 = 44_999_971;

/// The numbers of one city.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NhsNumbers {
    permutation: Permutation,
}

impl NhsNumbers {
    pub(crate) fn new(seed: u64) -> Self {
        Self { permutation: Permutation::new(PRIME, seed, "nhs-number") }
    }

    pub(crate) fn of(&self, index: u32) -> u64 {
        let slot = self.permutation.at(index);
        let block = FIRST_BLOCK + slot / PER_BLOCK;
        (0..10)
            .filter_map(|last| with_check_digit(block * 10 + last))
            .nth(as_count(slot % PER_BLOCK))
            .unwrap_or_default()
    }

    /// The index of the person with this number. None if the number is outside the range.
    pub(crate) fn index_of(&self, number: u64) -> Option<u32> {
        let prefix = number / 10;
        if with_check_digit(prefix)? != number {
            return None;
        }
        let block = prefix / 10;
        let before = (block * 10..prefix).filter(|earlier| with_check_digit(*earlier).is_some()).count() as u64;
        if before >= PER_BLOCK {
            return None;
        }
        self.permutation.index_of(block.checked_sub(FIRST_BLOCK)? * PER_BLOCK + before)
    }
}

/// The number that begins with these nine digits. None if the check digit would be 10.
fn with_check_digit(prefix: u64) -> Option<u64> {
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
#[path = "nhs_number_tests.rs"]
mod tests;
