//! Counts people by ward, consultant and specialty. It takes only stays that the reader may see, and must never count one
//! twice or name a person.

use std::collections::BTreeMap;

use jiff::Timestamp;
use lcr_contracts::{
    spell::CodedName,
    ward::{Counts, ListCategory, PlaceCount},
    whereabouts::{PlaceWords, name_key, place_key},
};

use super::{Spell, list_category, london, row};

/// A stay that the reader may see.
#[derive(Debug, Clone, Copy)]
pub struct VisibleStay<'a> {
    pub spell: &'a Spell,
    /// The source is a community service.
    pub is_community: bool,
    pub is_not_heard_of: bool,
    /// Whether the reader may know where the person is.
    pub located: bool,
}

/// Name, key and number of people by normalised key.
type Places = BTreeMap<String, PlaceCount>;

/// Counts the stays. `wards` are the codes of all wards of the hospital, so that an empty ward has a number too.
pub fn count<'a>(stays: impl Iterator<Item = VisibleStay<'a>>, wards: &[String], now: Timestamp) -> Counts {
    let mut counts = Counts { as_of: now, admitted_since_yesterday: Some(0), ..Counts::default() };
    let mut places = PlacesOfHospital::default();
    for code in wards {
        add(&mut places.wards, place_key(code), code, code, 0);
    }
    for stay in stays {
        let spell = stay.spell;
        let Some(placement) = list_category::categorise(spell, stay.is_community) else {
            counts.emergency += u32::from(list_category::is_in_emergency(spell, now));
            continue;
        };
        let number = match placement.category {
            _ if stay.is_not_heard_of => &mut counts.not_heard_of,
            ListCategory::Main => &mut counts.in_patients,
            _ => &mut counts.elsewhere,
        };
        *number += 1;
        let leaves_today = spell.expected.now.as_ref().is_some_and(|day| day.value == london::date(now));
        counts.leaving_today += u32::from(leaves_today && !stay.is_not_heard_of);
        let is_new = spell.arrival().is_some_and(|arrival| london::days_so_far(arrival.value.at, now) <= 1);
        *counts.admitted_since_yesterday.get_or_insert(0) += u32::from(is_new && !stay.is_not_heard_of);
        // A ward, a consultant or a specialty would tell where a protected person is.
        if stay.located {
            places.add_stay(spell);
        }
    }
    let PlacesOfHospital { wards, consultants, specialties } = places;
    Counts { wards: sorted(wards), consultants: sorted(consultants), specialties: sorted(specialties), ..counts }
}

#[derive(Default)]
struct PlacesOfHospital {
    wards: Places,
    consultants: Places,
    specialties: Places,
}

impl PlacesOfHospital {
    fn add_stay(&mut self, spell: &Spell) {
        if let Some(place) = spell.latest_place().map(|period| &period.place)
            && let Some(name) = PlaceWords::of(place).ward
        {
            let code = place.ward.as_deref().filter(|code| !code.trim().is_empty()).unwrap_or(&name);
            add(&mut self.wards, place_key(code), code, &name, 1);
        }
        add_named(&mut self.consultants, spell.consultant.as_ref().map(|cell| &cell.value));
        add_named(&mut self.specialties, row::specialty_cell(spell).as_ref().map(|cell| &cell.value));
    }
}

fn sorted(places: Places) -> Vec<PlaceCount> {
    let mut all: Vec<PlaceCount> = places.into_values().collect();
    all.sort();
    all
}

fn add_named(places: &mut Places, named: Option<&CodedName>) {
    let Some(named) = named.filter(|named| !named.name.trim().is_empty()) else { return };
    let code = named.code.as_deref().map(str::trim).filter(|code| !code.is_empty()).unwrap_or(&named.name);
    add(places, name_key(code), code, &named.name, 1);
}

