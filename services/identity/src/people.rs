//! An organisation's people: who may sign in as what, whose sessions are open, who asks for access. Staff, never
//! patients. Whoever leaves must lose their sessions in the write that records it. Flow: `{http, partners} → people →
//! store`.

mod access_requests;
mod admission;
mod counts;
mod directory;
mod rules;
pub mod scim;
mod sessions;
#[cfg(test)]
mod testing;

use jiff::Timestamp;
use lcr_contracts::{
    Failure,
    events::SessionEnded,
    partners::{ChangeResult, PartnerReceipt, people::PeopleChange},
};
use lcr_model::{OdsCode, UserId};
use lcr_store::StoreError;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};
use uuid::Uuid;

use crate::{
    partners::{Author, receipt},
    service::Service,
    store::{directory_setting, partner_change, person, session_end},
};

pub use access_requests::{applicant, request_access};
pub use admission::{Admission, AdmitResult, admit};
pub use counts::sign_in_counts;
pub use directory::list;
pub use rules::roles_of;
pub use sessions::{list as sessions, require_open};

/// The beginning of every SCIM token, so that a leaked one is recognised.
pub const SCIM_TOKEN_PREFIX: &str = "lcr-scim-";

/// Makes a change of an organisation's people, with its entry in the history.
pub async fn change(service: &Service, author: Author, change: PeopleChange) -> Result<PartnerReceipt, Failure> {
    require_open(service, &author.actor).await?;
    match change {
        PeopleChange::Put(draft) => directory::put(service, author, draft).await,
        PeopleChange::SetActive { person, active } => directory::set_active(service, author, person, active).await,
        PeopleChange::EndSession { session } => sessions::end_one(service, author, session).await,
        PeopleChange::DecideRequest { request, decision, role } => {
            access_requests::decide(service, author, request, decision, role).await
        }
        PeopleChange::RequireDirectory { required } => directory::require_directory(service, author, required).await,
        PeopleChange::MakeScimToken => make_scim_token(service, author).await,
    }
}

/// Makes the bearer token of the organisation's SCIM client: 244 random bits, stored only as a keyed hash.
async fn make_scim_token(service: &Service, author: Author) -> Result<PartnerReceipt, Failure> {
    if !author.is_own_administrator() {
        return Err(Failure::forbidden("Each organisation manages its own people."));
    }
    let token = format!("{SCIM_TOKEN_PREFIX}{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
    let hash = service.data_keys.hash_name(&token);
    let write = service.store.write(async move |tx| {
        directory_setting::set_scim_token(&tx, &author.organisation, &hash, author.now).await?;
        let entry = author.entry("Made a new token for the directory's SCIM client", None);
        partner_change::insert(&tx, &entry).await?;
        Ok(receipt(&entry, ChangeResult::Secret(token.into())))
    });
    Ok(write.await?)
}

/// Ends all sessions of an organisation's people. The caller publishes the returned events in the same write.
pub async fn end_sessions_of_organisation(
    tx: &DatabaseTransaction,
    ods: &OdsCode,
    at: Timestamp,
) -> Result<Vec<SessionEnded>, DbErr> {
    session_end::end_of_organisation(tx, ods, at).await
}

/// Whether somebody has signed in as a member of the organisation and may still do so.
pub async fn is_member(db: &impl ConnectionTrait, ods: &OdsCode, user: &UserId) -> Result<bool, StoreError> {
    Ok(person::is_member(db, ods, user).await?)
}

#[cfg(test)]
#[path = "people_tests.rs"]
mod tests;
