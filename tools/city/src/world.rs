//! The people of the city. A person is computed from seed and index on demand. It must never store people, or a city of
//! 817,000 would not fit in memory.

use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::care::Roster;
use crate::nhs_number::NhsNumbers;
use crate::plan::{PRACTICES, Practice, Source};
use crate::random::{Permutation, SeededRng};

mod cast;
mod household;
mod person;
#[cfg(test)]
mod tests;

pub(crate) use cast::{CAST_SIZE, CastRole};
pub use cast::{Cast, CastMember};
use household::{BLOCK, Role, home};
pub(crate) use person::{Address, Person, Sex, years_between};

/// Local ids are seven digits: a prime below 10,000,000 scatters them one to one.
const LOCAL_PRIME: u64 = 9_999_991;
/// The largest city. Local ids allow a few more.
pub(crate) const MAX_PEOPLE: u32 = 9_000_000;

/// The parameters of a city. `today` is fixed at the start, so that dates do not change at midnight.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) people: u32,
    pub(crate) today: Date,
    /// When the city was started. `today` is its date in London.
    pub(crate) now: Timestamp,
    london: TimeZone,
    numbers: NhsNumbers,
    local_ids: Vec<Permutation>,
    /// Who is in which group of the city's partners.
    pub(crate) roster: Roster,
}

impl World {
    pub(crate) fn new(seed: u64, people: u32, now: Timestamp) -> Self {
        let london = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
        let today = now.to_zoned(london.clone()).date();
        let sources = Source::ALL.iter().chain(&Source::SENDING_ONLY);
        let local_ids = sources.map(|one| Permutation::new(LOCAL_PRIME, seed, one.id())).collect();
        let (numbers, roster) = (NhsNumbers::new(seed), Roster::default());
        let mut world = Self { seed, people, today, now, london, numbers, local_ids, roster };
        world.roster = Roster::of(&world);
        world
    }

    pub(crate) fn rng(&self, index: u32, purpose: &str) -> SeededRng {
        SeededRng::new(self.seed, index, purpose)
    }

    /// A time of day in London.
    pub(crate) fn at(&self, day: Date, hour: i8, minute: i8) -> Timestamp {
        let civil = day.at(hour, minute, 0, 0);
        self.london.to_ambiguous_timestamp(civil).compatible().unwrap_or(self.now)
    }

    pub(crate) fn in_london(&self, at: Timestamp) -> Zoned {
        at.to_zoned(self.london.clone())
    }

    /// The date some days before today.
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
        if let Some(part) = CastRole::of(index) {
            return part.sources().contains(&source) || self.roster.has(source, index);
        }
        if self.is_visitor(index) {
            return source == if index.is_multiple_of(2) { Source::StHildas } else { Source::WharfeValley };
        }
        match source {
            Source::Authority => true,
            _ if source.is_gp() => self.practice(index).system == source,
            _ => self.rng(index, source.id()).chance(self.share(source, index)) || self.roster.has(source, index),
        }
    }

    /// Whether the person has no NHS number and no practice, and is known to one hospital only.
    pub(crate) fn is_visitor(&self, index: u32) -> bool {
        let alone = index >= BLOCK && home(index).role == Role::Alone;
        alone && self.adopted_as(index).is_none() && self.rng(index, "visitor").chance(12)
    }

    /// The probability (per 1000) that this source knows a person of this age.
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
        format!("{}{:07}", source.id_prefix(), self.local_ids[source as usize].at(index))
    }

    /// The person behind a local id, if this source knows them.
    pub(crate) fn by_local_id(&self, source: Source, id: &str) -> Option<u32> {
        let digits = id.strip_prefix(source.id_prefix())?;
        let index = self.local_ids[source as usize].index_of(digits.parse().ok()?)?;
        (self.knows(source, index) && self.local_id(source, index) == id).then_some(index)
    }

    /// The person with this NHS number, if this source knows them.
    pub(crate) fn by_nhs_number(&self, source: Source, number: &str) -> Option<u32> {
        let number: u64 = number.parse().ok()?;
        let index = CastRole::with_number(number).or_else(|| self.numbers.index_of(number))?;
        let known = self.knows(source, index) && self.nhs_number(index) == Some(number);
        (known && self.person(index).register_entry(source, self).number == Some(number)).then_some(index)
    }

    pub(crate) fn nhs_number(&self, index: u32) -> Option<u64> {
        match CastRole::of(index) {
            Some(part) => part.number(self.numbers.of(index)),
            None => (!self.is_visitor(index)).then(|| self.numbers.of(index)),
        }
    }

    /// NHS numbers of people who object: one adult in eighty, in order, without the cast, whose choices tests make.
    pub(crate) fn objectors(self: Arc<Self>) -> impl Iterator<Item = String> + Send + 'static {
        let first = BLOCK + self.rng(0, "objectors").below(80);
        (first..self.people).step_by(80).filter_map(move |index| {
            let person = self.person(index);
            let may_object = person.age >= 18 && person.died.is_none();
            person.number.filter(|_| may_object).map(|number| number.to_string())
        })
    }

    /// Up to `count` people known to this source from index `from`, and the index of the next page.
    pub(crate) fn register(&self, source: Source, from: u32, count: usize) -> (Vec<u32>, Option<u32>) {
        let mut found: Vec<u32> =
            (from..self.people).filter(|index| self.knows(source, *index)).take(count.saturating_add(1)).collect();
        let next = (found.len() > count).then(|| found.pop()).flatten();
        (found, next)
    }
}
