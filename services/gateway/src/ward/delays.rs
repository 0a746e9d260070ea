//! Delays as tables and as a file: numbers of people and days by ward and specialty. Neither may hold a patient's
//! name.

use lcr_contracts::ward::{Delay, DelayReason, Delays};

use crate::{
    layout::{
        format::{format_count, format_day},
        table::{Cell, Row, Table, headings},
    },
    ward::row_context::NOT_SENT,
};

const COLUMNS: [&str; 7] =
    ["Ward", "Specialty", "In hospital", "Expected day passed", "No longer need a bed", "Bed days lost", "Waiting for"];

/// One table per hospital, with the totals last.
pub fn tables(delays: &Delays) -> Vec<Table> {
    let mut hospitals: Vec<&str> = delays.delays.iter().map(|one| one.hospital.as_str()).collect();
    hospitals.sort_unstable();
    hospitals.dedup();
    hospitals.into_iter().map(|hospital| table(hospital, &delays.delays)).collect()
}

fn table(hospital: &str, delays: &[Delay]) -> Table {
    let mut of_hospital: Vec<&Delay> = delays.iter().filter(|one| one.hospital == hospital).collect();
    of_hospital.sort_by(|a, b| (&a.ward, &a.specialty).cmp(&(&b.ward, &b.specialty)));
    let mut rows: Vec<Row> =
        of_hospital.iter().enumerate().map(|(at, one)| row(hospital, &at.to_string(), one)).collect();
    rows.push(Row { cells: totals(&of_hospital), id: row_id(hospital, "all") });
    let caption = if hospital.is_empty() { "Hospital not shown" } else { hospital };
    Table { caption: caption.to_owned(), columns: headings(&COLUMNS), rows, ..Table::default() }
}

fn row_id(hospital: &str, row: &str) -> String {
    let safe: String = hospital.chars().map(|one| if one.is_ascii_alphanumeric() { one } else { '-' }).collect();
    format!("{}-{row}", safe.to_lowercase())
}

fn row(hospital: &str, at: &str, delay: &Delay) -> Row {
    let mut cells = vec![Cell::or(delay.ward.clone(), NOT_SENT), Cell::or(delay.specialty.clone(), NOT_SENT)];
    cells.extend(figure_cells(delay));
    cells.push(waits_cell(&delay.waits));
    Row { id: row_id(hospital, at), cells }
}

fn figure_cells(delay: &Delay) -> [Cell; 4] {
    let passed = (delay.expected_passed > 0).then(|| format!("{} in all", format_days(delay.expected_passed_days)));
    let undated = (delay.fit_without_date > 0).then(|| format!("{} with no start date sent", delay.fit_without_date));
    let lines = |first: String, more: Option<String>| Cell::lines([Some(first), more].into_iter().flatten().collect());
    [
        Cell::new(delay.in_hospital.to_string()),
        lines(format_people(delay.expected_passed), passed),
        lines(format_people(delay.fit), undated),
        Cell::new(format_days(delay.bed_days_lost)),
    ]
}

fn totals(delays: &[&Delay]) -> Vec<Cell> {
    let mut cells = vec![Cell::new("All wards"), Cell::new("All specialties")];
    cells.extend(figure_cells(&sum(delays)));
    cells.push(Cell::new("see each ward").quiet());
    cells
}

fn sum(delays: &[&Delay]) -> Delay {
    let add = |pick: fn(&Delay) -> u32| delays.iter().fold(0u32, |sum, one| sum.saturating_add(pick(one)));
    Delay {
        in_hospital: add(|one| one.in_hospital),
        expected_passed: add(|one| one.expected_passed),
        expected_passed_days: add(|one| one.expected_passed_days),
        fit: add(|one| one.fit),
        bed_days_lost: add(|one| one.bed_days_lost),
        fit_without_date: add(|one| one.fit_without_date),
        ..Delay::default()
    }
}

fn waits_cell(waits: &[DelayReason]) -> Cell {
    let words = |one: &DelayReason| {
        let by = one.by.as_deref().filter(|by| !by.trim().is_empty());
        let by = by.map(|by| format!(", from {by}")).unwrap_or_default();
        let since = one.since.map(|since| format!(", since {}", format_day(since)));
        format!("{}{by}: {}{}", one.what, format_people(one.people), since.unwrap_or_default())
    };
    if waits.is_empty() {
        return Cell::or(None, "nothing named");
    }
    Cell::lines(waits.iter().map(words).collect())
}

fn format_people(number: u32) -> String {
    format_count(usize::try_from(number).unwrap_or(usize::MAX), "person", "people")
}

fn format_days(number: u32) -> String {
    format_count(usize::try_from(number).unwrap_or(usize::MAX), "day", "days")
}

const FILE_COLUMNS: [&str; 13] = [
    "hospital",
    "ward",
    "specialty",
    "in_hospital",
    "expected_day_passed_people",
    "expected_day_passed_days",
    "no_longer_need_a_bed_people",
    "bed_days_lost",
    "no_longer_need_a_bed_without_date",
    "waiting_for",
    "waiting_for_whom",
    "waiting_people",
    "waiting_since",
];

/// The delays as a file (RFC 4180): one line per ward, specialty and reason for waiting. Only the first line of a ward
/// has the ward's figures, so that a column can be added up.
pub fn csv(delays: &Delays) -> String {
    let mut out = csv_line(&FILE_COLUMNS.map(ToOwned::to_owned));
    for delay in &delays.delays {
        let nothing = DelayReason { what: String::new(), by: None, people: 0, since: None };
        let waits = if delay.waits.is_empty() { std::slice::from_ref(&nothing) } else { delay.waits.as_slice() };
        for (at, wait) in waits.iter().enumerate() {
            out += &csv_line(&csv_fields(delay, wait, at == 0));
        }
    }
    out
}

fn csv_fields(delay: &Delay, wait: &DelayReason, first: bool) -> Vec<String> {
    let figure = |number: u32| if first { number.to_string() } else { String::new() };
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let waits = !wait.what.is_empty();
    vec![
        delay.hospital.clone(),
        text(&delay.ward),
        text(&delay.specialty),
        figure(delay.in_hospital),
        figure(delay.expected_passed),
        figure(delay.expected_passed_days),
        figure(delay.fit),
        figure(delay.bed_days_lost),
        figure(delay.fit_without_date),
        wait.what.clone(),
        text(&wait.by),
        if waits { wait.people.to_string() } else { String::new() },
        wait.since.map(|since| since.to_string()).unwrap_or_default(),
    ]
}

fn csv_line(fields: &[String]) -> String {
    let quoted: Vec<String> = fields.iter().map(|field| quote_csv(field)).collect();
    format!("{}\r\n", quoted.join(","))
}

/// Quotes a field. The apostrophe stops a spreadsheet from reading a hospital's text as a formula.
fn quote_csv(field: &str) -> String {
    let formula = field.trim_start().starts_with(['=', '+', '-', '@']) || field.starts_with(['\t', '\r']);
    let text = if formula { format!("'{field}") } else { field.to_owned() };
    if text.contains([',', '"', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
#[path = "delays_tests.rs"]
mod tests;
