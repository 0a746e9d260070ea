//! The known stays of one person at one source. They tell which stay a message without a stay number is about. This is
//! stored per identity and must never contain clinical data.

mod changes;

use std::cmp::Ordering;

use jiff::SignedDuration;
use lcr_contracts::{
    Moment,
    spell::{FieldUpdate, SnapshotState, SpellEvent, SpellMessage},
};
use lcr_model::{LocalId, SpellId};
use serde::{Deserialize, Serialize};

use super::stay_numbers::{StayNumber, StayNumbers};

/// How a message identifies its stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StayKey {
    /// By a visit or account number.
    Numbered(StayNumbers),
    /// By its new number and its former number, as a stay of person `from`. Without a new number it keeps the former
    /// one.
    Renumbered { now: StayNumbers, formerly: StayNumbers, from: LocalId },
    /// Only by the time of admission.
    Admitted(SpellId),
    /// The message does not identify a stay.
    Unnamed,
}

/// Why a message cannot be assigned to a stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnresolvedStay {
    /// The message updates only the person, which is no error.
    PersonOnly,
    NoOpenStay,
    SeveralOpenStays,
}

/// The most stays, and the most account numbers, stored per person. The oldest ended stays are dropped first.
const MAX_STAYS: usize = 50;
/// The longest attendance: an attendance without an end is over after this time. An admission within it continues it.
const MAX_ATTENDANCE: SignedDuration = SignedDuration::from_hours(24);

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownStays {
    stays: Vec<KnownStay>,
    /// In the order of last use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    accounts: Vec<AccountUse>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownStay {
    spell: SpellId,
    /// Whether it has a visit or account number.
    numbered: bool,
    phase: Phase,
    opened: Moment,
    closed: Option<Moment>,
    /// The ids it had under former numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    formerly: Vec<SpellId>,
}

/// An account number and the stay it last belonged to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct AccountUse {
    account: StayNumber,
    spell: SpellId,
    /// Whether the stay also has a visit number.
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
    /// Finds the stay of a message without a stay number.
    pub fn resolve_unnumbered(&self, key: &StayKey, message: &SpellMessage) -> Result<SpellId, UnresolvedStay> {
        let id = match key {
            StayKey::Admitted(id) if self.find(id).is_some() => return Ok(id.clone()),
            StayKey::Admitted(id) => Some(id),
            _ => None,
        };
        if let (Some(id), true) = (id, opening_phase(message).is_some()) {
            return Ok(self.continued_stay(message).unwrap_or(id).clone());
        }
        match (self.only_open_stay(message), id) {
            (Ok(known), _) => Ok(known.spell.clone()),
            (Err(_), Some(id)) => Ok(id.clone()),
            (Err(_), None) if message.event == SpellEvent::Update && !self.places_unknown_person(message) => {
                Err(UnresolvedStay::PersonOnly)
            }
            (Err(why), None) => Err(why),
        }
    }

    /// Whether an update has a location for a person without any known stay: the admission was not sent.
    fn places_unknown_person(&self, message: &SpellMessage) -> bool {
        let has_left = message.discharged != FieldUpdate::Unchanged;
        self.stays.is_empty() && message.place.set().is_some() && !has_left
    }

    /// The stay that an account number last belonged to.
    pub fn by_account(&self, account: &StayNumber) -> Option<&SpellId> {
        self.account(account).map(|one| &one.spell)
    }

    /// The only open stay if it has no account number, for a message that has only an account number and opens no stay.
    pub fn open_stay_without_account(&self, message: &SpellMessage) -> Option<&SpellId> {
        let known = self.only_open_stay(message).ok().filter(|_| opening_phase(message).is_none())?;
        let has_account = self.accounts.iter().any(|one| known.has_id(&one.spell));
        (!has_account).then_some(&known.spell)
    }

    /// The known stay that a new visit number belongs to: one with the same account and no visit number, else the only
    /// open stay without any number.
    pub fn stay_before_visit_number(&self, numbers: &StayNumbers, message: &SpellMessage) -> Option<&SpellId> {
        let account = numbers.account.as_ref().and_then(|account| self.account(account));
        let has_ended = |spell: &SpellId| self.find(spell).is_some_and(|one| one.closed.is_some());
        let begins_anew = |one: &AccountUse| opening_phase(message).is_some() && has_ended(&one.spell);
        if let Some(one) = account.filter(|one| !one.by_visit && !begins_anew(one)) {
            return Some(&one.spell);
        }
        let known =
            self.only_open_stay(message).ok().filter(|one| !one.numbered && opening_phase(message).is_none())?;
        Some(&known.spell)
    }

    pub fn has_visit_number(&self, spell: &SpellId) -> bool {
        self.accounts.iter().any(|one| one.by_visit && one.spell == *spell)
    }

    fn account(&self, account: &StayNumber) -> Option<&AccountUse> {
        self.accounts.iter().rev().find(|one| one.account.can_be_same(account))
    }

    /// The stay that an admission without a number continues: the only one that was expected or began just before. That
    /// is an attendance that becomes an admission, or the admission repeated with another time.
    fn continued_stay(&self, message: &SpellMessage) -> Option<&SpellId> {
        let near = |one: &&KnownStay| {
            let soon = gap(message.happened, one.opened) < MAX_ATTENDANCE;
            one.closed.is_none() && !one.numbered && (one.phase == Phase::Expected || soon)
        };
        let mut found = self.stays.iter().filter(near);
        found.next().filter(|_| found.next().is_none()).map(|one| &one.spell)
    }

    /// The only open stay. For a cancelled or repeated discharge, the stay that it ended.
    fn only_open_stay(&self, message: &SpellMessage) -> Result<&KnownStay, UnresolvedStay> {
        let reported = if message.happened.is_before(message.sent) { message.sent } else { message.happened };
        let is_open = |one: &&KnownStay| {
            let over = one.phase == Phase::Attending && gap(reported, one.opened) > MAX_ATTENDANCE;
            one.closed.is_none() && !reported.is_before(one.opened) && !over
        };
        let open: Vec<&KnownStay> = self.stays.iter().filter(is_open).collect();
        let last =
            || self.stays.iter().filter(|one| one.closed.is_some()).max_by_key(|one| one.closed.map(Moment::last));
        let ended = match message.event {
            SpellEvent::CancelDischarge => last(),
            SpellEvent::Discharge if open.is_empty() => last()
                .filter(|one| one.closed.is_some_and(|closed| closed.compare(message.happened) == Ordering::Equal)),
            _ => None,
        };
        match (ended, &open[..]) {
            (Some(one), _) => Ok(one),
            (None, [one]) => Ok(*one),
            (None, []) => Err(UnresolvedStay::NoOpenStay),
            (None, _) => Err(UnresolvedStay::SeveralOpenStays),
        }
    }

    fn find(&self, spell: &SpellId) -> Option<&KnownStay> {
        self.stays.iter().find(|one| one.has_id(spell))
    }
}

impl KnownStay {
    fn has_id(&self, spell: &SpellId) -> bool {
        self.spell == *spell || self.formerly.contains(spell)
    }
}

/// The shortest time between two moments of limited precision.
fn gap(one: Moment, other: Moment) -> SignedDuration {
    if one.compare(other) == Ordering::Equal { SignedDuration::ZERO } else { one.at.duration_since(other.at).abs() }
}

fn start(message: &SpellMessage) -> Moment {
    message.admitted.set().copied().unwrap_or(message.happened)
}

/// The phase that an event opens. `None` if it opens no stay.
fn opening_phase(message: &SpellMessage) -> Option<Phase> {
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
