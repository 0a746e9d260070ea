//! Changes of the known stays: the effect of a message, a new number, and merged people.

use lcr_contracts::spell::{SnapshotState, SpellEvent, SpellMessage};
use lcr_model::SpellId;

use super::{AccountUse, KnownStay, KnownStays, MAX_STAYS, Phase, opening_phase, start};
use crate::domain::stay_numbers::StayNumbers;

impl KnownStays {
    /// Records the effect of `message` on the stay. Returns whether anything changed.
    pub fn record(&mut self, spell: &SpellId, numbers: &StayNumbers, message: &SpellMessage) -> bool {
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
                self.find_or_insert(spell, numbered, Phase::Admitted, message).closed = None;
            }
            _ => {
                if let Some(phase) = opening_phase(message) {
                    let known = self.find_or_insert(spell, numbered, phase, message);
                    if known.phase < phase {
                        (known.phase, known.opened) = (phase, start(message));
                    }
                    let again = message.event == SpellEvent::Admit
                        && known.closed.is_some_and(|closed| closed.is_before(message.happened));
                    known.closed = known.closed.filter(|_| !again);
                }
            }
        }
        self.record_numbers(spell, numbers);
        self.trim();
        *self != before
    }

    fn record_numbers(&mut self, spell: &SpellId, numbers: &StayNumbers) {
        if let Some(known) = self.stays.iter_mut().find(|one| one.has_id(spell)) {
            known.numbered |= !numbers.is_empty();
        }
        let by_visit = numbers.visit.is_some();
        if by_visit {
            self.accounts.iter_mut().filter(|one| one.spell == *spell).for_each(|one| one.by_visit = true);
        }
        let Some(account) = numbers.account.clone() else { return };
        let by_visit = by_visit || self.has_visit_number(spell);
        self.accounts.retain(|one| !one.account.can_be_same(&account));
        self.accounts.push(AccountUse { account, spell: spell.clone(), by_visit });
    }

    /// Removes a stay. The caller inserts it under another number or for another person.
    pub fn remove(&mut self, spell: &SpellId) -> Option<KnownStay> {
        let at = self.stays.iter().position(|one| one.has_id(spell))?;
        Some(self.stays.remove(at))
    }

    /// Inserts a renumbered stay. If the new number already has a stay, the two are joined.
    pub fn insert(&mut self, mut stay: KnownStay, spell: &SpellId) {
        for one in self.accounts.iter_mut().filter(|one| stay.has_id(&one.spell)) {
            one.spell = spell.clone();
        }
        if stay.spell != *spell {
            stay.formerly.push(std::mem::replace(&mut stay.spell, spell.clone()));
        }
        match self.stays.iter_mut().find(|one| one.has_id(spell)) {
            Some(known) => {
                known.formerly.extend(stay.formerly);
                if stay.opened.is_before(known.opened) {
                    known.opened = stay.opened;
                }
            }
            None => self.stays.push(stay),
        }
        self.trim();
    }

    /// Takes over the stays of a person's number that was replaced. Returns whether there were any.
    pub fn absorb(&mut self, other: Self) -> bool {
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
        self.trim();
        any
    }

    fn find_or_insert(
        &mut self,
        spell: &SpellId,
        numbered: bool,
        phase: Phase,
        message: &SpellMessage,
    ) -> &mut KnownStay {
        let at = self.stays.iter().position(|one| one.has_id(spell)).unwrap_or_else(|| {
            let (opened, spell) = (start(message), spell.clone());
            let (formerly, closed) = (vec![], None);
            self.stays.push(KnownStay { spell, numbered, phase, opened, closed, formerly });
            self.stays.len() - 1
        });
        &mut self.stays[at]
    }

    fn close(&mut self, spell: &SpellId, numbered: bool, message: &SpellMessage) {
        let discharged = message.discharged.set().copied().unwrap_or(message.happened);
        let at = if message.event == SpellEvent::Snapshot { discharged } else { message.happened };
        self.find_or_insert(spell, numbered, Phase::Admitted, message).closed = Some(at);
    }

    fn forget(&mut self, spell: &SpellId) {
        self.stays.retain(|one| !one.has_id(spell));
    }

    fn trim(&mut self) {
        let excess = self.accounts.len().saturating_sub(MAX_STAYS);
        self.accounts.drain(..excess);
        if self.stays.len() > MAX_STAYS {
            self.stays.sort_by_key(|one| (one.closed.is_none(), one.closed.unwrap_or(one.opened).last()));
            self.stays.drain(..self.stays.len() - MAX_STAYS);
        }
    }
}
