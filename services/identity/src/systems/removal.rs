//! Removes a source system of an organisation. A system that is live must never be removed. Its row stays, so that its id
//! belongs to the organisation for good: what it has sent is stored under the id, and must never become another
//! organisation's.

use std::collections::BTreeSet;

use lcr_contracts::{
    Failure,
    partners::PartnerReceipt,
    registry::{Stages, System},
    vocabulary::SystemKind,
};
use lcr_model::SourceId;
use lcr_store::Store;

use super::{
    draft::staged,
    edit::{self, Edit, conflict},
    fingerprint::agreed,
};
use crate::{
    organisations,
    partners::Author,
    service::Service,
    store::{check_report, system_row::SystemRow},
};

/// Removes a system that is not live or is suspended.
pub async fn remove(service: &Service, author: Author, id: SourceId) -> Result<PartnerReceipt, Failure> {
    author.require_administrator()?;
    author.require_reason()?;
    let write = edit::write(service, async move |tx| {
        edit::require_active(&tx, &author.organisation).await?;
        let SystemRow { system, keeper } = edit::find_own(&tx, &author, &id).await?;
        edit::require_not_operator(&keeper)?;
        check(&system, author.is_platform_administrator())?;
        check_report::delete(&tx, &id).await?;
        let edit = Edit::new(format!("Removed the system {id}"));
        let receipt = edit::store_edit(&tx, &author, removed(system), edit).await?;
        // It may have been the last one that held the organisation up.
        let events = organisations::advance_by_setup(&tx, &author.organisation, author.now).await?;
        Store::publish(&tx, author.now, &events).await?;
        Ok(receipt)
    });
    write.await
}

/// Refuses a system that is live, and one that the platform's administrators suspended: setting it up anew would end their
/// suspension.
fn check(system: &System, by_platform: bool) -> Result<(), Failure> {
    if system.setup.live && !system.suspended {
        return Err(conflict("This system is live. Suspend it first, then remove it."));
    }
    if system.suspended && system.setup.suspended_by_platform && !by_platform {
        return Err(Failure::forbidden("The platform's administrators suspended this; they alone remove it."));
    }
    Ok(())
}

/// The row of a removed system. It is asked nothing, has no senders and no credentials, and shows its data to nobody.
fn removed(mut system: System) -> System {
    let given = agreed(&system);
    let declined = std::mem::take(&mut system.setup.stages.declined);
    system.setup.end_live();
    system.setup.credentials = None;
    system.setup.lapsed.clear();
    system.setup.removed = true;
    system.setup.stages = staged(Stages { declined, ..Stages::default() }, &BTreeSet::new(), &given);
    system.suspended = true;
    system.feed = None;
    system
}

/// The row from which a system of this id is set up. One that was removed comes back as it is left: not live, everything off. One
/// that was never live has sent nothing, so a discreet one need not stay so.
pub fn restored(mut system: System) -> System {
    if system.setup.removed {
        system.setup.removed = false;
        system.suspended = system.setup.suspended_by_platform;
        if system.is_joining() {
            system.discreet = false;
            // The draft states the kind.
            system.kind = SystemKind::Community;
        }
    }
    system
}

/// Refuses another kind for a discreet system. What it has sent is stored under its id, and its name tells the care.
pub fn check_discreet(existing: &System, kind: &SystemKind) -> Result<(), Failure> {
    if *kind == SystemKind::Discreet || !existing.is_discreet() {
        return Ok(());
    }
    if !existing.setup.removed {
        if existing.kind != SystemKind::Discreet {
            // It stays discreet whatever its kind says.
            return Ok(());
        }
        let words =
            "A discreet system stays discreet. If that is wrong, remove it and connect it under another short name";
        return Err(conflict(format!("{words}.")));
    }
    if existing.is_joining() {
        return Ok(());
    }
    let words = "What the removed system of this short name has sent is discreet: choose another short name";
    Err(conflict(format!("{words}, or the kind discreet.")))
}

#[cfg(test)]
#[path = "removal_tests.rs"]
mod tests;
