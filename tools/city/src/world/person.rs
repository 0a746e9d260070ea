//! One invented person, and how each register that knows them wrote them down.

use jiff::civil::Date;

use super::household::{Role, home};
use super::{Part, World};
use crate::plan::Source;
use crate::words::{FAMILY, FEMALE, MALE, PART, SHORT, STREET, TWINS};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sex {
    Female,
    Male,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Address {
    pub(crate) house: u32,
    pub(crate) street: &'static str,
    pub(crate) part: &'static str,
    /// Outward and inward number and the two last letters of the postcode.
    code: (u32, u32, [char; 2]),
}

impl Address {
    pub(crate) fn with(self, house: u32, street: &'static str) -> Self {
        Self { house, street, ..self }
    }

    pub(crate) fn postcode(&self) -> String {
        let (outward, inward, [one, two]) = self.code;
        format!("LS{outward} {inward}{one}{two}")
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) index: u32,
    pub(crate) number: Option<u64>,
    pub(crate) family: &'static str,
    pub(crate) given: &'static str,
    pub(crate) sex: Sex,
    pub(crate) birth: Date,
    pub(crate) died: Option<Date>,
    pub(crate) restricted: bool,
    pub(crate) address: Address,
    pub(crate) age: i64,
}

impl World {
    pub(crate) fn person(&self, index: u32) -> Person {
        let drawn = self.drawn(index);
        let mut person = match Part::of(index) {
            Some(part) => part.play(drawn, self),
            None => drawn,
        };
        person.age = years_between(person.birth, person.died.unwrap_or(self.today));
        person
    }

    /// Somebody's age now; the whole person is not needed to know who is known where.
    pub(crate) fn age(&self, index: u32) -> i64 {
        years_between(self.birth(index), self.today)
    }

    /// What chance makes of this index, before any part is played.
    pub(super) fn drawn(&self, index: u32) -> Person {
        let mut dice = self.dice(index, "person");
        let mut sex = if dice.chance(505) { Sex::Female } else { Sex::Male };
        let mut given = dice.pick(if sex == Sex::Female { &FEMALE } else { &MALE });
        let family = dice.pick(&FAMILY);
        let birth = self.birth(index);
        let died = (years_between(birth, self.today) > 70 && dice.chance(25))
            .then(|| self.days_ago(dice.days(5, 300)));
        let restricted = dice.below(300) == 0;
        if let Some(same) = self.elder_twin(index).or_else(|| self.adopted_as(index)) {
            let other = self.drawn(same);
            sex = other.sex;
            given = if self.elder_twin(index).is_some() { twin_of(other.given) } else { other.given };
        }
        Person {
            index,
            number: self.nhs_number(index),
            family: self.family(index).unwrap_or(family),
            given,
            sex,
            birth,
            died,
            restricted,
            address: self.address(home(index).head),
            age: 0,
        }
    }

    /// The family name of the household, for most who share one; none for whoever heads it or kept their own.
    fn family(&self, index: u32) -> Option<&'static str> {
        let home = home(index);
        let own = home.role != Role::Child && self.dice(index, "own name").chance(150);
        (home.place > 0 && !own).then(|| self.drawn(home.head).family)
    }

    fn address(&self, index: u32) -> Address {
        const LETTERS: [char; 8] = ['A', 'B', 'D', 'E', 'H', 'N', 'Q', 'T'];
        let mut dice = self.dice(index, "address");
        let letters = [LETTERS[dice.below(8) as usize], LETTERS[dice.below(8) as usize]];
        Address {
            house: dice.between(1, 160),
            street: dice.pick(&STREET),
            part: dice.pick(&PART),
            code: (self.district(index, dice.between(1, 29)), dice.between(1, 9), letters),
        }
    }
}

/// What one register wrote down.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) number: Option<u64>,
    pub(crate) given: &'static str,
    pub(crate) address: Address,
}

impl Person {
    pub(crate) fn title(&self) -> &'static str {
        match (self.sex, self.age) {
            (Sex::Male, 16..) => "Mr",
            (Sex::Male, _) => "Master",
            (Sex::Female, 40..) => "Mrs",
            (Sex::Female, _) => "Miss",
        }
    }

    /// Where the household lived before it moved: registers that lag all have the same.
    fn formerly_at(&self, world: &World) -> Address {
        let mut dice = world.dice(home(self.index).head, "former address");
        self.address.with(dice.between(1, 160), dice.pick(&STREET))
    }

    /// The practice and the authority write people down correctly; others lag behind now and then: a former
    /// address, a short name, a number never traced. The cast differ only where their story says so.
    pub(crate) fn known_by(&self, source: Source, world: &World) -> Entry {
        let mut entry = Entry { number: self.number, given: self.given, address: self.address };
        if Part::of(self.index) == Some(Part::Fredrica) && source == Source::StHildas {
            entry.address = self.address.with(4, "Oak Court");
        }
        if Part::of(self.index).is_some() || source.is_gp() || source == Source::Authority {
            return entry;
        }
        let mut dice = world.dice(self.index, source.letters());
        match dice.below(1000) {
            0..20 => entry.number = None,
            20..50 => {
                entry.given =
                    SHORT.iter().find(|(long, _)| *long == self.given).map_or(self.given, |(_, short)| short);
            }
            50..110 => entry.address = self.formerly_at(world),
            _ => {}
        }
        entry
    }
}

/// What a twin of this name is called: nearly the same, so that nobody may match by it.
fn twin_of(given: &'static str) -> &'static str {
    TWINS.iter().find(|(one, _)| *one == given).map_or(given, |(_, other)| other)
}

pub(crate) fn years_between(from: Date, to: Date) -> i64 {
    let years = i64::from(to.year()) - i64::from(from.year());
    if (to.month(), to.day()) < (from.month(), from.day()) { years - 1 } else { years }
}
