//! Names for medicines that a prescription only refers to (`Medication/17`). Each is read from the source once; one that
//! cannot be read leaves the medicine unnamed, and is never guessed.

use std::collections::HashMap;

use futures::{StreamExt, stream};
use lcr_fhir::{Item, has_unknown_modifier, json, read, words};
use serde_json::{Value, json as value};

use super::{fhir::Exchange, links::followed};
/// The most medicines that are read for one answer, and how many at once.
const MOST: usize = 60;
const AT_ONCE: usize = 4;

/// Said where the medicine's own record does not stand.
const WITHDRAWN: &str = "Medicine withdrawn by its source";
const CHANGED: &str = "Medicine changed by a rule we do not know";

/// Writes the names of the medicines into the references that have none.
pub async fn fill(exchange: &Exchange<'_>, items: &mut [Item]) {
    let mut links: Vec<String> = items.iter().filter_map(unnamed).map(str::to_owned).collect();
    links.sort_unstable();
    links.dedup();
    links.truncate(MOST);
    let asked = stream::iter(links).map(|link| async move {
        let name = name(exchange, &link).await;
        (link, name)
    });
    let names: HashMap<String, Option<String>> = asked.buffer_unordered(AT_ONCE).collect().await;
    for item in items {
        let name = unnamed(item).and_then(|link| names.get(link).cloned().flatten());
        if let Some(name) = name {
            let mut resource = std::mem::replace(item, Item::kept(Value::Null)).into_value();
            resource["medicationReference"]["display"] = value!(name);
            *item = Item::kept(resource);
        }
    }
}

/// The reference of an item whose medicine has no name in the item itself.
fn unnamed(item: &Item) -> Option<&str> {
    let resource = item.value();
    let link = read::str_at(resource, "medicationReference.reference")?;
    let is_named = words::reference(resource, read::at(resource, "medicationReference")?).is_some();
    (!is_named && link.contains("Medication/")).then_some(link)
}

async fn name(exchange: &Exchange<'_>, link: &str) -> Option<String> {
    let link = link.split("/_history").next().unwrap_or(link);
    // Relative or whole: never out of the source's own base.
    let url = followed(exchange.base, link.trim_start_matches('/')).ok()?;
    let medicine = json::parse(&exchange.get(&url).await.ok()?)?;
    if read::str_at(&medicine, "resourceType") != Some("Medication") {
        return None;
    }
    match () {
        () if read::str_at(&medicine, "status") == Some("entered-in-error") => Some(WITHDRAWN.to_owned()),
        () if has_unknown_modifier(&medicine) => Some(CHANGED.to_owned()),
        () => words::resource_name(&medicine),
    }
}
