//! Decides which list category a stay belongs to, from its patient class and place (`services/gateway/PORTAL.md`).
//! It must never list emergency attenders, out-patients or regular day attenders as in-patients.

use jiff::Timestamp;
use lcr_contracts::{spell::Place, ward::ListCategory, whereabouts::VisitKind};

use super::spell::{Phase, Spell};

/// The category a stay is listed under. `is_unsure`: the hospital did not say what kind of stay it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListPlacement {
    pub category: ListCategory,
    pub is_unsure: bool,
}

/// Words in a place that override the class: a patient in hospital at home is not an in-patient of a ward.
const PLACE_CATEGORIES: [(&str, ListCategory); 4] = [
    ("HOSPITAL AT HOME", ListCategory::HospitalAtHome),
    ("VIRTUAL WARD", ListCategory::HospitalAtHome),
    ("INTERMEDIATE CARE", ListCategory::CommunityBed),
    ("COMMUNITY BED", ListCategory::CommunityBed),
];

fn category_by_place(place: Option<&Place>) -> Option<ListCategory> {
    let words = place.map(|place| [&place.ward, &place.bay])?.map(|word| word.as_deref().map(str::to_uppercase));
    PLACE_CATEGORIES
        .iter()
        .find(|(word, _)| words.iter().flatten().any(|text| text.contains(word)))
        .map(|(_, category)| *category)
}

/// Returns the category of a stay, or `None` if it is not listed. `community`: the source is a community service.
pub fn categorise(spell: &Spell, community: bool) -> Option<ListPlacement> {
    if !spell.is_actual_stay() {
        return None;
    }
    let (category, is_unsure) = match visit_kind(spell) {
        Some(kind) => (kind.list_category()?, false),
        // An admitted patient of unknown class is listed with a warning rather than lost.
        None if spell.phase == Phase::Admitted => (ListCategory::Main, true),
        None => return None,
    };
    let refined = match category {
        ListCategory::Main if community => Some(ListCategory::CommunityBed),
        ListCategory::Main => category_by_place(spell.latest_place().map(|period| &period.place)),
        _ => None,
    };
    Some(ListPlacement { category: refined.unwrap_or(category), is_unsure })
}

/// Whether the patient is in an emergency department now. An attendance without an end lapses.
pub fn is_in_emergency(spell: &Spell, now: Timestamp) -> bool {
    let is_emergency = spell.is_actual_stay() && visit_kind(spell) == Some(VisitKind::Emergency);
    is_emergency && !spell.has_left(now) && spell.relationship_until().is_none_or(|until| until > now)
}

/// Whether patients of this class occupy no bed.
pub fn is_no_bed_class(class: &str) -> bool {
    VisitKind::of_class(class).is_some_and(|kind| kind.list_category().is_none())
}

fn visit_kind(spell: &Spell) -> Option<VisitKind> {
    spell.class.as_ref().and_then(|class| VisitKind::of_class(&class.value))
}

#[cfg(test)]
#[path = "list_category_tests.rs"]
mod tests;
