//! Open sessions, as their owner and their organisation's administrators see and end them. An ended session must end in
//! every service, so each end is published in the write that deletes it.

use lcr_contracts::{
    Failure, FailureKind,
    partners::{ChangeResult, PartnerReceipt, people::OpenSession},
};
use lcr_model::{Actor, OdsCode, SessionId};
use lcr_store::{Store, db_failure};

use crate::{
    domain,
    partners::{Author, receipt},
    service::Service,
    store::{
        partner_change,
        session_end::{self, ListedSession},
    },
};

/// The open sessions of an organisation, or the reader's own.
pub async fn list(service: &Service, reader: &Actor, ods: Option<&OdsCode>) -> Result<Vec<OpenSession>, Failure> {
    let db = service.store.read();
    let rows = match ods {
        Some(ods) => session_end::list_of_organisation(db, ods).await,
        None => session_end::list_of_user(db, &reader.user).await,
    };
    let now = service.clock.now();
    let rows = rows.map_err(db_failure)?.into_iter();
    let open = rows.filter(|row| domain::is_alive(row.started, row.seen, now));
    Ok(open.map(|row| to_open_session(row, reader)).collect())
}

fn to_open_session(row: ListedSession, reader: &Actor) -> OpenSession {
    let own = row.actor.user == reader.user;
    let Actor { session, user, name, org, role, .. } = row.actor;
    OpenSession { session, user, name, org, role, started_at: row.started, last_active_at: row.seen, own }
}

/// Refuses whoever's session has ended, although their token has not expired yet.
pub async fn require_open(service: &Service, actor: &Actor) -> Result<(), Failure> {
    let now = service.clock.now();
    let sessions = session_end::list_of_user(service.store.read(), &actor.user).await.map_err(db_failure)?;
    let is_open =
        |one: &ListedSession| one.actor.session == actor.session && domain::is_alive(one.started, one.seen, now);
    if sessions.iter().any(is_open) {
        return Ok(());
    }
    Err(Failure::new(FailureKind::Unauthenticated, "Your session has ended. Sign in again."))
}

/// Ends one session: the author's own, or that of somebody at the organisation that they administer.
pub async fn end_one(service: &Service, author: Author, session: SessionId) -> Result<PartnerReceipt, Failure> {
    let is_administrator = author.require_administrator().is_ok();
    let write = service.store.write(async move |tx| {
        let own = session_end::list_of_user(&tx, &author.actor.user).await?;
        let others =
            if is_administrator { session_end::list_of_organisation(&tx, &author.organisation).await? } else { vec![] };
        let is_own = own.iter().any(|one| one.actor.session == session);
        let Some(found) = own.into_iter().chain(others).find(|one| one.actor.session == session) else {
            return Ok(Err(Failure::not_found()));
        };
        let what = if is_own { "Ended a session of their own".to_owned() } else { end_words(&found) };
        let entry = author.entry(what, None);
        partner_change::insert(&tx, &entry).await?;
        let ended = session_end::end(&tx, vec![found], author.now).await?;
        Store::publish(&tx, author.now, &ended).await?;
        Ok(Ok(receipt(&entry, ChangeResult::Done)))
    });
    write.await?
}

fn end_words(session: &ListedSession) -> String {
    format!("Ended a session of {}", session.actor.name)
}
