//! The cast: invented people whom tests know by name. They have the first indices, so that a city of any size contains
//! them. Their details must not change without the tests that name them.

use jiff::civil::Date;

use super::{Person, Sex, World};
use crate::plan::Source::{self, AdultSocialCare, Authority, ChildrensSocialCare, Community, GpEast, GpWest};
use crate::plan::Source::{MentalHealth, StHildas, WharfeValley};

/// The number of cast members.
pub(crate) const CAST_SIZE: u32 = 13;
const FREDRICAS_NUMBER: u64 = 9_434_765_919;

/// A cast member, as tests need them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CastMember {
    pub index: u32,
    /// None for the person without an NHS number.
    pub nhs_number: Option<String>,
    pub family: String,
    pub given: String,
    /// YYYY-MM-DD.
    pub birth_date: String,
}

impl CastMember {
    pub(crate) fn of(world: &World, index: u32) -> Self {
        let person = world.person(index);
        Self {
            index,
            nhs_number: person.number.map(|number| number.to_string()),
            family: person.family.to_owned(),
            given: person.given.to_owned(),
            birth_date: person.birth.to_string(),
        }
    }
}

/// The cast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cast {
    /// Born 14-Jul-1945, registered at Beckside, known to five services whose records partly disagree.
    pub fredrica_smith: CastMember,
    /// Restricted by the authority, registered at Beckside, an in-patient at St Hilda's. The feeds still contain the
    /// address.
    pub restricted: CastMember,
    /// Registered at Kirk Lane, so the Beckside GP has no relationship to them.
    pub elsewhere: CastMember,
    /// Known to one hospital only, without an NHS number.
    pub no_number: CastMember,
    /// Twins with the same birth date, address and family name, and similar given names.
    pub twins: [CastMember; 2],
    /// Died 40 days ago, formally notified.
    pub deceased: CastMember,
    /// Mrs Grace Osei, 84, on ward J27, bed 4, of St Hilda's: expected to leave two days ago, waiting for a package of
    /// care, a blood culture pending.
    pub osei: CastMember,
    /// Seven, with a child protection plan, on the caseload of children's social care.
    pub child: CastMember,
    /// Collapsed at three in the morning and is in St Hilda's emergency department. Takes warfarin. His practice records a
    /// penicillin anaphylaxis, the hospital no known allergy. His INR was taken there yesterday.
    pub leonard_pike: CastMember,
    /// Left St Hilda's five days ago with a higher dose of bisoprolol than her practice prescribes and without ramipril.
    pub doreen_hallam: CastMember,
    /// One child before and after an adoption: two NHS numbers and two records that must never be linked.
    pub adopted: [CastMember; 2],
}

impl Cast {
    pub(crate) fn of(world: &World) -> Self {
        let member = |part: CastRole| CastMember::of(world, part as u32);
        Self {
            fredrica_smith: member(CastRole::Fredrica),
            restricted: member(CastRole::Restricted),
            elsewhere: member(CastRole::Elsewhere),
            no_number: member(CastRole::NoNumber),
            twins: [member(CastRole::TwinA), member(CastRole::TwinB)],
            deceased: member(CastRole::Deceased),
            osei: member(CastRole::Osei),
            child: member(CastRole::Child),
            leonard_pike: member(CastRole::Leonard),
            doreen_hallam: member(CastRole::Doreen),
            adopted: [member(CastRole::AdoptedBefore), member(CastRole::AdoptedAfter)],
        }
    }
}

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

    pub(super) fn with_number(number: u64) -> Option<u32> {
        (number == FREDRICAS_NUMBER).then_some(Self::Fredrica as u32)
    }

    pub(super) fn number(self, drawn: u64) -> Option<u64> {
        match self {
            Self::Fredrica => Some(FREDRICAS_NUMBER),
            Self::NoNumber => None,
            _ => Some(drawn),
        }
    }

    /// The rank of the practice: Beckside for all but two.
    pub(super) fn practice(self) -> usize {
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

    pub(super) fn sources(self) -> &'static [Source] {
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

    fn birth(self, today: Date) -> Date {
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
    pub(super) fn apply_to(self, mut person: Person, world: &World) -> Person {
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
