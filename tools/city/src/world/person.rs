//! One invented person, and their entry in each register. Registers may disagree, but only as `register_entry` says.

use jiff::civil::Date;

use super::household::{Role, home};
use super::{CastRole, World};
use crate::names::{FAMILY, FEMALE, MALE, PART, SHORT, STREET, TWINS};
use crate::plan::Source;

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
    /// The numbers and last two letters of the postcode.
    code: (u32, u32, [char; 2]),
}

impl Address {
    pub(crate) fn with(self, house: u32, street: &'static str) -> Self {
        Self { house, street, ..self }
    }

    /// The care home, where its residents live.
    fn of_care_home() -> Self {
        Self { house: 2, street: "Rowan Garth", part: "Beckside", code: (1, 9, ['Q', 'Q']) }
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
        let drawn = self.random_person(index);
        let mut person = match CastRole::of(index) {
            Some(part) => part.apply_to(drawn, self),
            None => drawn,
        };
        if self.roster.is_resident(index) {
            person.address = Address::of_care_home();
        }
        person.age = years_between(person.birth, person.died.unwrap_or(self.today));
        person
    }

    /// The age of a person, without computing the whole person.
    pub(crate) fn age(&self, index: u32) -> i64 {
        years_between(self.birth(index), self.today)
    }

    /// The random person of this index, before the cast's details.
    pub(super) fn random_person(&self, index: u32) -> Person {
        let mut rng = self.rng(index, "person");
        let mut sex = if rng.chance(505) { Sex::Female } else { Sex::Male };
        let mut given = rng.pick(if sex == Sex::Female { &FEMALE } else { &MALE });
        let family = rng.pick(&FAMILY);
        let birth = self.birth(index);
        let died = (years_between(birth, self.today) > 70 && rng.chance(25)).then(|| self.days_ago(rng.days(5, 300)));
        let restricted = rng.below(300) == 0;
        if let Some(same) = self.elder_twin(index).or_else(|| self.adopted_as(index)) {
            let other = self.random_person(same);
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

    /// The household's family name. None for the head and for members with their own name.
    fn family(&self, index: u32) -> Option<&'static str> {
        let home = home(index);
        let own = home.role != Role::Child && self.rng(index, "own name").chance(150);
        (home.place > 0 && !own).then(|| self.random_person(home.head).family)
    }

    fn address(&self, index: u32) -> Address {
        const LETTERS: [char; 8] = ['A', 'B', 'D', 'E', 'H', 'N', 'Q', 'T'];
        let mut rng = self.rng(index, "address");
        let letters = [LETTERS[rng.below(8) as usize], LETTERS[rng.below(8) as usize]];
        Address {
            house: rng.between(1, 160),
            street: rng.pick(&STREET),
            part: rng.pick(&PART),
            code: (self.district(index, rng.between(1, 29)), rng.between(1, 9), letters),
        }
    }
}

/// The entry of one register.
#[derive(Debug)]
pub(crate) struct RegisterEntry {
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

    /// The former address of the household, the same in every outdated register.
    fn formerly_at(&self, world: &World) -> Address {
        let mut rng = world.rng(home(self.index).head, "former address");
        self.address.with(rng.between(1, 160), rng.pick(&STREET))
    }

    /// The person's entry in a register. Practice and authority are always right. Others sometimes have a former address, a
    /// short name or no NHS number, but never for the cast, except Fredrica's address.
    pub(crate) fn register_entry(&self, source: Source, world: &World) -> RegisterEntry {
        let mut entry = RegisterEntry { number: self.number, given: self.given, address: self.address };
        if CastRole::of(self.index) == Some(CastRole::Fredrica) && source == Source::StHildas {
            entry.address = self.address.with(4, "Oak Court");
        }
        if CastRole::of(self.index).is_some() || source.is_gp() || source == Source::Authority {
            return entry;
        }
        let mut rng = world.rng(self.index, source.id_prefix());
        match rng.below(1000) {
            0..20 => entry.number = None,
            20..50 => {
                entry.given = SHORT.iter().find(|(long, _)| *long == self.given).map_or(self.given, |(_, short)| short);
            }
            50..110 => entry.address = self.formerly_at(world),
            _ => {}
        }
        entry
    }
}

/// A similar given name for a twin, to catch matching by name.
fn twin_of(given: &'static str) -> &'static str {
    TWINS.iter().find(|(one, _)| *one == given).map_or(given, |(_, other)| other)
}

pub(crate) fn years_between(from: Date, to: Date) -> i64 {
    let years = i64::from(to.year()) - i64::from(from.year());
    if (to.month(), to.day()) < (from.month(), from.day()) { years - 1 } else { years }
}
