//! A value that is the same for every reader, stored in this process for a while. It must hold nothing about a person.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// The value and when it was read.
pub(crate) struct TimedValue<T>(Mutex<Option<(Timestamp, Arc<T>)>>);

impl<T> Default for TimedValue<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T> TimedValue<T> {
    /// The stored value if it is younger than `max_age`.
    pub fn get(&self, now: Timestamp, max_age: SignedDuration) -> Option<Arc<T>> {
        let stored = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (read_at, value) = stored.as_ref()?;
        // A clock that was set back makes no value young again.
        let age = now.duration_since(*read_at);
        (!age.is_negative() && age < max_age).then(|| value.clone())
    }

    /// Stores the value and returns it.
    pub fn store(&self, now: Timestamp, value: T) -> Arc<T> {
        let value = Arc::new(value);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, value.clone()));
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_served_until_it_is_too_old() {
        let (value, max_age) = (TimedValue::default(), SignedDuration::from_secs(60));
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(value.get(at(0), max_age), None);
        assert_eq!(*value.store(at(0), "first"), "first");
        assert_eq!(value.get(at(59), max_age).as_deref(), Some(&"first"));
        assert_eq!(value.get(at(60), max_age), None);
        assert_eq!(value.get(at(-1), max_age), None, "the clock was set back");
        value.store(at(60), "second");
        assert_eq!(value.get(at(61), max_age).as_deref(), Some(&"second"));
    }
}
