//! Checks what an organisation says of itself. Pure. What opens the patients of others (`part_of`, `serves`, some kinds) must
//! never be what its own administrators say alone.

use std::collections::BTreeSet;

use lcr_contracts::{
    Failure,
    partners::organisation::{DataFlowSchedule, OrganisationDetails, Site},
    registry::Organisation,
    vocabulary::OrganisationKind,
};
use lcr_model::OdsCode;

use crate::store::change_error::conflict;

const MAX_NAME: usize = 200;
/// The most characters of a contact, a lawful basis or a retention rule.
const MAX_TEXT: usize = 200;
/// The fewest characters of a lawful basis or a retention rule that say anything.
const LEAST_TEXT: usize = 5;
/// The most sites, and the most practices that are served.
const MAX_ROWS: usize = 200;

/// What the registry's row says.
pub fn of_row(row: &Organisation) -> OrganisationDetails {
    OrganisationDetails {
        name: row.name.clone(),
        kind: row.kind.clone(),
        part_of: row.part_of.clone(),
        serves: row.serves.clone(),
        sites: vec![],
        contact: String::new(),
    }
}

/// Without spaces at the ends of its texts.
pub fn trimmed(details: OrganisationDetails) -> OrganisationDetails {
    let trim = |site: Site| Site { name: site.name.trim().to_owned(), ..site };
    OrganisationDetails {
        name: details.name.trim().to_owned(),
        contact: details.contact.trim().to_owned(),
        sites: details.sites.into_iter().map(trim).collect(),
        ..details
    }
}

/// The code as the registry writes it, or why it is none.
pub fn check_ods(ods: &OdsCode) -> Result<(), Failure> {
    if OdsCode::parse(ods.as_str()).as_ref() == Some(ods) {
        return Ok(());
    }
    Err(Failure::bad_request("An ODS code has 3 to 12 capital letters and digits."))
}

fn check_text(what: &str, text: &str, max: usize) -> Result<(), Failure> {
    if text.chars().count() > max {
        return Err(Failure::bad_request(format!("{what} has more than {max} characters.")));
    }
    if text.chars().any(char::is_control) {
        return Err(Failure::bad_request(format!("{what} has a line break or a control character.")));
    }
    Ok(())
}

fn check_required(what: &str, text: &str, max: usize) -> Result<(), Failure> {
    if text.trim().is_empty() {
        return Err(Failure::bad_request(format!("{what} is missing.")));
    }
    check_text(what, text, max)
}

/// Refuses the name of another organisation, since people choose an organisation by its name. Capital letters and spaces make no
/// other name.
pub fn check_name(name: &str, ods: &OdsCode, registered: &[Organisation]) -> Result<(), Failure> {
    let folded = |name: &str| name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let new = folded(name);
    if registered.iter().any(|other| other.ods != *ods && folded(&other.name) == new) {
        let text = "Another organisation is registered with this name. Add a place or a word that tells the two apart.";
        return Err(conflict(text));
    }
    Ok(())
}

/// Refuses a site with the code of another organisation, unless that one is part of this one. `before` are the sites until now.
pub fn check_sites(new: &[Site], before: &[Site], ods: &OdsCode, registered: &[Organisation]) -> Result<(), Failure> {
    let is_others = |site: &&Site| {
        let is_meant = |other: &&Organisation| other.ods == site.ods && other.ods != *ods;
        registered.iter().find(is_meant).is_some_and(|other| other.part_of.as_ref() != Some(ods))
    };
    let is_new = |site: &&Site| !before.iter().any(|known| known.ods == site.ods);
    match new.iter().filter(is_new).find(is_others) {
        Some(site) => Err(conflict(format!("The site code {} is that of another organisation.", site.ods))),
        None => Ok(()),
    }
}

pub fn check(details: &OrganisationDetails) -> Result<(), Failure> {
    check_required("The name", &details.name, MAX_NAME)?;
    check_required("The contact", &details.contact, MAX_TEXT)?;
    if let OrganisationKind::Other(_) = details.kind {
        return Err(Failure::bad_request("This kind of organisation is not known."));
    }
    if details.sites.len() > MAX_ROWS || details.serves.len() > MAX_ROWS {
        return Err(Failure::bad_request("There are more than 200 sites, or more than 200 practices that are served."));
    }
    for site in &details.sites {
        check_ods(&site.ods)?;
        check_required("The name of a site", &site.name, MAX_NAME)?;
    }
    let codes: BTreeSet<&OdsCode> = details.sites.iter().map(|site| &site.ods).collect();
    if codes.len() != details.sites.len() {
        return Err(Failure::bad_request("Two sites have the same ODS code."));
    }
    details.serves.iter().chain(&details.part_of).try_for_each(check_ods)
}

/// Refuses what opens the patients of others, unless it was so before or the platform's administrators say it.
pub fn check_rights(
    before: Option<&OrganisationDetails>,
    new: &OrganisationDetails,
    by_platform: bool,
) -> Result<(), Failure> {
    if by_platform {
        return Ok(());
    }
    let had = |test: &dyn Fn(&OrganisationDetails) -> bool| before.is_some_and(test);
    let is_special = |kind: &OrganisationKind| {
        matches!(kind, OrganisationKind::Authority | OrganisationKind::RecordOffice | OrganisationKind::Added)
    };
    if is_special(&new.kind) && !had(&|old| old.kind == new.kind) {
        return Err(Failure::forbidden("Only the platform's administrators register an organisation of this kind."));
    }
    let has_rights = |old: &OrganisationDetails| old.part_of.is_some() || !old.serves.is_empty();
    if before.is_some_and(|old| old.kind != new.kind && has_rights(old)) {
        let text = "Only the platform's administrators change the kind of an organisation that is part of another or serves practices.";
        return Err(Failure::forbidden(text));
    }
    if new.part_of.is_some() && !had(&|old| old.part_of == new.part_of) {
        let text =
            "Leave out what the organisation is part of. The platform's administrators add it, since it opens records.";
        return Err(Failure::forbidden(text));
    }
    if !new.serves.iter().all(|practice| had(&|old| old.serves.contains(practice))) {
        let text = "Leave out the practices it serves. The platform's administrators add a practice that has agreed.";
        return Err(Failure::forbidden(text));
    }
    Ok(())
}

/// Refuses a change of kind by its own administrators once the agreement is signed: access depends on it.
pub fn check_kind(row: &Organisation, new: &OrganisationKind, by_platform: bool) -> Result<(), Failure> {
    if row.kind == *new || by_platform || !row.agreement_signed {
        return Ok(());
    }
    Err(Failure::forbidden("The agreement is signed: only the platform's administrators change the kind now."))
}

pub fn check_schedule(schedule: &DataFlowSchedule) -> Result<(), Failure> {
    for (what, text) in [("The lawful basis", &schedule.lawful_basis), ("The retention rule", &schedule.retention)] {
        check_required(what, text, MAX_TEXT)?;
        if text.trim().chars().count() < LEAST_TEXT {
            return Err(Failure::bad_request(format!("{what} has at least {LEAST_TEXT} characters.")));
        }
    }
    if schedule.gives.is_empty() && schedule.receives.is_empty() {
        return Err(Failure::bad_request("Say which datasets the organisation gives or receives."));
    }
    Ok(())
}

#[cfg(test)]
#[path = "details_tests.rs"]
mod tests;
