//! What the desk enters about a stay, with its mistakes and their corrections.

use jiff::Timestamp;

use super::{FreeNumber, Journeys, Patient, Stay, after};
use crate::simulated_hospital::{
    TrueState, TrueStay,
    desk_entry::{Bed, DeskEntry},
};

const DESTINATIONS: [&str; 4] = ["19", "54", "51", "88"];

impl Patient {
    fn record_entry(journeys: &mut Journeys, stay: &Stay, event: &'static str, entered_at: Timestamp) -> usize {
        journeys.entries.push(DeskEntry {
            entered_at,
            event,
            number: stay.number.clone(),
            visit: stay.visit.clone(),
            admitted: stay.admitted,
            occurred: None,
            place: Some(stay.bed.clone()),
            prior: None,
            left: None,
            former_number: None,
            former_visit: None,
            class: "I",
        });
        journeys.entries.len() - 1
    }

    pub(super) fn admission(&mut self, journeys: &mut Journeys, stay: &mut Stay) -> Timestamp {
        let entered_at = self.entry_time(stay, stay.admitted);
        if self.habits.corrects_visits && self.rng.chance(60) {
            // The wrong patient was chosen, then corrected under the same visit.
            let first = Self::record_entry(journeys, stay, "A01", entered_at);
            journeys.entries[first].number = format!("G{}V{}", self.id, self.visits);
            let corrected = self.entry_time(stay, after(entered_at, 20));
            Self::record_entry(journeys, stay, "A01", corrected);
        } else if self.rng.chance(120) {
            // The time was wrong.
            let first = Self::record_entry(journeys, stay, "A01", entered_at);
            journeys.entries[first].admitted = after(stay.admitted, self.minutes(0, 600) - 700);
            let corrected = self.entry_time(stay, after(entered_at, 30));
            if self.habits.cancel_and_anew {
                Self::record_entry(journeys, stay, "A11", corrected);
            }
            Self::record_entry(journeys, stay, "A01", corrected);
        } else {
            Self::record_entry(journeys, stay, "A01", entered_at);
        }
        stay.entry_time
    }

    /// An admission that is cancelled.
    pub(super) fn admission_cancelled(&mut self, journeys: &mut Journeys, stay: &mut Stay) {
        let entered_at = self.entry_time(stay, stay.admitted);
        Self::record_entry(journeys, stay, "A01", entered_at);
        let cancelled = self.entry_time(stay, after(entered_at, 30));
        Self::record_entry(journeys, stay, "A11", cancelled);
    }

    pub(super) fn random_event(&mut self, journeys: &mut Journeys, stay: &mut Stay, now: Timestamp) {
        match self.rng.below(10) {
            0..6 => self.transfer(journeys, stay, now),
            6 => {
                let entered_at = self.entry_time(stay, now);
                Self::record_entry(journeys, stay, "A08", entered_at);
            }
            7 if self.habits.corrects_visits => self.renumber(journeys, stay, now),
            _ => {
                let entered_at = self.entry_time(stay, now);
                let event = if stay.on_leave { "A22" } else { "A21" };
                Self::record_entry(journeys, stay, event, entered_at);
                stay.on_leave = !stay.on_leave;
            }
        }
    }

    fn transfer(&mut self, journeys: &mut Journeys, stay: &mut Stay, now: Timestamp) {
        let from = stay.bed.clone();
        let to = self.bed(Some(&from));
        let entered_at = self.entry_time(stay, now);
        let record_entry = |journeys: &mut Journeys, stay: &Stay, event, entered_at, to: &Bed, prior: &Bed| {
            let at = Self::record_entry(journeys, stay, event, entered_at);
            journeys.entries[at].place = Some(to.clone());
            journeys.entries[at].prior = Some(prior.clone());
            journeys.entries[at].occurred = Some(now);
        };
        match self.rng.below(10) {
            0 => {
                // A transfer that is cancelled.
                record_entry(journeys, stay, "A02", entered_at, &to, &from);
                let cancelled = self.entry_time(stay, after(entered_at, 15));
                record_entry(journeys, stay, "A12", cancelled, &from, &to);
            }
            1 => {
                // The wrong bed was entered.
                let wrong = self.bed(Some(&to));
                let wrong = if wrong.ward == from.ward { Bed { ward: "HDU", bed: 1 } } else { wrong };
                record_entry(journeys, stay, "A02", entered_at, &wrong, &from);
                let corrected = self.entry_time(stay, after(entered_at, 15));
                if self.habits.cancel_and_anew {
                    record_entry(journeys, stay, "A12", corrected, &from, &wrong);
                }
                record_entry(journeys, stay, "A02", corrected, &to, &from);
                stay.bed = to;
                stay.on_leave = false;
            }
            _ => {
                record_entry(journeys, stay, "A02", entered_at, &to, &from);
                stay.bed = to;
                stay.on_leave = false;
            }
        }
    }

    /// Gives the visit another number.
    fn renumber(&mut self, journeys: &mut Journeys, stay: &mut Stay, now: Timestamp) {
        self.visits += 1;
        let former = std::mem::replace(&mut stay.visit, format!("V{}X{}", self.id, self.visits));
        let entered_at = self.entry_time(stay, now);
        let at = Self::record_entry(journeys, stay, "A50", entered_at);
        journeys.entries[at].former_visit = Some(former);
    }

    /// Merges the temporary number into the patient's own.
    pub(super) fn merge(&mut self, journeys: &mut Journeys, stay: &mut Stay, now: Timestamp, own: String) {
        let former = std::mem::replace(&mut stay.number, own);
        let entered_at = self.entry_time(stay, after(now, 5));
        let at = Self::record_entry(journeys, stay, "A40", entered_at);
        journeys.entries[at].former_number = Some(former);
    }

    pub(super) fn discharge(
        &mut self,
        journeys: &mut Journeys,
        free_numbers: &mut Vec<FreeNumber>,
        mut stay: Stay,
        now: Timestamp,
    ) -> Timestamp {
        let to = DESTINATIONS[self.rng.below(4) as usize];
        let entered_at = self.entry_time(&mut stay, now);
        let record_entry = |journeys: &mut Journeys, stay: &Stay, entered_at, left, to| {
            let at = Self::record_entry(journeys, stay, "A03", entered_at);
            journeys.entries[at].left = Some((left, to));
        };
        let mut left = now;
        match self.rng.below(10) {
            0 | 1 => {
                // Time and destination were wrong.
                record_entry(journeys, &stay, entered_at, left, "19");
                left = after(left, -self.minutes(1, 50));
                let corrected = self.entry_time(&mut stay, after(entered_at, 40));
                if self.habits.cancel_and_anew {
                    Self::record_entry(journeys, &stay, "A13", corrected);
                }
                record_entry(journeys, &stay, corrected, left, to);
            }
            2 => {
                // A discharge that is cancelled and happens a day later.
                record_entry(journeys, &stay, entered_at, left, "19");
                let cancelled = self.entry_time(&mut stay, after(entered_at, 40));
                Self::record_entry(journeys, &stay, "A13", cancelled);
                left = after(cancelled, self.minutes(300, 1400));
                let entered_at = self.entry_time(&mut stay, left);
                record_entry(journeys, &stay, entered_at, left, to);
            }
            _ => record_entry(journeys, &stay, entered_at, left, to),
        }
        // The number may be reused some time after the discharge is entered.
        free_numbers.push((after(stay.entry_time, 120), stay.visit.clone()));
        journeys.stays.push(TrueStay {
            number: stay.number,
            admitted: stay.admitted,
            state: TrueState::Left { at: left, to },
        });
        stay.entry_time.max(left)
    }
}
