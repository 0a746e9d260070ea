//! Who is in hospital, and since when: the one account that the hospital's FHIR source and its messages both tell
//! from. Stays of everybody but the cast are anchored to the calendar and not to today, so that tomorrow's city goes
//! on with today's. None is ever kept: a place in hospital is worked out from its number, and from a person the only
//! place that could be theirs.

use jiff::civil::Date;
use jiff::{Span, Timestamp};

use crate::draw::Dice;
use crate::hospital::{self, Consultant, Place};
use crate::plan::Source;
use crate::world::{CAST_SIZE, World};

mod cast;

/// Beds that are taken, of 10,000 people. A little above 2.2 of 1000, since a bed is empty for hours between two.
const BEDS: u64 = 24;
/// As many as any city has taken: the opening of a city is told in minutes, not hours.
const MOST_BEDS: u32 = 2000;
/// The window in which somebody who left is still of interest (S-35).
pub(crate) const WINDOW: i64 = 28;
const EPOCH: Date = jiff::civil::date(2020, 1, 1);

/// What somebody is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Ward,
    DayCase,
    /// Attends the emergency department and is no in-patient.
    Attender,
    CommunityBed,
    MentalHealth,
}

/// One stay.
#[derive(Debug, Clone)]
pub(crate) struct Stay {
    pub(crate) source: Source,
    pub(crate) index: u32,
    /// The visit number: what the hospital's messages and its FHIR Encounter both call the stay.
    pub(crate) visit: String,
    pub(crate) kind: Kind,
    /// When they came to the emergency department, if that way.
    pub(crate) attended: Option<Timestamp>,
    pub(crate) admitted: Timestamp,
    /// When they leave, which may be still to come; none for those of the cast whose stay is open.
    pub(crate) left: Option<Timestamp>,
    /// Where they were first, and where they lie.
    pub(crate) first: Place,
    pub(crate) place: Place,
    pub(crate) consultant: &'static Consultant,
    pub(crate) reason: &'static str,
    /// Days the hospital expects when they come.
    pub(crate) expected_days: u32,
    /// P0 to P3.
    pub(crate) pathway: &'static str,
    pub(crate) died: bool,
}

impl Stay {
    /// When the hospital first knew of them.
    pub(crate) fn began(&self) -> Timestamp {
        self.attended.unwrap_or(self.admitted)
    }

    pub(crate) fn dice(&self, world: &World, purpose: &str) -> Dice {
        world.dice(self.index, &format!("{} {purpose}", self.visit))
    }
}

/// A bed and the order in which people have it.
struct Bed {
    number: u32,
    source: Source,
    /// Days from one person to the next.
    period: i64,
    phase: i64,
    /// The people it is for: one bed each, so that nobody is in two.
    people: std::ops::Range<u32>,
}

impl World {
    pub(crate) fn beds(&self) -> u32 {
        let wanted = (u64::from(self.people) * BEDS + 5000) / 10_000;
        u32::try_from(wanted).unwrap_or(MOST_BEDS).clamp(1, MOST_BEDS)
    }

    fn bed(&self, number: u32) -> Bed {
        let edge = |number: u32| {
            u32::try_from(u64::from(number) * u64::from(self.people) / u64::from(self.beds()))
                .unwrap_or(self.people)
        };
        let mut dice = self.dice(number, "bed");
        let source = match dice.below(100) {
            0..50 => Source::StHildas,
            50..80 => Source::WharfeValley,
            80..90 => Source::Community,
            _ => Source::MentalHealth,
        };
        let period = match (source, dice.below(10)) {
            (Source::Community | Source::MentalHealth, _) => dice.days(12, 30),
            (_, 0..5) => dice.days(2, 6),
            (_, 5..9) => dice.days(6, 15),
            _ => dice.days(15, 30),
        };
        let phase = dice.days(0, 30);
        Bed { number, source, period, phase, people: edge(number)..edge(number + 1) }
    }

    /// The how-manieth person has that bed on that day.
    fn turn(bed: &Bed, day: Date) -> i64 {
        let days = i64::from((day - EPOCH).get_days());
        (days + bed.phase).div_euclid(bed.period)
    }

    /// Stays of one bed that are open now, or ended within the window; the earliest first.
    pub(crate) fn stays_of_bed(&self, number: u32) -> impl Iterator<Item = Stay> {
        let bed = self.bed(number);
        let oldest = Self::turn(&bed, self.days_ago(WINDOW));
        let newest = Self::turn(&bed, self.today);
        (oldest..=newest).filter_map(move |turn| self.stay(&bed, turn)).filter(|one| self.counts(one))
    }

    /// The stay that follows the one a bed has now.
    pub(crate) fn next_of_bed(&self, number: u32, after: Timestamp) -> Option<Stay> {
        let bed = self.bed(number);
        let turn = Self::turn(&bed, self.in_london(after).date());
        (turn..turn + 3).filter_map(|turn| self.stay(&bed, turn)).find(|one| one.began() > after)
    }

    fn counts(&self, stay: &Stay) -> bool {
        let gone = |left: Timestamp| left < self.now && self.in_london(left).date() < self.days_ago(WINDOW);
        stay.began() <= self.now && !stay.left.is_some_and(gone)
    }

