//! Left hospital in the last 28 days: from where, to where, the letter, what is still awaited, and whether the
//! person is back. Those who died are kept apart, at the end, under their own heading.

use jiff::Timestamp;
use lcr_contracts::ward::{DischargedRow, Discharges};

use super::{
    NOT_OPEN, NOT_SENT, Reading,
    columns::{Column, Key, Order, chosen},
    list::Look,
    patient, place,
    since::{Mark, Since, Times},
    walk, ward_code, watching,
};
use crate::view::{
    banner::PROTECTED,
    table::{Cell, Heading, Row, Table},
    words::{count, moment, told},
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
/// Columns that say nothing of somebody who died.
const NOT_OF_THE_DEAD: [&str; 3] = ["to", "day", "back"];
const NO_LETTER: &str = "No letter in this record yet; it may have been sent to the practice another way";

pub fn columns() -> Vec<Column> {
    COLUMNS.map(|(name, words)| Column::standard(name, words)).to_vec()
}

/// The living, newest first or as the reader chose, then those who died.
pub fn tables(list: &Discharges, look: &Look<'_>) -> Vec<Table> {
    let Look { wanted, since, now, .. } = look;
    let mut rows: Vec<&DischargedRow> =
        list.rows.iter().filter(|row| wanted.discharged(row, since, *now)).collect();
    sort(&mut rows, &wanted.order);
    let (died, living): (Vec<&DischargedRow>, Vec<&DischargedRow>) =
        rows.into_iter().partition(|row| row.died);
    let shown = chosen(&columns(), look.settings);
    let of_the_dead: Vec<Column> =
        shown.iter().filter(|one| !NOT_OF_THE_DEAD.contains(&one.name.as_str())).cloned().collect();
    let table = |name: &str, columns: &[Column], headings: Vec<Heading>, rows: &[&DischargedRow]| {
        (!rows.is_empty()).then(|| Table {
            caption: format!("{name} ({})", rows.len()),
            columns: headings,
            rows: rows.iter().map(|row| self::row(row, columns, list.days, look)).collect(),
            ..Table::default()
        })
    };
    let headings = shown.iter().map(|column| column.words.clone()).collect();
    let headings_of_the_dead = of_the_dead.iter().map(of_the_dead_words).collect();
    let tables = [
        table("Left hospital", &shown, headings, &living),
        table("Died in hospital or since", &of_the_dead, headings_of_the_dead, &died),
    ];
    tables.into_iter().flatten().collect()
}

fn of_the_dead_words(column: &Column) -> Heading {
    match column.name.as_str() {
        "left" => "Died".into(),
        "from" => "Where".into(),
        _ => column.words.clone(),
    }
}

fn sort(rows: &mut [&DischargedRow], order: &Order) {
    if COLUMNS.iter().any(|(name, _)| *name == order.by) {
        rows.sort_by(|a, b| order.compare(&key(&order.by, a), &key(&order.by, b)));
    }
}

/// What a row says in a column, to sort by.
fn key(column: &str, row: &DischargedRow) -> Option<Key> {
    let shown = |name: &str| !row.hidden.iter().any(|one| one == name);
    match column {
        "patient" => Some(Key::text(&format!("{} {}", row.who.said.family, row.who.said.given))),
        "left" => Some(Key::text(&row.left.at.to_string())),
        "from" => walk(row.place.as_ref()),
        "to" => row.to.as_ref().map(|cell| Key::text(&cell.value)),
        "stayed" => shown("stayed_days").then(|| Key::Number(row.stayed_days.into())),
        "letter" => row.letter.as_ref().map(|cell| Key::text(&cell.at.to_string())),
        "pending" if shown("pending_results") => {
            row.pending_results.first().map(|_| Key::text(&row.pending_results.len().to_string()))
        }
        "day" => Some(Key::Number(row.day.into())),
        "back" if shown("back") => row.back_at.map(|at| Key::text(&at.at.to_string())),
        _ => None,
    }
}

/// How a row stands to what was seen.
pub fn mark(row: &DischargedRow, since: &Since, now: Timestamp) -> Mark {
    let letter = row.letter.as_ref().map(|cell| cell.at);
    let times = Times { began: Some(row.left.at), newest: letter.max(Some(row.left.at)) };
    since.mark(&row.spell, row.version, times, now)
}

fn reading(row: &DischargedRow) -> Reading<'_> {
    Reading { hospital: &row.hospital, hidden: &row.hidden, protected: row.who.location_protected }
}

