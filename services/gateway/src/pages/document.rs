//! The files of one entry under the banner: a letter, a report. Plain text is shown, escaped; every other kind is a
//! download that a browser may not run, frame or guess the type of.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use lcr_contracts::{
    Failure, Kind,
    record::{Entry, File, Record},
    records::DocumentAsk,
};
use lcr_model::{Dataset, ViewId};
use serde::Deserialize;

use super::person::{self, Shell};
use crate::{
    page::{Frame, html},
    session::SignedInReader,
    trouble::Trouble,
    view::{entry, marks, tabs::At, words::in_query},
};

#[derive(Template)]
#[template(path = "document.html")]
struct DocumentPage {
    frame: Frame,
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

/// How many texts of one entry are shown on its page; each is a view of its own. The others are downloads.
const SHOWN: usize = 5;

/// One file: its text where it is plain text, else the way to it, else why there is none.
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
) -> Result<Response, Trouble> {
    let person = person::person(&reader, &id)?;
    // A view of its own, never one named in a URL: opening a document is an entry on the log.
    let view = ViewId::new();
    let (shell, record) = person::whole(&reader, person, view, At::Dataset(Dataset::Documents)).await?;
    let (dataset, entry) = found(&record, &entry_id).ok_or_else(|| reader.fails(&gone()))?;
    let mut files = vec![];
    for (at, file) in entry.files.iter().enumerate() {
        files.push(file_view(&reader, &record, view, &entry_id, (at, file)).await?);
    }
    let page = DocumentPage {
        frame: person::frame(&reader, &shell, "Document"),
        dataset: dataset.title(),
        back: format!("/people/{}/{dataset}", record.person),
        title: entry::title(entry),
        marks: marks::of(entry),
        about: entry::text(entry),
        notes: entry.notes.clone(),
        whose: entry::whose(entry),
        files,
        shell,
    };
    Ok(html(StatusCode::OK, &page))
}

async fn file_view(
    reader: &SignedInReader,
    record: &Record,
    view: ViewId,
    entry_id: &str,
    (at, file): (usize, &File),
) -> Result<FileView, Trouble> {
    let kind = file.content_type.clone().unwrap_or_default();
    let download = format!("/people/{}/documents/{}/content?file={at}", record.person, in_query(entry_id));
    let can_open = file.unavailable.is_none();
    let text = if can_open && is_text(&kind) && at < SHOWN {
        let ask = DocumentAsk { entry: entry_id.to_owned(), file: at };
        let records = &reader.app.deps.records;
        match records.document(&reader.caller(), person::ask(record.person, view), ask).await {
            Ok(content) => is_text(&content.content_type).then(|| shown_text(&content.bytes)),
            // One file that its source does not give costs no other.
            Err(failure) if failure.kind == Kind::Unavailable || failure.kind == Kind::NotFound => {
                return Ok(FileView { unavailable: failure.outward().to_owned(), ..FileView::of(at, file) });
            }
            Err(failure) => return Err(person::fails(reader, record.person, &failure)),
        }
    } else {
        None
    };
    let unavailable = file.unavailable.as_ref().map(|why| format!("{why}. Ask the service that wrote it."));
    let download = can_open.then_some(download);
    Ok(FileView { text, download, unavailable: unavailable.unwrap_or_default(), ..FileView::of(at, file) })
}

impl FileView {
    /// What is known of a file before it is opened.
    fn of(at: usize, file: &File) -> Self {
        let kind = file.content_type.as_deref().unwrap_or_default();
        Self {
            name: file.title.clone().unwrap_or_else(|| format!("File {}", at + 1)),
            kind: if kind.is_empty() {
                "of a kind its source did not name".into()
            } else {
                format!("of the kind {kind}")
            },
            text: None,
            download: None,
            unavailable: String::new(),
        }
    }
}

fn shown_text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() { "This document has no text in it.".into() } else { text.to_owned() }
}

/// Which file of the entry.
#[derive(Debug, Deserialize)]
pub(crate) struct Which {
    #[serde(default)]
    file: usize,
}

pub(crate) async fn content(
    reader: SignedInReader,
    Path((id, entry)): Path<(String, String)>,
    Query(which): Query<Which>,
) -> Result<Response, Trouble> {
    let person = person::person(&reader, &id)?;
    let (ask, file) = (person::ask(person, ViewId::new()), DocumentAsk { entry, file: which.file });
    let content = reader.app.deps.records.document(&reader.caller(), ask, file).await;
    let content = content.map_err(|failure| person::fails(&reader, person, &failure))?;
    let (kind, name) = download(&content.content_type);
    let mut response = content.bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static(name));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    Ok(response)
}

fn gone() -> Failure {
    Failure::new(Kind::NotFound, "This document is not in the record any more.")
}

fn found<'a>(record: &'a Record, id: &str) -> Option<(Dataset, &'a Entry)> {
    let of = |dataset: Dataset| {
        let entry = record.section(dataset)?.entries.iter().find(|entry| entry.id == id)?;
        (!entry.files.is_empty()).then_some((dataset, entry))
    };
    record.sections.iter().find_map(|section| of(section.dataset))
}

fn is_text(kind: &str) -> bool {
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/plain"))
}

/// The type and file name of a download, from a closed list: neither is the source's to choose. A page of HTML is given
/// as text, so that nothing in it runs.
fn download(kind: &str) -> (&'static str, &'static str) {
    match kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "application/pdf" => ("application/pdf", "attachment; filename=\"document.pdf\""),
        "text/plain" => ("text/plain; charset=utf-8", "attachment; filename=\"document.txt\""),
        "text/html" | "application/xhtml+xml" => {
            ("text/plain; charset=utf-8", "attachment; filename=\"document.html.txt\"")
        }
        "text/xml" | "application/xml" => {
            ("text/plain; charset=utf-8", "attachment; filename=\"document.xml.txt\"")
        }
        "image/jpeg" => ("image/jpeg", "attachment; filename=\"document.jpg\""),
        "image/png" => ("image/png", "attachment; filename=\"document.png\""),
        "image/gif" => ("image/gif", "attachment; filename=\"document.gif\""),
        "image/tiff" => ("image/tiff", "attachment; filename=\"document.tiff\""),
        "application/rtf" | "text/rtf" => ("application/rtf", "attachment; filename=\"document.rtf\""),
        "application/msword" => ("application/msword", "attachment; filename=\"document.doc\""),
        WORD => (WORD, "attachment; filename=\"document.docx\""),
        _ => ("application/octet-stream", "attachment; filename=\"document.bin\""),
    }
}

const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
