//! The list of in-patients: one table per category, ordered by expected discharge or as the reader chose. A field on
//! which messages disagree must be shown as a disagreement and must not change the row.

mod cells;

use lcr_contracts::{
    spell::PlanItemKind,
    ward::{InpatientRow, Inpatients, ListCategory},
};

use crate::{
    layout::{format::format_moment, table::Table},
    ward::{
        columns::{Column, Order, SortKey, chosen_columns, split_numbers},
        filters::expected_discharge_date,
        further_fields,
        list_context::ListContext,
        row_context::place_sort_key,
    },
};

const COLUMNS: [(&str, &str); 10] = [
    ("patient", "Patient"),
    ("ward", "Where"),
    ("consultant", "Consultant and specialty"),
    ("admitted", "Admitted"),
    ("expected", "Expected to leave"),
    ("bed", "Needs a hospital bed?"),
    ("needed", "Still needed"),
    ("waiting", "Waiting for"),
    ("plan", "Plan"),
    ("pathway", "Pathway and going to"),
];

const CATEGORIES: [(ListCategory, &str); 6] = [
    (ListCategory::Emergency, "In the emergency department"),
    (ListCategory::Main, "In-patients"),
    (ListCategory::DayCase, "Day cases"),
    (ListCategory::HospitalAtHome, "In hospital at home"),
    (ListCategory::CommunityBed, "In a community bed"),
    (ListCategory::NotHeardOf, "Not heard of"),
];

const NOT_HEARD_OF_NOTE: &str =
    "The hospital has sent nothing about these stays for longer than usual. They may have left.";

/// The standard columns, then the columns of the hospitals' own fields.
pub fn columns(rows: &[InpatientRow]) -> Vec<Column> {
    let standard = COLUMNS.map(|(name, words)| Column::standard(name, words));
    standard.into_iter().chain(further_fields::columns(rows)).collect()
}

/// One table per category that has rows: in-patients first, silent stays last.
pub fn tables(list: &Inpatients, context: &ListContext<'_>) -> Vec<Table> {
    let ListContext { options, baseline, now, .. } = context;
    let mut rows: Vec<&InpatientRow> = list.rows.iter().filter(|row| options.matches(*row, baseline, *now)).collect();
    let available = columns(&list.rows);
    sort(&mut rows, &options.order, &available);
    let shown = chosen_columns(&available, context.settings);
    let table = |(category, name): (ListCategory, &str)| {
        let members: Vec<&InpatientRow> = rows.iter().copied().filter(|row| row.category == category).collect();
        let silent = category == ListCategory::NotHeardOf;
        (!members.is_empty()).then(|| Table {
            caption: if silent { not_heard_of_caption(&members) } else { format!("{name} ({})", members.len()) },
            note: silent.then_some(NOT_HEARD_OF_NOTE),
            columns: shown.iter().map(|column| column.heading.clone()).collect(),
            rows: members.into_iter().map(|row| cells::table_row(row, &shown, context)).collect(),
            empty: String::new(),
        })
    };
    CATEGORIES.into_iter().filter_map(table).collect()
}

/// The caption of the silent stays: the time of the last message about any of them.
fn not_heard_of_caption(rows: &[&InpatientRow]) -> String {
    let latest = rows.iter().map(|row| row.last_message_at).max().map_or_else(|| "long ago".to_owned(), format_moment);
    let more = if rows.len() > 1 { " or before" } else { "" };
    format!("Not heard of since {latest}{more} ({})", rows.len())
}

/// Sorts by the chosen column, else by expected discharge, and then by place.
fn sort(rows: &mut [&InpatientRow], order: &Order, available: &[Column]) {
    let own_order = Order::ascending("expected");
    let order = if available.iter().any(|one| one.name == order.column) { order } else { &own_order };
    let sorted_by: Vec<&Column> = available.iter().filter(|one| one.name == order.column).collect();
    let row_key = |row: &InpatientRow| sorted_by.iter().find_map(|column| sort_key(column, row));
    let place_order = Order::ascending("ward");
    rows.sort_by(|a, b| {
        let by_place = || {
            let places = [a, b].map(|row| place_sort_key(row.place.as_ref()));
            a.hospital.cmp(&b.hospital).then_with(|| place_order.compare(&places[0], &places[1]))
        };
        order.compare(&row_key(a), &row_key(b)).then_with(by_place)
    });
}

/// A row's value in a column. A hidden field has none, so the order cannot reveal it.
fn sort_key(column: &Column, row: &InpatientRow) -> Option<SortKey> {
    let text = |words: Option<&str>| words.map(SortKey::text);
    match column.name.as_str() {
        "patient" => Some(SortKey::text(&format!("{} {}", row.who.patient.family, row.who.patient.given))),
        "ward" => place_sort_key(row.place.as_ref()).map(|place| match place {
            SortKey::Text(parts) => SortKey::Text(split_numbers(&row.hospital).into_iter().chain(parts).collect()),
            other @ SortKey::Number(_) => other,
        }),
        "consultant" => text(row.consultant.as_ref().or(row.specialty.as_ref()).map(|one| one.value.name.as_str())),
        "admitted" => row.admitted.as_ref().map(|cell| SortKey::text(&cell.value.at.to_string())),
        "expected" => expected_discharge_date(row).map(|date| SortKey::text(&date.to_string())),
        "bed" => row.reside.as_ref().map(|cell| match (cell.value.meets, cell.value.since) {
            (true, _) => SortKey::text("z"),
            (false, Some(since)) => SortKey::text(&since.to_string()),
            (false, None) => SortKey::text("y"),
        }),
        "needed" => open_items_key(row, PlanItemKind::Needed),
        "waiting" => open_items_key(row, PlanItemKind::Waiting),
        "plan" => row.plan.as_ref().map(|cell| SortKey::text(cells::plan_text(cell.value))),
        "pathway" => text(row.pathway.as_ref().or(row.going_to.as_ref()).map(|one| one.value.as_str())),
        _ => further_fields::sort_key(column, row),
    }
}

/// The number of open items of the discharge plan.
fn open_items_key(row: &InpatientRow, kind: PlanItemKind) -> Option<SortKey> {
    let items = &row.needed.as_ref()?.value;
    let open = items.iter().filter(|item| item.kind == kind && !item.done).count();
    Some(SortKey::Number(f64::from(u32::try_from(open).unwrap_or(u32::MAX))))
}
