//! In hospital now: each stay as a row, on its shelf, in the order of who leaves first. A disagreement is shown
//! as one and never applied.

use jiff::{Timestamp, civil::Date};
use lcr_contracts::{
    spell::{PlanItem, PlanItemKind, PlanStatus, Reside},
    ward::{Expected, InpatientRow, Inpatients, Shelf},
};

use super::{
    NOT_SENT, Reading,
    chips::{Order, Wanted},
    joined, patient, place,
    since::{Mark, Since, Times},
    walk,
};
use crate::view::{
    table::{Cell, Row, Table},
    words::{count, day, in_london, moment},
};

const COLUMNS: [&str; 10] = [
    "Patient",
    "Where",
    "Consultant and specialty",
    "Admitted",
    "Expected to leave",
    "Needs a hospital bed?",
    "Still needed",
    "Waiting for",
    "Plan",
    "Pathway and going to",
];

const SHELVES: [(Shelf, &str); 4] = [
    (Shelf::Main, "In-patients"),
    (Shelf::DayCase, "Day cases"),
    (Shelf::HospitalAtHome, "In hospital at home"),
    (Shelf::CommunityBed, "In a community bed"),
];

/// One table for each shelf that has rows, in-patients first.
pub fn tables(list: &Inpatients, wanted: &Wanted, since: &Since, now: Timestamp) -> Vec<Table> {
    let mut rows: Vec<&InpatientRow> =
        list.rows.iter().filter(|row| wanted.inpatient(row, since, now)).collect();
    rows.sort_by_cached_key(|row| {
        let by_place = (row.hospital.clone(), walk(row.place.as_ref()));
        match wanted.order {
            Order::Leaving => (leaves(row).unwrap_or(Date::MAX), by_place),
            Order::Ward => (Date::MIN, by_place),
        }
    });
    let on = |shelf| rows.iter().filter(move |row| row.shelf == shelf);
    let table = |(shelf, name): (Shelf, &str)| {
        let rows: Vec<Row> = on(shelf).map(|row| self::row(row, since, now)).collect();
        (!rows.is_empty()).then(|| Table {
            caption: format!("{name} ({})", rows.len()),
            columns: COLUMNS.to_vec(),
            rows,
            empty: String::new(),
        })
    };
    SHELVES.into_iter().filter_map(table).collect()
}

/// How a row stands to what was seen.
pub fn mark(row: &InpatientRow, since: &Since, now: Timestamp) -> Mark {
    let times = Times { began: row.admitted.as_ref().map(|cell| cell.value), newest: newest(row) };
    since.mark(&row.spell, row.version, times, now)
}

/// The latest word on the stay.
fn newest(row: &InpatientRow) -> Option<Timestamp> {
    let cells = [
        row.place.as_ref().map(|cell| cell.at),
        row.consultant.as_ref().map(|cell| cell.at),
        row.specialty.as_ref().map(|cell| cell.at),
        row.admitted.as_ref().map(|cell| cell.at),
        row.expected_discharge.as_ref().map(|cell| cell.at),
        row.reside.as_ref().map(|cell| cell.at),
        row.needed.as_ref().map(|cell| cell.at),
        row.plan.as_ref().map(|cell| cell.at),
        row.pathway.as_ref().map(|cell| cell.at),
        row.going_to.as_ref().map(|cell| cell.at),
        row.transfer.as_ref().map(|cell| cell.at),
    ];
    cells.into_iter().flatten().chain(row.disagreements.iter().map(|one| one.at)).max()
}

pub(super) fn leaves(row: &InpatientRow) -> Option<Date> {
    row.expected_discharge.as_ref().map(|cell| cell.value.date)
}

fn row(row: &InpatientRow, since: &Since, now: Timestamp) -> Row {
    let reading =
        Reading { hospital: &row.hospital, hidden: &row.hidden, protected: row.who.location_protected };
    let died = row.who.said.died.then(|| "Died".to_owned());
    let remarks: Vec<String> = [mark(row, since, now).words(since), died].into_iter().flatten().collect();
    Row {
        id: row.spell.to_string(),
        cells: vec![
            patient(&row.who, &remarks, now),
            whereabouts(&reading, row),
            joined(vec![
                (
                    "Consultant",
                    reading.part("consultant", row.consultant.as_ref(), |one| vec![one.name.clone()]),
                ),
                (
                    "Specialty",
                    reading.part("specialty", row.specialty.as_ref(), |one| vec![one.name.clone()]),
                ),
            ]),
            admitted(&reading, row),
            reading.cell("expected_discharge", row.expected_discharge.as_ref(), |told| expected(told, now)),
            reside(&reading, row),
            reading.cell("needed", row.needed.as_ref(), |items| listed(items, PlanItemKind::Needed)),
            reading.cell("needed", row.needed.as_ref(), |items| listed(items, PlanItemKind::Waiting)),
            plan(&reading, row),
            onward(&reading, row),
        ],
    }
}

/// Site, ward and bed with their time; on leave, and what disagrees.
fn whereabouts(reading: &Reading<'_>, row: &InpatientRow) -> Cell {
    let at = row.place.as_ref().map(|cell| format!("as of {}", moment(cell.at)));
    let hospital = (!row.hospital.is_empty()).then(|| row.hospital.clone());
    let cell = reading.part("place", row.place.as_ref(), |told| {
        let mut lines = place(told).unwrap_or_else(|| vec!["ward and bed not sent".to_owned()]);
        lines.extend(hospital.clone());
        lines.extend(at);
        lines
    });
    // Where the ward was not sent, the hospital still is.
    let cell = match (cell, hospital) {
        (Err(NOT_SENT), Some(hospital)) => Cell::lines(vec![hospital, format!("ward and bed {NOT_SENT}")]),
        (part, _) => joined(vec![("", part)]),
    };
    let leave = row.on_leave.then(|| "On leave from the ward".to_owned());
    let disagree = row
        .disagreements
        .iter()
        .map(|one| format!("{} ({}), which disagrees and is not applied", one.words, moment(one.at)));
    let remarks: Vec<String> = leave.into_iter().chain(disagree).collect();
    cell.remarked((!remarks.is_empty()).then(|| remarks.join(". ")))
}

