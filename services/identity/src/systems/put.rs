//! Makes a source system or changes it.

use std::collections::BTreeSet;

use lcr_contracts::{
    Failure,
    partners::{ChangeResult, PartnerReceipt, system::SystemDraft},
    registry::System,
};
use lcr_model::{Dataset, london};
use lcr_store::StoreError;
use sea_orm::ConnectionTrait;

use super::{
    PutMode, address, draft,
    edit::{self, ChangeError, Edit, conflict},
    fingerprint::fingerprint,
    removal,
};
use crate::{
    changed_fields, organisations,
    partners::Author,
    seed,
    service::Service,
    store::{self, system_row},
};

pub async fn put(
    service: &Service,
    author: Author,
    mut draft: SystemDraft,
    mode: PutMode,
) -> Result<PartnerReceipt, Failure> {
    author.require_administrator()?;
    draft.base_url = match draft.base_url.trim() {
        "" => String::new(),
        address => address::base_address(address, &service.outbound)?,
    };
    let demo = service.demo;
    let write = edit::write(service, async move |tx| {
        edit::require_active(&tx, &author.organisation).await?;
        let row = system_row::find_for_change(&tx, &draft.id).await?;
        let existing = row.map(|row| require_editable(&author, row, mode)).transpose()?;
        let kept = existing.as_ref().filter(|system| !system.setup.removed);
        draft::check(&draft, kept.map(|system| &system.kind))?;
        existing.as_ref().map_or(Ok(()), |system| removal::check_discreet(system, &draft.kind))?;
        check_schedule(&tx, &author, &draft).await?;
        let registry = store::registry::load(&tx).await?;
        draft::check_senders(&draft, &registry.systems)?;
        let (system, edit) = build(draft, &author, existing, demo)?;
        Ok(edit::store_edit(&tx, &author, system, edit).await?)
    });
    write.await
}

/// The stored system, if the author's organisation may change it here.
fn require_editable(author: &Author, row: system_row::SystemRow, mode: PutMode) -> Result<System, ChangeError> {
    if row.system.organisation != author.organisation {
        return Err(conflict("Another system of the city has this id: choose another one.").into());
    }
    if mode == PutMode::Create && !row.system.setup.removed {
        let words = format!("You already have a system called {}; open it to change it.", row.system.id);
        return Err(conflict(words).into());
    }
    edit::require_not_operator(&row.keeper)?;
    Ok(row.system)
}

/// Refuses datasets that the organisation has not agreed to give, and says whether to add them or to sign.
async fn check_schedule(tx: &impl ConnectionTrait, author: &Author, draft: &SystemDraft) -> Result<(), ChangeError> {
    let agreed = agreed_to_give(tx, author).await?;
    let newest = organisations::newest_schedule(tx, &author.organisation).await?;
    draft::check_schedule(&draft.datasets, agreed.as_ref(), newest.map(|schedule| schedule.gives).as_ref())?;
    Ok(())
}

fn build(
    draft: SystemDraft,
    author: &Author,
    existing: Option<System>,
    demo: bool,
) -> Result<(System, Edit), ChangeError> {
    let is_new = existing.as_ref().is_none_or(|system| system.setup.removed);
    let existing = existing.map(removal::restored);
    let before = existing.as_ref().filter(|_| !is_new).map(fingerprint);
    let was_live = existing.as_ref().is_some_and(|system| system.setup.live);
    let system = draft::to_system(draft, author.organisation.clone(), existing.as_ref(), author.now);
    seed::check_systems(std::slice::from_ref(&system), demo)?;
    let fields = existing.as_ref().map(|existing| changed_fields::of_system(existing, &system)).unwrap_or_default();
    let what = match (is_new, was_live && !system.setup.live) {
        (true, _) => format!("Set up the system {}", system.id),
        (false, true) => {
            format!("Changed the system {}{fields}, which is not live until its new address is checked", system.id)
        }
        (false, false) => format!("Changed the system {}{fields}", system.id),
    };
    let connection_changed = before != Some(fingerprint(&system));
    let result = ChangeResult::Id(system.id.to_string());
    Ok((system, Edit { what, result, connection_changed }))
}

/// The datasets that the organisation has agreed to give. `None` as long as it has no schedule here.
pub async fn agreed_to_give(
    db: &impl ConnectionTrait,
    author: &Author,
) -> Result<Option<BTreeSet<Dataset>>, StoreError> {
    let schedule = organisations::schedule(db, &author.organisation, london::date(author.now)).await?;
    Ok(schedule.map(|schedule| schedule.gives))
}
