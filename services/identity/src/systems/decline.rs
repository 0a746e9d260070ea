//! A receiving organisation declines a dataset of another one's system: its staff do not see it until it takes that back. It
//! must never widen what anybody sees beyond the stages of the owner.

use lcr_contracts::{
    Failure,
    partners::{ChangeResult, PartnerReceipt},
    registry::{DatasetSwitch, Declined, System},
};
use lcr_model::{Dataset, SourceId};

use super::edit::{self, conflict};
use crate::{
    partners::Author,
    service::Service,
    store::{partner_change, system_row},
};

/// Stores the decision in the system's row, whoever keeps it, and in the history of both organisations.
pub async fn decline(
    service: &Service,
    author: Author,
    id: SourceId,
    dataset: Dataset,
    declined: bool,
) -> Result<PartnerReceipt, Failure> {
    edit::require_own_administrator(&author)?;
    let write = edit::write(service, async move |tx| {
        edit::require_active(&tx, &author.organisation).await?;
        let row = system_row::find_for_change(&tx, &id).await?;
        let is_known = |system: &System| system.is_nameable_to(&author.actor) && !system.setup.removed;
        let known = row.map(|row| row.system).filter(is_known);
        let mut system = known.ok_or_else(Failure::not_found)?;
        let owner = system.organisation.clone();
        set(&mut system, &author, dataset, declined)?;
        let event = system_row::store_stages(&tx, system, author.now.as_microsecond()).await?;
        let title = dataset.title();
        let (verb, what) =
            if declined { ("declined", "Declined") } else { ("no longer declines", "No longer declines") };
        let for_owner = Author { organisation: owner, ..author.clone() };
        let entry = for_owner.entry(format!("{} {verb} {title} of the system {id}", author.organisation), Some(&id));
        partner_change::insert(&tx, &entry).await?;
        let what = format!("{what} {title} of the system {id}");
        Ok(edit::publish_with_entry(&tx, &author, &id, what, ChangeResult::Done, &[event]).await?)
    });
    write.await
}

fn set(system: &mut System, author: &Author, dataset: Dataset, declined: bool) -> Result<(), Failure> {
    if system.organisation == author.organisation {
        return Err(Failure::bad_request("This is your own system: switch its dataset off instead."));
    }
    if declined && system.datasets.get(&dataset) != Some(&DatasetSwitch::On) {
        return Err(Failure::bad_request("This system does not give this dataset."));
    }
    let entry = Declined { receiver: author.organisation.clone(), dataset };
    let stages = &mut system.setup.stages;
    let is_changed = if declined { stages.declined.insert(entry) } else { stages.declined.remove(&entry) };
    if is_changed {
        return Ok(());
    }
    let words =
        if declined { "You have declined this dataset already." } else { "You have not declined this dataset." };
    Err(conflict(words))
}
