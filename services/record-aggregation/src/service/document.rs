//! One file of one entry: only of a record that was decided, recorded and assembled for this reader, and only from the
//! entry's own source.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use lcr_contracts::{
    Caller, Failure, Kind as FailureKind,
    record::Record,
    records::{DocumentAsk, DocumentContent, ViewAsk},
};
use lcr_fhir::{read, words};
use serde_json::Value;

use super::{
    Opened, Service, item,
    standing::{shown, standing},
    view::record,
};
use crate::domain::entry::files;

const DEADLINE: Duration = Duration::from_secs(5);

pub async fn fetch(
    service: &Service,
    caller: &Caller,
    ask: &ViewAsk,
    wanted: &DocumentAsk,
) -> Result<DocumentContent, Failure> {
    let mut opened = item::open(service, caller, ask, &wanted.entry).await?;
    let chosen = standing(&mut opened, true, |opened| choose(opened, wanted)).await?;
    let (bytes, answered_type) = content(service, &chosen.found, &chosen.attachment).await?;
    // Fetching took its time: a choice may have been made meanwhile. What may leave is computed again.
    let compute = |opened: &Opened| choose(opened, wanted);
    let now = shown(&service.completer(), &mut opened, compute, |now| &now.record).await?;
    if now.attachment != chosen.attachment {
        return Err(Failure::new(FailureKind::Conflict, "This file has just changed. Open it again."));
    }
    let content_type = read::text(&now.attachment, "contentType").or(answered_type);
    Ok(DocumentContent {
        title: now.title,
        content_type: content_type.unwrap_or_else(|| "application/octet-stream".to_owned()),
        bytes,
    })
}

/// The file that was asked for, as a record under the view's newest grant shows it.
struct Chosen {
    record: Record,
    title: String,
    found: item::Found,
    attachment: Value,
}

fn choose(opened: &Opened, wanted: &DocumentAsk) -> Result<Chosen, Failure> {
    let record = record(opened)?;
    let entries = record.sections.iter().flat_map(|section| &section.entries);
    // An entry of which the role sees the title only has no files.
    let mut entries = entries.filter(|entry| !entry.files.is_empty());
    let entry = entries.find(|entry| entry.id == wanted.entry).ok_or_else(no_file)?;
    if entry.files.get(wanted.file).is_none_or(|file| file.unavailable.is_some()) {
        return Err(no_file());
    }
    let (title, found) = (entry.title.clone(), item::find(opened, &wanted.entry)?);
    let attachments = files::attachments(found.kind, &found.item);
    let attachment = attachments.get(wanted.file).copied().cloned().ok_or_else(no_file)?;
    Ok(Chosen { record, title, found, attachment })
}

fn no_file() -> Failure {
    Failure::new(FailureKind::NotFound, "This file is not in the record, or not any more.")
}

fn unreadable() -> Failure {
    Failure::new(
        FailureKind::Unavailable,
        "The source did not give this file. Try again, or ask the service that wrote it.",
    )
}

/// Bytes, and their type where only the answer says it.
type Content = (Vec<u8>, Option<String>);

/// The bytes: inline, contained in the item, or behind a link under the source's own address; and their type where only
/// the answer says it.
async fn content(service: &Service, found: &item::Found, attachment: &Value) -> Result<Content, Failure> {
    let link = match (read::str_at(attachment, "data"), read::str_at(attachment, "url")) {
        (Some(inline), _) => return Ok((decode(inline)?, None)),
        (None, Some(link)) => link,
        (None, None) => return Err(not_sent()),
    };
    if let Some(binary) = words::contained(&found.item, link) {
        return Ok((
            decode(read::str_at(binary, "data").unwrap_or_default())?,
            read::text(binary, "contentType"),
        ));
    }
    let state = service.sources.now();
    let connector = state.connectors.get(&found.source).ok_or_else(not_sent)?;
    let bytes = connector.bytes(link, DEADLINE).await.map_err(|error| unreadable().because(error))?;
    out_of_binary(&bytes).unwrap_or_else(|| Ok((bytes.to_vec(), None)))
}

fn not_sent() -> Failure {
    Failure::new(FailureKind::NotFound, "The source sent the title of this file, and not the file.")
}

fn decode(text: &str) -> Result<Vec<u8>, Failure> {
    let plain: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD.decode(plain).map_err(|_| unreadable())
}

/// Some servers answer with the FHIR `Binary` around a file, whatever they were asked for.
fn out_of_binary(bytes: &[u8]) -> Option<Result<Content, Failure>> {
    let is_json = bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    let binary: Value = is_json.then(|| serde_json::from_slice(bytes).ok()).flatten()?;
    (read::str_at(&binary, "resourceType") == Some("Binary")).then(|| {
        let data = decode(read::str_at(&binary, "data").unwrap_or_default())?;
        Ok((data, read::text(&binary, "contentType")))
    })
}
