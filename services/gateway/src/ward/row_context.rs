//! Cells that the lists of in-patients and of discharges share: the patient, the place, and a field with its source
//! and time. A cell without a value must say why.

use jiff::Timestamp;
use lcr_contracts::{
    spell::Place,
    ward::{Cell as DatedValue, RowPatient},
    whereabouts::PlaceWords,
};
use lcr_model::NhsNumber;

use crate::{
    layout::{
        format::{format_age, format_day, format_moment, format_sex, in_london},
        table::Cell,
    },
    record::banner::{PROTECTED, full_name},
    ward::columns::{SortKey, split_numbers},
};

pub(super) const NOT_SENT: &str = "not sent by this hospital";
pub(super) const NOT_OPEN_TO_ROLE: &str = "not open to your role";

/// The parts of a row that decide whether a cell shows its value.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowContext<'a> {
    pub hospital: &'a str,
    pub hidden: &'a [String],
    pub protected: bool,
}

/// Part of a cell: its lines with their source and time, or the reason why there are none.
type CellPart = Result<(Vec<String>, String), &'static str>;

impl RowContext<'_> {
    /// Looks up a field by its name in the row.
    pub fn field_part<T>(
        &self,
        name: &str,
        field: Option<&DatedValue<T>>,
        lines: impl FnOnce(&T) -> Vec<String>,
    ) -> CellPart {
        if self.is_hidden(name) {
            return Err(self.hidden_reason());
        }
        let field = field.ok_or(NOT_SENT)?;
        let hospital = if self.hospital.is_empty() { "the hospital" } else { self.hospital };
        Ok((lines(&field.value), format!("{hospital}, {}", format_moment(field.at))))
    }

    pub fn field_cell<T>(
        &self,
        name: &str,
        field: Option<&DatedValue<T>>,
        lines: impl FnOnce(&T) -> Vec<String>,
    ) -> Cell {
        join_parts(vec![("", self.field_part(name, field, lines))])
    }

    pub fn is_hidden(&self, name: &str) -> bool {
        self.hidden.iter().any(|one| one == name)
    }

    /// The reason for a hidden field. A protected place hides every field that could reveal it.
    pub fn hidden_reason(&self) -> &'static str {
        if self.protected && self.is_hidden("place") { PROTECTED } else { NOT_OPEN_TO_ROLE }
    }
}

/// Puts the parts of a cell under each other. A missing part is labelled, unless all are missing for one reason.
pub(super) fn join_parts(parts: Vec<(&'static str, CellPart)>) -> Cell {
    let reasons: Vec<&'static str> = parts.iter().filter_map(|(_, part)| part.as_ref().err().copied()).collect();
    if let Some(first) = reasons.first()
        && reasons.len() == parts.len()
        && reasons.iter().all(|reason| reason == first)
    {
        return Cell::or(None, first).with_title(Some((*first).to_owned()));
    }
    let (mut lines, mut titles): (Vec<String>, Vec<String>) = (vec![], vec![]);
    for (label, part) in parts {
        match part {
            Ok((text, title)) => {
                lines.extend(text);
                if !titles.contains(&title) {
                    titles.push(title);
                }
            }
            Err(reason) => lines.push(format!("{label}: {}", reason.trim_end_matches('.'))),
        }
    }
    Cell::lines(lines).with_title(Some(titles.join("; ")))
}

/// The patient, with a link to their record.
pub(super) fn patient_cell(who: &RowPatient, remarks: &[String], now: Timestamp) -> Cell {
    let details = &who.patient;
    let born = details.birth_date.map_or_else(
        || "birth date not sent".to_owned(),
        |born| {
            let age = format_age(born, in_london(now).date()).filter(|_| !details.died);
            format!("{}{}", format_day(born), age.map(|age| format!(" ({age})")).unwrap_or_default())
        },
    );
    let number = details.nhs_number.as_deref().filter(|number| !number.trim().is_empty());
    let number = number.map_or_else(
        || "not sent".to_owned(),
        |number| NhsNumber::parse(number).map_or_else(|_| number.to_owned(), |number| number.spaced()),
    );
    let mut lines = vec![
        full_name(&details.family, &details.given, details.title.as_deref()),
        format!("Born {born}, {}", format_sex(&details.sex)),
        format!("NHS No. {number}"),
    ];
    if who.location_protected {
        lines.push(PROTECTED.to_owned());
    }
    let cell = Cell::lines(lines).with_remark((!remarks.is_empty()).then(|| remarks.join(". ")));
    match who.person {
        Some(person) => cell.with_link(format!("/people/{person}")),
        None => cell,
    }
}

/// "J27, bay B, bed 4", and the site on a line of its own. `None` if no part was sent. A ward's name is preferred to
/// its code.
pub(super) fn place_lines(place: &Place) -> Option<Vec<String>> {
    let words = PlaceWords::of(place);
    let within = words.within_site();
    // A site is a code, or the name from the registry.
    let is_named = |site: &str| site.contains(' ') || site.to_lowercase().starts_with("site");
    let site = words.site.map(|site| if is_named(&site) { site } else { format!("site {site}") });
    if within.is_none() && site.is_none() {
        return None;
    }
    Some(std::iter::once(within.unwrap_or_else(|| "ward not sent".to_owned())).chain(site).collect())
}

/// The ward's code, if the cell shows the ward's name instead.
pub(super) fn ward_code(place: &Place) -> Option<&str> {
    let named = place.ward_name.as_deref().is_some_and(|name| !name.trim().is_empty());
    place.ward.as_deref().filter(|code| named && !code.trim().is_empty() && place.ward_name.as_deref() != Some(code))
}

/// Sorts wards and beds as somebody walks past them: bed 2 before bed 10.
pub(super) fn place_sort_key(place: Option<&DatedValue<Place>>) -> Option<SortKey> {
    let place = &place?.value;
    let parts = [&place.site, &place.ward, &place.bay, &place.bed];
    let parts = parts.into_iter().flat_map(|part| split_numbers(part.as_deref().unwrap_or_default()));
    Some(SortKey::Text(parts.collect()))
}

#[cfg(test)]
#[path = "row_context_tests.rs"]
mod tests;
