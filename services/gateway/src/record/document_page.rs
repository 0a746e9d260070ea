//! The files of one entry, such as a letter or a report. Plain text is shown escaped. Every other file is a download that
//! a browser must never run, frame or guess the type of.

mod download;

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use lcr_contracts::{
    FailureKind,
    record::{Entry, File, Record},
    records_api::DocumentRequest,
};
use lcr_model::{Dataset, ViewId};
use serde::Deserialize;

use crate::{
    layout::{Layout, format::encode_query_value, html},
    record::{
        entry, marks,
        person_page::{self, Shell},
        tabs::CurrentPage,
    },
    web::{error_page::ErrorPage, session::SignedInReader},
};
use download::{DOCX, document_not_found, download_headers, is_text};

#[derive(Template)]
#[template(path = "document.html")]
struct DocumentPage {
    layout: Layout,
    shell: Shell,
    dataset: &'static str,
    back: String,
    title: String,
    marks: Vec<&'static str>,
    about: String,
    notes: Vec<String>,
    whose: String,
    files: Vec<FileView>,
}

/// Texts shown on one page. Reading each is recorded, so the rest are downloads.
const MAX_TEXTS_SHOWN: usize = 5;

/// One file: its text, a link to download it, or the reason there is neither.
struct FileView {
    name: String,
    kind: String,
    text: Option<String>,
    download: Option<String>,
    unavailable: String,
}

pub(crate) async fn viewer(
    reader: SignedInReader,
    Path((id, entry_id)): Path<(String, String)>,
) -> Result<Response, ErrorPage> {
    let person = person_page::parse_person_id(&reader, &id)?;
    let at = CurrentPage::Dataset(dataset_of(&entry_id));
    let (shell, record) = person_page::load_record(&reader, person, ViewId::new(), at).await?;
    let (dataset, entry) = find_entry(&record, &entry_id).ok_or_else(|| reader.error_page(&document_not_found()))?;
    let mut files = vec![];
    for (at, file) in entry.files.iter().enumerate() {
        files.push(file_view(&reader, &record, &entry_id, (at, file)).await?);
    }
    let page = DocumentPage {
        layout: person_page::person_layout(&reader, &shell, "Document"),
        dataset: dataset.title(),
        back: format!("/people/{}/{dataset}", record.person),
        title: entry::title(entry),
        marks: marks::entry_marks(entry),
        about: entry::text(entry),
        notes: entry.notes.clone(),
        whose: entry::source_and_date(entry),
        files,
        shell,
    };
    Ok(html(StatusCode::OK, &page))
}

/// The dataset of an entry with files, by the FHIR type in its id (`st-hildas~DiagnosticReport~1`). Asking for both would
/// be two views in the person's log.
fn dataset_of(entry_id: &str) -> Dataset {
    match entry_id.split('~').nth(1) {
        Some("DiagnosticReport" | "Observation") => Dataset::Results,
        _ => Dataset::Documents,
    }
}

async fn file_view(
    reader: &SignedInReader,
    record: &Record,
    entry_id: &str,
    (at, file): (usize, &File),
) -> Result<FileView, ErrorPage> {
    let kind = file.content_type.clone().unwrap_or_default();
    let download = format!("/people/{}/documents/{}/content?file={at}", record.person, encode_query_value(entry_id));
    let can_open = file.unavailable.is_none();
    let text = if can_open && is_text(&kind) && at < MAX_TEXTS_SHOWN {
        let ask = DocumentRequest { entry: entry_id.to_owned(), file: at };
        let records = &reader.app.deps.records;
        // Always a view of its own, because the log says which file was opened and when.
        let view = person_page::view_request(record.person, ViewId::new());
        match records.document(&reader.caller(), view, ask).await {
            Ok(content) => is_text(&content.content_type).then(|| decode_text(&content.bytes)),
            // A file that its source does not give must not hide the others.
            Err(failure) if failure.kind == FailureKind::Unavailable || failure.kind == FailureKind::NotFound => {
                return Ok(FileView { unavailable: failure.outward().to_owned(), ..FileView::of(at, file) });
            }
            Err(failure) => return Err(person_page::person_error_page(reader, record.person, &failure).await),
        }
    } else {
        None
    };
    let unavailable = file.unavailable.as_ref().map(|reason| format!("{reason}. Ask the service that wrote it."));
    let download = can_open.then_some(download);
    Ok(FileView { text, download, unavailable: unavailable.unwrap_or_default(), ..FileView::of(at, file) })
}

impl FileView {
    /// What is known about a file before it is opened.
    fn of(at: usize, file: &File) -> Self {
        let kind = file.content_type.as_deref().unwrap_or_default();
        Self {
            name: file.title.clone().unwrap_or_else(|| format!("File {}", at + 1)),
            kind: file_words(kind),
            text: None,
            download: None,
            unavailable: String::new(),
        }
    }
}

/// What a file is, in words.
fn file_words(kind: &str) -> String {
    match kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "" => "of a kind its source did not name".to_owned(),
        "text/plain" => "a text".to_owned(),
        "application/pdf" => "a PDF".to_owned(),
        "text/html" | "application/xhtml+xml" => "a web page".to_owned(),
        "application/rtf" | "text/rtf" | "application/msword" | DOCX => "a Word document".to_owned(),
        picture if picture.starts_with("image/") => "a picture".to_owned(),
        other => format!("of the kind {other}"),
    }
}

fn decode_text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() { "This document has no text in it.".into() } else { text.to_owned() }
}

/// Which file of the entry to download.
#[derive(Debug, Deserialize)]
pub(crate) struct FileQuery {
    #[serde(default)]
    file: usize,
}

pub(crate) async fn content(
    reader: SignedInReader,
    Path((id, entry)): Path<(String, String)>,
    Query(query): Query<FileQuery>,
) -> Result<Response, ErrorPage> {
    let person = person_page::parse_person_id(&reader, &id)?;
    let (ask, file) = (person_page::view_request(person, ViewId::new()), DocumentRequest { entry, file: query.file });
    let content = reader.app.deps.records.document(&reader.caller(), ask, file).await;
    let content = match content {
        Ok(content) => content,
        Err(failure) => return Err(person_page::person_error_page(&reader, person, &failure).await),
    };
    let (content_type, disposition) = download_headers(&content.content_type);
    let mut response = content.bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static(disposition));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    Ok(response)
}

fn find_entry<'a>(record: &'a Record, id: &str) -> Option<(Dataset, &'a Entry)> {
    let in_dataset = |dataset: Dataset| {
        let entry = record.section(dataset)?.entries.iter().find(|entry| entry.id == id)?;
        (!entry.files.is_empty()).then_some((dataset, entry))
    };
    record.sections.iter().find_map(|section| in_dataset(section.dataset))
}
