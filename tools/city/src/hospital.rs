//! The hospitals as their messages speak of them: sites, wards, specialties and consultants. Every name is invented;
//! codes of specialties are the national ones (treatment functions), since readers look them up.

use crate::draw::Dice;
use crate::plan::Source;

mod specialties;
mod wards;

use specialties::SPECIALTIES;
use wards::{COMMUNITY, MENTAL_HEALTH, ST_HILDAS, WHARFE_VALLEY};

/// A consultant: code, title, given name, family name.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Consultant {
    pub(crate) code: &'static str,
    pub(crate) title: &'static str,
    pub(crate) given: &'static str,
    pub(crate) family: &'static str,
}

/// A specialty, who leads it, and what people are admitted to it with.
#[derive(Debug)]
pub(crate) struct Specialty {
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    pub(crate) consultants: [Consultant; 3],
    pub(crate) reasons: &'static [&'static str],
}

/// A ward: its code, the site's code, its specialty's code and how many beds stand in it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ward {
    pub(crate) code: &'static str,
    pub(crate) site: &'static str,
    specialty: &'static str,
    pub(crate) beds: u32,
}

/// Where somebody lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) ward: &'static Ward,
    pub(crate) bay: Option<char>,
    pub(crate) bed: Option<u32>,
}

const fn ward(code: &'static str, site: &'static str, specialty: &'static str, beds: u32) -> Ward {
    Ward { code, site, specialty, beds }
}

impl Ward {
    pub(crate) fn specialty(&self) -> &'static Specialty {
        specialty(self.specialty)
    }

    /// A bed that chance gives: bays of six are called by letters.
    pub(crate) fn bed(&'static self, dice: &mut Dice) -> Place {
        let bed = dice.below(self.beds.max(1));
        let bay = char::from_u32(u32::from('A') + bed / 6);
        Place { ward: self, bay, bed: Some(bed % 6 + 1) }
    }
}

impl Place {
    /// Somebody in a department, in no bed.
    pub(crate) fn department(ward: &'static Ward) -> Self {
        Self { ward, bay: None, bed: None }
    }
}

pub(crate) fn specialty(code: &str) -> &'static Specialty {
    SPECIALTIES.iter().find(|one| one.code == code).unwrap_or(&SPECIALTIES[0])
}

pub(crate) fn wards(source: Source) -> &'static [Ward] {
    match source {
        Source::WharfeValley => &WHARFE_VALLEY,
        Source::Community => &COMMUNITY,
        Source::MentalHealth => &MENTAL_HEALTH,
        _ => &ST_HILDAS,
    }
}

/// A ward by its code; the first of that hospital where it has none of that code.
pub(crate) fn ward_called(source: Source, code: &str) -> &'static Ward {
    let all = wards(source);
    all.iter().find(|one| one.code == code).unwrap_or(&all[0])
}

/// A ward of that specialty, where the hospital has one.
pub(crate) fn of_specialty(source: Source, code: &str, dice: &mut Dice) -> Option<&'static Ward> {
    let found: Vec<&'static Ward> = wards(source).iter().filter(|one| one.specialty == code).collect();
    let many = u32::try_from(found.len()).ok().filter(|many| *many > 0)?;
    found.get(dice.below(many) as usize).copied()
}

/// The emergency department: the first of an acute hospital's list.
pub(crate) fn emergency(source: Source) -> &'static Ward {
    &wards(source)[0]
}

/// Where people wait for a ward of their own: the second.
pub(crate) fn assessment(source: Source) -> &'static Ward {
    &wards(source)[1]
}

/// Somebody's consultant: the hospitals share none.
pub(crate) fn consultant(
    source: Source,
    specialty: &'static Specialty,
    dice: &mut Dice,
) -> &'static Consultant {
    let [first, second, third] = &specialty.consultants;
    match (source, dice.chance(500)) {
        (Source::WharfeValley, _) => third,
        (_, true) => first,
        (_, false) => second,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_ward_is_of_a_specialty_and_has_a_code_of_its_own() {
        for source in [Source::StHildas, Source::WharfeValley, Source::Community, Source::MentalHealth] {
            let all = wards(source);
            let codes: HashSet<&str> = all.iter().map(|one| one.code).collect();
            assert_eq!(codes.len(), all.len());
            assert!(all.iter().all(|one| one.specialty().code == one.specialty && one.beds > 10));
        }
        assert_eq!((wards(Source::StHildas).len(), wards(Source::WharfeValley).len()), (40, 40));
        let codes: HashSet<&str> =
            SPECIALTIES.iter().flat_map(|one| &one.consultants).map(|one| one.code).collect();
        assert_eq!(codes.len(), 3 * SPECIALTIES.len());
    }
}
