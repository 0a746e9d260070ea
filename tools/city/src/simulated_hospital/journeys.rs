//! The true journey of each patient, and the desk entries about it, with mistakes and corrections. The true stays must be
//! computed from the journey, never from the entries.

use jiff::{SignedDuration, Timestamp};

use super::{
    Habits, TrueState, TrueStay,
    desk_entry::{Bed, DeskEntry},
};
use crate::random::SeededRng;

const WARDS: [&str; 6] = ["AMU", "J27", "J28", "L14", "L20", "REHAB"];
const DESTINATIONS: [&str; 4] = ["19", "54", "51", "88"];

/// The desk entries and the true stays of all patients.
#[derive(Debug, Default)]
pub struct Journeys {
    pub entries: Vec<DeskEntry>,
    pub stays: Vec<TrueStay>,
}

/// A visit number and the time from which it may be reused.
type FreeNumber = (Timestamp, String);

impl Journeys {
    pub fn of(seed: u64, habits: Habits, patients: u32, days: u32, start: Timestamp) -> Self {
        let mut journeys = Self::default();
        let end = after(start, i64::from(days) * 24 * 60);
        let mut free_numbers: Vec<FreeNumber> = vec![];
        let mut arrivals: Vec<(Timestamp, u32)> = (0..patients)
            .map(|patient| {
                let mut rng = SeededRng::new(seed, patient, "arrival");
                (after(start, i64::from(rng.below(days * 24 * 60 * 3 / 4))), patient)
            })
            .collect();
        arrivals.sort_unstable();
        for (arrives, patient) in arrivals {
            let mut patient =
                Patient { rng: SeededRng::new(seed, patient, "life"), habits, id: patient, visits: 0, end };
            patient.live_through(&mut journeys, &mut free_numbers, arrives);
        }
        journeys
    }
}

fn after(at: Timestamp, minutes: i64) -> Timestamp {
    at + SignedDuration::from_mins(minutes)
}

struct Patient {
    rng: SeededRng,
    habits: Habits,
    id: u32,
    visits: u32,
    end: Timestamp,
}

/// A stay in progress.
struct Stay {
    number: String,
    visit: String,
    admitted: Timestamp,
    bed: Bed,
    /// The time of the last entry. Two entries of a stay never have the same time.
    entry_time: Timestamp,
    on_leave: bool,
}

impl Patient {
    fn bed(&mut self, not: Option<&Bed>) -> Bed {
        loop {
            let ward = WARDS[self.rng.below(6) as usize];
            let bed = Bed { ward, bed: self.rng.between(1, 30) };
            if not.is_none_or(|not| not.ward != bed.ward) {
                return bed;
            }
        }
    }

    fn minutes(&mut self, low: u32, high: u32) -> i64 {
        self.rng.days(low, high)
    }

    /// The entry time of an event at `at`: minutes later, or hours if the desk is late, and always after the last entry.
    fn entry_time(&mut self, stay: &mut Stay, at: Timestamp) -> Timestamp {
        let late = self.habits.tells_late && self.rng.chance(150);
        let delay = if late { self.minutes(120, 600) } else { self.minutes(0, 10) };
        stay.entry_time = after(at, delay).max(after(stay.entry_time, 2));
        stay.entry_time
    }

    fn number_of_visit(&mut self, free_numbers: &mut Vec<FreeNumber>, now: Timestamp) -> String {
        let usable = free_numbers.iter().position(|(from, _)| *from < now);
        if let Some(at) = usable.filter(|_| self.habits.reuses_numbers && self.rng.chance(700)) {
            return free_numbers.remove(at).1;
        }
        self.visits += 1;
        format!("V{}X{}", self.id, self.visits)
    }

    /// Simulates one stay and perhaps a second.
    fn live_through(&mut self, journeys: &mut Journeys, free_numbers: &mut Vec<FreeNumber>, arrives: Timestamp) {
        let left = self.stays(journeys, free_numbers, arrives);
        if let Some(left) = left.filter(|_| self.rng.chance(250)) {
            let back = after(left, self.minutes(300, 2000));
            if back < self.end {
                self.stays(journeys, free_numbers, back);
            }
        }
    }

    /// Simulates one stay. Returns the time of discharge, if any.
    fn stays(
        &mut self,
        journeys: &mut Journeys,
        free_numbers: &mut Vec<FreeNumber>,
        arrives: Timestamp,
    ) -> Option<Timestamp> {
        let bed = self.bed(None);
        let visit = self.number_of_visit(free_numbers, arrives);
        let number = format!("H{}", self.id);
        let mut stay = Stay { number, visit, admitted: arrives, bed, entry_time: arrives, on_leave: false };
        if self.rng.chance(40) {
            self.admission_cancelled(journeys, &mut stay);
            return None;
        }
        let unknown = self.habits.merges && self.visits == 1 && self.rng.chance(150);
        let own = stay.number.clone();
        if unknown {
            stay.number = format!("U{}", self.id);
        }
        let mut now = self.admission(journeys, &mut stay);
        for _ in 0..self.rng.below(4) {
            now = after(now, self.minutes(60, 1500));
            if now >= self.end {
                break;
            }
            self.random_event(journeys, &mut stay, now);
        }
        if unknown {
            self.merge(journeys, &mut stay, now, own);
        }
        now = after(now.max(stay.entry_time), self.minutes(60, 3000));
        if now < self.end && self.rng.chance(700) {
            return Some(self.discharge(journeys, free_numbers, stay, now));
        }
        let state =
            TrueState::InBed { ward: stay.bed.ward.to_owned(), bed: stay.bed.bed.to_string(), on_leave: stay.on_leave };
        journeys.stays.push(TrueStay { number: stay.number, admitted: stay.admitted, state });
        None
    }

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

    fn admission(&mut self, journeys: &mut Journeys, stay: &mut Stay) -> Timestamp {
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
    fn admission_cancelled(&mut self, journeys: &mut Journeys, stay: &mut Stay) {
        let entered_at = self.entry_time(stay, stay.admitted);
        Self::record_entry(journeys, stay, "A01", entered_at);
        let cancelled = self.entry_time(stay, after(entered_at, 30));
        Self::record_entry(journeys, stay, "A11", cancelled);
    }

    fn random_event(&mut self, journeys: &mut Journeys, stay: &mut Stay, now: Timestamp) {
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
    fn merge(&mut self, journeys: &mut Journeys, stay: &mut Stay, now: Timestamp, own: String) {
        let former = std::mem::replace(&mut stay.number, own);
        let entered_at = self.entry_time(stay, after(now, 5));
        let at = Self::record_entry(journeys, stay, "A40", entered_at);
        journeys.entries[at].former_number = Some(former);
    }

    fn discharge(
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