/// Since when, the days so far of those expected, and what was worked out rather than sent.
fn admitted(reading: &Reading<'_>, row: &InpatientRow) -> Cell {
    let since = reading.part("admitted", row.admitted.as_ref(), |at| vec![moment(*at)]);
    let days = match (reading.hides("days"), row.admitted.is_some(), &row.expected_stay) {
        (true, _, _) | (_, false, _) => None,
        (_, _, Some(stay)) => {
            Some(format!("{} of {} expected", so_far(row.days), days_in(stay.value.into())))
        }
        _ if reading.hides("expected_stay") => Some(so_far(row.days)),
        _ => Some(format!("{}, expected stay {NOT_SENT}", so_far(row.days))),
    };
    let since = since.map(|(mut lines, title)| {
        lines.extend(days);
        lines.extend(row.warnings.iter().cloned());
        (lines, title)
    });
    joined(vec![("Admitted", since)])
}

fn so_far(days: u32) -> String {
    if days == 0 { "today, 0 days so far".to_owned() } else { format!("{} so far", days_in(days)) }
}

fn days_in(days: u32) -> String {
    count(usize::try_from(days).unwrap_or(usize::MAX), "day", "days")
}

/// The date, what it was before, and whether it has passed.
pub fn expected(told: &Expected, now: Timestamp) -> Vec<String> {
    let today = in_london(now).date();
    let mut lines =
        vec![if told.date == today { format!("{}, today", day(told.date)) } else { day(told.date) }];
    if told.passed_days > 0 {
        lines.push(format!("passed {} ago, not updated", days_in(told.passed_days)));
    }
    if let Some(was) = told.was.filter(|was| *was != told.date) {
        lines.push(format!("was {}", day(was)));
    }
    lines
}

fn reside(reading: &Reading<'_>, row: &InpatientRow) -> Cell {
    if row.reside.is_none() && !reading.hides("reside") {
        return Cell::or(None, "not recorded: not sent by this hospital").titled(Some(NOT_SENT.to_owned()));
    }
    reading.cell("reside", row.reside.as_ref(), |told| vec![needs_a_bed(told)])
}

/// Criteria to reside, in words.
pub fn needs_a_bed(told: &Reside) -> String {
    match (told.meets, told.since) {
        (true, _) => "yes".to_owned(),
        (false, Some(since)) => format!("no since {}", day(since)),
        (false, None) => "no, since when was not sent".to_owned(),
    }
}

fn listed(items: &[PlanItem], kind: PlanItemKind) -> Vec<String> {
    let words = |item: &PlanItem| {
        let by = item.by.as_deref().filter(|by| !by.trim().is_empty()).map(ToOwned::to_owned);
        let since = item.since.map(|since| format!("since {}", day(since)));
        let more: Vec<String> = [by, since].into_iter().flatten().collect();
        let text = if item.text.trim().is_empty() { "not named" } else { item.text.trim() };
        if more.is_empty() { text.to_owned() } else { format!("{text} ({})", more.join(", ")) }
    };
    let lines: Vec<String> = items.iter().filter(|item| item.kind == kind && !item.done).map(words).collect();
    if lines.is_empty() { vec!["nothing listed".to_owned()] } else { lines }
}

fn plan(reading: &Reading<'_>, row: &InpatientRow) -> Cell {
    let changed = row.plan.as_ref().map(|cell| format!("changed {}", moment(cell.at)));
    reading.cell("plan", row.plan.as_ref(), |status| {
        let words = match status {
            PlanStatus::NotStarted => "Not started",
            PlanStatus::InProgress => "In progress",
            PlanStatus::Agreed => "Agreed",
            PlanStatus::Ready => "Ready",
        };
        std::iter::once(words.to_owned()).chain(changed).collect()
    })
}

/// The pathway and where to; a transfer where one is planned.
fn onward(reading: &Reading<'_>, row: &InpatientRow) -> Cell {
    let mut parts = vec![
        ("Pathway", reading.part("pathway", row.pathway.as_ref(), |code| vec![pathway(code)])),
        ("Going to", reading.part("going_to", row.going_to.as_ref(), |to| vec![to.clone()])),
    ];
    if row.transfer.is_some() {
        let transfer = reading.part("transfer", row.transfer.as_ref(), |to| vec![format!("Transfer: {to}")]);
        parts.push(("Transfer", transfer));
    }
    joined(parts)
}

/// Discharge pathways (`standards.md` 4.3); another word is shown as sent.
fn pathway(code: &str) -> String {
    let words = match code.trim().to_uppercase().as_str() {
        "P0" | "0" => "Pathway 0: home, no new support",
        "P1" | "1" => "Pathway 1: home with new or more support",
        "P2" | "2" => "Pathway 2: a community bed for a time",
        "P3" | "3" => "Pathway 3: care home, long-term need assessed there",
        _ => return code.to_owned(),
    };
    words.to_owned()
}

#[cfg(test)]
#[path = "inpatients_tests.rs"]
mod tests;
