//! What really happens to each patient, and what the desks enter of it, mistakes and their corrections included. The truth
//! is worked out from the life, never from what is told.

use jiff::{SignedDuration, Timestamp};

use super::{
    Habits, TrueState, TrueStay,
    statement::{Bed, Statement},
};
use crate::draw::Dice;

const WARDS: [&str; 6] = ["AMU", "J27", "J28", "L14", "L20", "REHAB"];
const DESTINATIONS: [&str; 4] = ["19", "54", "51", "88"];

/// All that is told and all that is true.
#[derive(Debug, Default)]
pub struct Life {
    pub statements: Vec<Statement>,
    pub stays: Vec<TrueStay>,
}

/// A visit number that is free from a moment on.
type Free = (Timestamp, String);

impl Life {
    pub fn of(seed: u64, habits: Habits, patients: u32, days: u32, start: Timestamp) -> Self {
        let mut life = Self::default();
        let end = after(start, i64::from(days) * 24 * 60);
        let mut free: Vec<Free> = vec![];
        let mut arrivals: Vec<(Timestamp, u32)> = (0..patients)
            .map(|patient| {
                let mut dice = Dice::new(seed, patient, "arrival");
                (after(start, i64::from(dice.below(days * 24 * 60 * 3 / 4))), patient)
            })
            .collect();
        arrivals.sort_unstable();
        for (arrives, patient) in arrivals {
            let mut patient =
                Patient { dice: Dice::new(seed, patient, "life"), habits, id: patient, visits: 0, end };
            patient.lives(&mut life, &mut free, arrives);
        }
        life
    }
}

fn after(at: Timestamp, minutes: i64) -> Timestamp {
    at + SignedDuration::from_mins(minutes)
}

struct Patient {
    dice: Dice,
    habits: Habits,
    id: u32,
    visits: u32,
    end: Timestamp,
}

/// A stay while it is lived.
struct Stay {
    number: String,
    visit: String,
    admitted: Timestamp,
    bed: Bed,
    /// When the last thing was entered: nobody enters two things at once.
    entered: Timestamp,
    on_leave: bool,
}

impl Patient {
    fn bed(&mut self, not: Option<&Bed>) -> Bed {
        loop {
            let ward = WARDS[self.dice.below(6) as usize];
            let bed = Bed { ward, bed: self.dice.between(1, 30) };
            if not.is_none_or(|not| not.ward != bed.ward) {
                return bed;
            }
        }
    }

    fn minutes(&mut self, low: u32, high: u32) -> i64 {
        self.dice.days(low, high)
    }

    /// When something that happens at `at` is entered: minutes later, or hours if the desk is late, and never before what
    /// was entered last.
    fn entered(&mut self, stay: &mut Stay, at: Timestamp) -> Timestamp {
        let late = self.habits.tells_late && self.dice.chance(150);
        let delay = if late { self.minutes(120, 600) } else { self.minutes(0, 10) };
        stay.entered = after(at, delay).max(after(stay.entered, 2));
        stay.entered
    }

    fn number_of_visit(&mut self, free: &mut Vec<Free>, now: Timestamp) -> String {
        let usable = free.iter().position(|(from, _)| *from < now);
        if let Some(at) = usable.filter(|_| self.habits.reuses_numbers && self.dice.chance(700)) {
            return free.remove(at).1;
        }
        self.visits += 1;
        format!("V{}X{}", self.id, self.visits)
    }

    /// One stay, and perhaps another.
    fn lives(&mut self, life: &mut Life, free: &mut Vec<Free>, arrives: Timestamp) {
        let left = self.stays(life, free, arrives);
        if let Some(left) = left.filter(|_| self.dice.chance(250)) {
            let back = after(left, self.minutes(300, 2000));
            if back < self.end {
                self.stays(life, free, back);
            }
        }
    }

    /// Returns when they left, if they did.
    fn stays(&mut self, life: &mut Life, free: &mut Vec<Free>, arrives: Timestamp) -> Option<Timestamp> {
        let bed = self.bed(None);
        let visit = self.number_of_visit(free, arrives);
        let number = format!("H{}", self.id);
        let mut stay = Stay { number, visit, admitted: arrives, bed, entered: arrives, on_leave: false };
        if self.dice.chance(40) {
            self.admission_cancelled(life, &mut stay);
            return None;
        }
        let unknown = self.habits.merges && self.visits == 1 && self.dice.chance(150);
        let own = stay.number.clone();
        if unknown {
            stay.number = format!("U{}", self.id);
        }
        let mut now = self.admission(life, &mut stay);
        for _ in 0..self.dice.below(4) {
            now = after(now, self.minutes(60, 1500));
            if now >= self.end {
                break;
            }
            self.something(life, &mut stay, now);
        }
        if unknown {
            self.merge(life, &mut stay, now, own);
        }
        now = after(now.max(stay.entered), self.minutes(60, 3000));
        if now < self.end && self.dice.chance(700) {
            return Some(self.leaving(life, free, stay, now));
        }
        let state = TrueState::InBed {
            ward: stay.bed.ward.to_owned(),
            bed: stay.bed.bed.to_string(),
            on_leave: stay.on_leave,
        };
        life.stays.push(TrueStay { number: stay.number, admitted: stay.admitted, state });
        None
    }

