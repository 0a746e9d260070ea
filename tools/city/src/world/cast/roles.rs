//! The parts that members of the cast play, and the facts of each. All of them are invented.

use jiff::civil::Date;

use super::{
    super::{Person, Sex, World},
    CAST_SIZE, FREDRICAS_NUMBER,
};
use crate::plan::Source::{
    self, AdultSocialCare, Authority, ChildrensSocialCare, Community, GpEast, GpWest, MentalHealth, StHildas,
    WharfeValley,
};

/// A cast member. Its value is the person's index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CastRole {
    Fredrica,
    Restricted,
    Elsewhere,
    NoNumber,
    TwinA,
    TwinB,
    Deceased,
    Osei,
    Child,
    Leonard,
    Doreen,
    AdoptedBefore,
    AdoptedAfter,
}

impl CastRole {
    const ALL: [Self; CAST_SIZE as usize] = [
        Self::Fredrica,
        Self::Restricted,
        Self::Elsewhere,
        Self::NoNumber,
        Self::TwinA,
        Self::TwinB,
        Self::Deceased,
        Self::Osei,
        Self::Child,
        Self::Leonard,
        Self::Doreen,
        Self::AdoptedBefore,
        Self::AdoptedAfter,
    ];

    pub(crate) fn of(index: u32) -> Option<Self> {
        Self::ALL.get(index as usize).copied()
    }

    pub(in crate::world) fn with_number(number: u64) -> Option<u32> {
        (number == FREDRICAS_NUMBER).then_some(Self::Fredrica as u32)
    }

    pub(in crate::world) fn number(self, drawn: u64) -> Option<u64> {
        match self {
            Self::Fredrica => Some(FREDRICAS_NUMBER),
            Self::NoNumber => None,
            _ => Some(drawn),
        }
    }

    /// The rank of the practice: Beckside for all but two.
    pub(in crate::world) fn practice(self) -> usize {
        if matches!(self, Self::Elsewhere | Self::AdoptedBefore) { 4 } else { 0 }
    }

    /// Finds a cast member by the name that tests use.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "fredrica" => Self::Fredrica,
            "restricted" => Self::Restricted,
            "elsewhere" => Self::Elsewhere,
            "no-number" => Self::NoNumber,
            "osei" => Self::Osei,
            "pike" => Self::Leonard,
            "hallam" => Self::Doreen,
            "child" => Self::Child,
            _ => return None,
        })
    }

    pub(in crate::world) fn sources(self) -> &'static [Source] {
        match self {
            Self::Fredrica | Self::Restricted => {
                &[Authority, GpEast, StHildas, Community, MentalHealth, AdultSocialCare]
            }
            Self::Elsewhere => &[Authority, GpWest, StHildas, WharfeValley],
            Self::NoNumber => &[StHildas],
            Self::TwinA | Self::TwinB | Self::Leonard | Self::Doreen => &[Authority, GpEast, StHildas],
            Self::Deceased => &[Authority, GpEast, StHildas, Community],
            Self::Osei => &[Authority, GpEast, StHildas, Community, AdultSocialCare],
            Self::Child | Self::AdoptedAfter => &[Authority, GpEast, StHildas, ChildrensSocialCare],
            Self::AdoptedBefore => &[Authority, GpWest, StHildas, ChildrensSocialCare],
        }
    }

    /// Family name, given name, sex.
    fn name(self) -> (&'static str, &'static str, Sex) {
        match self {
            Self::Fredrica => ("Smith", "Fredrica", Sex::Female),
            Self::Restricted => ("Marchetti", "Jadwiga", Sex::Female),
            Self::Elsewhere => ("Thistlewood", "Bernard", Sex::Male),
            Self::NoNumber => ("Lindqvist", "Tor", Sex::Male),
            Self::TwinA => ("Featherstone", "Amelia", Sex::Female),
            Self::TwinB => ("Featherstone", "Amelie", Sex::Female),
            Self::Deceased => ("Hollingbery", "Walter", Sex::Male),
            Self::Osei => ("Osei", "Grace", Sex::Female),
            Self::Child => ("Danby", "Robin", Sex::Male),
            Self::Leonard => ("Pike", "Leonard", Sex::Male),
            Self::Doreen => ("Hallam", "Doreen", Sex::Female),
            Self::AdoptedBefore => ("Crabtree", "Wren", Sex::Female),
            Self::AdoptedAfter => ("Lockwood", "Wren", Sex::Female),
        }
    }

    pub(super) fn birth(self, today: Date) -> Date {
        let years_ago = |years: i64, days: i64| today.saturating_sub(jiff::Span::new().years(years).days(days));
        match self {
            Self::Fredrica => Date::constant(1945, 7, 14),
            Self::Restricted => Date::constant(1988, 3, 9),
            Self::Elsewhere => Date::constant(1957, 11, 2),
            Self::NoNumber => Date::constant(1971, 5, 30),
            Self::TwinA | Self::TwinB => Date::constant(2003, 8, 21),
            Self::Deceased => Date::constant(1939, 1, 17),
            Self::Osei => years_ago(84, 120),
            Self::Child => years_ago(7, 75),
            Self::Leonard => Date::constant(1953, 10, 6),
            Self::Doreen => Date::constant(1947, 2, 23),
            Self::AdoptedBefore | Self::AdoptedAfter => Date::constant(2018, 6, 4),
        }
    }

    /// Changes a random person into this cast member.
    pub(in crate::world) fn apply_to(self, mut person: Person, world: &World) -> Person {
        (person.family, person.given, person.sex) = self.name();
        person.birth = self.birth(world.today);
        person.restricted = self == Self::Restricted;
        person.died = (self == Self::Deceased).then(|| world.days_ago(40));
        person.address = match self {
            Self::Fredrica => person.address.with(12, "Elm Road"),
            Self::Restricted => person.address.with(3, "Hidden Garth"),
            Self::TwinA | Self::TwinB => world.random_person(Self::TwinA as u32).address,
            _ => person.address,
        };
        person
    }
}
