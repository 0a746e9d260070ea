//! The cells of an in-patient's row: text with its source and time.

use jiff::Timestamp;
use lcr_contracts::{
    spell::{CodedName, PlanItem, PlanItemKind, PlanStatus, Reside},
    ward::{ExpectedDischarge, InpatientRow, ListCategory},
};

use crate::{
    layout::{
        format::{format_count, format_day, format_moment, format_to_precision, in_london},
        table::{Cell, Row},
    },
    ward::{
        columns::Column,
        further_fields,
        list_context::ListContext,
        row_context::{NOT_SENT, RowContext, join_parts, place_lines, ward_code},
        stay_row::who_cell,
    },
};

pub fn table_row(row: &InpatientRow, columns: &[Column], context: &ListContext<'_>) -> Row {
    let cells = columns.iter().map(|column| cell(column, row, context)).collect();
    Row { id: row.spell.to_string(), cells }
}

fn cell(column: &Column, row: &InpatientRow, context: &ListContext<'_>) -> Cell {
    let fields = RowContext { hospital: &row.hospital, hidden: &row.hidden, protected: row.who.location_protected };
    let plan_items = |kind| fields.field_cell("needed", row.needed.as_ref(), move |items| open_items(items, kind));
    match column.name.as_str() {
        "patient" => who_cell(row, row.who.patient.died.then(|| "Died".to_owned()), context),
        "ward" => place_cell(&fields, row),
        "consultant" => consultant_cell(&fields, row),
        "admitted" => admitted_cell(&fields, row),
        "expected" => fields.field_cell("expected_discharge", row.expected_discharge.as_ref(), |expected| {
            expected_lines(expected, context.now)
        }),
        "bed" => reside_cell(&fields, row),
        "needed" => plan_items(PlanItemKind::Needed),
        "waiting" => plan_items(PlanItemKind::Waiting),
        "plan" => plan_cell(&fields, row),
        "pathway" => pathway_cell(&fields, row),
        _ => further_fields::cell(column, row, &fields),
    }
}

fn consultant_cell(fields: &RowContext<'_>, row: &InpatientRow) -> Cell {
    let named = |name, cell: Option<&_>| fields.field_part(name, cell, |one: &CodedName| vec![one.name.clone()]);
    join_parts(vec![
        ("Consultant", named("consultant", row.consultant.as_ref())),
        ("Specialty", named("specialty", row.specialty.as_ref())),
    ])
}

/// Site, ward and bed with their time; leave, and messages that disagree.
fn place_cell(fields: &RowContext<'_>, row: &InpatientRow) -> Cell {
    let at = row.place.as_ref().map(|cell| format!("as of {}", format_moment(cell.at)));
    let hospital = (!row.hospital.is_empty()).then(|| row.hospital.clone());
    let cell = fields.field_part("place", row.place.as_ref(), |place| {
        let mut lines = place_lines(place).unwrap_or_else(|| vec!["ward and bed not sent".to_owned()]);
        lines.extend(hospital.clone());
        lines.extend(at);
        lines
    });
    let code = row.place.as_ref().and_then(|cell| ward_code(&cell.value));
    let cell = cell.map(|(lines, title)| match code {
        Some(code) => (lines, format!("{title}; ward code {code}")),
        None => (lines, title),
    });
    // The hospital is known even if the ward was not sent.
    let cell = match (cell, hospital) {
        (Err(NOT_SENT), Some(hospital)) => Cell::lines(vec![hospital, format!("ward and bed {NOT_SENT}")]),
        (part, _) => join_parts(vec![("", part)]),
    };
    let silent = (row.category == ListCategory::NotHeardOf)
        .then(|| format!("Last heard of {}", format_moment(row.last_message_at)));
    let leave = row.on_leave.then(|| "On leave from the ward".to_owned());
    let disagree = row
        .disagreements
        .iter()
        .map(|one| format!("{} ({}), which disagrees and is not applied", one.words, format_moment(one.at)));
    let remarks: Vec<String> = silent.into_iter().chain(leave).chain(disagree).collect();
    cell.with_remark((!remarks.is_empty()).then(|| remarks.join(". ")))
}

