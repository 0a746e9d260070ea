//! The virtual ward in words: who is in hospital, who left, what is known of their stay and from when. A cell
//! without a value says why; what a reader may not see is never told apart from what they may not count.

pub mod around;
pub mod chips;
pub mod columns;
pub mod counts;
pub mod delays;
pub mod discharged;
pub mod further;
pub mod inpatients;
pub mod list;
pub mod own;
pub mod rows;
pub mod since;
pub mod watching;

use jiff::Timestamp;
use lcr_contracts::{
    spell::Place,
    ward::{Cell as Told, Who},
};
use lcr_model::NhsNumber;

use columns::{Key, natural};

use super::{
    banner::{PROTECTED, full_name},
    table::Cell,
    words::{age, day, in_london, moment, sex},
};

/// Said under every list, and never counted.
pub const CHOICES: &str = "Some patients may not be shown because of a choice they made.";
const NOT_SENT: &str = "not sent by this hospital";
const NOT_OPEN: &str = "not open to your role";

/// What a row is read with.
#[derive(Debug, Clone, Copy)]
struct Reading<'a> {
    hospital: &'a str,
    hidden: &'a [String],
    protected: bool,
}

/// A part of a cell: its lines with whose word it is and when, or the reason there is none.
type Part = Result<(Vec<String>, String), &'static str>;

impl Reading<'_> {
    /// A field by its name in the row.
    fn part<T>(&self, name: &str, told: Option<&Told<T>>, words: impl FnOnce(&T) -> Vec<String>) -> Part {
        if self.hides(name) {
            return Err(self.why_hidden());
        }
        let told = told.ok_or(NOT_SENT)?;
        let hospital = if self.hospital.is_empty() { "the hospital" } else { self.hospital };
        Ok((words(&told.value), format!("{hospital}, {}", moment(told.at))))
    }

    fn cell<T>(&self, name: &str, told: Option<&Told<T>>, words: impl FnOnce(&T) -> Vec<String>) -> Cell {
        joined(vec![("", self.part(name, told, words))])
    }

    fn hides(&self, name: &str) -> bool {
        self.hidden.iter().any(|one| one == name)
    }

    /// A place that may not be told takes with it whatever else could tell it.
    fn why_hidden(&self) -> &'static str {
        if self.protected && self.hides("place") { PROTECTED } else { NOT_OPEN }
    }
}

