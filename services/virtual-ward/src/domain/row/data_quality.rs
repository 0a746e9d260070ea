//! Warnings that no message of the stay itself causes (RULES.md): a waiting message, silence for longer than the hospital's
//! rhythm, two open stays of one person. They are computed when a row is read and must never be stored.

use jiff::{SignedDuration, Timestamp};

use crate::domain::{spell::Spell, texts};

/// Days without a message after which a row carries a warning, unless the hospital's profile sets another number.
const DEFAULT_QUIET_DAYS: u16 = 7;
/// After this many quiet periods the stay is listed under "not heard of".
const NOT_HEARD_OF_PERIODS: i64 = 4;

/// The facts about a stay, besides its own messages, that make its row uncertain.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DataQuality {
    /// Since when a message about this stay has been waiting.
    pub stay_waits: Option<Timestamp>,
    /// Since when a message about the patient that names no visit has been waiting.
    pub patient_waits: Option<Timestamp>,
    /// The person has another open stay at the same hospital.
    pub another_open: bool,
    /// The quiet days of the hospital's profile.
    pub quiet_days: Option<u16>,
}

impl DataQuality {
    fn quiet_hours(&self) -> i64 {
        i64::from(self.quiet_days.unwrap_or(DEFAULT_QUIET_DAYS)).max(1) * 24
    }

    /// Time since the hospital's last message about a patient who has not left.
    fn silence(spell: &Spell, now: Timestamp) -> Option<SignedDuration> {
        let lasts = spell.left.is_none() && spell.is_actual_stay();
        spell.last_message_at.filter(|_| lasts).map(|last| now.duration_since(last))
    }

    /// Whether the silence is so long that the stay is listed under "not heard of".
    pub fn is_not_heard_of(&self, spell: &Spell, now: Timestamp) -> bool {
        let limit = SignedDuration::from_hours(self.quiet_hours() * NOT_HEARD_OF_PERIODS);
        Self::silence(spell, now).is_some_and(|silence| silence > limit)
    }

    /// The warnings for the row.
    pub fn warnings(&self, spell: &Spell, now: Timestamp) -> Vec<String> {
        let quiet = SignedDuration::from_hours(self.quiet_hours());
        let is_silent = Self::silence(spell, now).is_some_and(|silence| silence > quiet);
        let stay_waits = self.stay_waits.map(|since| texts::stay_message_waiting(since, now));
        let patient_waits = self.patient_waits.map(|since| texts::patient_message_waiting(since, now));
        let silent = spell.last_message_at.filter(|_| is_silent).map(texts::hospital_silent);
        let another = self.another_open.then(|| texts::ANOTHER_STAY_OPEN.to_owned());
        [stay_waits, patient_waits, silent, another].into_iter().flatten().collect()
    }
}
