//! Reads the names of medicines that a prescription only refers to (`Medication/17`), each once. It must never guess a name: if
//! the medicine cannot be read, it stays unnamed.

use std::collections::HashMap;

use futures::{StreamExt, stream};
use lcr_fhir::{Item, display, has_unknown_modifier, json, read};
use serde_json::json as value;

use super::{fhir_client::Exchange, links::resolve_link};
use crate::domain::prepared_item::PreparedItem;

/// Medicines read for one answer.
const MAX_MEDICINES: usize = 60;
/// Medicines read at the same time.
const CONCURRENT_READS: usize = 4;

/// Shown if the medicine's own record is entered in error.
const WITHDRAWN: &str = "Medicine withdrawn by its source";
/// Shown if the medicine's own record has an unknown modifier.
const CHANGED: &str = "Medicine changed by a rule we do not know";

/// Writes medicine names into the references that have none.
pub async fn fill_names(exchange: &Exchange<'_>, items: &mut [PreparedItem]) {
    let mut links: Vec<String> = items.iter().filter_map(|item| unnamed_link(item)).map(str::to_owned).collect();
    links.sort_unstable();
    links.dedup();
    links.truncate(MAX_MEDICINES);
    let reads = stream::iter(links).map(|link| async move {
        let name = read_name(exchange, &link).await;
        (link, name)
    });
    let names: HashMap<String, Option<String>> = reads.buffer_unordered(CONCURRENT_READS).collect().await;
    for item in items {
        let name = unnamed_link(item).and_then(|link| names.get(link).cloned().flatten());
        if let Some(name) = name {
            // The part that has arrived so far shares the resource.
            let mut resource = item.value().clone();
            resource["medicationReference"]["display"] = value!(name);
            *item = Item::from_trusted(resource).into();
        }
    }
}

/// The reference of an item whose medicine has no name in the item itself.
fn unnamed_link(item: &Item) -> Option<&str> {
    let resource = item.value();
    let link = read::str_at(resource, "medicationReference.reference")?;
    let is_named = display::reference(resource, read::at(resource, "medicationReference")?).is_some();
    (!is_named && link.contains("Medication/")).then_some(link)
}

async fn read_name(exchange: &Exchange<'_>, link: &str) -> Option<String> {
    let link = link.split("/_history").next().unwrap_or(link);
    // The link may be relative or absolute, and never leaves the source's base.
    let url = resolve_link(exchange.base, link.trim_start_matches('/')).ok()?;
    let medicine = json::parse(&exchange.get(&url).await.ok()?)?;
    if read::str_at(&medicine, "resourceType") != Some("Medication") {
        return None;
    }
    match () {
        () if read::str_at(&medicine, "status") == Some("entered-in-error") => Some(WITHDRAWN.to_owned()),
        () if has_unknown_modifier(&medicine) => Some(CHANGED.to_owned()),
        () => display::resource_name(&medicine),
    }
}
