//! Doubts that no message of the stay itself tells (RULES.md): a message that waits to be read, silence for longer than the
//! hospital's rhythm, two open stays of one person. They are worked out when a row is read and never stored.

use jiff::{SignedDuration, Timestamp};

use crate::domain::{spell::Spell, words};

/// Days without a message after which a stay is marked, if the hospital's profile says nothing else.
const QUIET_DAYS: u16 = 7;
/// After so many times as long it is listed apart.
const NOT_HEARD_OF: i64 = 4;

/// What is in doubt about a stay.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Doubts {
    /// Since when a message about this stay waits.
    pub stay_waits: Option<Timestamp>,
    /// Since when a message about the patient that names no visit waits.
    pub patient_waits: Option<Timestamp>,
    /// Another stay of the person at the same hospital is open as well.
    pub another_open: bool,
    /// The rhythm of the hospital's profile.
    pub quiet_days: Option<u16>,
}

impl Doubts {
    fn quiet(&self) -> i64 {
        i64::from(self.quiet_days.unwrap_or(QUIET_DAYS)).max(1) * 24
    }

    /// How long the hospital has said nothing about somebody in a bed.
    fn silence(spell: &Spell, now: Timestamp) -> Option<SignedDuration> {
        let lasts = spell.left.is_none() && spell.counts();
        spell.last_told.filter(|_| lasts).map(|last| now.duration_since(last))
    }

    /// Whether the stay belongs to those not heard of rather than to those in hospital.
    pub fn not_heard_of(&self, spell: &Spell, now: Timestamp) -> bool {
        let limit = SignedDuration::from_hours(self.quiet() * NOT_HEARD_OF);
        Self::silence(spell, now).is_some_and(|silence| silence > limit)
    }

    /// In words, for the row.
    pub fn words(&self, spell: &Spell, now: Timestamp) -> Vec<String> {
        let quiet = SignedDuration::from_hours(self.quiet());
        let silent = Self::silence(spell, now).is_some_and(|silence| silence > quiet);
        let waits = self.stay_waits.map(|since| words::stay_waits(since, now));
        let patient_waits = self.patient_waits.map(|since| words::patient_waits(since, now));
        let silent = spell.last_told.filter(|_| silent).map(words::silent);
        let another = self.another_open.then(|| words::ANOTHER_OPEN.to_owned());
        [waits, patient_waits, silent, another].into_iter().flatten().collect()
    }
}
