//! Which stays are listed, and on which shelf: a table of patient class and place (`portal.md`, the ward page).
//! Emergency attenders, out-patients and regular day attenders are not in-patients.

use lcr_contracts::{spell::Place, ward::Shelf};

use super::spell::{Phase, Spell};

/// Where a stay is listed. `unsure`: the hospital did not say what kind of stay it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    pub shelf: Shelf,
    pub unsure: bool,
}

/// Codes of HL7 v2 table 0004, FHIR's `ActEncounterCode`, and words hospitals write instead.
const TABLE: [(&[&str], Option<Shelf>); 5] = [
    (
        &[
            "I",
            "IP",
            // NHS patient classification: ordinary admission, and mother and baby in delivery facilities.
            "1",
            "5",
            "B",
            "IMP",
            "ACUTE",
            "NONAC",
            "OBSENC",
            "INPATIENT",
            "IN-PATIENT",
            "IN PATIENT",
            "ORDINARY ADMISSION",
            "EMERGENCY ADMISSION",
            "ELECTIVE ADMISSION",
            "MATERNITY",
            "OBSTETRICS",
        ],
        Some(Shelf::Main),
    ),
    (
        &[
            "SS",
            // NHS patient classification: day case.
            "2",
            "D",
            "DC",
            "DAY CASE",
            "DAYCASE",
            "DAY-CASE",
            "DAY CASE ADMISSION",
            "DAY PATIENT",
            "SHORT STAY",
        ],
        Some(Shelf::DayCase),
    ),
    (&["HH", "HAH", "HOSPITAL AT HOME", "VIRTUAL WARD"], Some(Shelf::HospitalAtHome)),
    (
        &["CB", "COMMUNITY", "COMMUNITY BED", "COMMUNITY HOSPITAL", "INTERMEDIATE CARE"],
        Some(Shelf::CommunityBed),
    ),
    (
        &[
            // NHS patient classification: regular day and night attenders.
            "3",
            "4",
            "E",
            "EMER",
            "ED",
            "A&E",
            "EMERGENCY",
            "O",
            "OP",
            "AMB",
            "OUTPATIENT",
            "OUT-PATIENT",
            "OUT PATIENT",
            "R",
            "RECURRING",
            "REGULAR DAY ATTENDER",
            "REGULAR DAY ADMISSION",
            "REGULAR NIGHT ADMISSION",
            "REGULAR ATTENDER",
            "WARD ATTENDER",
            "VR",
            "FLD",
            "P",
            "PRENC",
            "PREADMIT",
            "W",
            "WAITING LIST",
            "C",
        ],
        None,
    ),
];

/// Words of a place that say more than the class: somebody in hospital at home is no ward's in-patient.
const PLACES: [(&str, Shelf); 4] = [
    ("HOSPITAL AT HOME", Shelf::HospitalAtHome),
    ("VIRTUAL WARD", Shelf::HospitalAtHome),
    ("INTERMEDIATE CARE", Shelf::CommunityBed),
    ("COMMUNITY BED", Shelf::CommunityBed),
];

fn by_place(place: Option<&Place>) -> Option<Shelf> {
    let words =
        place.map(|place| [&place.ward, &place.bay])?.map(|word| word.as_deref().map(str::to_uppercase));
    PLACES
        .iter()
        .find(|(word, _)| words.iter().flatten().any(|it| it.contains(word)))
        .map(|(_, shelf)| *shelf)
}

/// Where `spell` is listed, if it is. `community`: the source is a community service, whose beds are its own kind.
pub fn listed(spell: &Spell, community: bool) -> Option<Listed> {
    if !spell.counts() {
        return None;
    }
    let (shelf, unsure) = match spell.class.as_ref().and_then(|class| named(&class.value)) {
        Some((_, shelf)) => ((*shelf)?, false),
        // Not said, or not known here: somebody admitted is shown rather than lost, with a word on it.
        None if spell.phase == Phase::Admitted => (Shelf::Main, true),
        None => return None,
    };
    let refined = match shelf {
        Shelf::Main if community => Some(Shelf::CommunityBed),
        Shelf::Main => by_place(spell.place().map(|held| &held.place)),
        _ => None,
    };
    Some(Listed { shelf: refined.unwrap_or(shelf), unsure })
}