    /// Somebody's stays at one source, newest first.
    pub(crate) fn stays_of(&self, source: Source, index: u32) -> Vec<Stay> {
        if source.sender().is_none() {
            return Vec::new();
        }
        if index < CAST_SIZE {
            let stay = self.cast_stay(index).filter(|one| one.source == source && self.counts(one));
            return stay.into_iter().collect();
        }
        let near = u64::from(index) * u64::from(self.beds()) / u64::from(self.people.max(1));
        let near = u32::try_from(near).unwrap_or(0);
        let mine = (near..=near + 1).find(|number| self.bed(*number).people.contains(&index));
        let Some(number) = mine.filter(|number| self.bed(*number).source == source) else {
            return Vec::new();
        };
        let mut found: Vec<Stay> = self.stays_of_bed(number).filter(|one| one.index == index).collect();
        found.reverse();
        found
    }

    fn stay(&self, bed: &Bed, turn: i64) -> Option<Stay> {
        let visit = format!("{}V{:04}{turn:05}", bed.source.letters(), bed.number);
        let mut dice = self.dice(bed.number, &visit);
        let index = self.whose(bed, &mut dice)?;
        let day = EPOCH.saturating_add(Span::new().days(turn * bed.period - bed.phase));
        let last = day.saturating_add(Span::new().days(bed.period - 1));
        let admitted = self.at(day, clock(&mut dice, 9, 20), clock(&mut dice, 0, 59));
        let left = self.at(last, clock(&mut dice, 10, 18), clock(&mut dice, 0, 59));
        // Somebody who comes and leaves on one day leaves after they came.
        let left = left.max(admitted.saturating_add(Span::new().hours(3)).unwrap_or(left));
        let expected = (bed.period - 1 + dice.days(0, 4) - 3).max(1);
        let mut stay = self.stay_of(bed.source, index, visit, admitted, &mut dice);
        stay.left = Some(left);
        stay.expected_days = u32::try_from(expected).unwrap_or(1);
        stay.died = stay.kind == Kind::Ward && self.age(index) >= 75 && dice.chance(25);
        Some(stay)
    }

    /// Whose turn it is: more likely somebody old. None where nobody of the few asked is known there.
    fn whose(&self, bed: &Bed, dice: &mut Dice) -> Option<u32> {
        let people = bed.people.end.saturating_sub(bed.people.start);
        (0..24).find_map(|_| {
            let index = bed.people.start + dice.below(people);
            let seldom = dice.chance(600);
            (self.may_be_admitted(bed.source, index) && !(seldom && self.age(index) < 65)).then_some(index)
        })
    }

    /// Whether chance may send somebody to this hospital: it knows them, they live, and the unit is for their age.
    pub(crate) fn may_be_admitted(&self, source: Source, index: u32) -> bool {
        if index < CAST_SIZE || !self.knows(source, index) {
            return false;
        }
        let age = self.age(index);
        let fits = match source {
            Source::Community => age >= 65,
            Source::MentalHealth => age >= 18,
            _ => true,
        };
        fits && self.person(index).died.is_none()
    }

    /// Where, under whom and why; when is the caller's.
    pub(crate) fn stay_of(
        &self,
        source: Source,
        index: u32,
        visit: String,
        admitted: Timestamp,
        dice: &mut Dice,
    ) -> Stay {
        let age = self.age(index);
        let kind = match source {
            Source::Community => Kind::CommunityBed,
            Source::MentalHealth => Kind::MentalHealth,
            _ => Kind::Ward,
        };
        let code = match kind {
            Kind::CommunityBed => "318",
            Kind::MentalHealth => "710",
            _ if age < 16 => "420",
            _ if age >= 75 => dice.pick(&["430", "430", "430", "326", "340", "320", "110", "328"]),
            _ => dice.pick(&["326", "326", "340", "320", "100", "110", "301", "361", "101", "120", "400"]),
        };
        let ward = hospital::of_specialty(source, code, dice).unwrap_or(&hospital::wards(source)[0]);
        let place = ward.bed(dice);
        let by_emergency = kind == Kind::Ward && dice.chance(650);
        let first = if by_emergency && age >= 16 { hospital::assessment(source).bed(dice) } else { place };
        let came = admitted.saturating_sub(Span::new().minutes(dice.days(70, 290))).unwrap_or(admitted);
        Stay {
            source,
            index,
            visit,
            kind,
            attended: by_emergency.then_some(came),
            admitted,
            left: None,
            first,
            place,
            consultant: hospital::consultant(source, ward.specialty(), dice),
            reason: dice.pick(ward.specialty().reasons),
            expected_days: dice.between(2, 7),
            pathway: match (age, dice.below(100)) {
                (..65, 0..90) | (65.., 0..40) => "P0",
                (..65, _) | (65.., 40..86) => "P1",
                (_, 86..96) => "P2",
                _ => "P3",
            },
            died: false,
        }
    }
}

fn clock(dice: &mut Dice, low: u32, high: u32) -> i8 {
    i8::try_from(dice.between(low, high)).unwrap_or(12)
}
