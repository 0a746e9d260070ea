//! The true journey of each patient, and the desk entries about it, with mistakes and corrections. The true stays must be
//! computed from the journey, never from the entries.

mod desk;

use jiff::{SignedDuration, Timestamp};

use super::{
    Habits, TrueState, TrueStay,
    desk_entry::{Bed, DeskEntry},
};
use crate::random::SeededRng;

const WARDS: [&str; 6] = ["AMU", "J27", "J28", "L14", "L20", "REHAB"];

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
}