fn who(row: &DischargedRow, look: &Look<'_>) -> Cell {
    patient(&row.who, mark(row, look.since, look.now).words(look.since).as_slice(), look.now)
        .with_action(watching::button(&row.who, &row.spell, row.watched, look.form))
}

fn row(row: &DischargedRow, columns: &[Column], days: u8, look: &Look<'_>) -> Row {
    let reading = reading(row);
    let cell = |column: &Column| match column.name.as_str() {
        "patient" => who(row, look),
        "left" => left(row),
        "from" => from(&reading, row),
        "to" => reading.cell("to", row.to.as_ref(), |to| vec![to.clone()]),
        "stayed" => stayed(&reading, row),
        "letter" => letter(&reading, row),
        "pending" => pending(&reading, row),
        "day" => Cell::said(format!("day {} of {days}", row.day)).nowrap(),
        _ => back(&reading, row),
    };
    Row { id: row.spell.to_string(), cells: columns.iter().map(cell).collect() }
}

fn title(row: &DischargedRow) -> String {
    let hospital = if row.hospital.is_empty() { "the hospital" } else { &row.hospital };
    format!("{hospital}, {}", told(row.left))
}

fn left(row: &DischargedRow) -> Cell {
    Cell::said(told(row.left)).titled(Some(title(row)))
}

fn from(reading: &Reading<'_>, row: &DischargedRow) -> Cell {
    let mut lines = vec![];
    let part = reading.part("place", row.place.as_ref(), |told| {
        place(told).unwrap_or_else(|| vec!["ward not sent".to_owned()])
    });
    let title = match part {
        Ok((said, title)) => {
            lines.extend(said);
            let code = row.place.as_ref().and_then(|told| ward_code(&told.value));
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
    Cell::lines(lines).titled(title.or_else(|| Some(self::title(row))))
}

fn stayed(reading: &Reading<'_>, row: &DischargedRow) -> Cell {
    if reading.hides("stayed_days") {
        return Cell::or(None, NOT_OPEN);
    }
    let days = usize::try_from(row.stayed_days).unwrap_or(usize::MAX);
    let words = if days == 0 { "left the same day".to_owned() } else { count(days, "day", "days") };
    Cell::said(words).titled(Some(title(row)))
}

/// A link to the person's letters, or the words for none yet.
fn letter(reading: &Reading<'_>, row: &DischargedRow) -> Cell {
    match (&row.letter, row.who.person) {
        _ if reading.hides("letter") => Cell::or(None, reading.why_hidden()),
        (Some(letter), Some(person)) => {
            let cell =
                Cell::lines(vec!["Discharge letter".to_owned(), format!("came {}", moment(letter.at))]);
            cell.to(format!("/people/{person}/documents")).titled(Some(title(row)))
        }
        _ => Cell::or(None, NO_LETTER).titled(Some(NOT_SENT.to_owned())),
    }
}

fn pending(reading: &Reading<'_>, row: &DischargedRow) -> Cell {
    if reading.hides("pending_results") {
        return Cell::or(None, reading.why_hidden());
    }
    if row.pending_results.is_empty() {
        return Cell::or(None, "none named at discharge");
    }
    let awaited =
        std::iter::once("Awaited at discharge:".to_owned()).chain(row.pending_results.iter().cloned());
    Cell::lines(awaited.collect()).titled(Some(title(row)))
}

fn back(reading: &Reading<'_>, row: &DischargedRow) -> Cell {
    if reading.hides("back") {
        return Cell::or(None, NOT_OPEN);
    }
    let since = row.back_at.map(|at| format!(" since {}", told(at))).unwrap_or_default();
    let how = match (row.back, row.back_at) {
        (true, _) => "unplanned",
        (false, Some(_)) => "planned",
        (false, None) => return Cell::said("No unplanned admission since is recorded").quiet(),
    };
    let protected = row.who.location_protected && reading.hides("place");
    let place = if protected { format!(". {PROTECTED}") } else { String::new() };
    Cell::said(format!("Back in hospital{since}, {how}{place}"))
}

#[cfg(test)]
#[path = "discharged_tests.rs"]
mod tests;
