//! What stands in the cells of a row of somebody in hospital: words, with whose they are and from when.

use jiff::Timestamp;
use lcr_contracts::{
    spell::{Named, PlanItem, PlanItemKind, PlanStatus, Reside},
    ward::{Expected, InpatientRow, Shelf},
};

use super::{
    super::{
        NOT_SENT, Reading, columns::Column, further, joined, list::Look, patient, place, ward_code, watching,
    },
    mark,
};
use crate::view::{
    table::{Cell, Row},
    words::{count, day, in_london, moment, told},
};

pub fn row(row: &InpatientRow, columns: &[Column], look: &Look<'_>) -> Row {
    let cells = columns.iter().map(|column| cell(column, row, look)).collect();
    Row { id: row.spell.to_string(), cells }
}

fn cell(column: &Column, row: &InpatientRow, look: &Look<'_>) -> Cell {
    let reading =
        Reading { hospital: &row.hospital, hidden: &row.hidden, protected: row.who.location_protected };
    let listed = |kind| reading.cell("needed", row.needed.as_ref(), move |items| self::listed(items, kind));
    match column.name.as_str() {
        "patient" => who(row, look),
        "ward" => whereabouts(&reading, row),
        "consultant" => team(&reading, row),
        "admitted" => admitted(&reading, row),
        "expected" => reading
            .cell("expected_discharge", row.expected_discharge.as_ref(), |told| expected(told, look.now)),
        "bed" => reside(&reading, row),
        "needed" => listed(PlanItemKind::Needed),
        "waiting" => listed(PlanItemKind::Waiting),
        "plan" => plan(&reading, row),
        "pathway" => onward(&reading, row),
        _ => further::cell(column, row, &reading),
    }
}

fn who(row: &InpatientRow, look: &Look<'_>) -> Cell {
    let died = row.who.said.died.then(|| "Died".to_owned());
    let marked = mark(row, look.since, look.now).words(look.since);
    let remarks: Vec<String> = [marked, died].into_iter().flatten().collect();
    patient(&row.who, &remarks, look.now).with_action(watching::button(
        &row.who,
        &row.spell,
        row.watched,
        look.form,
    ))
}

fn team(reading: &Reading<'_>, row: &InpatientRow) -> Cell {
    let named = |name, cell: Option<&_>| reading.part(name, cell, |one: &Named| vec![one.name.clone()]);
    joined(vec![
        ("Consultant", named("consultant", row.consultant.as_ref())),
        ("Specialty", named("specialty", row.specialty.as_ref())),
    ])
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
    let code = row.place.as_ref().and_then(|told| ward_code(&told.value));
    let cell = cell.map(|(lines, title)| match code {
        Some(code) => (lines, format!("{title}; ward code {code}")),
        None => (lines, title),
    });
    // Where the ward was not sent, the hospital still is.
    let cell = match (cell, hospital) {
        (Err(NOT_SENT), Some(hospital)) => Cell::lines(vec![hospital, format!("ward and bed {NOT_SENT}")]),
        (part, _) => joined(vec![("", part)]),
    };
    let silent = (row.shelf == Shelf::NotHeardOf).then(|| format!("Last heard of {}", moment(row.last_told)));
    let leave = row.on_leave.then(|| "On leave from the ward".to_owned());
    let disagree = row
        .disagreements
        .iter()
        .map(|one| format!("{} ({}), which disagrees and is not applied", one.words, moment(one.at)));
    let remarks: Vec<String> = silent.into_iter().chain(leave).chain(disagree).collect();
    cell.remarked((!remarks.is_empty()).then(|| remarks.join(". ")))
}

/// Since when, the days so far of those expected, and what was worked out rather than sent.
fn admitted(reading: &Reading<'_>, row: &InpatientRow) -> Cell {
    let since = reading.part("admitted", row.admitted.as_ref(), |at| vec![told(*at)]);
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
        std::iter::once(plan_words(*status).to_owned()).chain(changed).collect()
    })
}

pub fn plan_words(status: PlanStatus) -> &'static str {
    match status {
        PlanStatus::NotStarted => "Not started",
        PlanStatus::InProgress => "In progress",
        PlanStatus::Agreed => "Agreed",
        PlanStatus::Ready => "Ready",
    }
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
#[path = "cells_tests.rs"]
mod tests;
