//! The columns and cells of each dataset's table. The last column of every table is the source with the date of its
//! last change.

use lcr_contracts::record::{Detail, Entry, Record};
use lcr_model::Dataset;

use crate::{
    layout::{
        format::{encode_query_value, format_sent_date, join_with_and},
        table::{Cell, MoreDetails, Row, Table, headings},
    },
    record::{
        coverage::Coverage,
        document_title::document_kind,
        entry::{self, format_stay, result_value, source_and_date},
        marks,
    },
};

const SOURCE_HEADING: &str = "Source, last changed";

/// The table of a dataset's entries, in the given order.
pub fn table(record: &Record, dataset: Dataset, entries: &[&Entry]) -> Table {
    let what = dataset.title().to_lowercase();
    Table {
        caption: dataset.title().to_owned(),
        note: None,
        columns: headings(&columns(dataset)),
        rows: entries.iter().map(|entry| row(record, dataset, entry)).collect(),
        empty: Coverage::of(record, dataset).empty_text(&what),
    }
}

fn columns(dataset: Dataset) -> Vec<&'static str> {
    let mut columns = match dataset {
        Dataset::Allergies => vec!["Allergy", "Reaction", "Status", "Certainty", "Recorded"],
        Dataset::Medications => {
            vec!["Medicine", "Dose, form and route", "List and status", "Reason", "Issued or changed"]
        }
        Dataset::Diagnoses => vec!["Diagnosis", "Status", "Certainty", "Onset", "Ended"],
        Dataset::Results => vec!["Test", "Result", "Collected", "Reported", "Status"],
        Dataset::Documents => vec!["Document", "Kind", "Author", "Date", "Status"],
        Dataset::Encounters => vec!["Contact", "Kind", "Where", "When", "Status"],
        _ => vec!["Item", "Details", "Date", "Status"],
    };
    columns.push(SOURCE_HEADING);
    columns
}

fn row(record: &Record, dataset: Dataset, entry: &Entry) -> Row {
    let mut cells = vec![title_cell(record, entry)];
    cells.extend(detail_cells(dataset, entry));
    cells.push(Cell::new(source_and_date(entry)).quiet());
    Row { id: entry.id.clone(), cells }
}

/// The title, with a link to a document's page or a result's series.
fn title_cell(record: &Record, entry: &Entry) -> Cell {
    let title = Cell::new(entry::title(entry))
        .with_remark(entry.remark.clone())
        .with_marks(marks::entry_marks(entry), entry.notes.clone())
        .with_more(more_details(record, entry));
    let base = format!("/people/{}", record.person);
    match &entry.detail {
        Detail::Document { .. } => title.with_link(format!("{base}/documents/{}", encode_query_value(&entry.id))),
        _ if !entry.files.is_empty() => title.with_link(format!("{base}/documents/{}", encode_query_value(&entry.id))),
        Detail::Result { series, .. } if !series.is_empty() => {
            title.with_link(format!("{base}/results?series={}", encode_query_value(series)))
        }
        _ => title,
    }
}

/// The source's other details, if it sent more or something is not shown.
fn more_details(record: &Record, entry: &Entry) -> Option<MoreDetails> {
    let says_more = !entry.more.is_empty() || !entry.left_out.is_empty();
    says_more.then(|| MoreDetails {
        about: entry::title(entry),
        lines: entry.more.clone(),
        left_out: entry.left_out.clone(),
        item_href: item_href(record, &entry.id),
    })
}

/// The page that shows an item as its source sent it.
pub fn item_href(record: &Record, id: &str) -> String {
    format!("/people/{}/items/{}", record.person, encode_query_value(id))
}

/// The cells between the title and the source.
fn detail_cells(dataset: Dataset, entry: &Entry) -> Vec<Cell> {
    let date = || Cell::or(entry.date.as_deref().map(format_sent_date), "date not recorded").nowrap();
    let status = || Cell::or(entry.status.clone(), "status not recorded");
    match (&entry.detail, dataset) {
        (Detail::Allergy { clinical, verification, reactions, severe, none_known, .. }, Dataset::Allergies) => {
            let reaction =
                if *severe { format!("{} (severe)", join_with_and(reactions)) } else { join_with_and(reactions) };
            let absent = if *none_known { "does not apply" } else { "not recorded" };
            vec![
                Cell::or(Some(reaction), absent),
                Cell::or(clinical.clone(), absent),
                Cell::or(verification.clone(), absent),
                date(),
            ]
        }
        (Detail::Medication { list, dose, route, form, reason, .. }, Dataset::Medications) => {
            let dose = dose.clone().or_else(|| Some("dose not recorded".into()));
            let how: Vec<String> = [dose, form.clone(), route.clone()].into_iter().flatten().collect();
            vec![
                Cell::or(Some(how.join(", ")), "not recorded"),
                Cell::lines([Some(list.clone()), entry.status.clone()].into_iter().flatten().collect()),
                Cell::or(reason.clone(), "not recorded"),
                date(),
            ]
        }
        (Detail::Diagnosis { clinical, certainty, ended, only_recorded }, Dataset::Diagnoses) => vec![
            Cell::or(clinical.clone(), "not recorded"),
            Cell::or(certainty.clone(), "not recorded"),
            match entry.date.as_deref().filter(|_| *only_recorded) {
                Some(recorded) => Cell::new(format!("not given; recorded {}", format_sent_date(recorded))),
                None => date(),
            },
            Cell::or(ended.as_deref().map(format_sent_date), "no end recorded"),
        ],
        (Detail::Result { reported, .. }, Dataset::Results) => vec![
            Cell::new(result_value(entry)),
            date(),
            Cell::or(reported.as_deref().map(format_sent_date), "not recorded").nowrap(),
            status(),
        ],
        (Detail::Document { document_type, author, .. }, Dataset::Documents) => {
            vec![Cell::new(document_kind(document_type)), Cell::or(author.clone(), "not recorded"), date(), status()]
        }
        (Detail::Encounter { class, place, ended, in_progress }, Dataset::Encounters) => vec![
            Cell::new(class.clone()),
            Cell::or(place.clone(), "not recorded"),
            Cell::new(format_stay(entry, ended.as_deref(), *in_progress)),
            status(),
        ],
        (_, dataset) => other_cells(dataset, entry, date(), status()),
    }
}

/// The cells of a dataset without columns of its own, or of an entry whose type does not fit its dataset.
fn other_cells(dataset: Dataset, entry: &Entry, date: Cell, status: Cell) -> Vec<Cell> {
    let details = Cell::lines(details(entry));
    match columns(dataset).len() {
        5 => vec![details, date, status],
        _ => vec![details, Cell::or(None, "not recorded"), date, status],
    }
}

/// An entry as lines of label and value.
pub fn details(entry: &Entry) -> Vec<String> {
    let label_lines =
        |pairs: &[(String, String)]| pairs.iter().map(|(label, value)| format!("{label}: {value}")).collect();
    match &entry.detail {
        Detail::Other { fields } => label_lines(fields),
        Detail::Demographics(one) => {
            let pairs = [
                ("Address", one.address.clone()),
                ("Phone", (!one.phones.is_empty()).then(|| one.phones.join(", "))),
                ("Practice", one.practice.clone()),
                ("Died", one.died.as_deref().map(format_sent_date)),
            ];
            pairs.into_iter().filter_map(|(label, value)| Some(format!("{label}: {}", value?))).collect()
        }
        _ => vec![entry::text(entry)],
    }
}
