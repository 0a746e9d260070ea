//! The list of patients who left hospital in the last 28 days: from where, to where, the letter, awaited results, and
//! whether they are back. Patients who died must stand in a table of their own, at the end.

use lcr_contracts::ward::{DischargedRow, Discharges};

use crate::{
    layout::{
        format::{format_count, format_moment, format_to_precision},
        table::{Cell, Heading, Row, Table},
    },
    record::banner::PROTECTED,
    ward::{
        columns::{Column, Order, SortKey, chosen_columns},
        list_context::ListContext,
        row_context::{NOT_OPEN_TO_ROLE, NOT_SENT, RowContext, place_lines, place_sort_key, ward_code},
        stay_row::{StayRow, who_cell},
    },
};

const COLUMNS: [(&str, &str); 9] = [
    ("patient", "Patient"),
    ("left", "Left"),
    ("from", "From where"),
    ("to", "To where"),
    ("stayed", "Stayed"),
    ("letter", "Discharge letter"),
    ("pending", "Results awaited"),
    ("day", "Day"),
    ("back", "Back in hospital?"),
];
/// Columns that do not apply to patients who died.
const LIVING_ONLY: [&str; 3] = ["to", "day", "back"];
const NO_LETTER: &str = "No letter in this record yet; it may have been sent to the practice another way";

pub fn columns() -> Vec<Column> {
    COLUMNS.map(|(name, words)| Column::standard(name, words)).to_vec()
}

/// The living, newest first or as the reader chose, then the patients who died.
pub fn tables(list: &Discharges, context: &ListContext<'_>) -> Vec<Table> {
    let ListContext { options, baseline, now, .. } = context;
    let mut rows: Vec<&DischargedRow> = list.rows.iter().filter(|row| options.matches(*row, baseline, *now)).collect();
    sort(&mut rows, &options.order);
    let (died, living): (Vec<&DischargedRow>, Vec<&DischargedRow>) = rows.into_iter().partition(|row| row.died);
    let shown = chosen_columns(&columns(), context.settings);
    let died_columns: Vec<Column> =
        shown.iter().filter(|one| !LIVING_ONLY.contains(&one.name.as_str())).cloned().collect();
    let table = |name: &str, columns: &[Column], headings: Vec<Heading>, rows: &[&DischargedRow]| {
        (!rows.is_empty()).then(|| Table {
            caption: format!("{name} ({})", rows.len()),
            columns: headings,
            rows: rows.iter().map(|row| table_row(row, columns, list.days, context)).collect(),
            ..Table::default()
        })
    };
    let headings = shown.iter().map(|column| column.heading.clone()).collect();
    let died_headings = died_columns.iter().map(died_heading).collect();
    let tables = [
        table("Left hospital", &shown, headings, &living),
        table("Died in hospital or since", &died_columns, died_headings, &died),
    ];
    tables.into_iter().flatten().collect()
}

fn died_heading(column: &Column) -> Heading {
    match column.name.as_str() {
        "left" => "Died".into(),
        "from" => "Where".into(),
        _ => column.heading.clone(),
    }
}

fn sort(rows: &mut [&DischargedRow], order: &Order) {
    if COLUMNS.iter().any(|(name, _)| *name == order.column) {
        rows.sort_by(|a, b| order.compare(&sort_key(&order.column, a), &sort_key(&order.column, b)));
    }
}

/// A row's value in a column. A hidden field has none.
fn sort_key(column: &str, row: &DischargedRow) -> Option<SortKey> {
    let shown = |name: &str| !row.is_hidden(name);
    match column {
        "patient" => Some(SortKey::text(&format!("{} {}", row.who.patient.family, row.who.patient.given))),
        "left" => Some(SortKey::text(&row.left.at.to_string())),
        "from" => place_sort_key(row.place.as_ref()),
        "to" => row.to.as_ref().map(|cell| SortKey::text(&cell.value)),
        "stayed" => shown("stayed_days").then(|| SortKey::Number(row.stayed_days.into())),
        "letter" => row.letter.as_ref().map(|cell| SortKey::text(&cell.at.to_string())),
        "pending" if shown("pending_results") => {
            row.pending_results.first().map(|_| SortKey::text(&row.pending_results.len().to_string()))
        }
        "day" => Some(SortKey::Number(row.day.into())),
        "back" if shown("back") => row.back_at.map(|at| SortKey::text(&at.at.to_string())),
        _ => None,
    }
}

fn row_context(row: &DischargedRow) -> RowContext<'_> {
    RowContext { hospital: &row.hospital, hidden: &row.hidden, protected: row.who.location_protected }
}

