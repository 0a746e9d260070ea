//! Changes of one stored system: the row is read, changed and stored in one write, together with the entry in the history and
//! the event. A refusal comes before anything is stored.

use lcr_contracts::{
    Failure,
    events::PartnersChanged,
    partners::{ChangeResult, PartnerReceipt},
    registrar::PartnerSet,
    registry::{PartnerState, System},
};
use lcr_model::{OdsCode, SourceId};
use lcr_store::{Store, Transaction};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};

use crate::{
    organisations::{self, StateEvent},
    partners::{Author, receipt},
    service::Service,
    store::{
        change_error::{KEPT_BY_OPERATOR, settle},
        organisation_file, partner_change,
        registry::{self, ManagedBy},
        system_row::{self, SystemRow},
    },
};

pub use crate::store::change_error::{ChangeError, conflict};

/// Runs `work` in one write. It must refuse before it stores anything, because a refusal undoes nothing.
pub async fn write<T, F, W>(service: &Service, work: F) -> Result<T, Failure>
where
    T: Send + 'static,
    F: FnOnce(Transaction) -> W + Send + 'static,
    W: Future<Output = Result<T, ChangeError>> + Send + 'static,
{
    let write = service.store.write(move |tx| async move { settle(work(tx).await) });
    write.await?
}

/// A change of a system that is made and not stored yet.
pub struct Edit {
    /// A sentence for the history, without its full stop.
    pub what: String,
    pub result: ChangeResult,
    /// Whether the connection is another one now, so that it needs a new check.
    pub connection_changed: bool,
}

impl Edit {
    pub fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), result: ChangeResult::Done, connection_changed: false }
    }
}

/// Changes a system of the author's organisation, unless the operator keeps its row.
pub async fn edit<F>(service: &Service, author: Author, id: SourceId, work: F) -> Result<PartnerReceipt, Failure>
where
    F: FnOnce(&mut System, &Author) -> Result<Edit, Failure> + Send + 'static,
{
    let write = write(service, async move |tx| {
        require_active(&tx, &author.organisation).await?;
        let SystemRow { mut system, keeper } = find_own(&tx, &author, &id).await?;
        require_not_operator(&keeper)?;
        let edit = work(&mut system, &author)?;
        Ok(store_edit(&tx, &author, system, edit).await?)
    });
    write.await
}

/// Stores a changed system with all that belongs to the change.
pub async fn store_edit(
    tx: &DatabaseTransaction,
    author: &Author,
    system: System,
    edit: Edit,
) -> Result<PartnerReceipt, DbErr> {
    let id = system.id.clone();
    let set = PartnerSet { systems: vec![system], ..PartnerSet::default() };
    let (mut events, _) = registry::store_all(tx, ManagedBy::Portal, set, author.now.as_microsecond()).await?;
    if edit.connection_changed {
        events.extend(note_changed_connection(tx, author).await?);
    }
    publish_with_entry(tx, author, &id, edit.what, edit.result, &events).await
}

/// Publishes the events of a change and stores its entry in the history.
pub async fn publish_with_entry(
    tx: &DatabaseTransaction,
    author: &Author,
    id: &SourceId,
    what: String,
    result: ChangeResult,
    events: &[PartnersChanged],
) -> Result<PartnerReceipt, DbErr> {
    Store::publish(tx, author.now, events).await?;
    let entry = author.entry(what, Some(id));
    partner_change::insert(tx, &entry).await?;
    Ok(receipt(&entry, result))
}

/// Something is set up that has not passed its check: an agreed organisation is connecting, and a conformant one is again.
async fn note_changed_connection(tx: &DatabaseTransaction, author: &Author) -> Result<Vec<PartnersChanged>, DbErr> {
    let mut events = organisations::advance(tx, &author.organisation, StateEvent::Connected, author.now).await?;
    events.extend(organisations::advance(tx, &author.organisation, StateEvent::Changed, author.now).await?);
    Ok(events)
}

/// The system, if it belongs to the organisation that the change is about and is not removed.
pub async fn find_own(tx: &impl ConnectionTrait, author: &Author, id: &SourceId) -> Result<SystemRow, ChangeError> {
    let found = system_row::find_for_change(tx, id).await?;
    let own = found.filter(|row| row.system.organisation == author.organisation && !row.system.setup.removed);
    own.ok_or_else(|| ChangeError::Refused(Failure::not_found()))
}

/// Refuses an organisation that is not registered or has left. It is locked before its systems, in the order in which all changes
/// lock, so that no two wait for each other.
pub async fn require_active(tx: &impl ConnectionTrait, ods: &OdsCode) -> Result<(), ChangeError> {
    let (organisation, _) = organisation_file::lock(tx, ods).await?.ok_or_else(Failure::not_found)?;
    if organisation.state == PartnerState::Left {
        return Err(conflict("This organisation has left; nothing is set up for it any more.").into());
    }
    Ok(())
}

/// Refuses a change of a row that the operator keeps.
pub fn require_not_operator(keeper: &str) -> Result<(), Failure> {
    if keeper == ManagedBy::Operator.as_str() { Err(conflict(KEPT_BY_OPERATOR)) } else { Ok(()) }
}

/// Refuses everybody but the organisation's own administrators.
pub fn require_own_administrator(author: &Author) -> Result<(), Failure> {
    if author.is_own_administrator() {
        return Ok(());
    }
    Err(Failure::forbidden("Only an administrator of this organisation itself changes this."))
}
