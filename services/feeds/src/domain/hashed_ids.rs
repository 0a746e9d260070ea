//! Ids that are hashes, so that nobody can read a patient's number from them. Changing a hash input would orphan every
//! stored id.

use jiff::Timestamp;
use lcr_model::{LocalId, SourceId, SpellId};
use sha2::{Digest, Sha256};

/// 128 bits of a hash over the parts, in hexadecimal. Each part's length is hashed too, so that `ab`, `c` differs from
/// `a`, `bc`.
pub fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part.as_bytes());
    }
    to_hex(hash.finalize().iter().take(16))
}

fn to_hex<'b>(bytes: impl Iterator<Item = &'b u8>) -> String {
    bytes.fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// The hash of a message's bytes, in hexadecimal.
pub fn content_hash(bytes: &[u8]) -> String {
    to_hex(Sha256::digest(bytes).iter())
}

/// The id of the stay that a visit number names.
pub fn spell_by_visit(source: &SourceId, visit: &str) -> SpellId {
    SpellId::new(digest(&["visit", source.as_str(), visit]))
}

/// The id of the stay that a person's account number names.
pub fn spell_by_account(source: &SourceId, person: &LocalId, account: &str) -> SpellId {
    SpellId::new(digest(&["account", source.as_str(), &person.0, account]))
}

/// The id of a person's stay without a number, by its time of admission.
pub fn spell_by_time(source: &SourceId, person: &LocalId, admitted: Timestamp) -> SpellId {
    SpellId::new(digest(&["admitted", source.as_str(), &person.0, &admitted.as_microsecond().to_string()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_depends_on_where_one_part_ends() {
        assert_ne!(digest(&["ab", "c"]), digest(&["a", "bc"]));
        assert_eq!(digest(&["a"]).len(), 32);
    }
}
