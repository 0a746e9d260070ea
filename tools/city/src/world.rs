//! The people of the city, made on demand: a person is worked out from seed and index each time one is
//! asked for. It must never keep people, or a city of 817,000 would not fit in memory.

use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::draw::{Dice, Scatter};
use crate::nhs_number::NhsNumbers;
use crate::plan::{PRACTICES, Practice, Source};

mod cast;
mod household;
mod person;
#[cfg(test)]
mod tests;

pub(crate) use cast::{CAST_SIZE, Part};
pub use cast::{Cast, CastMember};
use household::{BLOCK, Role, home};
pub(crate) use person::{Address, Person, Sex, years_between};

/// Local ids are seven digits: a prime below 10,000,000 scatters them one to one.
const LOCAL_PRIME: u64 = 9_999_991;
/// As many people as local ids allow, with room to spare.
pub(crate) const MOST_PEOPLE: u32 = 9_000_000;

/// What a city is made from. `today` is read once, at the start: a page that is turned at midnight keeps its dates.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) people: u32,
    pub(crate) today: Date,
    /// When the city was started; `today` is its day in London.
    pub(crate) now: Timestamp,
    london: TimeZone,
    numbers: NhsNumbers,
    locals: Vec<Scatter>,
}

impl World {
    pub(crate) fn new(seed: u64, people: u32, now: Timestamp) -> Self {
        let london = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
        let today = now.to_zoned(london.clone()).date();
        let locals = Source::ALL.iter().map(|one| Scatter::new(LOCAL_PRIME, seed, one.id())).collect();
        Self { seed, people, today, now, london, numbers: NhsNumbers::new(seed), locals }
    }

    pub(crate) fn dice(&self, index: u32, purpose: &str) -> Dice {
        Dice::new(self.seed, index, purpose)
    }

    /// A time of day in London.
    pub(crate) fn at(&self, day: Date, hour: i8, minute: i8) -> Timestamp {
        let civil = day.at(hour, minute, 0, 0);
        self.london.to_ambiguous_timestamp(civil).compatible().unwrap_or(self.now)
    }

    pub(crate) fn in_london(&self, at: Timestamp) -> Zoned {
        at.to_zoned(self.london.clone())
    }

    /// Today less some days.
    pub(crate) fn days_ago(&self, days: i64) -> Date {
        self.today.saturating_sub(jiff::Span::new().days(days))
    }

    pub(crate) fn practice(&self, index: u32) -> &'static Practice {
        &PRACTICES[self.practice_rank(index)]
    }

    /// Whether this source knows this person.
    pub(crate) fn knows(&self, source: Source, index: u32) -> bool {
        if index >= self.people {
            return false;
        }
        if let Some(part) = Part::of(index) {
            return part.sources().contains(&source);
        }
        if self.is_visitor(index) {
            return source == if index.is_multiple_of(2) { Source::StHildas } else { Source::WharfeValley };
        }
        match source {
            Source::Authority => true,
            _ if source.is_gp() => self.practice(index).system == source,
            _ => self.dice(index, source.id()).chance(self.share(source, index)),
        }
    }

    /// Somebody without an NHS number: registered nowhere, known to one hospital.
    pub(crate) fn is_visitor(&self, index: u32) -> bool {
        let alone = index >= BLOCK && home(index).role == Role::Alone;
        alone && self.adopted_as(index).is_none() && self.dice(index, "visitor").chance(12)
    }

    /// How likely (of 1000) somebody of this age is known to a source that not everybody needs.
    fn share(&self, source: Source, index: u32) -> u32 {
        let age = self.age(index);
        match (source, age) {
            (Source::StHildas, _) => 450,
            (Source::WharfeValley, _) => 180,
            (Source::Community, 65..) => 400,
            (Source::Community | Source::MentalHealth, 12..) => 80,
            (Source::AdultSocialCare, 75..) => 250,
            (Source::AdultSocialCare, 65..) => 100,
            (Source::AdultSocialCare, 18..) => 20,
            (Source::ChildrensSocialCare, ..18) | (Source::SexualHealth, 16..70) => 60,
            _ => 0,
        }
    }

    pub(crate) fn local_id(&self, source: Source, index: u32) -> String {
        format!("{}{:07}", source.letters(), self.locals[source as usize].at(index))
    }

    /// The person behind a local id, if this source knows them.
    pub(crate) fn by_local_id(&self, source: Source, id: &str) -> Option<u32> {
        let digits = id.strip_prefix(source.letters())?;
        let index = self.locals[source as usize].index_of(digits.parse().ok()?)?;
        (self.knows(source, index) && self.local_id(source, index) == id).then_some(index)
    }

    /// The person with this NHS number, if this source knows them.
    pub(crate) fn by_nhs_number(&self, source: Source, number: &str) -> Option<u32> {
        let number: u64 = number.parse().ok()?;
        let index = Part::with_number(number).or_else(|| self.numbers.index_of(number))?;
        let known = self.knows(source, index) && self.nhs_number(index) == Some(number);
        (known && self.person(index).known_by(source, self).number == Some(number)).then_some(index)
    }

    pub(crate) fn nhs_number(&self, index: u32) -> Option<u64> {
        match Part::of(index) {
            Some(part) => part.number(self.numbers.of(index)),
            None => (!self.is_visitor(index)).then(|| self.numbers.of(index)),
        }
    }

    /// NHS numbers of people whose objection is to be made through the platform: one adult in eighty, in order. None
    /// of the cast, whose choices tests make themselves.
    pub(crate) fn objectors(self: Arc<Self>) -> impl Iterator<Item = String> + Send + 'static {
        let first = BLOCK + self.dice(0, "objectors").below(80);
        (first..self.people).step_by(80).filter_map(move |index| {
            let person = self.person(index);
            let asked = person.age >= 18 && person.died.is_none();
            person.number.filter(|_| asked).map(|number| number.to_string())
        })
    }

    /// Up to `count` people this source knows, from `from` on, and where to go on.
    pub(crate) fn register(&self, source: Source, from: u32, count: usize) -> (Vec<u32>, Option<u32>) {
        let mut found: Vec<u32> = (from..self.people)
            .filter(|index| self.knows(source, *index))
            .take(count.saturating_add(1))
            .collect();
        let next = (found.len() > count).then(|| found.pop()).flatten();
        (found, next)
    }
}