/// Parts of one cell under each other, each with its label where another is missing.
fn joined(parts: Vec<(&'static str, Part)>) -> Cell {
    let reasons: Vec<&'static str> =
        parts.iter().filter_map(|(_, part)| part.as_ref().err().copied()).collect();
    if let Some(first) = reasons.first()
        && reasons.len() == parts.len()
        && reasons.iter().all(|reason| reason == first)
    {
        return Cell::or(None, first).titled(Some((*first).to_owned()));
    }
    let (mut lines, mut titles): (Vec<String>, Vec<String>) = (vec![], vec![]);
    for (label, part) in parts {
        match part {
            Ok((said, title)) => {
                lines.extend(said);
                if !titles.contains(&title) {
                    titles.push(title);
                }
            }
            Err(reason) => lines.push(format!("{label}: {}", reason.trim_end_matches('.'))),
        }
    }
    Cell::lines(lines).titled(Some(titles.join("; ")))
}

/// Who the row is about, leading to their record.
fn patient(who: &Who, remarks: &[String], now: Timestamp) -> Cell {
    let said = &who.said;
    let born = said.birth_date.map_or_else(
        || "birth date not sent".to_owned(),
        |born| {
            let age = age(born, in_london(now).date()).filter(|_| !said.died);
            format!("{}{}", day(born), age.map(|age| format!(" ({age})")).unwrap_or_default())
        },
    );
    let number = said.nhs_number.as_deref().filter(|number| !number.trim().is_empty());
    let number = number.map_or_else(
        || "not sent".to_owned(),
        |number| NhsNumber::parse(number).map_or_else(|_| number.to_owned(), |number| number.spaced()),
    );
    let mut lines = vec![
        full_name(&said.family, &said.given, said.title.as_deref()),
        format!("Born {born}, {}", sex(&said.sex)),
        format!("NHS No. {number}"),
    ];
    if who.location_protected {
        lines.push(PROTECTED.to_owned());
    }
    let cell = Cell::lines(lines).remarked((!remarks.is_empty()).then(|| remarks.join(". ")));
    match who.person {
        Some(person) => cell.to(format!("/people/{person}")),
        None => cell,
    }
}

/// "J27, bay B, bed 4", the site on its own line: `None` where nothing of it was sent. A ward is called by its name
/// where there is one.
fn place(place: &Place) -> Option<Vec<String>> {
    let said = |label: &str, part: &Option<String>| {
        let part = part.as_deref().map(str::trim).filter(|part| !part.is_empty())?;
        // Hospitals write "Bay B" as well as "B".
        let labelled = label.is_empty() || part.to_lowercase().starts_with(label);
        Some(if labelled { part.to_owned() } else { format!("{label} {part}") })
    };
    let ward = said("", &place.ward_name).or_else(|| said("", &place.ward));
    let within = [ward, said("bay", &place.bay), said("bed", &place.bed)];
    let within: Vec<String> = within.into_iter().flatten().collect();
    // A site is a code, or the name the registry knows it by.
    let label = if place.site.as_deref().is_some_and(|site| site.trim().contains(' ')) { "" } else { "site" };
    let site = said(label, &place.site);
    let within = match (within.is_empty(), &site) {
        (true, None) => return None,
        (true, Some(_)) => "ward not sent".to_owned(),
        (false, _) => within.join(", "),
    };
    Some([Some(within), site].into_iter().flatten().collect())
}

/// The ward's code, where a name stands in its place.
fn ward_code(place: &Place) -> Option<&str> {
    let named = place.ward_name.as_deref().is_some_and(|name| !name.trim().is_empty());
    place
        .ward
        .as_deref()
        .filter(|code| named && !code.trim().is_empty() && place.ward_name.as_deref() != Some(code))
}

/// Ward and bed in the order of a walk round the ward: figures by their value.
fn walk(place: Option<&Told<Place>>) -> Option<Key> {
    let place = &place?.value;
    let parts = [&place.site, &place.ward, &place.bay, &place.bed];
    let parts = parts.into_iter().flat_map(|part| natural(part.as_deref().unwrap_or_default()));
    Some(Key::Text(parts.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beds_are_in_the_order_of_a_walk() {
        let at = |ward: &str, bed: &str| {
            let value = Place { ward: Some(ward.into()), bed: Some(bed.into()), ..Place::default() };
            Told { value, at: Timestamp::UNIX_EPOCH }
        };
        let mut beds = [at("J28", "1"), at("J3", "2"), at("J27", "10"), at("J27", "2")];
        let order = columns::Order::default();
        beds.sort_by(|a, b| order.compare(&walk(Some(a)), &walk(Some(b))));
        let said: Vec<_> = beds.iter().map(|bed| place(&bed.value).unwrap().join("")).collect();
        assert_eq!(said, ["J3, bed 2", "J27, bed 2", "J27, bed 10", "J28, bed 1"]);
        assert!(order.compare(&walk(None), &walk(Some(&beds[3]))).is_gt(), "no place comes last");
    }

    #[test]
    fn places_are_labelled_once() {
        let said = |bay: &str, site: &str| {
            let some = |text: &str| Some(text.to_owned());
            let (ward, ward_name) = (some("J27"), None);
            place(&Place { site: some(site), ward, bay: some(bay), bed: some("4"), ward_name }).unwrap()
        };
        assert_eq!(said("B", "Z9H01A"), ["J27, bay B, bed 4", "site Z9H01A"]);
        assert_eq!(said("Bay B", "St Hilda's General"), ["J27, Bay B, bed 4", "St Hilda's General"]);
        assert_eq!(
            place(&Place { site: Some("SH1".into()), ..Place::default() }).unwrap()[0],
            "ward not sent"
        );
        assert_eq!(place(&Place::default()), None);
        let (ward, ward_name) = (Some("J27".into()), Some("Cardiology".into()));
        let named = Place { ward, ward_name, bed: Some("4".into()), ..Place::default() };
        assert_eq!(place(&named).unwrap(), ["Cardiology, bed 4"], "a bed without a bay");
        assert_eq!(ward_code(&named), Some("J27"), "the code is kept for the title");
    }

    #[test]
    fn a_missing_value_says_why() {
        let reading = |hidden: &'static [&'static str], protected| {
            let hidden: Vec<String> = hidden.iter().map(|one| (*one).to_owned()).collect();
            let reading = Reading { hospital: "St Hilda's", hidden: &hidden, protected };
            reading.cell::<String>("plan", None, |said| vec![said.clone()]).text().to_vec()
        };
        assert_eq!(reading(&[], false), [NOT_SENT]);
        assert_eq!(reading(&["plan"], false), [NOT_OPEN]);
        assert_eq!(reading(&["plan"], true), [NOT_OPEN], "a role's limit is no protection");
        assert_eq!(reading(&["plan", "place"], true), [PROTECTED]);
    }
}
