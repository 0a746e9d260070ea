//! Applies a permit's clearances to the entries of a dataset. A limit that is not known here removes every entry.

mod codes;

use std::collections::HashMap;

pub use codes::DOCUMENT_TYPES;
use jiff::{Span, Timestamp, civil::Date, tz::TimeZone};
use lcr_contracts::record::{Detail, Entry};
use lcr_fhir::read;
use lcr_model::{Clearance, Dataset, permit::PersonGrant};

use super::{entry, item_list::ListedItem};

/// Shown in place of content that the role may not see.
const NOT_FOR_THE_ROLE: &str = "not shown to your role";

/// The codes of each entry, by its id.
pub type EntryCodes = HashMap<String, Vec<String>>;

/// The codes of all entries. Empty if the grant has no limit that looks at them.
pub fn entry_codes(grant: &PersonGrant, items: &[ListedItem<'_>]) -> EntryCodes {
    let by_code = |limit: &Clearance| matches!(limit, Clearance::ResultsRenalLiverInr | Clearance::DiagnosesFunctional);
    if !grant.clearances.iter().any(by_code) {
        return EntryCodes::new();
    }
    let codes = items.iter().flat_map(|listed| {
        let root = listed.item.value();
        let inside = entry::contained_resources(root);
        listed.entries.iter().map(move |entry| {
            // The id of a contained resource follows `#`.
            let id = entry.id.split_once('#').map(|(_, id)| id);
            let resource = id.map_or(Some(root), |id| inside.get(id).copied());
            let codings = resource.into_iter().flat_map(|one| read::list(one, "code.coding"));
            (entry.id.clone(), codings.filter_map(|coding| read::text(coding, "code")).collect())
        })
    });
    codes.collect()
}

/// Removes the entries that the limits on `dataset` do not allow, and returns how many it removed.
pub fn apply_limits(
    dataset: Dataset,
    grant: &PersonGrant,
    now: Timestamp,
    codes: &EntryCodes,
    entries: &mut Vec<Entry>,
) -> u32 {
    let before = entries.len();
    for limit in grant.clearances.iter().filter(|limit| limit.limits(dataset)) {
        apply_limit(limit, now, codes, entries);
    }
    u32::try_from(before - entries.len()).unwrap_or(u32::MAX)
}

fn apply_limit(limit: &Clearance, now: Timestamp, codes: &EntryCodes, entries: &mut Vec<Entry>) {
    match limit {
        Clearance::DocumentsDischargeClinicCarePlan => {
            entries.retain(|e| is_document(e, &["discharge", "clinic", "care-plan"]));
        }
        Clearance::DocumentsDischarge => entries.retain(|entry| is_document(entry, &["discharge"])),
        Clearance::DocumentsLatestDischarge => {
            entries.retain(|entry| is_document(entry, &["discharge"]));
            entries.sort_by(|a, b| b.date.cmp(&a.date));
            entries.truncate(1);
        }
        Clearance::DocumentsTitles | Clearance::ReferralsTitles => entries.iter_mut().for_each(keep_kind_only),
        Clearance::SafeguardingFlag => entries.iter_mut().for_each(keep_title_only),
        Clearance::Encounters12Months => {
            let since = year_before(now);
            // A stay in progress is shown, however long ago it began.
            entries.retain(|entry| is_in_progress(entry) || entry.date.as_deref().is_some_and(|date| *date >= *since));
        }
        Clearance::EncountersDates => entries.iter_mut().for_each(keep_dates_only),
        // A report can hold more than its title names; its results are entries of their own.
        Clearance::ResultsRenalLiverInr => entries.retain(|entry| {
            !is_report(entry) && has_known_code(entry, codes, &codes::RENAL_LIVER_INR, &codes::RENAL_LIVER_INR_NAMES)
        }),
        Clearance::DiagnosesFunctional => {
            entries.retain(|entry| has_known_code(entry, codes, &codes::FUNCTIONAL, &codes::FUNCTIONAL_NAMES));
        }
        Clearance::SocialCareServices => entries.iter_mut().for_each(keep_services_only),
        Clearance::WardListRowOnly | Clearance::Other(_) => entries.clear(),
    }
}

/// Whether an entry has one of the codes or, without any code, exactly one of the names.
fn has_known_code(entry: &Entry, codes: &EntryCodes, known: &[&str], names: &[&str]) -> bool {
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

fn is_in_progress(entry: &Entry) -> bool {
    matches!(&entry.detail, Detail::Encounter { in_progress: true, .. })
}

/// Keeps the kind and the date. The title is the writer's own words and may reveal the content.
fn keep_kind_only(entry: &mut Entry) {
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
    keep_title_only(entry);
}

fn keep_title_only(entry: &mut Entry) {
    clear_extras(entry);
    entry.stay = None;
    entry.detail = Detail::Other { fields: vec![("Content".to_owned(), NOT_FOR_THE_ROLE.to_owned())] };
}

/// Clears everything beside the main fields: comments, further lines and files.
fn clear_extras(entry: &mut Entry) {
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

fn keep_dates_only(entry: &mut Entry) {
    clear_extras(entry);
    if let Detail::Encounter { class, .. } = &entry.detail {
        entry.title.clone_from(class);
    }
}

/// Keeps the key worker, the services and the package, but not the case itself.
fn keep_services_only(entry: &mut Entry) {
    clear_extras(entry);
    if let Detail::Other { fields } = &mut entry.detail {
        fields.retain(|(label, _)| matches!(label.as_str(), "Plan" | "By" | "Until"));
    }
}

fn year_before(now: Timestamp) -> String {
    let today: Date = now.to_zoned(TimeZone::UTC).date();
    today.checked_sub(Span::new().years(1)).unwrap_or(today).to_string()
}
