//! In hospital now: each stay as a row, on its shelf, in the order of who leaves first or as the reader chose. A
//! disagreement is shown as one and never applied.

mod cells;

use jiff::{Timestamp, civil::Date};
use lcr_contracts::{
    spell::PlanItemKind,
    ward::{InpatientRow, Inpatients, Shelf},
};

use super::{
    columns::{Column, Key, Order, chosen, natural},
    further,
    list::Look,
    since::{Mark, Since, Times},
    walk,
};
use crate::view::{table::Table, words::moment};

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

const SHELVES: [(Shelf, &str); 5] = [
    (Shelf::Main, "In-patients"),
    (Shelf::DayCase, "Day cases"),
    (Shelf::HospitalAtHome, "In hospital at home"),
    (Shelf::CommunityBed, "In a community bed"),
    (Shelf::NotHeardOf, "Not heard of"),
];

const SILENCE: &str =
    "The hospital has sent nothing about these stays for longer than usual. They may have left.";

/// The standard columns, then those of the hospitals' own fields.
pub fn columns(rows: &[InpatientRow]) -> Vec<Column> {
    let standard = COLUMNS.map(|(name, words)| Column::standard(name, words));
    standard.into_iter().chain(further::columns(rows)).collect()
}

/// One table for each shelf that has rows: in-patients first, those not heard of last.
pub fn tables(list: &Inpatients, look: &Look<'_>) -> Vec<Table> {
    let Look { wanted, since, now, .. } = look;
    let mut rows: Vec<&InpatientRow> =
        list.rows.iter().filter(|row| wanted.inpatient(row, since, *now)).collect();
    let there_are = columns(&list.rows);
    sort(&mut rows, &wanted.order, &there_are);
    let shown = chosen(&there_are, look.settings);
    let on = |shelf| rows.iter().copied().filter(move |row: &&InpatientRow| row.shelf == shelf);
    let table = |(shelf, name): (Shelf, &str)| {
        let of_shelf: Vec<&InpatientRow> = on(shelf).collect();
        let silent = shelf == Shelf::NotHeardOf;
        (!of_shelf.is_empty()).then(|| Table {
            caption: if silent { not_heard_of(&of_shelf) } else { format!("{name} ({})", of_shelf.len()) },
            note: silent.then_some(SILENCE),
            columns: shown.iter().map(|column| column.words.clone()).collect(),
            rows: of_shelf.into_iter().map(|row| cells::row(row, &shown, look)).collect(),
            empty: String::new(),
        })
    };
    SHELVES.into_iter().filter_map(table).collect()
}

/// Since when nothing was heard of any of them.
fn not_heard_of(rows: &[&InpatientRow]) -> String {
    let latest = rows.iter().map(|row| row.last_told).max().map_or_else(|| "long ago".to_owned(), moment);
    let more = if rows.len() > 1 { " or before" } else { "" };
    format!("Not heard of since {latest}{more} ({})", rows.len())
}

/// By the column asked for, then by place. The list's own order is who leaves first.
fn sort(rows: &mut [&InpatientRow], order: &Order, there_are: &[Column]) {
    let usual = Order::by("expected");
    let order = if there_are.iter().any(|one| one.name == order.by) { order } else { &usual };
    let by: Vec<&Column> = there_are.iter().filter(|one| one.name == order.by).collect();
    let keys = |row: &InpatientRow| by.iter().find_map(|column| key(column, row));
    let place = Order::by("ward");
    rows.sort_by(|a, b| {
        let by_place = || {
            let walks = [a, b].map(|row| walk(row.place.as_ref()));
            a.hospital.cmp(&b.hospital).then_with(|| place.compare(&walks[0], &walks[1]))
        };
        order.compare(&keys(a), &keys(b)).then_with(by_place)
    });
}

/// What a row says in a column, to sort by. What a reader may not see sorts nothing.
fn key(column: &Column, row: &InpatientRow) -> Option<Key> {
    let text = |words: Option<&str>| words.map(Key::text);
    match column.name.as_str() {
        "patient" => Some(Key::text(&format!("{} {}", row.who.said.family, row.who.said.given))),
        "ward" => walk(row.place.as_ref()).map(|walk| match walk {
            Key::Text(parts) => Key::Text(natural(&row.hospital).into_iter().chain(parts).collect()),
            other @ Key::Number(_) => other,
        }),
        "consultant" => {
            text(row.consultant.as_ref().or(row.specialty.as_ref()).map(|one| one.value.name.as_str()))
        }
        "admitted" => row.admitted.as_ref().map(|cell| Key::text(&cell.value.at.to_string())),
        "expected" => leaves(row).map(|date| Key::text(&date.to_string())),
        "bed" => row.reside.as_ref().map(|cell| match (cell.value.meets, cell.value.since) {
            (true, _) => Key::text("z"),
            (false, Some(since)) => Key::text(&since.to_string()),
            (false, None) => Key::text("y"),
        }),
        "needed" => items(row, PlanItemKind::Needed),
        "waiting" => items(row, PlanItemKind::Waiting),
        "plan" => row.plan.as_ref().map(|cell| Key::text(cells::plan_words(cell.value))),
        "pathway" => text(row.pathway.as_ref().or(row.going_to.as_ref()).map(|one| one.value.as_str())),
        _ => further::key(column, row),
    }
}

/// How many things there are to do.
fn items(row: &InpatientRow, kind: PlanItemKind) -> Option<Key> {
    let items = &row.needed.as_ref()?.value;
    let open = items.iter().filter(|item| item.kind == kind && !item.done).count();
    Some(Key::Number(f64::from(u32::try_from(open).unwrap_or(u32::MAX))))
}

/// How a row stands to what was seen.
pub fn mark(row: &InpatientRow, since: &Since, now: Timestamp) -> Mark {
    let times = Times { began: row.admitted.as_ref().map(|cell| cell.value.at), newest: newest(row) };
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
    let further = row.further.iter().filter_map(|field| field.value.as_ref().map(|cell| cell.at));
    cells.into_iter().flatten().chain(further).chain(row.disagreements.iter().map(|one| one.at)).max()
}

pub(super) fn leaves(row: &InpatientRow) -> Option<Date> {
    row.expected_discharge.as_ref().map(|cell| cell.value.date)
}
