//! Which columns each dataset's table has, and what stands in them. Whose and when is always the last column.

use lcr_contracts::record::{Detail, Entry, Record};
use lcr_model::Dataset;

use super::{
    entry::{self, newest_first, stay, value, whose},
    gaps::Gaps,
    marks,
    table::{Cell, Rest, Row, Table, headings},
    words::{in_query, list, sent},
};

const WHOSE: &str = "Whose, when changed";

/// The table of a dataset's entries, newest first.
pub fn table(record: &Record, dataset: Dataset, mut entries: Vec<&Entry>) -> Table {
    newest_first(&mut entries);
    let what = dataset.title().to_lowercase();
    Table {
        caption: dataset.title().to_owned(),
        note: None,
        columns: headings(&columns(dataset)),
        rows: entries.iter().map(|entry| row(record, dataset, entry)).collect(),
        empty: Gaps::of(record, dataset).none_shown(&what),
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
    columns.push(WHOSE);
    columns
}

fn row(record: &Record, dataset: Dataset, entry: &Entry) -> Row {
    let mut cells = vec![first(record, entry)];
    cells.extend(said(dataset, entry));
    cells.push(Cell::said(whose(entry)).quiet());
    Row { id: entry.id.clone(), cells }
}

/// The title; a document leads to its page, a result to its series.
fn first(record: &Record, entry: &Entry) -> Cell {
    let title = Cell::said(entry::title(entry))
        .remarked(entry.remark.clone())
        .heeded(marks::of(entry), entry.notes.clone())
        .with_rest(rest(record, entry));
    let base = format!("/people/{}", record.person);
    match &entry.detail {
        Detail::Document { .. } => title.to(format!("{base}/documents/{}", in_query(&entry.id))),
        _ if !entry.files.is_empty() => title.to(format!("{base}/documents/{}", in_query(&entry.id))),
        Detail::Result { series, .. } if !series.is_empty() => {
            title.to(format!("{base}/results?series={}", in_query(series)))
        }
        _ => title,
    }
}

/// What else the source says, where it says more or something is not shown.
fn rest(record: &Record, entry: &Entry) -> Option<Rest> {
    let says_more = !entry.more.is_empty() || !entry.left_out.is_empty();
    says_more.then(|| Rest {
        of: entry::title(entry),
        lines: entry.more.clone(),
        left_out: entry.left_out.clone(),
        as_sent: as_sent(record, &entry.id),
    })
}

/// The page of an item as its source sent it.
pub fn as_sent(record: &Record, id: &str) -> String {
    format!("/people/{}/items/{}", record.person, in_query(id))
}

/// The cells between the title and whose it is.
fn said(dataset: Dataset, entry: &Entry) -> Vec<Cell> {
    let date = || Cell::or(entry.date.as_deref().map(sent), "date not recorded").nowrap();
    let status = || Cell::or(entry.status.clone(), "status not recorded");
    match (&entry.detail, dataset) {
        (Detail::Allergy { clinical, verification, reactions, severe, none_known }, Dataset::Allergies) => {
            let reaction = if *severe { format!("{} (severe)", list(reactions)) } else { list(reactions) };
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
                Some(recorded) => Cell::said(format!("not given; recorded {}", sent(recorded))),
                None => date(),
            },
            Cell::or(ended.as_deref().map(sent), "no end recorded"),
        ],
        (Detail::Result { reported, .. }, Dataset::Results) => vec![
            Cell::said(value(entry)),
            date(),
            Cell::or(reported.as_deref().map(sent), "not recorded").nowrap(),
            status(),
        ],
        (Detail::Document { document_type, author, .. }, Dataset::Documents) => {
            vec![
                Cell::said(document_type.clone()),
                Cell::or(author.clone(), "not recorded"),
                date(),
                status(),
            ]
        }
        (Detail::Encounter { class, place, ended, in_progress }, Dataset::Encounters) => vec![
            Cell::said(class.clone()),
            Cell::or(place.clone(), "not recorded"),
            Cell::said(stay(entry, ended.as_deref(), *in_progress)),
            status(),
        ],
        (_, dataset) => others(dataset, entry, date(), status()),
    }
}

/// A dataset without columns of its own, or an entry of another shape than its dataset's.
fn others(dataset: Dataset, entry: &Entry, date: Cell, status: Cell) -> Vec<Cell> {
    let details = Cell::lines(details(entry));
    match columns(dataset).len() {
        5 => vec![details, date, status],
        _ => vec![details, Cell::or(None, "not recorded"), date, status],
    }
}

/// Label and value lines of an entry.
pub fn details(entry: &Entry) -> Vec<String> {
    let labelled =
        |pairs: &[(String, String)]| pairs.iter().map(|(label, value)| format!("{label}: {value}")).collect();
    match &entry.detail {
        Detail::Other { fields } => labelled(fields),
        Detail::Demographics(one) => {
            let pairs = [
                ("Address", one.address.clone()),
                ("Phone", (!one.phones.is_empty()).then(|| one.phones.join(", "))),
                ("Practice", one.practice.clone()),
                ("Died", one.died.as_deref().map(sent)),
            ];
            pairs.into_iter().filter_map(|(label, value)| Some(format!("{label}: {}", value?))).collect()
        }
        _ => vec![entry::text(entry)],
    }
}
