//! Left hospital in the last 28 days: from where, to where, the letter, what is still awaited, and whether the
//! person is back. Those who died are kept apart, at the end, under their own heading.

use jiff::Timestamp;
use lcr_contracts::ward::{DischargedRow, Discharges};

use super::{
    NOT_OPEN, NOT_SENT, Reading,
    chips::Wanted,
    patient, place,
    since::{Mark, Since, Times},
};
use crate::view::{
    banner::PROTECTED,
    table::{Cell, Row, Table},
    words::{count, moment},
};

const COLUMNS: [&str; 9] = [
    "Patient",
    "Left",
    "From where",
    "To where",
    "Stayed",
    "Discharge letter",
    "Results awaited",
    "Day",
    "Back in hospital?",
];
const OF_THE_DEAD: [&str; 6] = ["Patient", "Died", "Where", "Stayed", "Discharge letter", "Results awaited"];
const NO_LETTER: &str = "No letter in this record yet; it may have been sent to the practice another way";

/// The living, newest first, then those who died.
pub fn tables(list: &Discharges, wanted: &Wanted, since: &Since, now: Timestamp) -> Vec<Table> {
    let (died, living): (Vec<&DischargedRow>, Vec<&DischargedRow>) =
        list.rows.iter().filter(|row| wanted.discharged(row, since, now)).partition(|row| row.died);
    let table = |caption: String, columns: &[&'static str], rows: Vec<Row>| Table {
        caption,
        columns: columns.to_vec(),
        rows,
        empty: String::new(),
    };
    let mut out = Vec::new();
    if !living.is_empty() {
        let caption = format!("Left hospital ({})", living.len());
        out.push(table(
            caption,
            &COLUMNS,
            living.iter().map(|row| self::row(row, list.days, since, now)).collect(),
        ));
    }
    if !died.is_empty() {
        let caption = format!("Died in hospital or since ({})", died.len());
        out.push(table(caption, &OF_THE_DEAD, died.iter().map(|row| dead(row, since, now)).collect()));
    }
    out
}

/// How a row stands to what was seen.
pub fn mark(row: &DischargedRow, since: &Since, now: Timestamp) -> Mark {
    let letter = row.letter.as_ref().map(|cell| cell.at);
    let times = Times { began: Some(row.left), newest: letter.max(Some(row.left)) };
    since.mark(&row.spell, row.version, times, now)
}

fn reading(row: &DischargedRow) -> Reading<'_> {
    Reading { hospital: &row.hospital, hidden: &row.hidden, protected: row.who.location_protected }
}

fn who(row: &DischargedRow, since: &Since, now: Timestamp) -> Cell {
    patient(&row.who, mark(row, since, now).words(since).as_slice(), now)
}

fn row(row: &DischargedRow, days: u8, since: &Since, now: Timestamp) -> Row {
    let reading = reading(row);
    Row {
        id: row.spell.to_string(),
        cells: vec![
            who(row, since, now),
            left(row),
            from(&reading, row),
            reading.cell("to", row.to.as_ref(), |to| vec![to.clone()]),
            stayed(&reading, row),
            letter(&reading, row),
            pending(&reading, row),
            Cell::said(format!("day {} of {days}", row.day)).nowrap(),
            back(&reading, row),
        ],
    }
}

fn dead(row: &DischargedRow, since: &Since, now: Timestamp) -> Row {
    let reading = reading(row);
    Row {
        id: row.spell.to_string(),
        cells: vec![
            who(row, since, now),
            left(row),
            from(&reading, row),
            stayed(&reading, row),
            letter(&reading, row),
            pending(&reading, row),
        ],
    }
}

fn title(row: &DischargedRow) -> String {
    let hospital = if row.hospital.is_empty() { "the hospital" } else { &row.hospital };
    format!("{hospital}, {}", moment(row.left))
}

fn left(row: &DischargedRow) -> Cell {
    Cell::said(moment(row.left)).titled(Some(title(row)))
}

fn from(reading: &Reading<'_>, row: &DischargedRow) -> Cell {
    let mut lines = vec![];
    let part = reading.part("place", row.place.as_ref(), |told| {
        place(told).unwrap_or_else(|| vec!["ward not sent".to_owned()])
    });
    let title = match part {
        Ok((said, title)) => {
            lines.extend(said);
            Some(title)
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
    let protected = row.who.location_protected && reading.hides("place");
    match row.back {
        true if protected => Cell::said(format!("Yes. {PROTECTED}")),
        true => Cell::said("Yes, unplanned"),
        false => Cell::said("No unplanned admission since is recorded").quiet(),
    }
}

#[cfg(test)]
#[path = "discharged_tests.rs"]
mod tests;
