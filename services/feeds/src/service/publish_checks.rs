//! Why a mapped message cannot be published by what is stored so far. It must be asked before anything is published.

use lcr_model::seal::DataKeys;
use sea_orm::DbErr;

use super::{care_links, item_index::ItemIndex, merged_numbers, publish::PublishOutcome};
use crate::{domain::MappedEvent, store::last_known::LastKnown};

/// Why the message cannot be published at all: an unknown deletion, unreadable earlier evidence, or a merge of two NHS numbers.
pub async fn find_obstacle(
    last_known: &LastKnown<'_>,
    keys: &DataKeys,
    items: &mut ItemIndex<'_>,
    mapped: &[MappedEvent],
) -> Result<Option<PublishOutcome>, DbErr> {
    for event in mapped {
        let is_known = match event {
            MappedEvent::Withdrawal(withdrawal) => items.locate_withdrawn(withdrawal).await?.is_some(),
            MappedEvent::CareLinkDeletion(deletion) => care_links::is_known(last_known, deletion).await?,
            _ => true,
        };
        if !is_known {
            let reason = "a resource that the Bundle deletes is not known here under that id, or not of one person";
            return Ok(Some(PublishOutcome::waits(reason, Some("request"))));
        }
        if !care_links::is_readable(last_known, keys, event).await? {
            return Ok(Some(PublishOutcome::waits(care_links::UNREADABLE_REASON, None)));
        }
    }
    if merged_numbers::joins_two_nhs_numbers(last_known, keys, mapped).await? {
        return Ok(Some(PublishOutcome::waits(merged_numbers::TWO_NHS_NUMBERS_REASON, Some("MRG-1"))));
    }
    Ok(None)
}
