//! Providers are stored with the checks of their present draft, and their sessions are found by the provider's own ids.

#![allow(clippy::unwrap_used, reason = "tests")]

use lcr_contracts::partners::system::CheckOutcome;
use lcr_model::{Actor, ActorKind, Purpose, Role, SessionId, UserId};
use lcr_store::{Durability, Store};
use lcr_testkit::Folder;

use super::*;
use crate::store::{
    Migrator, provider_session,
    session::{self, NewSession},
};

const ISSUER: &str = "https://login.example.nhs.uk";

async fn store(folder: &Folder) -> Store {
    let file = folder.path().join("identity.db");
    Store::open::<Migrator>(&file, "identity", Durability::Acknowledged).await.unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn draft() -> ProviderDraft {
    serde_json::from_value(serde_json::json!({"issuer": ISSUER, "client_id": "lcr"})).unwrap()
}

#[tokio::test]
async fn a_changed_draft_begins_its_checks_anew() {
    let folder = Folder::new("providers").unwrap();
    let store = store(&folder).await;
    let ods = OdsCode::new("Y90001");
    let write = store.write(async move |tx| {
        upsert(&tx, &draft(), &OdsCode::new("Y90001"), at(0)).await?;
        let check = Check { name: "discovery".into(), outcome: CheckOutcome::Passed, text: "It answers.".into() };
        let version = at(0).as_microsecond();
        assert!(store_checks(&tx, ISSUER, version, std::slice::from_ref(&check)).await?);
        assert!(!store_checks(&tx, ISSUER, version - 1, &[check]).await?, "a check of an older draft");
        Ok(())
    });
    write.await.unwrap();
    let stored = list_of(store.read(), &ods).await.unwrap();
    assert_eq!((stored.len(), stored[0].checks.len()), (1, 1));
    let change = store.write(async move |tx| upsert(&tx, &draft(), &OdsCode::new("Y90001"), at(1)).await);
    change.await.unwrap();
    let stored = find(store.read(), ISSUER).await.unwrap().unwrap();
    assert!(stored.checks.is_empty() && stored.version == at(1).as_microsecond());
    store.write(async move |tx| delete(&tx, ISSUER).await).await.unwrap();
    assert!(list(store.read()).await.unwrap().is_empty());
}

fn check(outcome: CheckOutcome) -> Check {
    Check { name: "discovery".into(), outcome, text: "What it answers.".into() }
}

fn with_domains(domains: &[&str]) -> ProviderDraft {
    let email_domains = domains.iter().map(|domain| (*domain).to_owned()).collect();
    ProviderDraft { email_domains, ..draft() }
}

#[tokio::test]
async fn a_changed_draft_is_found_by_the_domains_that_passed_until_its_own_check() {
    let folder = Folder::new("provider-domains").unwrap();
    let store = store(&folder).await;
    let put = async |second: i64, domains: &'static [&'static str]| {
        let draft = with_domains(domains);
        let put = store.write(async move |tx| upsert(&tx, &draft, &OdsCode::new("Y90001"), at(second)).await);
        put.await.unwrap();
        find(store.read(), ISSUER).await.unwrap().unwrap().checked_domains()
    };
    let checked = async |second: i64, outcome: CheckOutcome| {
        let version = at(second).as_microsecond();
        let write = store.write(async move |tx| store_checks(&tx, ISSUER, version, &[check(outcome)]).await);
        assert!(write.await.unwrap());
        find(store.read(), ISSUER).await.unwrap().unwrap().checked_domains()
    };
    assert!(put(0, &["a.nhs.uk"]).await.is_empty(), "never checked");
    assert_eq!(checked(0, CheckOutcome::Passed).await, ["a.nhs.uk"]);
    assert_eq!(put(1, &["a.nhs.uk", "b.nhs.uk"]).await, ["a.nhs.uk"], "the new domain waits for the check");
    assert_eq!(put(2, &["a.nhs.uk", "b.nhs.uk"]).await, ["a.nhs.uk"], "and so it does after another change");
    assert_eq!(checked(2, CheckOutcome::Passed).await, ["a.nhs.uk", "b.nhs.uk"]);
    assert_eq!(put(3, &["b.nhs.uk"]).await, ["b.nhs.uk"], "a domain that is taken out is gone at once");
    assert!(checked(3, CheckOutcome::Failed).await.is_empty());
    assert!(put(4, &["b.nhs.uk"]).await.is_empty(), "what failed does not count again before it passes");
}

#[tokio::test]
async fn the_first_key_stays() {
    let folder = Folder::new("provider-keys").unwrap();
    let store = store(&folder).await;
    for sealed in ["first", "second"] {
        let write = store.write(async move |tx| insert_key(&tx, (ISSUER, "ES384"), sealed.to_owned(), at(0)).await);
        write.await.unwrap();
    }
    assert_eq!(find_key(store.read(), ISSUER, "ES384").await.unwrap().as_deref(), Some("first"));
    assert!(find_key(store.read(), ISSUER, "RS256").await.unwrap().is_none());
}

#[tokio::test]
async fn a_provider_ends_only_sessions_that_it_vouched_for() {
    let folder = Folder::new("provider-sessions").unwrap();
    let store = store(&folder).await;
    let write = store.write(async move |tx| {
        for (hash, issuer, sid, user) in [
            ("a", ISSUER, "1", "u"),
            ("b", ISSUER, "2", "u"),
            ("c", "https://other.example", "1", "u"),
            ("d", ISSUER, "3", "v"),
        ] {
            let actor = Actor {
                user: UserId::new(user),
                kind: ActorKind::Person,
                name: "Somebody".into(),
                org: OdsCode::new("Y90001"),
                role: Role::Gp,
                purpose: Purpose::DirectCare,
                session: SessionId::new(),
            };
            let new = NewSession {
                hash,
                actor: &actor,
                issuer,
                provider_role: None,
                sid: Some(sid),
                started: at(0),
                authenticated_at: None,
                frame_ancestors: "",
            };
            session::insert(&tx, new, at(0)).await?;
        }
        let by_sid = provider_session::end_by_sid(&tx, ISSUER, "1", at(1)).await?.len();
        let again = provider_session::end_by_sid(&tx, ISSUER, "1", at(1)).await?.len();
        let by_user = provider_session::end_by_user(&tx, ISSUER, &UserId::new("u"), at(1)).await?.len();
        let rest = provider_session::end_by_issuer(&tx, ISSUER, at(1)).await?.len();
        Ok([by_sid, again, by_user, rest])
    });
    assert_eq!(write.await.unwrap(), [1, 0, 1, 1]);
    assert!(session::find(store.read(), "c").await.unwrap().is_some(), "of another provider");
}
