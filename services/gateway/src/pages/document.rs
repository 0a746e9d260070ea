//! One document under the banner. Plain text is shown, escaped; every other kind is a download that a
//! browser may not run, frame or guess the type of.

use askama::Template;
use axum::{
    extract::Path,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use lcr_contracts::{
    Failure,
    record::{Detail, Entry, Record},
};
use lcr_model::{Dataset, ViewId};

use super::person::{self, Shell};
use crate::{
    page::{Frame, html},
    session::SignedInReader,
    trouble::Trouble,
    view::{entry, tabs::At, words::in_query},
};

#[derive(Template)]
#[template(path = "document.html")]
struct DocumentPage {
    frame: Frame,
    shell: Shell,
    title: String,
    about: String,
    whose: String,
    /// The text, where it is plain text.
    text: Option<String>,
    kind: String,
    download: String,
}

pub(crate) async fn viewer(
    reader: SignedInReader,
    Path((id, entry_id)): Path<(String, String)>,
) -> Result<Response, Trouble> {
    let person = person::person(&reader, &id)?;
    // A view of its own, never one named in a URL: opening a document is an entry on the log.
    let view = ViewId::new();
    let (shell, record) = person::whole(&reader, person, view, At::Dataset(Dataset::Documents)).await?;
    let entry = found(&record, &entry_id).ok_or_else(|| reader.fails(&gone()))?;
    let kind = content_type(entry);
    let text = if is_text(&kind) {
        let ask = person::ask(record.person, view);
        let content = reader.app.deps.records.document(&reader.caller(), ask, &entry_id).await;
        let content = content.map_err(|failure| person::fails(&reader, record.person, &failure))?;
        is_text(&content.content_type).then(|| String::from_utf8_lossy(&content.bytes).into_owned())
    } else {
        None
    };
    let page = DocumentPage {
        frame: person::frame(&reader, &shell, "Document"),
        title: entry::title(entry),
        about: entry::text(entry),
        whose: entry::whose(entry),
        text: text.map(
            |text| if text.trim().is_empty() { "This document has no text in it.".into() } else { text },
        ),
        kind: if kind.is_empty() {
            "of a kind its source did not name".into()
        } else {
            format!("of the kind {kind}")
        },
        download: format!("/people/{}/documents/{}/content", record.person, in_query(&entry_id)),
        shell,
    };
    Ok(html(StatusCode::OK, &page))
}

pub(crate) async fn content(
    reader: SignedInReader,
    Path((id, entry_id)): Path<(String, String)>,
) -> Result<Response, Trouble> {
    let person = person::person(&reader, &id)?;
    let ask = person::ask(person, ViewId::new());
    let content = reader.app.deps.records.document(&reader.caller(), ask, &entry_id).await;
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
    Failure::new(lcr_contracts::Kind::NotFound, "This document is not in the record any more.")
}

fn found<'a>(record: &'a Record, id: &str) -> Option<&'a Entry> {
    record.section(Dataset::Documents)?.entries.iter().find(|entry| entry.id == id)
}

fn content_type(entry: &Entry) -> String {
    match &entry.detail {
        Detail::Document { content_type: Some(kind), .. } => kind.clone(),
        _ => String::new(),
    }
}

fn is_text(kind: &str) -> bool {
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/plain"))
}

/// The type and file name of a download, from a closed list: neither is the source's to choose.
fn download(kind: &str) -> (&'static str, &'static str) {
    match kind.split(';').next().unwrap_or_default().trim() {
        "application/pdf" => ("application/pdf", "attachment; filename=\"document.pdf\""),
        "text/plain" => ("text/plain; charset=utf-8", "attachment; filename=\"document.txt\""),
        "image/jpeg" => ("image/jpeg", "attachment; filename=\"document.jpg\""),
        "image/png" => ("image/png", "attachment; filename=\"document.png\""),
        "image/tiff" => ("image/tiff", "attachment; filename=\"document.tiff\""),
        _ => ("application/octet-stream", "attachment; filename=\"document.bin\""),
    }
}