fn table_row(row: &DischargedRow, columns: &[Column], days: u8, context: &ListContext<'_>) -> Row {
    let fields = row_context(row);
    let cell = |column: &Column| match column.name.as_str() {
        "patient" => who_cell(row, None, context),
        "left" => left_cell(row),
        "from" => from_cell(&fields, row),
        "to" => fields.field_cell("to", row.to.as_ref(), |to| vec![to.clone()]),
        "stayed" => stayed_cell(&fields, row),
        "letter" => letter_cell(&fields, row),
        "pending" => pending_cell(&fields, row),
        "day" => Cell::new(format!("day {} of {days}", row.day)).nowrap(),
        _ => back_cell(&fields, row),
    };
    Row { id: row.spell.to_string(), cells: columns.iter().map(cell).collect() }
}

fn source_title(row: &DischargedRow) -> String {
    let hospital = if row.hospital.is_empty() { "the hospital" } else { &row.hospital };
    format!("{hospital}, {}", format_to_precision(row.left))
}

fn left_cell(row: &DischargedRow) -> Cell {
    Cell::new(format_to_precision(row.left)).with_title(Some(source_title(row)))
}

fn from_cell(fields: &RowContext<'_>, row: &DischargedRow) -> Cell {
    let mut lines = vec![];
    let part = fields.field_part("place", row.place.as_ref(), |at| {
        place_lines(at).unwrap_or_else(|| vec!["ward not sent".to_owned()])
    });
    let title = match part {
        Ok((text, title)) => {
            lines.extend(text);
            let code = row.place.as_ref().and_then(|cell| ward_code(&cell.value));
            Some(code.map_or(title.clone(), |code| format!("{title}; ward code {code}")))
        }
        Err(reason) if row.hospital.is_empty() => return Cell::or(None, reason),
        Err(reason) => {
            lines.push(format!("ward {reason}"));
            None
        }
    };
    lines.push(row.hospital.clone());
    lines.extend(row.specialty.as_ref().map(|one| one.value.name.clone()));
    lines.extend(row.warnings.iter().cloned());
    Cell::lines(lines).with_title(title.or_else(|| Some(source_title(row))))
}

fn stayed_cell(fields: &RowContext<'_>, row: &DischargedRow) -> Cell {
    if fields.is_hidden("stayed_days") {
        return Cell::or(None, NOT_OPEN_TO_ROLE);
    }
    let days = usize::try_from(row.stayed_days).unwrap_or(usize::MAX);
    let words = if days == 0 { "left the same day".to_owned() } else { format_count(days, "day", "days") };
    Cell::new(words).with_title(Some(source_title(row)))
}

/// A link to the patient's letters, or why there is none.
fn letter_cell(fields: &RowContext<'_>, row: &DischargedRow) -> Cell {
    match (&row.letter, row.who.person) {
        _ if fields.is_hidden("letter") => Cell::or(None, fields.hidden_reason()),
        (Some(letter), Some(person)) => {
            let cell = Cell::lines(vec!["Discharge letter".to_owned(), format!("came {}", format_moment(letter.at))]);
            cell.with_link(format!("/people/{person}/documents")).with_title(Some(source_title(row)))
        }
        _ => Cell::or(None, NO_LETTER).with_title(Some(NOT_SENT.to_owned())),
    }
}

fn pending_cell(fields: &RowContext<'_>, row: &DischargedRow) -> Cell {
    if fields.is_hidden("pending_results") {
        return Cell::or(None, fields.hidden_reason());
    }
    if row.pending_results.is_empty() {
        return Cell::or(None, "none named at discharge");
    }
    let awaited = std::iter::once("Awaited at discharge:".to_owned()).chain(row.pending_results.iter().cloned());
    Cell::lines(awaited.collect()).with_title(Some(source_title(row)))
}

fn back_cell(fields: &RowContext<'_>, row: &DischargedRow) -> Cell {
    if fields.is_hidden("back") {
        return Cell::or(None, NOT_OPEN_TO_ROLE);
    }
    let since = row.back_at.map(|at| format!(" since {}", format_to_precision(at))).unwrap_or_default();
    let how = match (row.back_unplanned, row.back_at) {
        (Some(true), _) => "unplanned",
        (Some(false), _) => "planned",
        (None, Some(_)) => "whether it was planned was not sent",
        (None, None) => return Cell::new("No admission since is recorded").quiet(),
    };
    let protected = row.who.location_protected && fields.is_hidden("place");
    let place = if protected { format!(". {PROTECTED}") } else { String::new() };
    Cell::new(format!("Back in hospital{since}, {how}{place}"))
}

#[cfg(test)]
#[path = "discharged_tests.rs"]
mod tests;
