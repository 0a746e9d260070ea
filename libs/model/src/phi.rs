//! A wrapper for patient data that must not reach a log, an error text or a debug print. It must never get a `Display`.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A value about a person. `Debug` prints no content; `as_ref` and `into_inner` make each access visible in code.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Phi<T>(T);

impl<T> Phi<T> {
    pub fn new(value: T) -> Self {
        Self(value)
    }
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> AsRef<T> for Phi<T> {
    fn as_ref(&self) -> &T {
        &self.0
    }
}

impl<T> From<T> for Phi<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> fmt::Debug for Phi<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_shows_the_value() {
        assert_eq!(format!("{:?}", Some(Phi::new("Fredrica"))), "Some([redacted])");
    }
}
