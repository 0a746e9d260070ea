//! The hospitals' sites, wards, specialties and consultants. Every name must be invented. Specialty codes are the
//! national treatment function codes.

use crate::plan::Source;
use crate::random::SeededRng;

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

/// A specialty, its consultants and its reasons for admission.
#[derive(Debug)]
pub(crate) struct Specialty {
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    pub(crate) consultants: [Consultant; 3],
    pub(crate) reasons: &'static [&'static str],
}

/// A ward with its code, site code, specialty code and number of beds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ward {
    pub(crate) code: &'static str,
    pub(crate) site: &'static str,
    specialty: &'static str,
    pub(crate) beds: u32,
}

/// A ward with bay and bed.
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

    /// A random bed. Bays have six beds and letters as names.
    pub(crate) fn bed(&'static self, rng: &mut SeededRng) -> Place {
        let bed = rng.below(self.beds.max(1));
        let bay = char::from_u32(u32::from('A') + bed / 6);
        Place { ward: self, bay, bed: Some(bed % 6 + 1) }
    }
}

impl Place {
    /// A department without a bed.
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

/// Finds a ward by its code, or returns the hospital's first ward.
pub(crate) fn ward_by_code(source: Source, code: &str) -> &'static Ward {
    let all = wards(source);
    all.iter().find(|one| one.code == code).unwrap_or(&all[0])
}

/// A random ward of that specialty, or none if the hospital has none.
pub(crate) fn ward_of_specialty(source: Source, code: &str, rng: &mut SeededRng) -> Option<&'static Ward> {
    let found: Vec<&'static Ward> = wards(source).iter().filter(|one| one.specialty == code).collect();
    let many = u32::try_from(found.len()).ok().filter(|many| *many > 0)?;
    found.get(rng.below(many) as usize).copied()
}

/// The emergency department: the first in an acute hospital's list.
pub(crate) fn emergency_department(source: Source) -> &'static Ward {
    &wards(source)[0]
}

/// The assessment ward: the second in the list.
pub(crate) fn assessment_ward(source: Source) -> &'static Ward {
    &wards(source)[1]
}

/// A random consultant of the specialty. The two hospitals share none.
pub(crate) fn consultant(source: Source, specialty: &'static Specialty, rng: &mut SeededRng) -> &'static Consultant {
    let [first, second, third] = &specialty.consultants;
    match (source, rng.chance(500)) {
        (Source::WharfeValley, _) => third,
        (_, true) => first,
        (_, false) => second,
    }
}

#[cfg(test)]
#[path = "hospital_tests.rs"]
mod tests;