/// The admission, the days so far and expected, and warnings about values that were worked out.
fn admitted_cell(fields: &RowContext<'_>, row: &InpatientRow) -> Cell {
    let since = fields.field_part("admitted", row.admitted.as_ref(), |at| vec![format_to_precision(*at)]);
    let days = match (fields.is_hidden("days"), row.admitted.is_some(), &row.expected_stay) {
        (true, _, _) | (_, false, _) => None,
        (_, _, Some(stay)) => Some(format!("{} of {} expected", so_far(row.days), days_in(stay.value.into()))),
        _ if fields.is_hidden("expected_stay") => Some(so_far(row.days)),
        _ => Some(format!("{}, expected stay {NOT_SENT}", so_far(row.days))),
    };
    let since = since.map(|(mut lines, title)| {
        lines.extend(days);
        lines.extend(row.warnings.iter().cloned());
        (lines, title)
    });
    join_parts(vec![("Admitted", since)])
}

fn so_far(days: u32) -> String {
    if days == 0 { "today, 0 days so far".to_owned() } else { format!("{} so far", days_in(days)) }
}

fn days_in(days: u32) -> String {
    format_count(usize::try_from(days).unwrap_or(usize::MAX), "day", "days")
}

/// The expected date, the date before it, and whether it has passed.
pub fn expected_lines(expected: &ExpectedDischarge, now: Timestamp) -> Vec<String> {
    let today = in_london(now).date();
    let mut lines = vec![if expected.date == today {
        format!("{}, today", format_day(expected.date))
    } else {
        format_day(expected.date)
    }];
    if expected.passed_days > 0 {
        lines.push(format!("passed {} ago, not updated", days_in(expected.passed_days)));
    }
    if let Some(was) = expected.was.filter(|was| *was != expected.date) {
        lines.push(format!("was {}", format_day(was)));
    }
    lines
}

fn reside_cell(fields: &RowContext<'_>, row: &InpatientRow) -> Cell {
    if row.reside.is_none() && !fields.is_hidden("reside") {
        return Cell::or(None, "not recorded: not sent by this hospital").with_title(Some(NOT_SENT.to_owned()));
    }
    fields.field_cell("reside", row.reside.as_ref(), |reside| vec![needs_a_bed_text(reside)])
}

/// The criteria to reside, as text.
pub fn needs_a_bed_text(reside: &Reside) -> String {
    match (reside.meets, reside.since) {
        (true, _) => "yes".to_owned(),
        (false, Some(since)) => format!("no since {}", format_day(since)),
        (false, None) => "no, start date not sent".to_owned(),
    }
}

fn open_items(items: &[PlanItem], kind: PlanItemKind) -> Vec<String> {
    let words = |item: &PlanItem| {
        let by = item.by.as_deref().filter(|by| !by.trim().is_empty()).map(ToOwned::to_owned);
        let since = item.since.map(|since| format!("since {}", format_day(since)));
        let more: Vec<String> = [by, since].into_iter().flatten().collect();
        let text = if item.text.trim().is_empty() { "not named" } else { item.text.trim() };
        if more.is_empty() { text.to_owned() } else { format!("{text} ({})", more.join(", ")) }
    };
    let lines: Vec<String> = items.iter().filter(|item| item.kind == kind && !item.done).map(words).collect();
    if lines.is_empty() { vec!["nothing recorded".to_owned()] } else { lines }
}

fn plan_cell(fields: &RowContext<'_>, row: &InpatientRow) -> Cell {
    let changed = row.plan.as_ref().map(|cell| format!("changed {}", format_moment(cell.at)));
    fields.field_cell("plan", row.plan.as_ref(), |status| {
        std::iter::once(plan_text(*status).to_owned()).chain(changed).collect()
    })
}

pub fn plan_text(status: PlanStatus) -> &'static str {
    match status {
        PlanStatus::NotStarted => "Not started",
        PlanStatus::InProgress => "In progress",
        PlanStatus::Agreed => "Agreed",
        PlanStatus::Ready => "Ready",
    }
}

/// The pathway, the destination, and a planned transfer.
fn pathway_cell(fields: &RowContext<'_>, row: &InpatientRow) -> Cell {
    let mut parts = vec![
        ("Pathway", fields.field_part("pathway", row.pathway.as_ref(), |code| vec![pathway_text(code)])),
        ("Going to", fields.field_part("going_to", row.going_to.as_ref(), |to| vec![to.clone()])),
    ];
    if row.transfer.is_some() {
        let transfer = fields.field_part("transfer", row.transfer.as_ref(), |to| vec![format!("Transfer: {to}")]);
        parts.push(("Transfer", transfer));
    }
    join_parts(parts)
}

/// The NHS England discharge pathways. Any other text is shown as sent.
fn pathway_text(code: &str) -> String {
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
