//! One document's bytes: only an entry of a record that was decided, recorded and assembled for this reader,
//! and only from its own source.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use lcr_contracts::{
    Caller, Failure, Kind as FailureKind,
    record::Detail,
    records::{DocumentContent, ViewAsk},
};
use lcr_fhir::read;
use lcr_model::Dataset;

use super::{Service, open::Opened, view};
use crate::domain::{entry, kind::Kind};

const DEADLINE: Duration = Duration::from_secs(5);

pub async fn fetch(
    service: &Service,
    caller: &Caller,
    ask: &ViewAsk,
    entry_id: &str,
) -> Result<DocumentContent, Failure> {
    let ask = ViewAsk { datasets: Some(vec![Dataset::Documents]), ..ask.clone() };
    let mut opened = service.open(caller, &ask).await?;
    let (source, kind, id) = entry::split_entry_id(entry_id).ok_or_else(Failure::not_found)?;
    let item = wait_for(&mut opened, &source, kind, id).await.ok_or_else(Failure::not_found)?;
    let record = view::whole(&mut opened, &service.completer()).await?;
    let entries = record.section(Dataset::Documents).map_or(&[][..], |section| &section.entries);
    let entry = entries.iter().find(|entry| {
        entry.id == entry_id
            || entry
                .provenance
                .iter()
                .any(|one| format!("{}~{}", one.source, one.item.replace('/', "~")) == entry_id)
    });
    // A document of which the role sees the title only is not an entry with a document in it.
    let Some(entry) = entry.filter(|entry| matches!(entry.detail, Detail::Document { .. })) else {
        return Err(Failure::not_found());
    };
    let attachment = read::at(&item, "content.0.attachment").ok_or_else(Failure::not_found)?;
    let bytes = match (read::str_at(attachment, "data"), read::str_at(attachment, "url")) {
        (Some(inline), _) => STANDARD.decode(inline).map_err(|_| unreadable())?,
        (None, Some(link)) => {
            let state = service.sources.now();
            let connector = state.connectors.get(&source).ok_or_else(Failure::not_found)?;
            connector.bytes(link, DEADLINE).await.map_err(|error| unreadable().because(error))?.to_vec()
        }
        (None, None) => return Err(Failure::not_found()),
    };
    // Fetching took its time: the choice may have been made meanwhile.
    opened.confirm().await?;
    let content_type =
        read::text(attachment, "contentType").unwrap_or_else(|| "application/octet-stream".to_owned());
    Ok(DocumentContent { title: entry.title.clone(), content_type, bytes })
}

fn unreadable() -> Failure {
    Failure::new(
        FailureKind::Unavailable,
        "The source did not give this document. Try again, or ask the service that wrote it.",
    )
}

/// Waits for the document's source, and takes the item.
async fn wait_for(
    opened: &mut Opened,
    source: &lcr_model::SourceId,
    kind: Kind,
    id: &str,
) -> Option<serde_json::Value> {
    loop {
        let answer = opened.answers.iter().find(|answer| answer.source == *source)?;
        let of_type = answer.types.get(&kind)?;
        if let Some(item) = of_type.items.iter().find(|item| item.id() == id) {
            return Some(item.value().clone());
        }
        if answer.finished() {
            return None;
        }
        let more = opened.next().await?;
        opened.take(more);
    }
}
