//! Small rules that several families share: ids that cannot be read back, versions that only rise.

use jiff::Timestamp;
use lcr_model::{LocalId, SourceId, SpellId};
use sha2::{Digest, Sha256};

/// 128 bits of a hash over the parts, in hexadecimal. Parts cannot run into one another.
pub fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part.as_bytes());
    }
    hex(hash.finalize().iter().take(16))
}

fn hex<'b>(bytes: impl Iterator<Item = &'b u8>) -> String {
    bytes.fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// The hash of a message's bytes, in hexadecimal.
pub fn content(bytes: &[u8]) -> String {
    hex(Sha256::digest(bytes).iter())
}

/// The stay a visit number names.
pub fn spell_by_visit(source: &SourceId, visit: &str) -> SpellId {
    SpellId::new(digest(&["visit", source.as_str(), visit]))
}

/// The stay that an account number of a person names.
pub fn spell_by_account(source: &SourceId, person: &LocalId, account: &str) -> SpellId {
    SpellId::new(digest(&["account", source.as_str(), &person.0, account]))
}

/// The stay of a person that began then, where there is no visit number.
pub fn spell_by_time(source: &SourceId, person: &LocalId, admitted: Timestamp) -> SpellId {
    SpellId::new(digest(&["admitted", source.as_str(), &person.0, &admitted.as_microsecond().to_string()]))
}

/// The version of what was sent at `sent`, given the one held. Senders' clocks have seconds: of two in the same
/// second the one that came later is newer. One of an earlier second keeps its own, which consumers ignore.
pub fn next_version(held: Option<i64>, sent: Timestamp) -> i64 {
    const SECOND: i64 = 1_000_000;
    let sent = sent.as_microsecond();
    match held {
        Some(held) if sent.div_euclid(SECOND) >= held.div_euclid(SECOND) => sent.max(held + 1),
        _ => sent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_into_one_another() {
        assert_ne!(digest(&["ab", "c"]), digest(&["a", "bc"]));
        assert_eq!(digest(&["a"]).len(), 32);
    }

    #[test]
    fn versions_rise_with_arrival_within_a_second_and_never_otherwise() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let first = next_version(None, at(10));
        let second = next_version(Some(first), at(10));
        let third = next_version(Some(second), at(10));
        assert!(first < second && second < third);
        assert!(next_version(Some(third), at(9)) < first);
        assert!(next_version(Some(third), at(11)) > third);
    }
}
