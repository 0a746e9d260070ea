//! Which practice a person was registered with before. Pure. Versions of a person may arrive in any order; the result must
//! not depend on it, and where it would, the former practice is left earlier, never later.

use jiff::Timestamp;

/// The registered practice of a person and the one before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Registration {
    /// The newest version.
    pub version: i64,
    pub practice: Option<String>,
    /// The known practice that another one, or none, replaced.
    pub former: Option<String>,
    /// The newest version with the former practice.
    pub former_version: Option<i64>,
    /// The oldest version after that one, and its time.
    pub left_version: Option<i64>,
    pub left_at: Option<Timestamp>,
}

impl Registration {
    /// The first version that arrives.
    pub fn first(version: i64, practice: Option<String>, at: Timestamp) -> Self {
        let (left_version, left_at) = (Some(version), Some(at));
        Self { version, practice, left_version, left_at, ..Self::default() }
    }

    /// One more version. `at` is the time of its event.
    pub fn apply(&mut self, version: i64, practice: Option<String>, at: Timestamp) {
        if version > self.version {
            self.advance(version, practice, at);
        } else if version < self.version && self.former_version.is_none_or(|former| version > former) {
            self.insert(version, practice, at);
        }
    }

    fn advance(&mut self, version: i64, practice: Option<String>, at: Timestamp) {
        let before = std::mem::replace(&mut self.version, version);
        if practice == self.practice {
            return;
        }
        if let Some(left) = std::mem::replace(&mut self.practice, practice) {
            self.leave(left, before, (version, at));
        }
    }

    /// A version between the former practice and now, which arrives late.
    fn insert(&mut self, version: i64, practice: Option<String>, at: Timestamp) {
        let is_left_later = self.left_version.is_some_and(|left| left > version);
        if let Some(practice) = practice.filter(|one| self.practice.as_ref() != Some(one)) {
            // Without the version after this one, the practice counts as left at once.
            let left = self.left_version.zip(self.left_at).filter(|_| is_left_later);
            self.leave(practice, version, left.unwrap_or((self.version, at)));
        } else if is_left_later || self.left_version.is_none() {
            (self.left_version, self.left_at) = (Some(version), Some(at));
        }
    }

    fn leave(&mut self, practice: String, version: i64, (left_version, left_at): (i64, Timestamp)) {
        self.former = Some(practice);
        self.former_version = Some(version);
        (self.left_version, self.left_at) = (Some(left_version), Some(left_at));
    }
}

#[cfg(test)]
#[path = "registration_tests.rs"]
mod tests;
