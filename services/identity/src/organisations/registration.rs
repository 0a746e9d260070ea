//! Registers an organisation and changes what it says of itself. Only an administrator for whom the organisation's own sign-in
//! provider vouches registers it.

use jiff::Timestamp;
use lcr_contracts::{
    Failure,
    partners::organisation::{OrganisationDetails, Site},
    registry::{Organisation, PartnerState},
};
use sea_orm::DatabaseTransaction;

use super::{
    details::{self, check_kind, check_ods, check_rights},
    open::{OpenOrganisation, open, require_not_left},
    versions::Versions,
};
use crate::{
    changed_fields,
    partners::Author,
    store::{
        change_error::{ChangeError, conflict},
        organisation_file::{self, OrganisationFile},
        partner_change::NewEntry,
        registry,
    },
};

/// Registers the author's own organisation, as a draft.
pub async fn register(
    tx: &DatabaseTransaction,
    versions: &Versions,
    author: &Author,
    details: OrganisationDetails,
) -> Result<NewEntry, ChangeError> {
    if !author.is_own_administrator() {
        let text = "Only an administrator whose own sign-in says that they belong to the organisation registers it.";
        return Err(Failure::forbidden(text).into());
    }
    check_ods(&author.organisation)?;
    let details = details::trimmed(details);
    details::check(&details)?;
    check_rights(None, &details, false)?;
    require_free_name(tx, author, &details.name).await?;
    require_own_sites(tx, author, &details.sites, &[]).await?;
    let file = claim_file(tx, author, details, author.now).await?;
    let row = Organisation {
        ods: author.organisation.clone(),
        name: file.details.name.clone(),
        kind: file.details.kind.clone(),
        agreement_signed: false,
        part_of: None,
        serves: vec![],
        state: PartnerState::Draft,
        receives: None,
    };
    let entry = author.entry("Registered the organisation", None);
    let opened = OpenOrganisation { row, file, is_operators: false };
    opened.store(tx, versions, std::slice::from_ref(&entry), author.now).await?;
    Ok(entry)
}

/// The file of a new registration. Refused if the organisation is registered, unless it has left.
async fn claim_file(
    tx: &DatabaseTransaction,
    author: &Author,
    details: OrganisationDetails,
    now: Timestamp,
) -> Result<OrganisationFile, ChangeError> {
    let file = OrganisationFile::new(author.organisation.clone(), details, now);
    let is_free = match organisation_file::lock(tx, &author.organisation).await? {
        Some((row, keeper)) if row.state == PartnerState::Left && organisation_file::is_portals(&keeper) => {
            require_left_by_itself(tx, author).await?;
            true
        }
        Some(_) => false,
        // Of two that register at once, the second finds the file of the first.
        None => organisation_file::insert(tx, &file).await?,
    };
    if !is_free {
        return Err(conflict("This organisation is registered already.").into());
    }
    Ok(file)
}

/// Refuses an organisation whose part the platform's administrators ended.
async fn require_left_by_itself(tx: &DatabaseTransaction, author: &Author) -> Result<(), ChangeError> {
    let file = organisation_file::find(tx, &author.organisation).await?;
    if file.is_some_and(|file| file.left_by_platform) {
        let text =
            "The platform's administrators ended this organisation's part in the record. It cannot register again.";
        return Err(Failure::forbidden(text).into());
    }
    Ok(())
}

/// Refuses the name of another organisation.
async fn require_free_name(tx: &DatabaseTransaction, author: &Author, name: &str) -> Result<(), ChangeError> {
    let registered = registry::load(tx).await?.organisations;
    Ok(details::check_name(name, &author.organisation, &registered)?)
}

/// Refuses a new site with the code of another organisation.
async fn require_own_sites(
    tx: &DatabaseTransaction,
    author: &Author,
    new: &[Site],
    before: &[Site],
) -> Result<(), ChangeError> {
    let registered = registry::load(tx).await?.organisations;
    Ok(details::check_sites(new, before, &author.organisation, &registered)?)
}

/// Changes what the organisation says of itself.
pub async fn describe(
    tx: &DatabaseTransaction,
    versions: &Versions,
    author: &Author,
    details: OrganisationDetails,
) -> Result<NewEntry, ChangeError> {
    author.require_administrator()?;
    let details = details::trimmed(details);
    details::check(&details)?;
    let mut opened = open(tx, &author.organisation, author.now).await?;
    require_not_left(&opened.row)?;
    opened.require_ours()?;
    let by_platform = author.is_platform_administrator();
    check_rights(Some(&details::of_row(&opened.row)), &details, by_platform)?;
    check_kind(&opened.row, &details.kind, by_platform)?;
    if details.name != opened.row.name {
        require_free_name(tx, author, &details.name).await?;
    }
    require_own_sites(tx, author, &details.sites, &opened.file.details.sites).await?;
    let before = &opened.file.details;
    let before = OrganisationDetails {
        sites: before.sites.clone(),
        contact: before.contact.clone(),
        ..details::of_row(&opened.row)
    };
    let fields = changed_fields::of_details(&before, &details);
    opened.row = Organisation {
        name: details.name.clone(),
        kind: details.kind.clone(),
        part_of: details.part_of.clone(),
        serves: details.serves.clone(),
        ..opened.row
    };
    opened.file.details = details;
    let entry = author.entry(format!("Changed the organisation's details{fields}"), None);
    opened.store(tx, versions, std::slice::from_ref(&entry), author.now).await?;
    Ok(entry)
}

#[cfg(test)]
#[path = "registration_tests.rs"]
mod tests;
