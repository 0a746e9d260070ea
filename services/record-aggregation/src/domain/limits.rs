//! What a permit's clearances leave of a dataset. A limit that is not known here leaves nothing: no is the
//! default.

mod codes;

use std::collections::HashMap;

use codes as known;
pub use codes::DOCUMENT_TYPES;
use jiff::{Span, Timestamp, civil::Date, tz::TimeZone};
use lcr_contracts::record::{Detail, Entry};
use lcr_fhir::read;
use lcr_model::{Dataset, permit::PersonGrant};

use super::{entry, listing::Listed};

/// What stands for a content that the role does not see.
const FOR_THE_ROLE: &str = "not shown to your role";

/// The codes of each entry, by its id.
pub type Codes = HashMap<String, Vec<String>>;

/// The codes of what is listed, where a limit needs them.
pub fn codes(grant: &PersonGrant, listed: &[Listed<'_>]) -> Codes {
    if grant.clearances.is_empty() {
        return Codes::new();
    }
    let codes = listed.iter().flat_map(|one| {
        let root = one.item.value();
        let inside = entry::inside(root);
        one.entries.iter().map(move |entry| {
            // An entry of what stands inside an item has its id behind `#`.
            let id = entry.id.split_once('#').map(|(_, id)| id);
            let resource = id.map_or(Some(root), |id| inside.get(id).copied());
            let codings = resource.into_iter().flat_map(|one| read::list(one, "code.coding"));
            (entry.id.clone(), codings.filter_map(|coding| read::text(coding, "code")).collect())
        })
    });
    codes.collect()
}

/// Keeps of `entries` what the limits on `dataset` allow; returns how many were left out.
pub fn apply(
    dataset: Dataset,
    grant: &PersonGrant,
    now: Timestamp,
    codes: &Codes,
    entries: &mut Vec<Entry>,
) -> u32 {
    let prefix = format!("{dataset}:");
    let before = entries.len();
    for limit in grant.clearances.iter().filter_map(|label| label.strip_prefix(&prefix)) {
        one(limit, now, codes, entries);
    }
    u32::try_from(before - entries.len()).unwrap_or(u32::MAX)
}

fn one(limit: &str, now: Timestamp, codes: &Codes, entries: &mut Vec<Entry>) {
    match limit {
        "discharge-clinic-care-plan" => {
            entries.retain(|e| is_document(e, &["discharge", "clinic", "care-plan"]));
        }
        "discharge" => entries.retain(|entry| is_document(entry, &["discharge"])),
        "latest-discharge" => {
            entries.retain(|entry| is_document(entry, &["discharge"]));
            entries.sort_by(|a, b| b.date.cmp(&a.date));
            entries.truncate(1);
        }
        "titles" => entries.iter_mut().for_each(kind_only),
        "flag" => entries.iter_mut().for_each(title_only),
        "12-months" => {
            let since = year_before(now);
            // Somebody who is still there is there now, whenever they came.
            entries
                .retain(|entry| goes_on(entry) || entry.date.as_deref().is_some_and(|date| *date >= *since));
        }
        "dates" => entries.iter_mut().for_each(dates_only),
        // A report holds more than its title names: its results stand by themselves.
        "renal-liver-inr" => entries.retain(|entry| {
            !is_report(entry)
                && is_one_of(entry, codes, &known::RENAL_LIVER_INR, &known::RENAL_LIVER_INR_NAMES)
        }),
        "functional" => {
            entries.retain(|entry| is_one_of(entry, codes, &known::FUNCTIONAL, &known::FUNCTIONAL_NAMES));
        }
        "services" => entries.iter_mut().for_each(services_only),
        _ => entries.clear(),
    }
}

/// Whether an entry has one of the codes; one without any code, whether it is called exactly so.
fn is_one_of(entry: &Entry, codes: &Codes, known: &[&str], names: &[&str]) -> bool {
    match codes.get(&entry.id) {
        Some(codes) if !codes.is_empty() => codes.iter().any(|code| known.contains(&code.as_str())),
        _ => names.contains(&entry.title.trim().to_lowercase().as_str()),
    }
}

fn is_report(entry: &Entry) -> bool {
    matches!(&entry.detail, Detail::Result { report: Some(_), .. })
}

fn is_document(entry: &Entry, kinds: &[&str]) -> bool {
    matches!(&entry.detail, Detail::Document { document_type, .. } if kinds.contains(&document_type.as_str()))
}

fn goes_on(entry: &Entry) -> bool {
    matches!(&entry.detail, Detail::Encounter { in_progress: true, .. })
}

/// Of what kind it is and when. Its title is its writer's words, and may say what a role that does not read it must not know.
fn kind_only(entry: &mut Entry) {
    let kind = match &entry.detail {
        Detail::Document { document_type, .. } => match document_type.as_str() {
            "discharge" => "Discharge letter",
            "clinic" => "Clinic letter",
            "care-plan" => "Care plan",
            _ => "Letter or document",
        },
        Detail::Encounter { .. } => "Contact with a service",
        _ => "Referral",
    };
    kind.clone_into(&mut entry.title);
    entry.provenance.iter_mut().for_each(|one| one.says = None);
    title_only(entry);
}

fn title_only(entry: &mut Entry) {
    without_rest(entry);
    entry.stay = None;
    entry.detail = Detail::Other { fields: vec![("Content".to_owned(), FOR_THE_ROLE.to_owned())] };
}

/// Whatever stands beside the main fields: comments, further lines, files.
fn without_rest(entry: &mut Entry) {
    entry.links.clear();
    entry.notes.clear();
    entry.more.clear();
    entry.left_out.clear();
    entry.files.clear();
    if let Some(stay) = &mut entry.stay {
        stay.destination = None;
        stay.warnings.clear();
    }
}

fn dates_only(entry: &mut Entry) {
    without_rest(entry);
    if let Detail::Encounter { class, .. } = &entry.detail {
        entry.title.clone_from(class);
    }
}

/// Key worker, services, package: not the case itself.
fn services_only(entry: &mut Entry) {
    without_rest(entry);
    if let Detail::Other { fields } = &mut entry.detail {
        fields.retain(|(label, _)| matches!(label.as_str(), "Plan" | "By" | "Until"));
    }
}

fn year_before(now: Timestamp) -> String {
    let today: Date = now.to_zoned(TimeZone::UTC).date();
    today.checked_sub(Span::new().years(1)).unwrap_or(today).to_string()
}
