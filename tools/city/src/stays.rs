//! The hospital stays. The FHIR source and the messages of a hospital are both derived from them. Stays (except the
//! cast's) depend on the calendar, not on today, so that a city started tomorrow continues them. Stays must never be
//! stored: they are computed from the bed number, and each person can only be in one bed.

use jiff::{Span, Timestamp, civil::Date};

use crate::{
    hospital::{Consultant, Place},
    plan::Source,
    random::SeededRng,
    world::{CAST_SIZE, World},
};

mod cast;
mod draw;

/// Beds per 10,000 people. Slightly more than 2.2 per 1000, because a bed is empty for some hours between two people.
const BEDS_PER_10_000: u64 = 24;
/// The most beds of any city, so that sending the history takes minutes and not hours.
const MAX_BEDS: u32 = 2000;
/// Days for which a discharged person stays on the list (S-35).
pub(crate) const WINDOW_DAYS: i64 = 28;
const EPOCH: Date = jiff::civil::date(2020, 1, 1);

/// The kind of a stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StayKind {
    Ward,
    DayCase,
    /// Attends the emergency department without admission.
    Attender,
    CommunityBed,
    MentalHealth,
}

/// One stay.
#[derive(Debug, Clone)]
pub(crate) struct Stay {
    pub(crate) source: Source,
    pub(crate) index: u32,
    /// The visit number, the same in messages and FHIR Encounters.
    pub(crate) visit: String,
    pub(crate) kind: StayKind,
    /// When they arrived in the emergency department, if they did.
    pub(crate) attended: Option<Timestamp>,
    pub(crate) admitted: Timestamp,
    /// When they leave, which may be in the future. None for open stays of the cast.
    pub(crate) left: Option<Timestamp>,
    /// The first place of the stay.
    pub(crate) first: Place,
    pub(crate) place: Place,
    pub(crate) consultant: &'static Consultant,
    pub(crate) reason: &'static str,
    /// The length of stay in days that the hospital expects at admission.
    pub(crate) expected_days: u32,
    /// P0 to P3.
    pub(crate) pathway: &'static str,
    pub(crate) died: bool,
}

impl Stay {
    /// When the stay began: arrival or admission.
    pub(crate) fn began(&self) -> Timestamp {
        self.attended.unwrap_or(self.admitted)
    }

    pub(crate) fn rng(&self, world: &World, purpose: &str) -> SeededRng {
        world.rng(self.index, &format!("{} {purpose}", self.visit))
    }
}

/// A bed and its schedule.
struct Bed {
    number: u32,
    source: Source,
    /// Days from one person to the next.
    period: i64,
    phase: i64,
    /// The people who may use this bed. Each person belongs to one bed only.
    people: std::ops::Range<u32>,
}

impl World {
    pub(crate) fn beds(&self) -> u32 {
        let wanted = (u64::from(self.people) * BEDS_PER_10_000 + 5000) / 10_000;
        u32::try_from(wanted).unwrap_or(MAX_BEDS).clamp(1, MAX_BEDS)
    }

    fn bed(&self, number: u32) -> Bed {
        let edge = |number: u32| {
            u32::try_from(u64::from(number) * u64::from(self.people) / u64::from(self.beds())).unwrap_or(self.people)
        };
        let mut rng = self.rng(number, "bed");
        let source = match rng.below(100) {
            0..50 => Source::StHildas,
            50..80 => Source::WharfeValley,
            80..90 => Source::Community,
            _ => Source::MentalHealth,
        };
        let period = match (source, rng.below(10)) {
            (Source::Community | Source::MentalHealth, _) => rng.days(12, 30),
            (_, 0..5) => rng.days(2, 6),
            (_, 5..9) => rng.days(6, 15),
            _ => rng.days(15, 30),
        };
        let phase = rng.days(0, 30);
        Bed { number, source, period, phase, people: edge(number)..edge(number + 1) }
    }

    /// The number of the person who has the bed on that day.
    fn occupant(bed: &Bed, day: Date) -> i64 {
        let days = i64::from((day - EPOCH).get_days());
        (days + bed.phase).div_euclid(bed.period)
    }

