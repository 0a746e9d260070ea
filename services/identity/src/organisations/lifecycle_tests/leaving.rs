//! Organisations that leave, by themselves or because the platform ended their part.

use super::*;

#[tokio::test]
async fn who_has_left_has_no_agreement_and_registers_anew() {
    let folder = Folder::new("leave").unwrap();
    let store = live(&folder).await;
    try_move(&store, administrator(DAY), PartnerState::Left, vec![]).await.unwrap();
    assert_eq!(standing(&store).await, (PartnerState::Left, false));
    let refused = try_move(&store, administrator(DAY), PartnerState::Live, vec![]).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Conflict);
    let before = file(&store).await.registration;
    register(&store, DAY).await;
    assert_eq!(standing(&store).await, (PartnerState::Draft, false), "the signatures of before do not count");
    assert_ne!(file(&store).await.registration, before);
}

#[tokio::test]
async fn who_leaves_leaves_no_connection_behind() {
    let folder = Folder::new("leave-connections").unwrap();
    let store = live(&folder).await;
    add_system(&store, ManagedBy::Seed).await;
    let (ods, now) = (OdsCode::new(ODS), administrator(DAY).now);
    let hash = "hash of the token";
    let write = store.write(async move |tx| {
        let ods = OdsCode::new(ODS);
        provider::upsert(&tx, &provider_draft(), &ods, now).await?;
        client::upsert(&tx, ManagedBy::Portal, &machine()).await?;
        directory_setting::set_scim_token(&tx, &ods, hash, now).await
    });
    write.await.unwrap();
    try_move(&store, administrator(DAY), PartnerState::Left, vec![]).await.unwrap();
    let system = registry::load(store.read()).await.unwrap().systems.remove(0);
    assert!(!system.setup.live);
    let left_at = partner_change::last_at(store.read(), &ods, words_of_moves(PartnerState::Left)).await.unwrap();
    assert_eq!(left_at, Some(now), "the register says since when (S-74)");
    let stages: Vec<Stage> = system.setup.stages.rules.iter().map(|rule| rule.stage).collect();
    assert_eq!(stages, [Stage::Off], "allergies; the schedule has no results");
    assert!(provider::list(store.read()).await.unwrap().is_empty());
    assert!(client::list(store.read(), &ods).await.unwrap().iter().all(|client| client.suspended));
    let owner = directory_setting::find_by_scim_token(store.read(), &[hash.to_owned()]).await.unwrap();
    assert_eq!(owner, None);
}

fn machine() -> ClientSeed {
    ClientSeed {
        id: "hospice-engine".to_owned(),
        name: "The integration engine".to_owned(),
        org: OdsCode::new(ODS),
        role: Role::FeedsClient,
        scope: "feeds.write".to_owned(),
        jwks: serde_json::Value::Null,
        jwks_url: None,
        per_minute: 0,
        requests_per_minute: None,
        launch_roles: vec![],
        frame_ancestors: vec![],
    }
}

#[tokio::test]
async fn whose_part_the_platform_ended_does_not_register_again() {
    let folder = Folder::new("leave-by-platform").unwrap();
    let store = live(&folder).await;
    try_move(&store, platform(DAY), PartnerState::Left, vec![]).await.unwrap();
    assert!(file(&store).await.left_by_platform);
    let author = administrator(DAY);
    let write = store.write(async move |tx| settle(registration::register(&tx, &TWO, &author, details()).await));
    let refused = write.await.unwrap().unwrap_err();
    assert_eq!(refused.kind, FailureKind::Forbidden);
    assert_eq!(standing(&store).await, (PartnerState::Left, false));
}

#[tokio::test]
async fn whom_the_platform_ended_only_the_platform_lets_in_again_and_nothing_of_before_counts() {
    let folder = Folder::new("return").unwrap();
    let store = live(&folder).await;
    add_system(&store, ManagedBy::Seed).await;
    try_move(&store, platform(DAY), PartnerState::Left, vec![]).await.unwrap();
    let before = file(&store).await.registration;
    let own = try_move(&store, administrator(DAY), PartnerState::Draft, vec![]).await.unwrap_err();
    assert_eq!(own.kind, FailureKind::Forbidden);
    let silent = Author { reason: String::new(), ..platform(DAY) };
    assert_eq!(try_move(&store, silent, PartnerState::Draft, vec![]).await.unwrap_err().kind, FailureKind::BadRequest);
    try_move(&store, platform(DAY), PartnerState::Draft, vec![]).await.unwrap();
    assert_eq!(standing(&store).await, (PartnerState::Draft, false), "it signs anew");
    let now = file(&store).await;
    assert!(now.registration != before && !now.left_by_platform && now.details == details());
    let system = registry::load(store.read()).await.unwrap().systems.remove(0);
    assert!(system.is_stopped(), "until it has passed its check");
    let history = partner_change::list(store.read(), &OdsCode::new(ODS), 1).await.unwrap();
    assert_eq!(history[0].what, "Moved from left to draft");
    let live = try_move(&store, administrator(DAY), PartnerState::Live, vec![]).await.unwrap_err();
    assert_eq!(live.kind, FailureKind::Conflict);
}

#[tokio::test]
async fn a_system_of_the_operator_is_stopped_too_and_stays_the_operators() {
    let folder = Folder::new("leave-operator").unwrap();
    let store = live(&folder).await;
    add_system(&store, ManagedBy::Operator).await;
    try_move(&store, platform(DAY), PartnerState::Left, vec![]).await.unwrap();
    let system = registry::load(store.read()).await.unwrap().systems.remove(0);
    assert!(system.is_stopped() && !system.is_joining() && system.setup.must_be_checked());
    let stages = &system.setup.stages;
    assert!(stages.rules.iter().any(|rule| rule.dataset == Dataset::Allergies));
    assert!(stages.rules.iter().all(|rule| rule.stage == Stage::Off));
    assert_eq!(registry::keeper(store.read(), "system/hospice").await.unwrap().as_deref(), Some("operator"));
}

#[tokio::test]
async fn who_left_by_itself_registers_again_by_itself() {
    let folder = Folder::new("return-own").unwrap();
    let store = live(&folder).await;
    try_move(&store, administrator(DAY), PartnerState::Left, vec![]).await.unwrap();
    let refused = try_move(&store, platform(DAY), PartnerState::Draft, vec![]).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Conflict);
}
