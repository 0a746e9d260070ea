//! The NHS number: ten digits with a modulus-11 check digit (NHS Data Dictionary). It must never be an integer, and must
//! print only through `spaced` or `as_str`.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use utoipa::ToSchema;

/// A number with a valid check digit. Only the demographics authority knows whether it was issued, and to whom.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(pattern = "^[0-9]{10}$")]
pub struct NhsNumber(String);

/// Why a text is not an NHS number. Never quotes the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NhsNumberError {
    #[error("an NHS number has 10 digits")]
    Length,
    #[error("the check digit of this NHS number does not match")]
    CheckDigit,
}

impl NhsNumber {
    /// Parses a number; accepts spaces and dashes.
    pub fn parse(text: &str) -> Result<Self, NhsNumberError> {
        let digits: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        if digits.len() != 10 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NhsNumberError::Length);
        }
        match check_digit(&digits.as_bytes()[..9]) {
            Some(check) if check == digits.as_bytes()[9] - b'0' => Ok(Self(digits)),
            _ => Err(NhsNumberError::CheckDigit),
        }
    }

    /// The number with this nine-digit prefix. `None` for the one prefix in eleven without a check digit.
    pub fn from_prefix(prefix: u32) -> Option<Self> {
        let nine = format!("{prefix:09}");
        let check = check_digit(nine.as_bytes())?;
        (nine.len() == 9).then(|| Self(format!("{nine}{check}")))
    }

    /// Whether it is a test number: they start with 9 and never belong to a patient.
    pub fn is_test(&self) -> bool {
        self.0.starts_with('9')
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As people read it: `943 476 5919`.
    pub fn spaced(&self) -> String {
        format!("{} {} {}", &self.0[..3], &self.0[3..6], &self.0[6..])
    }
}

fn check_digit(nine: &[u8]) -> Option<u8> {
    let sum: u32 = nine.iter().zip((2..=10).rev()).map(|(b, weight)| u32::from(b - b'0') * weight).sum();
    match 11 - sum % 11 {
        11 => Some(0),
        10 => None,
        check => u8::try_from(check).ok(),
    }
}

impl TryFrom<String> for NhsNumber {
    type Error = NhsNumberError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<NhsNumber> for String {
    fn from(number: NhsNumber) -> Self {
        number.0
    }
}

impl fmt::Debug for NhsNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NhsNumber(…)")
    }
}

#[cfg(test)]
#[path = "nhs_number_tests.rs"]
mod tests;
