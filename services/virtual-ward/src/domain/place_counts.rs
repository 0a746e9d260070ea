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
#[path = "place_counts_tests.rs"]
mod tests;
