//! A restricted person before a reader who may not know where they are: what of each item may leave. It is a list of what
//! is allowed, so that an element nobody thought of stays here. Every door shows items that went through this module, and
//! no other: the page, the stream, the FHIR answers and the files. It never passes on an organisation, a performer, a
//! location, an author, an id of a source or free text.

mod content;
mod table;

use std::{borrow::Cow, sync::LazyLock};

use jiff::Timestamp;
use lcr_contracts::{
    identity::System,
    record::{DatasetReport, SourceReport},
};
use lcr_fhir::{Item, read};
use lcr_model::{Dataset, OdsCode, SourceId, SourceState};
use serde_json::{Map, Value, json};

use super::{
    entry,
    kind::Kind,
    listing::{List, Listed, Listing, Omitted},
};

/// Said in place of words that could tell where the person is.
pub const HIDDEN: &str = "Not shown: location details protected";

/// What stands for all sources: the reader is told neither which they are nor how many.
const SOME_SYSTEMS: &str = "some-systems";

static SOURCES: LazyLock<System> = LazyLock::new(|| some_systems(""));
/// The demographics authority is the same for everybody and tells nothing of where somebody is.
static AUTHORITY: LazyLock<System> = LazyLock::new(|| some_systems("authority"));

fn some_systems(kind: &str) -> System {
    System {
        id: SourceId::new(SOME_SYSTEMS),
        name: "Some systems".to_owned(),
        organisation: OdsCode::new(""),
        base_url: String::new(),
        kind: kind.to_owned(),
        authority: kind == "authority",
        discreet: false,
        datasets: std::collections::BTreeMap::new(),
        rhythm: String::new(),
        default_practice: None,
        suspended: false,
        feed: None,
    }
}

/// The list with what may leave of each item, under ids that tell nothing of their source.
pub fn list<'a>(of: &Listing<'a>, whole: List<'a>) -> List<'a> {
    let listed = whole.listed.into_iter().filter_map(|one| item(of, &one)).collect();
    let omitted = whole.omitted.into_iter().map(|one| Omitted {
        source: SourceId::new(SOME_SYSTEMS),
        item: None,
        ..one
    });
    List { listed, omitted: omitted.collect(), differences: vec![] }
}

fn item<'a>(of: &Listing<'a>, one: &Listed<'a>) -> Option<Listed<'a>> {
    let id = opaque_id(of, &entry::entry_id(&one.system.id, one.kind.fhir(), one.item.id()));
    let item = Item::kept(resource(one.kind, one.item.value(), &id)?);
    let system: &System = if one.system.authority { &AUTHORITY } else { &SOURCES };
    let mut entries = entry::read_item(one.kind, &item, system, of.now).entries;
    entries.truncate(1);
    (!entries.is_empty()).then_some(Listed { system, item: Cow::Owned(item), entries, ..*one })
}

/// An id within FHIR's letters, digits, dots and dashes that nobody can work out from a source's own.
fn opaque_id(of: &Listing<'_>, id: &str) -> String {
    (of.opaque)(id)
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '.' })
        .take(64)
        .collect()
}

/// The resource with the allowed elements alone; `None` where nothing of its type, or of this item, may leave.
pub fn resource(kind: Kind, value: &Value, id: &str) -> Option<Value> {
    let elements = table::of(kind)?;
    if tells_of_a_stay(kind, value) {
        return None;
    }
    let mut kept = content::elements(elements, value.as_object()?);
    kept.insert("resourceType".to_owned(), json!(kind.fhir()));
    kept.insert("id".to_owned(), json!(id));
    let labels = read::list(value, "meta.security").iter().filter_map(content::label);
    let mut meta = Map::new();
    meta.insert("security".to_owned(), labels.collect());
    if let Some(updated) = read::at(value, "meta.lastUpdated").and_then(content::date) {
        meta.insert("lastUpdated".to_owned(), updated);
    }
    kept.insert("meta".to_owned(), Value::Object(meta));
    // Its results are entries of their own: what it says beside them is prose.
    if kind == Kind::DiagnosticReport && !kept.contains_key("conclusionCode") {
        kept.insert("conclusion".to_owned(), json!(HIDDEN));
    }
    Some(Value::Object(kept))
}

/// Whether anything of a dataset may leave at all.
pub fn gives(dataset: Dataset) -> bool {
    Kind::ALL.iter().any(|kind| kind.serves(dataset) && table::of(*kind).is_some())
}

/// Whether a medicine is given in hospital or was given on leaving one.
fn tells_of_a_stay(kind: Kind, value: &Value) -> bool {
    let medicine = matches!(kind, Kind::MedicationRequest | Kind::MedicationStatement);
    let in_hospital = |code| read::has_code(value, "category", code);
    medicine && ["inpatient", "discharge"].into_iter().any(in_hospital)
}

/// One report in place of the list of sources: of each dataset the state of the source that is worst off, without counts,
/// times or names.
pub fn sources(all: &[SourceReport], datasets: &[Dataset], now: Timestamp) -> SourceReport {
    let report = |dataset: &Dataset| {
        if !gives(*dataset) {
            return DatasetReport::new(*dataset, SourceState::Withheld);
        }
        let of_dataset = || all.iter().flat_map(|one| &one.datasets).filter(|one| one.dataset == *dataset);
        let worst = of_dataset().min_by_key(|one| rank(one.state));
        let state = worst.map_or(SourceState::NotConnected, |one| one.state);
        let reason =
            of_dataset().find(|one| one.reason.is_some() && one.state == state).and_then(|one| one.reason);
        let answered_at = state.answered().then_some(now);
        DatasetReport { answered_at, reason, ..DatasetReport::new(*dataset, state) }
    };
    SourceReport {
        source: SOURCES.id.clone(),
        name: SOURCES.name.clone(),
        organisation: SOURCES.organisation.clone(),
        kind: SOURCES.kind.clone(),
        datasets: datasets.iter().map(report).collect(),
        warnings: vec![],
    }
}

/// What a reader must know first comes first: that something is still missing, then that there is something.
fn rank(state: SourceState) -> u8 {
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
        SourceState::NotAgreed => 9,
        SourceState::NotConnected => 10,
    }
}

#[cfg(test)]
#[path = "without_location_tests.rs"]
mod tests;
