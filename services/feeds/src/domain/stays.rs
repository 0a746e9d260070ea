//! The stays of one person at one source, as far as the feed has told of them: which one a message is about that
//! names none. Kept per identity; ids and times, nothing clinical.

use std::cmp::Ordering;

use jiff::SignedDuration;
use lcr_contracts::{
    Moment,
    spell::{SnapshotState, SpellEvent, SpellMessage, Told},
};
use lcr_model::{LocalId, SpellId};
use serde::{Deserialize, Serialize};

use super::numbers::{Number, Numbers};

/// How a message names its stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StayKey {
    /// By a visit or account number.
    Numbered(Numbers),
    /// By the number it has now and the one it had before, as a stay of `from`. Without a number of now it keeps its own.
    Renumbered { now: Numbers, formerly: Numbers, from: LocalId },
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

/// The most stays and account numbers kept of one person; of stays the oldest that ended go first.
const MOST: usize = 50;
/// An attendance whose end nobody told is over after this; an admission within it goes on from it.
const ATTENDANCE: SignedDuration = SignedDuration::from_hours(24);

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownStays {
    stays: Vec<KnownStay>,
    /// The last seen last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    accounts: Vec<AccountUse>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownStay {
    spell: SpellId,
    /// It has a visit or account number.
    numbered: bool,
    phase: Phase,
    opened: Moment,
    closed: Option<Moment>,
    /// The stays that it was numbered before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    formerly: Vec<SpellId>,
}

/// The stay that an account number of the person was last seen with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct AccountUse {
    account: Number,
    spell: SpellId,
    /// The stay has a visit number too.
    by_visit: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Phase {
    Expected,
    Attending,
    Admitted,
}

impl KnownStays {
    /// The stay that `message` is about, which names it by the time of admission alone or not at all.
    pub fn unnumbered(&self, key: &StayKey, message: &SpellMessage) -> Result<SpellId, Unresolved> {
        let id = match key {
            StayKey::Admitted(id) if self.find(id).is_some() => return Ok(id.clone()),
            StayKey::Admitted(id) => Some(id),
            _ => None,
        };
        if let (Some(id), true) = (id, opens(message).is_some()) {
            return Ok(self.goes_on_from(message).unwrap_or(id).clone());
        }
        match (self.one(message), id) {
            (Ok(known), _) => Ok(known.spell.clone()),
            (Err(_), Some(id)) => Ok(id.clone()),
            (Err(_), None) if message.event == SpellEvent::Update && !self.places_a_stranger(message) => {
                Err(Unresolved::PersonOnly)
            }
            (Err(why), None) => Err(why),
        }
    }

    /// Whether an update has somebody in a place here of whom no stay is known: their admission was not sent.
    fn places_a_stranger(&self, message: &SpellMessage) -> bool {
        let has_left = message.discharged != Told::Unchanged;
        self.stays.is_empty() && message.place.set().is_some() && !has_left
    }

    /// The stay that an account number was last seen with.
    pub fn by_account(&self, account: &Number) -> Option<&SpellId> {
        self.account(account).map(|one| &one.spell)
    }

    /// The one open stay without an account number, for a message that names an account alone and opens no stay.
    pub fn without_account(&self, message: &SpellMessage) -> Option<&SpellId> {
        let known = self.one(message).ok().filter(|_| opens(message).is_none())?;
        let has_account = self.accounts.iter().any(|one| known.is(&one.spell));
        (!has_account).then_some(&known.spell)
    }

    /// The stay that a visit number names for the first time: the one of the same account without a visit number, or
    /// the one open stay without any number.
    pub fn before_its_number(&self, numbers: &Numbers, message: &SpellMessage) -> Option<&SpellId> {
        let account = numbers.account.as_ref().and_then(|account| self.account(account));
        let has_ended = |spell: &SpellId| self.find(spell).is_some_and(|one| one.closed.is_some());
        let begins_anew = |one: &AccountUse| opens(message).is_some() && has_ended(&one.spell);
        if let Some(one) = account.filter(|one| !one.by_visit && !begins_anew(one)) {
            return Some(&one.spell);
        }
        let known = self.one(message).ok().filter(|one| !one.numbered && opens(message).is_none())?;
        Some(&known.spell)
    }

    pub fn has_visit_number(&self, spell: &SpellId) -> bool {
        self.accounts.iter().any(|one| one.by_visit && one.spell == *spell)
    }

    fn account(&self, account: &Number) -> Option<&AccountUse> {
        self.accounts.iter().rev().find(|one| one.account.is_same(account))
    }

    /// An admission without a number goes on from the one stay that was expected, or that began just before: an
    /// attendance that becomes an admission, or the admission told again with another time.
    fn goes_on_from(&self, message: &SpellMessage) -> Option<&SpellId> {
        let near = |one: &&KnownStay| {
            let soon = apart(message.happened, one.opened) < ATTENDANCE;
            one.closed.is_none() && !one.numbered && (one.phase == Phase::Expected || soon)
        };
        let mut found = self.stays.iter().filter(near);
        found.next().filter(|_| found.next().is_none()).map(|one| &one.spell)
    }