/// Codes with one normalised key are one place. The name that a stay gives is preferred to a bare code.
fn add(places: &mut Places, normalised: String, code: &str, name: &str, people: u32) {
    let key = code.trim();
    if key.is_empty() {
        return;
    }
    let place = places.entry(normalised).or_insert_with(|| PlaceCount {
        name: name.trim().to_owned(),
        key: key.to_owned(),
        people: 0,
    });
    if people > 0 && place.people == 0 {
        name.trim().clone_into(&mut place.name);
        key.clone_into(&mut place.key);
    }
    place.people += people;
}

#[cfg(test)]
mod tests {
    use lcr_contracts::{spell::Place, ward::Cell};

    use super::*;
    use crate::domain::spell::{Phase, PlacePeriod};

    fn now() -> Timestamp {
        "2026-11-20T12:00:00Z".parse().unwrap()
    }

    fn stay(class: &str, phase: Phase, ward: &str) -> Spell {
        let place = Place { ward: Some(ward.into()), bed: Some("4".into()), ..Place::default() };
        let doctor = CodedName { code: Some("C1".into()), name: "Dr Ash".into() };
        Spell {
            phase,
            class: Some(Cell { value: class.into(), at: now() }),
            consultant: Some(Cell { value: doctor, at: now() }),
            attended: Some(now()),
            in_places: vec![PlacePeriod { place, from: now(), inferred: false }],
            ..Spell::default()
        }
    }

    fn visible(spell: &Spell) -> VisibleStay<'_> {
        VisibleStay { spell, is_community: false, is_not_heard_of: false, located: true }
    }

    #[test]
    fn people_are_counted_by_ward_consultant_and_kind() {
        let [one, two, day, emergency] = [
            stay("I", Phase::Admitted, "J27"),
            stay("I", Phase::Admitted, "Ward j27"),
            stay("2", Phase::Admitted, "T11"),
            stay("E", Phase::Attending, "ED"),
        ];
        let known = ["J27".to_owned(), "J28".to_owned()];
        let counts = count([&one, &two, &day, &emergency].map(visible).into_iter(), &known, now());
        assert_eq!((counts.in_patients, counts.elsewhere, counts.emergency), (2, 1, 1));
        let wards: Vec<(&str, u32)> = counts.wards.iter().map(|ward| (ward.name.as_str(), ward.people)).collect();
        assert_eq!(wards, [("J27", 2), ("J28", 0), ("T11", 1)], "an empty ward is known, the department is no ward");
        let [doctor] = counts.consultants.as_slice() else { panic!("one consultant") };
        assert_eq!((doctor.name.as_str(), doctor.key.as_str(), doctor.people), ("Dr Ash", "C1", 3));
    }

    #[test]
    fn two_consultants_are_one_only_if_their_whole_names_are() {
        let named = |name: &str| {
            let consultant = Some(Cell { value: CodedName { code: None, name: name.into() }, at: now() });
            Spell { consultant, ..stay("I", Phase::Admitted, "J27") }
        };
        let [smith, ward_smith, again] = ["Smith", "Ward Smith", "WARD  SMITH"].map(named);
        let counts = count([&smith, &ward_smith, &again].map(visible).into_iter(), &[], now());
        let people: Vec<(&str, u32)> = counts.consultants.iter().map(|one| (one.name.as_str(), one.people)).collect();
        assert_eq!(people, [("Smith", 1), ("Ward Smith", 2)]);
    }

    #[test]
    fn a_protected_person_is_counted_in_the_hospital_and_at_no_place() {
        let spell = stay("I", Phase::Admitted, "J27");
        let counts = count([VisibleStay { located: false, ..visible(&spell) }].into_iter(), &[], now());
        assert_eq!((counts.in_patients, counts.wards.len(), counts.consultants.len()), (1, 0, 0));
        let silent = count([VisibleStay { is_not_heard_of: true, ..visible(&spell) }].into_iter(), &[], now());
        assert_eq!((silent.in_patients, silent.not_heard_of), (0, 1));
    }
}
