//! The sites and contacts of the operator's organisations, in the same file as those of the portal's. The file of an
//! organisation that somebody else keeps must not be changed.

use std::collections::BTreeMap;

use jiff::Timestamp;
use lcr_contracts::partners::organisation::OrganisationDetails;
use lcr_model::OdsCode;
use sea_orm::{DatabaseTransaction, DbErr};

use super::MANAGER;
use crate::store::organisation_file::{self, OrganisationFile};

/// Stores the details of each organisation if they are others than before. Its agreement, in Git, counts as one on paper.
pub async fn store(
    tx: &DatabaseTransaction,
    details: BTreeMap<OdsCode, OrganisationDetails>,
    now: Timestamp,
) -> Result<(), DbErr> {
    for (ods, details) in details {
        let locked = organisation_file::lock(tx, &ods).await?;
        let Some((row, _)) = locked.filter(|(_, keeper)| keeper == MANAGER.as_str()) else { continue };
        let stored = organisation_file::find(tx, &ods).await?;
        let before = stored.clone().unwrap_or_else(|| OrganisationFile::new(ods, details.clone(), now));
        let file = OrganisationFile { details, on_paper: row.agreement_signed, ..before };
        if stored.as_ref() != Some(&file) {
            organisation_file::upsert(tx, &file).await?;
        }
    }
    Ok(())
}
