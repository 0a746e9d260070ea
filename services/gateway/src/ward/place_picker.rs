//! The choice of a ward, a consultant or a specialty of the reader's hospital. The numbers are virtual-ward's, which counts
//! only people whom the reader may see; nothing here may add to them.

use lcr_contracts::{
    ward::{Counts, ListOf, PlaceCount},
    whereabouts::{VisitKind, name_key, place_key},
};

use crate::ward::list::href;

/// The choices of a hospital.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PlacePicker {
    /// "Emergency department (3)".
    pub emergency_label: String,
    pub emergency_href: String,
    pub groups: Vec<PickerGroup>,
    /// Why the list that was asked for is not shown.
    pub problem: Option<String>,
}

/// One kind of place: a form with a list, or with a text field if the places are not known now.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PickerGroup {
    pub label: &'static str,
    /// The query parameter.
    pub field: &'static str,
    pub button: &'static str,
    pub choices: Vec<PickerChoice>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct PickerChoice {
    pub key: String,
    /// "J27 (14)".
    pub label: String,
    pub current: bool,
}

impl PlacePicker {
    /// `counts` is `None` if virtual-ward did not answer: the reader can still type a place.
    pub fn new(counts: Option<&Counts>, current: Option<&ListOf>, left: bool, problem: Option<String>) -> Self {
        // A hospital with more people than may be counted gives the least that each number can be.
        let at_least = if counts.is_some_and(|counts| counts.at_least) { "at least " } else { "" };
        let emergency = counts.map_or_else(String::new, |counts| format!(" ({at_least}{})", counts.emergency));
        let group =
            |label, field: &'static str, button, places: &dyn Fn(&Counts) -> Vec<PlaceCount>, chosen: Option<&str>| {
                let key = if field == "ward" { place_key } else { name_key };
                let choice = |place: PlaceCount| PickerChoice {
                    current: chosen.is_some_and(|chosen| key(chosen) == key(&place.key)),
                    label: format!("{} ({at_least}{})", place.name, place.people),
                    key: place.key,
                };
                let choices = counts.map(places).unwrap_or_default().into_iter().map(choice).collect();
                PickerGroup { label, field, button, choices }
            };
        let [ward, consultant, specialty] = match current {
            Some(ListOf::Ward(name)) => [Some(name.as_str()), None, None],
            Some(ListOf::Consultant(name)) => [None, Some(name.as_str()), None],
            Some(ListOf::Specialty(name)) => [None, None, Some(name.as_str())],
            _ => [None; 3],
        };
        Self {
            emergency_label: format!("Emergency department{emergency}"),
            emergency_href: href(&ListOf::Emergency, left),
            groups: vec![
                group("Ward", "ward", "Show this ward", &|counts| counts.wards.clone(), ward),
                group(
                    "Consultant",
                    "consultant",
                    "Show their patients",
                    &|counts| counts.consultants.clone(),
                    consultant,
                ),
                group("Specialty", "specialty", "Show this specialty", &|counts| counts.specialties.clone(), specialty),
            ],
            problem,
        }
    }
}

/// The list that the reader means, in the hospital's spelling. A ward that the hospital does not have is a problem; a
/// consultant or specialty may only be without patients now.
///
/// # Errors
/// The sentence for the reader.
pub(super) fn resolve(list: ListOf, counts: &Counts, hospital: &str) -> Result<ListOf, String> {
    let find_by = |key: fn(&str) -> String, places: &[PlaceCount], text: &str| {
        let same = |place: &&PlaceCount| [&place.key, &place.name].iter().any(|one| key(one) == key(text));
        places.iter().find(same).map(|place| place.key.clone())
    };
    let find = |places: &[PlaceCount], text: &str| find_by(name_key, places, text);
    Ok(match list {
        ListOf::Ward(ward) => match find_by(place_key, &counts.wards, &ward) {
            Some(key) => ListOf::Ward(key),
            None if VisitKind::of_class(&ward) == Some(VisitKind::Emergency) => ListOf::Emergency,
            None => return Err(unknown_ward(&ward, &counts.wards, hospital)),
        },
        ListOf::Consultant(name) => ListOf::Consultant(find(&counts.consultants, &name).unwrap_or(name)),
        ListOf::Specialty(name) => ListOf::Specialty(find(&counts.specialties, &name).unwrap_or(name)),
        other => other,
    })
}

/// The most wards that the sentence names; the list of choices has all.
const MAX_NAMED: usize = 12;

fn unknown_ward(ward: &str, wards: &[PlaceCount], hospital: &str) -> String {
    if wards.is_empty() {
        return format!("No ward called ‘{ward}’ at {hospital}. No ward of this hospital is known yet.");
    }
    let names: Vec<&str> = wards.iter().take(MAX_NAMED).map(|ward| ward.name.as_str()).collect();
    let more = if wards.len() > MAX_NAMED { " and others in the list below" } else { "" };
    format!("No ward called ‘{ward}’ at {hospital}. Wards: {}{more}.", names.join(", "))
}

#[cfg(test)]
#[path = "place_picker_tests.rs"]
mod tests;
