//! Source systems and the clients of partners' machines: how an organisation sets them up, has them checked, takes them live
//! and switches their datasets on step by step. Every change is stored together with its entry in the history. Credentials
//! and private keys must never leave this room in the clear.

pub mod address;
mod check;
pub mod client_access;
mod clients;
mod credentials;
mod decline;
mod draft;
mod edit;
mod fingerprint;
pub mod key_set;
mod known_codes;
mod live;
mod new_datasets;
mod notices;
mod put;
mod recheck;
mod removal;
mod signing_key;
mod stages;
mod status;
mod suspension;
mod switch;
mod testers;
#[cfg(test)]
pub(crate) mod testing;

use lcr_contracts::{
    Failure,
    partners::{
        PartnerReceipt,
        system::{ClientStatus, SystemChange},
    },
};
use lcr_model::OdsCode;

pub use credentials::check as check_credentials;
#[cfg(test)]
pub use fingerprint::fingerprint;
pub use notices::notices;
pub use recheck::{hold_unchecked, stopped_until_checked};
pub use stages::keep_stages;
pub use status::{load as load_statuses, statuses};
pub use switch::current as current_stage;

use crate::{partners::Author, service::Service};

/// What a draft may do to a row that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PutMode {
    /// A form for something new. A row that exists must not be changed by it.
    Create,
    CreateOrChange,
}

/// Makes a change. A change that is refused stores nothing.
pub async fn change(service: &Service, author: Author, change: SystemChange) -> Result<PartnerReceipt, Failure> {
    match change {
        SystemChange::Create(draft) => put::put(service, author, *draft, PutMode::Create).await,
        SystemChange::Put(draft) => put::put(service, author, *draft, PutMode::CreateOrChange).await,
        SystemChange::SetCredentials { system, credentials } => {
            credentials::set(service, author, system, credentials).await
        }
        SystemChange::MakeKey { system, token_url, client_id, scope, algorithm } => {
            let key = signing_key::NewKey { token_url, client_id, scope, algorithm };
            credentials::make_key(service, author, system, key).await
        }
        SystemChange::Check { system } => check::check(service, author, system).await,
        SystemChange::GoLive { system } => live::go_live(service, author, system).await,
        SystemChange::Suspend { system, suspended } => live::suspend(service, author, system, suspended).await,
        SystemChange::SetTesters { system, testers, pilots, signed_off_by } => {
            let new = testers::NewTesters { testers, pilots, signed_off_by };
            testers::set(service, author, system, new).await
        }
        SystemChange::Switch(step) => stages::switch(service, author, *step).await,
        SystemChange::Decline { system, dataset, declined } => {
            decline::decline(service, author, system, dataset, declined).await
        }
        SystemChange::Remove { system } => removal::remove(service, author, system).await,
        SystemChange::CreateClient(draft) => clients::put(service, author, *draft, PutMode::Create).await,
        SystemChange::PutClient(draft) => clients::put(service, author, *draft, PutMode::CreateOrChange).await,
        SystemChange::SuspendClient { client, suspended } => clients::suspend(service, author, client, suspended).await,
        SystemChange::RemoveClient { client } => clients::remove(service, author, client).await,
    }
}

/// The clients of an organisation's machines.
pub async fn clients(service: &Service, ods: &OdsCode) -> Result<Vec<ClientStatus>, Failure> {
    clients::list(service, ods).await
}
