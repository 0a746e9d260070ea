//! Repeatable random numbers: every value is a pure function of seed, person and purpose. It must never read a clock or a
//! global generator, or two runs with one seed would differ.

/// The random number generator of one (seed, person, purpose).
#[derive(Debug, Clone)]
pub(crate) struct SeededRng {
    state: u64,
}

impl SeededRng {
    /// The purpose separates draws: one more draw for medicines must not change an address.
    pub(crate) fn new(seed: u64, person: u32, purpose: &str) -> Self {
        let mut state = mix(seed ^ 0x9E37_79B9_7F4A_7C15) ^ u64::from(person);
        for byte in purpose.bytes() {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
        }
        Self { state: mix(state) }
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.state)
    }

    /// A number from 0 to `end`, excluding `end`.
    pub(crate) fn below(&mut self, end: u32) -> u32 {
        let product = (self.next() >> 32) * u64::from(end);
        u32::try_from(product >> 32).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// A number of days from `low` to `high`, both included.
    pub(crate) fn days(&mut self, low: u32, high: u32) -> i64 {
        i64::from(self.between(low, high))
    }

    pub(crate) fn chance(&mut self, per_mille: u32) -> bool {
        self.below(1000) < per_mille
    }

    /// Picks one item of a list, which must not be empty.
    pub(crate) fn pick<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        let end = u32::try_from(list.len()).unwrap_or(u32::MAX);
        list[self.below(end) as usize]
    }
}

/// The finaliser of splitmix64.
fn mix(mut value: u64) -> u64 {
    value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

/// A permutation of 0..prime that can be inverted without a table. Its values look unordered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Permutation {
    prime: u64,
    factor: u64,
    inverse: u64,
    shift: u64,
}

impl Permutation {
    /// `prime` must be prime and below 2^31, so that products fit.
    pub(crate) fn new(prime: u64, seed: u64, purpose: &str) -> Self {
        let mut rng = SeededRng::new(seed, 0, purpose);
        let factor = 2 + rng.next() % (prime - 2);
        Self { prime, factor, inverse: power(factor, prime - 2, prime), shift: rng.next() % prime }
    }

    pub(crate) fn at(&self, index: u32) -> u64 {
        (u64::from(index) * self.factor + self.shift) % self.prime
    }

    pub(crate) fn index_of(&self, value: u64) -> Option<u32> {
        if value >= self.prime {
            return None;
        }
        let index = ((value + self.prime - self.shift) % self.prime) * self.inverse % self.prime;
        u32::try_from(index).ok()
    }
}

fn power(mut base: u64, mut exponent: u64, modulus: u64) -> u64 {
    let mut result = 1;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result * base % modulus;
        }
        base = base * base % modulus;
        exponent >>= 1;
    }
    result
}

#[cfg(test)]
#[path = "random_tests.rs"]
mod tests;
