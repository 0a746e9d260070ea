//! Redacts a restricted person's items for a reader who may not know the location. It works by a list of allowed
//! elements. The page, the stream, the FHIR answers and the files all use it. It never passes on an organisation, a
//! performer, a location, an author, a source's id or free text.

mod content;
mod table;

use std::{borrow::Cow, sync::LazyLock};

use jiff::Timestamp;
use lcr_contracts::{
    record::{DatasetReport, SourceReport},
    registry::{System, SystemSetup},
};
use lcr_fhir::{Item, read};
use lcr_model::{Dataset, OdsCode, SourceId, SourceState};
use serde_json::{Map, Value, json};

use super::{
    entry,
    item_list::{ItemList, ListInput, ListedItem, OmittedItem},
    resource_type::ResourceType,
};

/// Shown in place of words that could reveal the location.
pub const HIDDEN: &str = "Not shown: location details protected";

/// The id that stands for all sources, so that a reader sees neither their names nor their number.
const SOME_SYSTEMS: &str = "some-systems";

static ANY_SOURCE: LazyLock<System> = LazyLock::new(|| some_systems(""));
/// The demographics authority is the same for everyone, so it reveals no location.
static AUTHORITY: LazyLock<System> = LazyLock::new(|| some_systems("authority"));

fn some_systems(kind: &str) -> System {
    System {
        id: SourceId::new(SOME_SYSTEMS),
        name: "Some systems".to_owned(),
        organisation: OdsCode::new(""),
        base_url: String::new(),
        kind: kind.into(),
        authority: kind == "authority",
        discreet: false,
        datasets: std::collections::BTreeMap::new(),
        rhythm: String::new(),
        default_practice: None,
        suspended: false,
        setup: SystemSetup::default(),
        feed: None,
    }
}

/// Redacts each item of the list and replaces its id by one that does not reveal the source.
pub fn redact_list<'a>(input: &ListInput<'a>, list: ItemList<'a>) -> ItemList<'a> {
    let items = list.items.into_iter().filter_map(|one| redact_item(input, &one)).collect();
    let omitted =
        list.omitted.into_iter().map(|one| OmittedItem { source: SourceId::new(SOME_SYSTEMS), item: None, ..one });
    ItemList { items, omitted: omitted.collect(), differences: vec![] }
}

fn redact_item<'a>(input: &ListInput<'a>, listed: &ListedItem<'a>) -> Option<ListedItem<'a>> {
    let id = opaque_id(input, &entry::entry_id(&listed.system.id, listed.resource_type.as_str(), listed.item.id()));
    let item = Item::from_trusted(redact_resource(listed.resource_type, listed.item.value(), &id)?);
    let system: &System = if listed.system.authority { &AUTHORITY } else { &ANY_SOURCE };
    let mut entries = entry::read_item(listed.resource_type, &item, system, input.now).entries;
    entries.truncate(1);
    (!entries.is_empty()).then_some(ListedItem { system, item: Cow::Owned(item), entries, ..*listed })
}

/// An opaque id with only the characters that FHIR allows in an id.
fn opaque_id(input: &ListInput<'_>, id: &str) -> String {
    (input.opaque_id)(id)
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '.' })
        .take(64)
        .collect()
}

/// The resource with only its allowed elements. `None` if nothing of its type or of this item is allowed.
pub fn redact_resource(resource_type: ResourceType, value: &Value, id: &str) -> Option<Value> {
    let elements = table::elements_for(resource_type)?;
    if is_hospital_medication(resource_type, value) {
        return None;
    }
    let mut redacted = content::allowed_elements(elements, value.as_object()?);
    redacted.insert("resourceType".to_owned(), json!(resource_type.as_str()));
    redacted.insert("id".to_owned(), json!(id));
    let labels = read::list(value, "meta.security").iter().filter_map(content::privacy_label);
    let mut meta = Map::new();
    meta.insert("security".to_owned(), labels.collect());
    if let Some(updated) = read::at(value, "meta.lastUpdated").and_then(content::date) {
        meta.insert("lastUpdated".to_owned(), updated);
    }
    redacted.insert("meta".to_owned(), Value::Object(meta));
    // The results of a report are entries of their own, and the rest is free text.
    if resource_type == ResourceType::DiagnosticReport && !redacted.contains_key("conclusionCode") {
        redacted.insert("conclusion".to_owned(), json!(HIDDEN));
    }
    Some(Value::Object(redacted))
}

/// Whether any type of the dataset has allowed elements.
pub fn can_show(dataset: Dataset) -> bool {
    ResourceType::ALL
        .iter()
        .any(|resource_type| resource_type.has_dataset(dataset) && table::elements_for(*resource_type).is_some())
}

/// Whether it is a medication given in hospital or on discharge.
fn is_hospital_medication(resource_type: ResourceType, value: &Value) -> bool {
    let medicine = matches!(resource_type, ResourceType::MedicationRequest | ResourceType::MedicationStatement);
    let in_hospital = |code| read::has_code(value, "category", code);
    medicine && ["inpatient", "discharge"].into_iter().any(in_hospital)
}

/// One report in place of all sources. Each dataset has the worst state of any source, without counts, times or names.
pub fn combined_report(all: &[SourceReport], datasets: &[Dataset], now: Timestamp) -> SourceReport {
    let report = |dataset: &Dataset| {
        if !can_show(*dataset) {
            return DatasetReport::new(*dataset, SourceState::Withheld);
        }
        let of_dataset = || all.iter().flat_map(|one| &one.datasets).filter(|one| one.dataset == *dataset);
        let worst = of_dataset().min_by_key(|one| display_rank(one.state));
        let state = worst.map_or(SourceState::NotConnected, |one| one.state);
        let reason = of_dataset().find(|one| one.reason.is_some() && one.state == state).and_then(|one| one.reason);
        let answered_at = state.answered().then_some(now);
        DatasetReport { answered_at, reason, ..DatasetReport::new(*dataset, state) }
    };
    SourceReport {
        source: ANY_SOURCE.id.clone(),
        name: ANY_SOURCE.name.clone(),
        organisation: ANY_SOURCE.organisation.clone(),
        kind: ANY_SOURCE.kind.clone(),
        datasets: datasets.iter().map(report).collect(),
        warnings: vec![],
        // Either would say something of a source that must not be named.
        shares_anything: None,
        knows_person: None,
        organisation_name: None,
    }
}

/// The order in which states win: first missing answers, then data.
fn display_rank(state: SourceState) -> u8 {
    match state {
        SourceState::Asking => 0,
        SourceState::Failed => 1,
        SourceState::TimedOut => 2,
        SourceState::Stale { .. } => 3,
        SourceState::HasData => 4,
        SourceState::NoData => 5,
        SourceState::NoRecord => 6,
        SourceState::Withheld => 7,
        SourceState::OptedOut => 8,
        SourceState::NotYetOn => 9,
        SourceState::NotReceived => 10,
        SourceState::NotAgreed => 11,
        SourceState::NotConnected => 12,
    }
}

#[cfg(test)]
#[path = "location_redaction_tests.rs"]
mod tests;
