//! Hashed local ids: for a source that identifies people by NHS number, the local id is a keyed hash of the number. Local
//! ids are stored in the clear in databases and on the bus, so an NHS number must never be one.
//!
//! The key is derived from the current data keys, so services that share them compute the same hash. It never changes
//! afterwards, or the source's people would become unknown: each service stores it sealed, and it outlives the data keys.
//! A database created after the data keys changed has another key and other hashes; its people are matched only by NHS
//! number and birth date.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{
    LocalId, NhsNumber, SourceId,
    seal::{DataKeys, SealError},
};

/// The prefix of every hash.
const PREFIX: &str = "nhs-";
/// Bytes of the hash, written as letters only: FHIR ids have at most 64 characters, and letters cannot contain a number
/// by chance.
const BYTES: usize = 20;
/// The derivation purpose. It names no service, so that all derive the same key.
const PURPOSE: &str = "lcr/local-id-key/v1";
/// Digits of an NHS number.
const DIGITS: usize = 10;
/// The most characters between two digits.
const SEPARATORS: usize = 3;

/// The key. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct LocalIdKey([u8; 32]);

impl LocalIdKey {
    /// Derives the key from the first data key.
    pub fn derived(keys: &DataKeys) -> Result<Self, SealError> {
        let bytes = URL_SAFE_NO_PAD.decode(keys.hash_name(PURPOSE)).map_err(|_| SealError::BadKey)?;
        Self::from_bytes(&bytes)
    }

    /// A fixed key, for processes that store nothing.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        bytes.try_into().map(Self).map_err(|_| SealError::BadKey)
    }

    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The hashed local id for `number` of the authority `scope`, if either contains an NHS number. `None` if the
    /// source's own id may be used.
    pub fn hash(&self, source: &SourceId, scope: Option<&str>, number: &str) -> Option<LocalId> {
        let holds = holds_nhs_number(number) || scope.is_some_and(holds_nhs_number);
        holds.then(|| self.hash_any(source, scope, number))
    }

    /// The hashed local id of a number that its sender declares to be an NHS number, even with a wrong check digit.
    pub fn hash_any(&self, source: &SourceId, scope: Option<&str>, number: &str) -> LocalId {
        // Every spelling of a number has the same hash.
        let number = NhsNumber::parse(number).map_or_else(|_| number.trim().to_owned(), |one| one.as_str().to_owned());
        // HMAC pads shorter keys, so a key of one block always works.
        let mut block = [0u8; 64];
        block.iter_mut().zip(self.0).for_each(|(to, byte)| *to = byte);
        let mut mac = <Hmac<Sha256> as KeyInit>::new(&block.into());
        for part in [source.as_str(), scope.unwrap_or_default(), &number] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        let hash = mac.finalize().into_bytes();
        let letters = hash.iter().take(BYTES).flat_map(|byte| [byte >> 4, byte & 15]);
        let letters: String = letters.map(|half| char::from(b'a' + half)).collect();
        LocalId(format!("{PREFIX}{letters}"))
    }
}

impl fmt::Debug for LocalIdKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LocalIdKey(…)")
    }
}

impl LocalId {
    /// Whether a local id is such a hash. The source itself does not know it.
    pub fn is_hash(&self) -> bool {
        let letters = self.0.strip_prefix(PREFIX).unwrap_or_default();
        letters.len() == 2 * BYTES && letters.bytes().all(|byte| matches!(byte, b'a'..=b'p'))
    }
}

/// Whether `text` contains an NHS number: ten digits with a valid check digit, without further digits beside them except
/// leading zeros, and with few non-letters between them.
pub fn holds_nhs_number(text: &str) -> bool {
    if NhsNumber::parse(text).is_ok() {
        return true;
    }
    let mut run = String::new();
    // Whether a number may start here: no digit precedes, except padding zeros.
    let mut may_begin = true;
    let characters: Vec<char> = text.chars().map(narrow).collect();
    for (at, first) in characters.iter().enumerate() {
        let begins = first.is_ascii_digit() && may_begin;
        may_begin = !first.is_ascii_digit() || (begins && *first == '0');
        if begins && digits_from(characters.get(at..).unwrap_or_default(), &mut run) && NhsNumber::parse(&run).is_ok() {
            return true;
        }
    }
    false
}

/// Full-width digits count as digits.
fn narrow(c: char) -> char {
    let digit = u32::from(c).checked_sub(0xff10).filter(|digit| *digit < 10);
    digit.and_then(|digit| char::from_digit(digit, 10)).unwrap_or(c)
}

/// Reads ten digits into `run`. False if there are fewer or another digit follows.
fn digits_from(characters: &[char], run: &mut String) -> bool {
    run.clear();
    let mut separators = 0;
    for one in characters {
        if run.len() == DIGITS {
            return !one.is_ascii_digit();
        }
        if one.is_ascii_digit() {
            run.push(*one);
            separators = 0;
        } else {
            separators += 1;
            if separators > SEPARATORS || one.is_alphanumeric() {
                return false;
            }
        }
    }
    run.len() == DIGITS
}

#[cfg(test)]
#[path = "local_id_key_tests.rs"]
mod tests;