    /// The one stay that is open, or for a cancelled or repeated discharge the one that it ended.
    fn one(&self, message: &SpellMessage) -> Result<&KnownStay, Unresolved> {
        let told = if message.happened.is_before(message.sent) { message.sent } else { message.happened };
        let is_open = |one: &&KnownStay| {
            let over = one.phase == Phase::Attending && apart(told, one.opened) > ATTENDANCE;
            one.closed.is_none() && !told.is_before(one.opened) && !over
        };
        let open: Vec<&KnownStay> = self.stays.iter().filter(is_open).collect();
        let last = || {
            self.stays
                .iter()
                .filter(|one| one.closed.is_some())
                .max_by_key(|one| one.closed.map(Moment::last))
        };
        let ended = match message.event {
            SpellEvent::CancelDischarge => last(),
            SpellEvent::Discharge if open.is_empty() => last().filter(|one| {
                one.closed.is_some_and(|closed| closed.compare(message.happened) == Ordering::Equal)
            }),
            _ => None,
        };
        match (ended, &open[..]) {
            (Some(one), _) => Ok(one),
            (None, [one]) => Ok(*one),
            (None, []) => Err(Unresolved::NoOpenStay),
            (None, _) => Err(Unresolved::SeveralOpenStays),
        }
    }

    /// Notes what `message` makes of the stay. Returns whether anything changed.
    pub fn note(&mut self, spell: &SpellId, numbers: &Numbers, message: &SpellMessage) -> bool {
        let before = self.clone();
        let numbered = !numbers.is_empty();
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
                        && known.closed.is_some_and(|closed| closed.is_before(message.happened));
                    known.closed = known.closed.filter(|_| !again);
                }
            }
        }
        self.note_numbers(spell, numbers);
        self.bound();
        *self != before
    }

    fn note_numbers(&mut self, spell: &SpellId, numbers: &Numbers) {
        if let Some(known) = self.stays.iter_mut().find(|one| one.is(spell)) {
            known.numbered |= !numbers.is_empty();
        }
        let by_visit = numbers.visit.is_some();
        if by_visit {
            self.accounts.iter_mut().filter(|one| one.spell == *spell).for_each(|one| one.by_visit = true);
        }
        let Some(account) = numbers.account.clone() else { return };
        let by_visit = by_visit || self.has_visit_number(spell);
        self.accounts.retain(|one| !one.account.is_same(&account));
        self.accounts.push(AccountUse { account, spell: spell.clone(), by_visit });
    }

    /// Takes a stay out, to be put back under another number or as another person's.
    pub fn take(&mut self, spell: &SpellId) -> Option<KnownStay> {
        let at = self.stays.iter().position(|one| one.is(spell))?;
        Some(self.stays.remove(at))
    }

    /// Puts a stay in that was numbered otherwise before; one that is known under the new number already goes on.
    pub fn put(&mut self, mut stay: KnownStay, spell: &SpellId) {
        for one in self.accounts.iter_mut().filter(|one| stay.is(&one.spell)) {
            one.spell = spell.clone();
        }
        if stay.spell != *spell {
            stay.formerly.push(std::mem::replace(&mut stay.spell, spell.clone()));
        }
        match self.stays.iter_mut().find(|one| one.is(spell)) {
            Some(known) => {
                known.formerly.extend(stay.formerly);
                if stay.opened.is_before(known.opened) {
                    known.opened = stay.opened;
                }
            }
            None => self.stays.push(stay),
        }
        self.bound();
    }

    /// Takes over the stays of a number that this person's replaces. Returns whether there were any.
    pub fn take_over(&mut self, other: Self) -> bool {
        let any = !other.stays.is_empty() || !other.accounts.is_empty();
        for one in other.accounts {
            if self.account(&one.account).is_none() {
                self.accounts.insert(0, one);
            }
        }
        for stay in other.stays {
            if self.find(&stay.spell).is_none() {
                self.stays.push(stay);
            }
        }
        self.bound();
        any
    }

    fn find(&self, spell: &SpellId) -> Option<&KnownStay> {
        self.stays.iter().find(|one| one.is(spell))
    }

    fn known(
        &mut self,
        spell: &SpellId,
        numbered: bool,
        phase: Phase,
        message: &SpellMessage,
    ) -> &mut KnownStay {
        let at = self.stays.iter().position(|one| one.is(spell)).unwrap_or_else(|| {
            let (opened, spell) = (begun(message), spell.clone());
            let (formerly, closed) = (vec![], None);
            self.stays.push(KnownStay { spell, numbered, phase, opened, closed, formerly });
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
        self.stays.retain(|one| !one.is(spell));
    }

    fn bound(&mut self) {
        let many = self.accounts.len().saturating_sub(MOST);
        self.accounts.drain(..many);
        if self.stays.len() > MOST {
            self.stays.sort_by_key(|one| (one.closed.is_none(), one.closed.unwrap_or(one.opened).last()));
            self.stays.drain(..self.stays.len() - MOST);
        }
    }
}

impl KnownStay {
    fn is(&self, spell: &SpellId) -> bool {
        self.spell == *spell || self.formerly.contains(spell)
    }
}

/// How far two moments are apart at least.
fn apart(one: Moment, other: Moment) -> SignedDuration {
    if one.compare(other) == Ordering::Equal {
        SignedDuration::ZERO
    } else {
        one.at.duration_since(other.at).abs()
    }
}

fn begun(message: &SpellMessage) -> Moment {
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
