//! Fetches one file of one entry. It must come from the entry's own source, and only after the record was decided, recorded
//! and assembled for this reader.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use lcr_contracts::{
    Caller, Failure, FailureKind,
    record::Record,
    records_api::{DocumentContent, DocumentRequest, ViewRequest},
};
use lcr_fhir::{display, read};
use serde_json::Value;

use super::{
    OpenView, Service,
    confirmation::{compute_and_record, compute_confirmed},
    item,
    view::record,
};
use crate::domain::entry::files;

const FETCH_TIMEOUT: Duration = Duration::from_secs(5);

pub async fn fetch(
    service: &Service,
    caller: &Caller,
    ask: &ViewRequest,
    wanted: &DocumentRequest,
) -> Result<DocumentContent, Failure> {
    let mut view = item::open(service, caller, ask, &wanted.entry).await?;
    let file = compute_confirmed(&mut view, true, |view| find_file(view, wanted)).await?;
    let (bytes, answered_type) = read_content(service, &file.item, &file.attachment).await?;
    // The patient may have objected while the file was fetched, so the entry is computed and confirmed again.
    let compute = |view: &OpenView| find_file(view, wanted);
    let now = compute_and_record(&service.completion_publisher(), &mut view, compute, |now| &now.record).await?;
    if now.attachment != file.attachment {
        return Err(Failure::new(FailureKind::Conflict, "This file has just changed. Open it again."));
    }
    let content_type = read::text(&now.attachment, "contentType").or(answered_type);
    Ok(DocumentContent {
        title: now.title,
        content_type: content_type.unwrap_or_else(|| "application/octet-stream".to_owned()),
        bytes,
    })
}

/// The requested file, as a record under the view's newest grant shows it.
struct EntryFile {
    record: Record,
    title: String,
    item: item::ItemMatch,
    attachment: Value,
}

fn find_file(view: &OpenView, wanted: &DocumentRequest) -> Result<EntryFile, Failure> {
    let record = record(view)?;
    let entries = record.sections.iter().flat_map(|section| &section.entries);
    // If the role may see only the title, the entry has no files.
    let mut entries = entries.filter(|entry| !entry.files.is_empty());
    let entry = entries.find(|entry| entry.id == wanted.entry).ok_or_else(file_not_found)?;
    if entry.files.get(wanted.file).is_none_or(|file| file.unavailable.is_some()) {
        return Err(file_not_found());
    }
    let (title, item) = (entry.title.clone(), item::find(view, &wanted.entry)?);
    let attachments = files::attachments(item.resource_type, item.item.value());
    let attachment = attachments.get(wanted.file).copied().cloned().ok_or_else(file_not_found)?;
    Ok(EntryFile { record, title, item, attachment })
}

fn file_not_found() -> Failure {
    Failure::new(FailureKind::NotFound, "This file is not in the record, or not any more.")
}

fn file_unavailable() -> Failure {
    Failure::new(
        FailureKind::Unavailable,
        "The source did not give this file. Try again, or ask the service that wrote it.",
    )
}

/// The bytes, and the content type if the source's answer names one.
type Content = (Vec<u8>, Option<String>);

/// Reads the file from the attachment itself, from a resource the item contains, or from a link to the source.
async fn read_content(service: &Service, found: &item::ItemMatch, attachment: &Value) -> Result<Content, Failure> {
    let link = match (read::str_at(attachment, "data"), read::str_at(attachment, "url")) {
        (Some(inline), _) => return Ok((decode(inline)?, None)),
        (None, Some(link)) => link,
        (None, None) => return Err(file_not_sent()),
    };
    if let Some(binary) = display::find_contained(found.item.value(), link) {
        return Ok((decode(read::str_at(binary, "data").unwrap_or_default())?, read::text(binary, "contentType")));
    }
    let state = service.sources.state();
    let connector = state.connectors.get(&found.source).ok_or_else(file_not_sent)?;
    let bytes =
        connector.fetch_document(link, FETCH_TIMEOUT).await.map_err(|error| file_unavailable().because(error))?;
    unwrap_binary(&bytes).unwrap_or_else(|| Ok((bytes.to_vec(), None)))
}

fn file_not_sent() -> Failure {
    Failure::new(FailureKind::NotFound, "The source sent the title of this file, and not the file.")
}

fn decode(text: &str) -> Result<Vec<u8>, Failure> {
    let plain: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD.decode(plain).map_err(|_| file_unavailable())
}

/// Unwraps a FHIR `Binary`: some servers send one around a file even when asked for the file itself.
fn unwrap_binary(bytes: &[u8]) -> Option<Result<Content, Failure>> {
    let is_json = bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    let binary: Value = is_json.then(|| serde_json::from_slice(bytes).ok()).flatten()?;
    (read::str_at(&binary, "resourceType") == Some("Binary")).then(|| {
        let data = decode(read::str_at(&binary, "data").unwrap_or_default())?;
        Ok((data, read::text(&binary, "contentType")))
    })
}