    /// The stays of one bed that are open or ended within the window, earliest first.
    pub(crate) fn stays_of_bed(&self, number: u32) -> impl Iterator<Item = Stay> {
        let bed = self.bed(number);
        let oldest = Self::occupant(&bed, self.days_ago(WINDOW_DAYS));
        let newest = Self::occupant(&bed, self.today);
        (oldest..=newest).filter_map(move |occupant| self.stay(&bed, occupant)).filter(|one| self.is_current(one))
    }

    /// The first stay of a bed that begins after a moment.
    pub(crate) fn next_stay_of_bed(&self, number: u32, after: Timestamp) -> Option<Stay> {
        let bed = self.bed(number);
        let occupant = Self::occupant(&bed, self.in_london(after).date());
        (occupant..occupant + 3).filter_map(|occupant| self.stay(&bed, occupant)).find(|one| one.began() > after)
    }

    fn is_current(&self, stay: &Stay) -> bool {
        let gone = |left: Timestamp| left < self.now && self.in_london(left).date() < self.days_ago(WINDOW_DAYS);
        stay.began() <= self.now && !stay.left.is_some_and(gone)
    }

    /// A person's stays at one source, newest first.
    pub(crate) fn stays_of(&self, source: Source, index: u32) -> Vec<Stay> {
        if source.sender().is_none() {
            return Vec::new();
        }
        if index < CAST_SIZE {
            let stay = self.cast_stay(index).filter(|one| one.source == source && self.is_current(one));
            return stay.into_iter().collect();
        }
        let near = u64::from(index) * u64::from(self.beds()) / u64::from(self.people.max(1));
        let near = u32::try_from(near).unwrap_or(0);
        let own_bed = (near..=near + 1).find(|number| self.bed(*number).people.contains(&index));
        let Some(number) = own_bed.filter(|number| self.bed(*number).source == source) else {
            return Vec::new();
        };
        let mut found: Vec<Stay> = self.stays_of_bed(number).filter(|one| one.index == index).collect();
        found.reverse();
        found
    }

    fn stay(&self, bed: &Bed, occupant: i64) -> Option<Stay> {
        let visit = format!("{}V{:04}{occupant:05}", bed.source.id_prefix(), bed.number);
        let mut rng = self.rng(bed.number, &visit);
        let index = self.pick_patient(bed, &mut rng)?;
        let day = EPOCH.saturating_add(Span::new().days(occupant * bed.period - bed.phase));
        let last = day.saturating_add(Span::new().days(bed.period - 1));
        let admitted = self.at(day, random_time_part(&mut rng, 9, 20), random_time_part(&mut rng, 0, 59));
        let left = self.at(last, random_time_part(&mut rng, 10, 18), random_time_part(&mut rng, 0, 59));
        // A stay of one day must end after it begins.
        let left = left.max(admitted.saturating_add(Span::new().hours(3)).unwrap_or(left));
        let expected = (bed.period - 1 + rng.days(0, 4) - 3).max(1);
        let mut stay = self.stay_of(bed.source, index, visit, admitted, &mut rng);
        stay.left = Some(left);
        stay.expected_days = u32::try_from(expected).unwrap_or(1);
        stay.died = stay.kind == StayKind::Ward && self.age(index) >= 75 && rng.chance(25);
        Some(stay)
    }

    /// Picks the next patient of a bed, preferring older people. None if no candidate fits.
    fn pick_patient(&self, bed: &Bed, rng: &mut SeededRng) -> Option<u32> {
        let people = bed.people.end.saturating_sub(bed.people.start);
        (0..24).find_map(|_| {
            let index = bed.people.start + rng.below(people);
            let skip_younger = rng.chance(600);
            (self.may_be_admitted(bed.source, index) && !(skip_younger && self.age(index) < 65)).then_some(index)
        })
    }

    /// Whether a random stay may be this person's: the hospital knows them, they are alive, and the unit is for their age.
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
}

fn random_time_part(rng: &mut SeededRng, low: u32, high: u32) -> i8 {
    i8::try_from(rng.between(low, high)).unwrap_or(12)
}
