//! The stays of one person at one source, as far as the feed has told of them: which one a message is about that
//! names none. Kept per identity; ids and times, nothing clinical.

use jiff::{SignedDuration, Timestamp};
use lcr_contracts::spell::{SnapshotState, SpellEvent, SpellMessage};
use lcr_model::SpellId;
use serde::{Deserialize, Serialize};

/// How a message names its stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StayKey {
    /// By a visit or account number.
    Numbered(SpellId),
    /// By the time of admission alone.
    Admitted(SpellId),
    /// Not at all.
    Unnamed,
}

/// Why a message is about no stay in particular.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unresolved {
    /// An update of the person: nothing waits.
    PersonOnly,
    NoOpenStay,
    SeveralOpenStays,
}

/// The most stays kept of one person; the oldest that ended go first.
const MOST: usize = 50;
/// An attendance whose end nobody told is over after this; an admission within it goes on from it.
const ATTENDANCE: SignedDuration = SignedDuration::from_hours(24);

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownStays {
    stays: Vec<KnownStay>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct KnownStay {
    spell: SpellId,
    numbered: bool,
    phase: Phase,
    opened: Timestamp,
    closed: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Phase {
    Expected,
    Attending,
    Admitted,
}

impl KnownStays {
    /// The stay that `message` is about.
    pub fn resolve(&self, key: &StayKey, message: &SpellMessage) -> Result<SpellId, Unresolved> {
        let id = match key {
            StayKey::Numbered(id) => return Ok(id.clone()),
            StayKey::Admitted(id) if self.find(id).is_some() => return Ok(id.clone()),
            StayKey::Admitted(id) => Some(id),
            StayKey::Unnamed => None,
        };
        if let (Some(id), true) = (id, opens(message).is_some()) {
            return Ok(self.goes_on_from(message).unwrap_or(id).clone());
        }
        match (self.one(message), id) {
            (Ok(known), _) => Ok(known.clone()),
            (Err(_), Some(id)) => Ok(id.clone()),
            (Err(_), None) if message.event == SpellEvent::Update => Err(Unresolved::PersonOnly),
            (Err(why), None) => Err(why),
        }
    }

    /// An admission without a number goes on from the one stay that was expected, or that began just before: an
    /// attendance becomes an admission, and an admission that is told again may bear another time.
    fn goes_on_from(&self, message: &SpellMessage) -> Option<&SpellId> {
        let near = |one: &&KnownStay| {
            let apart = message.happened.duration_since(one.opened).abs();
            one.closed.is_none() && !one.numbered && (one.phase == Phase::Expected || apart < ATTENDANCE)
        };
        let mut found = self.stays.iter().filter(near);
        found.next().filter(|_| found.next().is_none()).map(|one| &one.spell)
    }

    /// The one stay that is open, or for a cancelled or repeated discharge the one that it ended.
    fn one(&self, message: &SpellMessage) -> Result<&SpellId, Unresolved> {
        let told = message.happened.max(message.sent);
        let is_open = |one: &&KnownStay| {
            let over = one.phase == Phase::Attending && told.duration_since(one.opened) > ATTENDANCE;
            one.closed.is_none() && one.opened <= told && !over
        };
        let open: Vec<&KnownStay> = self.stays.iter().filter(is_open).collect();
        let last = || self.stays.iter().filter(|one| one.closed.is_some()).max_by_key(|one| one.closed);
        let ended = match message.event {
            SpellEvent::CancelDischarge => last(),
            SpellEvent::Discharge if open.is_empty() => {
                last().filter(|one| one.closed == Some(message.happened))
            }
            _ => None,
        };
        match (ended, &open[..]) {
            (Some(one), _) => Ok(&one.spell),
            (None, [one]) => Ok(&one.spell),
            (None, []) => Err(Unresolved::NoOpenStay),
            (None, _) => Err(Unresolved::SeveralOpenStays),
        }
    }

    /// Notes what `message` makes of the stay. Returns whether anything changed.
    pub fn note(&mut self, spell: &SpellId, numbered: bool, message: &SpellMessage) -> bool {
        let before = self.clone();
        match message.event {
            SpellEvent::CancelAdmit | SpellEvent::CancelPreAdmit => self.forget(spell),
            SpellEvent::Snapshot if message.snapshot == Some(SnapshotState::Void) => self.forget(spell),
            SpellEvent::Discharge => self.close(spell, numbered, message),
            SpellEvent::Snapshot if message.snapshot == Some(SnapshotState::Finished) => {
                self.close(spell, numbered, message);
            }
            SpellEvent::CancelDischarge => {
                self.known(spell, numbered, Phase::Admitted, message).closed = None;
            }
            _ => {
                if let Some(phase) = opens(message) {
                    let known = self.known(spell, numbered, phase, message);
                    if known.phase < phase {
                        (known.phase, known.opened) = (phase, begun(message));
                    }
                    let again = message.event == SpellEvent::Admit
                        && known.closed.is_some_and(|closed| closed < message.happened);
                    known.closed = known.closed.filter(|_| !again);
                }
            }
        }
        self.bound();
        *self != before
    }

    /// Takes over the stays of a number that this person's replaces. Returns whether there were any.
    pub fn take_over(&mut self, other: Self) -> bool {
        let any = !other.stays.is_empty();
        for stay in other.stays {
            if self.find(&stay.spell).is_none() {
                self.stays.push(stay);
            }
        }
        self.bound();
        any
    }

    fn find(&self, spell: &SpellId) -> Option<&KnownStay> {
        self.stays.iter().find(|one| one.spell == *spell)
    }

    fn known(
        &mut self,
        spell: &SpellId,
        numbered: bool,
        phase: Phase,
        message: &SpellMessage,
    ) -> &mut KnownStay {
        let at = self.stays.iter().position(|one| one.spell == *spell).unwrap_or_else(|| {
            let opened = begun(message);
            self.stays.push(KnownStay { spell: spell.clone(), numbered, phase, opened, closed: None });
            self.stays.len() - 1
        });
        &mut self.stays[at]
    }

    fn close(&mut self, spell: &SpellId, numbered: bool, message: &SpellMessage) {
        let told = message.discharged.set().copied().unwrap_or(message.happened);
        let at = if message.event == SpellEvent::Snapshot { told } else { message.happened };
        self.known(spell, numbered, Phase::Admitted, message).closed = Some(at);
    }

    fn forget(&mut self, spell: &SpellId) {
        self.stays.retain(|one| one.spell != *spell);
    }

    fn bound(&mut self) {
        if self.stays.len() > MOST {
            self.stays.sort_by_key(|one| (one.closed.is_none(), one.closed.unwrap_or(one.opened)));
            self.stays.drain(..self.stays.len() - MOST);
        }
    }
}

fn begun(message: &SpellMessage) -> Timestamp {
    message.admitted.set().copied().unwrap_or(message.happened)
}

/// How far an event brings somebody into the hospital, if it does.
fn opens(message: &SpellMessage) -> Option<Phase> {
    use SpellEvent as E;
    Some(match message.event {
        E::PreAdmit => Phase::Expected,
        E::Register => Phase::Attending,
        E::Admit | E::ToInpatient => Phase::Admitted,
        E::Snapshot => match message.snapshot? {
            SnapshotState::Planned => Phase::Expected,
            SnapshotState::Present | SnapshotState::OnLeave => Phase::Admitted,
            SnapshotState::Finished | SnapshotState::Void => return None,
        },
        _ => return None,
    })
}

#[cfg(test)]
#[path = "stays_tests.rs"]
mod tests;
