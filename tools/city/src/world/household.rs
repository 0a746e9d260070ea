//! The households: each block of twenty people has ten. The head determines address, telephone, family name and practice;
//! the role determines the age. Everything must follow from the index, without a table.

use jiff::Span;
use jiff::civil::Date;

use super::{CastRole, World, years_between};
use crate::plan::{ANYWHERE, PRACTICES, anywhere, district, in_the_old_town};
use crate::random::SeededRng;

/// The number of people in a block.
pub(crate) const BLOCK: u32 = 20;
/// Most of the first people live in the old town, so that a small city has practices with many patients.
const OLD_TOWN: u32 = 2000;

/// Birth dates are relative to this date and not to today, so that a city started tomorrow has the same people.
const BORN_BEFORE: Date = jiff::civil::date(2026, 1, 1);

/// The role of a person in a household.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Alone,
    /// One of a couple without children at home.
    Couple,
    Parent,
    Child,
}

/// The household of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Home {
    /// The index of the head.
    pub(crate) head: u32,
    pub(crate) role: Role,
    /// 0 for the head.
    pub(crate) place: u32,
}

use Role::{Alone, Child, Couple, Parent};

/// The ten households of a block, by position: the distance to the head, and the role.
const SEATS: [(u32, Role); BLOCK as usize] = [
    (0, Alone),
    (0, Couple),
    (1, Couple),
    (0, Parent),
    (1, Parent),
    (2, Child),
    (3, Child),
    (0, Alone),
    (0, Couple),
    (1, Couple),
    (0, Parent),
    (1, Child),
    (0, Alone),
    (0, Parent),
    (1, Parent),
    (2, Child),
    (0, Alone),
    (0, Couple),
    (1, Couple),
    (0, Alone),
];
/// The positions of the two children who may be twins.
const ELDER: u32 = 5;
const YOUNGER: u32 = 6;
/// The position of the former identity of the adopted child at position 15.
const BEFORE: u32 = 19;
const ADOPTED: u32 = 15;

/// The household of a person. In the first block, which contains the cast, everybody lives alone.
pub(crate) fn home(index: u32) -> Home {
    if index < BLOCK {
        return Home { head: index, role: Role::Alone, place: 0 };
    }
    let (place, role) = SEATS[(index % BLOCK) as usize];
    Home { head: index - place, role, place }
}

impl World {
    /// The elder twin of a younger twin.
    pub(crate) fn elder_twin(&self, index: u32) -> Option<u32> {
        let twin = index >= BLOCK && index % BLOCK == YOUNGER && self.rng(index / BLOCK, "twins").chance(60);
        twin.then(|| index - (YOUNGER - ELDER))
    }

    /// The present identity of a former identity before an adoption. A link between the two would disclose the adoption.
    pub(crate) fn adopted_as(&self, index: u32) -> Option<u32> {
        let former = index >= BLOCK && index % BLOCK == BEFORE && self.rng(index / BLOCK, "adoption").chance(10);
        former.then(|| index - (BEFORE - ADOPTED))
    }

    pub(super) fn birth(&self, index: u32) -> Date {
        if let Some(same) = self.elder_twin(index).or_else(|| self.adopted_as(index)) {
            return self.birth(same);
        }
        let home = home(index);
        let mut rng = self.rng(index, "birth");
        let years = match home.role {
            Alone if index < BLOCK => anybody(&mut rng),
            Alone => one_of(&mut rng, [(400, 18, 39), (200, 40, 64), (250, 65, 84), (150, 85, 99)]),
            Couple if home.place == 0 => one_of(&mut rng, [(300, 20, 39), (350, 40, 64), (300, 65, 84), (50, 85, 96)]),
            Child => rng.between(0, 17),
            Parent => self.childs_years(home.head) + rng.between(20, 38),
            Couple => {
                let other = u32::try_from(years_between(self.birth(home.head), self.born_before())).unwrap_or(40);
                (other + rng.below(7)).saturating_sub(3).max(18)
            }
        };
        let days = i64::from(years) * 365 + i64::from(years / 4) + rng.days(30, 364);
        self.born_before().saturating_sub(Span::new().days(days))
    }

    fn born_before(&self) -> Date {
        BORN_BEFORE.min(self.today)
    }

    /// The age on the day to which birth dates are relative. It is the same tomorrow.
    pub(crate) fn fixed_age(&self, index: u32) -> i64 {
        years_between(self.birth(index), self.born_before())
    }

    pub(crate) fn lives_alone(index: u32) -> bool {
        home(index).role == Role::Alone
    }

    /// The age of the eldest child, on which the parents' ages depend.
    fn childs_years(&self, head: u32) -> u32 {
        let children = (head..head + 4).filter(|index| home(*index).head == head);
        let years = children
            .filter(|index| home(*index).role == Role::Child)
            .map(|child| self.rng(child, "birth").between(0, 17));
        years.max().unwrap_or(8)
    }

    /// The rank of the household's practice.
    pub(super) fn practice_rank(&self, index: u32) -> usize {
        if let Some(part) = CastRole::of(index) {
            return part.practice();
        }
        let head = home(index).head;
        let mut rng = self.rng(head, "practice");
        let (old, drawn) = (rng.below(1000), rng.below(100));
        if head < OLD_TOWN && old < 800 {
            return in_the_old_town(drawn);
        }
        anywhere(rng.below(ANYWHERE)).min(PRACTICES.len() - 1)
    }

    /// The home and mobile numbers, from Ofcom's ranges for drama.
    pub(crate) fn telephones(&self, index: u32) -> (String, String) {
        let home = self.rng(home(index).head, "telecom").below(1000);
        let mut own = self.rng(index, "telecom");
        let _home = own.below(1000);
        (format!("0113 496 {home:04}"), format!("07700 900{:03}", own.below(1000)))
    }

    /// The postcode district of a household. Most live near their practice.
    pub(super) fn district(&self, head: u32, drawn: u32) -> u32 {
        let near = self.rng(head, "district").chance(850);
        if head >= BLOCK && near { district(self.practice_rank(head)) } else { drawn }
    }
}

/// A random age with the distribution of a large university city.
fn anybody(rng: &mut SeededRng) -> u32 {
    match rng.below(100) {
        0..20 => rng.between(0, 17),
        20..52 => rng.between(18, 39),
        52..78 => rng.between(40, 64),
        78..95 => rng.between(65, 84),
        _ => rng.between(85, 101),
    }
}

/// A random age from bands of (share per 1000, from, to).
fn one_of(rng: &mut SeededRng, bands: [(u32, u32, u32); 4]) -> u32 {
    let mut left = rng.below(1000);
    for (share, from, to) in bands {
        if left < share {
            return rng.between(from, to);
        }
        left -= share;
    }
    40
}
