//! Who lives with whom: people come in blocks of twenty, which are ten households. Whoever heads a household gives
//! it address, telephone, family name and practice; ages follow from the part somebody has in it. All of it is
//! worked out from the index, so that no table of households is kept.

use jiff::Span;
use jiff::civil::Date;

use super::{Part, World, years_between};
use crate::draw::Dice;
use crate::plan::{ANYWHERE, PRACTICES, anywhere, district, in_the_old_town};

/// People of a block.
pub(crate) const BLOCK: u32 = 20;
/// The first people of any city live in the old town, most of them, so that a small city has practices with
/// patients; everybody after them lives anywhere.
const OLD_TOWN: u32 = 2000;

/// Ages count back from here and not from today: whoever starts the city again tomorrow finds the same people.
const BORN_BEFORE: Date = jiff::civil::date(2026, 1, 1);

/// What somebody is in their household.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Alone,
    /// One of a couple without children at home.
    Couple,
    Parent,
    Child,
}

/// Somebody's household.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Home {
    /// The index of whoever heads it.
    pub(crate) head: u32,
    pub(crate) role: Role,
    /// 0 for the head.
    pub(crate) place: u32,
}

use Role::{Alone, Child, Couple, Parent};

/// The ten households of a block, seat by seat: how far back its head sits, and the part.
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
/// The seats of the two children of the largest household, who may be twins.
const ELDER: u32 = 5;
const YOUNGER: u32 = 6;
/// Before an adoption: the last seat is then not somebody alone but what the child of seat 15 was known as.
const BEFORE: u32 = 19;
const ADOPTED: u32 = 15;

/// Somebody's household. The first block holds the cast, who live as their stories say: everybody in it alone.
pub(crate) fn home(index: u32) -> Home {
    if index < BLOCK {
        return Home { head: index, role: Role::Alone, place: 0 };
    }
    let (place, role) = SEATS[(index % BLOCK) as usize];
    Home { head: index - place, role, place }
}

impl World {
    /// The twin somebody is the younger of.
    pub(crate) fn elder_twin(&self, index: u32) -> Option<u32> {
        let twin = index >= BLOCK && index % BLOCK == YOUNGER && self.dice(index / BLOCK, "twins").chance(60);
        twin.then(|| index - (YOUNGER - ELDER))
    }

    /// For what somebody was known as before an adoption: who they are now. Two records with two NHS numbers that
    /// must never be linked, or the adoption is told.
    pub(crate) fn adopted_as(&self, index: u32) -> Option<u32> {
        let former =
            index >= BLOCK && index % BLOCK == BEFORE && self.dice(index / BLOCK, "adoption").chance(10);
        former.then(|| index - (BEFORE - ADOPTED))
    }

    pub(super) fn birth(&self, index: u32) -> Date {
        if let Some(same) = self.elder_twin(index).or_else(|| self.adopted_as(index)) {
            return self.birth(same);
        }
        let home = home(index);
        let mut dice = self.dice(index, "birth");
        let years = match home.role {
            Alone if index < BLOCK => anybody(&mut dice),
            Alone => one_of(&mut dice, [(400, 18, 39), (200, 40, 64), (250, 65, 84), (150, 85, 99)]),
            Couple if home.place == 0 => {
                one_of(&mut dice, [(300, 20, 39), (350, 40, 64), (300, 65, 84), (50, 85, 96)])
            }
            Child => dice.between(0, 17),
            Parent => self.childs_years(home.head) + dice.between(20, 38),
            Couple => {
                let other =
                    u32::try_from(years_between(self.birth(home.head), self.born_before())).unwrap_or(40);
                (other + dice.below(7)).saturating_sub(3).max(18)
            }
        };
        let days = i64::from(years) * 365 + i64::from(years / 4) + dice.days(30, 364);
        self.born_before().saturating_sub(Span::new().days(days))
    }

    fn born_before(&self) -> Date {
        BORN_BEFORE.min(self.today)
    }

    /// The age of the eldest child of a family, by whom its parents' ages go.
    fn childs_years(&self, head: u32) -> u32 {
        let children = (head..head + 4).filter(|index| home(*index).head == head);
        let years = children
            .filter(|index| home(*index).role == Role::Child)
            .map(|child| self.dice(child, "birth").between(0, 17));
        years.max().unwrap_or(8)
    }

    /// The rank of the practice somebody is registered with: their household's.
    pub(super) fn practice_rank(&self, index: u32) -> usize {
        if let Some(part) = Part::of(index) {
            return part.practice();
        }
        let head = home(index).head;
        let mut dice = self.dice(head, "practice");
        let (old, drawn) = (dice.below(1000), dice.below(100));
        if head < OLD_TOWN && old < 800 {
            return in_the_old_town(drawn);
        }
        anywhere(dice.below(ANYWHERE)).min(PRACTICES.len() - 1)
    }

    /// The household's telephone and somebody's own: of the ranges that are kept for drama.
    pub(crate) fn telephones(&self, index: u32) -> (String, String) {
        let home = self.dice(home(index).head, "telecom").below(1000);
        let mut own = self.dice(index, "telecom");
        let _home = own.below(1000);
        (format!("0113 496 {home:04}"), format!("07700 900{:03}", own.below(1000)))
    }

    /// The postcode district of a household: most live near their practice.
    pub(super) fn district(&self, head: u32, drawn: u32) -> u32 {
        let near = self.dice(head, "district").chance(850);
        if head >= BLOCK && near { district(self.practice_rank(head)) } else { drawn }
    }
}

/// Ages spread as in a large university city: more young adults, fewer of the very old.
fn anybody(dice: &mut Dice) -> u32 {
    match dice.below(100) {
        0..20 => dice.between(0, 17),
        20..52 => dice.between(18, 39),
        52..78 => dice.between(40, 64),
        78..95 => dice.between(65, 84),
        _ => dice.between(85, 101),
    }
}

/// An age from bands of (parts of 1000, from, to).
fn one_of(dice: &mut Dice, bands: [(u32, u32, u32); 4]) -> u32 {
    let mut left = dice.below(1000);
    for (share, from, to) in bands {
        if left < share {
            return dice.between(from, to);
        }
        left -= share;
    }
    40
}