/// Whether `class` names those who are in no bed.
pub fn takes_off(class: &str) -> bool {
    matches!(named(class), Some((_, None)))
}

fn named(class: &str) -> Option<&'static (&'static [&'static str], Option<Shelf>)> {
    let class = class.trim().to_uppercase();
    TABLE.iter().find(|(words, _)| words.contains(&class.as_str()))
}

#[cfg(test)]
mod tests {
    use lcr_contracts::ward::Cell;

    use super::*;
    use crate::domain::spell::InPlace;

    fn stay(class: Option<&str>, phase: Phase, ward: &str) -> Spell {
        let at = jiff::Timestamp::UNIX_EPOCH;
        let place = Place { ward: Some(ward.into()), ..Place::default() };
        Spell {
            phase,
            class: class.map(|value| Cell { value: value.to_owned(), at }),
            in_places: vec![InPlace { place, from: at, inferred: false }],
            ..Spell::default()
        }
    }

    fn shelf(class: &str, ward: &str) -> Option<Shelf> {
        listed(&stay(Some(class), Phase::Admitted, ward), false).map(|listed| listed.shelf)
    }

    #[test]
    fn class_and_place_decide_the_shelf() {
        for (class, ward, expected) in [
            ("I", "J27", Some(Shelf::Main)),
            ("IMP", "J27", Some(Shelf::Main)),
            (" inpatient ", "J27", Some(Shelf::Main)),
            ("1", "J27", Some(Shelf::Main)),
            ("2", "T11E", Some(Shelf::DayCase)),
            ("3", "RENAL", None),
            ("4", "RENAL", None),
            ("DAY CASE", "T11E", Some(Shelf::DayCase)),
            ("SS", "T11E", Some(Shelf::DayCase)),
            ("HH", "HOME", Some(Shelf::HospitalAtHome)),
            ("I", "Hospital at home, frailty", Some(Shelf::HospitalAtHome)),
            ("Community bed", "Beech", Some(Shelf::CommunityBed)),
            ("I", "Intermediate Care Unit", Some(Shelf::CommunityBed)),
            ("E", "ED", None),
            ("EMER", "ED", None),
            ("O", "CLINIC", None),
            ("AMB", "CLINIC", None),
            ("R", "RENAL", None),
            ("Regular day attender", "RENAL", None),
            ("P", "J27", None),
            ("W", "J27", None),
        ] {
            assert_eq!(shelf(class, ward), expected, "{class} at {ward}");
        }
    }

    #[test]
    fn an_unknown_class_is_listed_with_a_word_when_admitted_and_not_otherwise() {
        for class in [Some("U"), Some("N"), Some("ZZZ"), None] {
            let admitted = listed(&stay(class, Phase::Admitted, "J27"), false);
            assert_eq!(admitted, Some(Listed { shelf: Shelf::Main, unsure: true }));
            assert_eq!(listed(&stay(class, Phase::Attending, "ED"), false), None);
            assert_eq!(listed(&stay(class, Phase::Expected, "J27"), false), None);
        }
    }

    #[test]
    fn a_community_service_has_community_beds() {
        let listed = listed(&stay(Some("I"), Phase::Admitted, "Beech"), true);
        assert_eq!(listed.map(|listed| listed.shelf), Some(Shelf::CommunityBed));
    }

    #[test]
    fn a_cancelled_stay_is_on_no_shelf() {
        let void =
            Spell { void: Some(jiff::Timestamp::UNIX_EPOCH), ..stay(Some("I"), Phase::Admitted, "J27") };
        assert_eq!(listed(&void, false), None);
    }
}