    fn tell(life: &mut Life, stay: &Stay, event: &'static str, told: Timestamp) -> usize {
        life.statements.push(Statement {
            told,
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
        life.statements.len() - 1
    }

    fn admission(&mut self, life: &mut Life, stay: &mut Stay) -> Timestamp {
        let told = self.entered(stay, stay.admitted);
        if self.habits.corrects_visits && self.dice.chance(60) {
            // The wrong patient was chosen; the right one is told under the same visit.
            let first = Self::tell(life, stay, "A01", told);
            life.statements[first].number = format!("G{}V{}", self.id, self.visits);
            let corrected = self.entered(stay, after(told, 20));
            Self::tell(life, stay, "A01", corrected);
        } else if self.dice.chance(120) {
            // The time was wrong.
            let first = Self::tell(life, stay, "A01", told);
            life.statements[first].admitted = after(stay.admitted, self.minutes(0, 600) - 700);
            let corrected = self.entered(stay, after(told, 30));
            if self.habits.cancel_and_anew {
                Self::tell(life, stay, "A11", corrected);
            }
            Self::tell(life, stay, "A01", corrected);
        } else {
            Self::tell(life, stay, "A01", told);
        }
        stay.entered
    }

    /// Nobody was admitted after all.
    fn admission_cancelled(&mut self, life: &mut Life, stay: &mut Stay) {
        let told = self.entered(stay, stay.admitted);
        Self::tell(life, stay, "A01", told);
        let cancelled = self.entered(stay, after(told, 30));
        Self::tell(life, stay, "A11", cancelled);
    }

    fn something(&mut self, life: &mut Life, stay: &mut Stay, now: Timestamp) {
        match self.dice.below(10) {
            0..6 => self.moves(life, stay, now),
            6 => {
                let told = self.entered(stay, now);
                Self::tell(life, stay, "A08", told);
            }
            7 if self.habits.corrects_visits => self.renumber(life, stay, now),
            _ => {
                let told = self.entered(stay, now);
                let event = if stay.on_leave { "A22" } else { "A21" };
                Self::tell(life, stay, event, told);
                stay.on_leave = !stay.on_leave;
            }
        }
    }

    fn moves(&mut self, life: &mut Life, stay: &mut Stay, now: Timestamp) {
        let from = stay.bed.clone();
        let to = self.bed(Some(&from));
        let told = self.entered(stay, now);
        let tell = |life: &mut Life, stay: &Stay, event, told, to: &Bed, prior: &Bed| {
            let at = Self::tell(life, stay, event, told);
            life.statements[at].place = Some(to.clone());
            life.statements[at].prior = Some(prior.clone());
            life.statements[at].occurred = Some(now);
        };
        match self.dice.below(10) {
            0 => {
                // Moved on paper, and taken back.
                tell(life, stay, "A02", told, &to, &from);
                let cancelled = self.entered(stay, after(told, 15));
                tell(life, stay, "A12", cancelled, &from, &to);
            }
            1 => {
                // The wrong bed was entered.
                let wrong = self.bed(Some(&to));
                let wrong = if wrong.ward == from.ward { Bed { ward: "HDU", bed: 1 } } else { wrong };
                tell(life, stay, "A02", told, &wrong, &from);
                let corrected = self.entered(stay, after(told, 15));
                if self.habits.cancel_and_anew {
                    tell(life, stay, "A12", corrected, &from, &wrong);
                }
                tell(life, stay, "A02", corrected, &to, &from);
                stay.bed = to;
                stay.on_leave = false;
            }
            _ => {
                tell(life, stay, "A02", told, &to, &from);
                stay.bed = to;
                stay.on_leave = false;
            }
        }
    }

    /// The visit gets another number.
    fn renumber(&mut self, life: &mut Life, stay: &mut Stay, now: Timestamp) {
        self.visits += 1;
        let former = std::mem::replace(&mut stay.visit, format!("V{}X{}", self.id, self.visits));
        let told = self.entered(stay, now);
        let at = Self::tell(life, stay, "A50", told);
        life.statements[at].former_visit = Some(former);
    }

    /// Whoever was unknown is known now.
    fn merge(&mut self, life: &mut Life, stay: &mut Stay, now: Timestamp, own: String) {
        let former = std::mem::replace(&mut stay.number, own);
        let told = self.entered(stay, after(now, 5));
        let at = Self::tell(life, stay, "A40", told);
        life.statements[at].former_number = Some(former);
    }

    fn leaving(
        &mut self,
        life: &mut Life,
        free: &mut Vec<Free>,
        mut stay: Stay,
        now: Timestamp,
    ) -> Timestamp {
        let to = DESTINATIONS[self.dice.below(4) as usize];
        let told = self.entered(&mut stay, now);
        let tell = |life: &mut Life, stay: &Stay, told, left, to| {
            let at = Self::tell(life, stay, "A03", told);
            life.statements[at].left = Some((left, to));
        };
        let mut left = now;
        match self.dice.below(10) {
            0 | 1 => {
                // Time and destination were wrong.
                tell(life, &stay, told, left, "19");
                left = after(left, -self.minutes(1, 50));
                let corrected = self.entered(&mut stay, after(told, 40));
                if self.habits.cancel_and_anew {
                    Self::tell(life, &stay, "A13", corrected);
                }
                tell(life, &stay, corrected, left, to);
            }
            2 => {
                // Sent home on paper, taken back, and home a day later.
                tell(life, &stay, told, left, "19");
                let cancelled = self.entered(&mut stay, after(told, 40));
                Self::tell(life, &stay, "A13", cancelled);
                left = after(cancelled, self.minutes(300, 1400));
                let told = self.entered(&mut stay, left);
                tell(life, &stay, told, left, to);
            }
            _ => tell(life, &stay, told, left, to),
        }
        // A number is free once its leaving was entered and some time has passed.
        free.push((after(stay.entered, 120), stay.visit.clone()));
        life.stays.push(TrueStay {
            number: stay.number,
            admitted: stay.admitted,
            state: TrueState::Left { at: left, to },
        });
        stay.entered.max(left)
    }
}
