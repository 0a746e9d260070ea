//! An operator's set of one organisation and one system, for tests.

use super::*;

pub(super) const ODS: &str = "RR8";

pub(super) const ID: &str = "rr8-pas";

pub(super) fn id() -> SourceId {
    SourceId::new(ID)
}

pub(super) fn system() -> System {
    System {
        id: id(),
        name: "PAS".into(),
        organisation: OdsCode::new(ODS),
        base_url: "https://fhir.example.org/r4".into(),
        kind: "hospital".into(),
        authority: false,
        discreet: false,
        datasets: BTreeMap::from([(Dataset::Documents, DatasetSwitch::On)]),
        rhythm: "real-time".into(),
        default_practice: None,
        suspended: false,
        setup: SystemSetup::default(),
        feed: None,
    }
}

pub(super) fn client_of(ods: &str, id: &str) -> Client {
    Client {
        id: id.into(),
        name: "Feed".into(),
        org: OdsCode::new(ods),
        role: Role::FeedsClient,
        scope: "feeds.write".into(),
        jwks: jwks("a"),
        jwks_url: None,
        per_minute: 600,
        requests_per_minute: Some(1200),
        launch_roles: vec![],
        frame_ancestors: vec![],
    }
}

#[expect(clippy::unnecessary_wraps, reason = "a set holds an option")]
pub(super) fn basic(password: &str) -> Option<Credentials> {
    Some(Credentials::Basic { user: "lcr".into(), password: Phi::new(password.into()) })
}

/// A set whose system has its documents at this stage.
pub(super) fn set(stage: Stage, password: &str) -> PartnerSet {
    let rule = StageRule { dataset: Dataset::Documents, unit: None, receiver: None, stage };
    let mut row = system();
    row.setup.stages = Stages { rules: vec![rule.clone()], ..Stages::default() };
    let signed_off_by = "A. Smith, Caldicott guardian".to_owned();
    PartnerSet {
        organisations: vec![organisation(ODS, PartnerState::Live)],
        systems: vec![row],
        clients: vec![client_of(ODS, "rr8-feed")],
        credentials: BTreeMap::from([(id(), basic(password))]),
        sign_offs: vec![SwitchStep { system: id(), rule, signed_off_by, user_view: String::new() }],
        ..PartnerSet::default()
    }
}

pub(super) async fn notices(scene: &Scene) -> usize {
    let names = BTreeMap::from([(id(), "PAS".to_owned())]);
    switch_step::list_for(scene.service().store.read(), &names, &OdsCode::new(RECEIVER), 50).await.unwrap().len()
}

/// A set without stages whose system gives these datasets, under an agreement in force or not.
pub(super) fn set_of(gives: &[Dataset], agreement_signed: bool) -> PartnerSet {
    let is_on = |dataset: &Dataset| if gives.contains(dataset) { DatasetSwitch::On } else { DatasetSwitch::NotAgreed };
    let datasets = Dataset::ALL.iter().map(|dataset| (*dataset, is_on(dataset))).collect();
    PartnerSet {
        organisations: vec![Organisation { agreement_signed, ..organisation(ODS, PartnerState::Live) }],
        systems: vec![System { datasets, ..system() }],
        ..PartnerSet::default()
    }
}

/// Stores a set as the version before did, without any stage.
pub(super) async fn store_old(scene: &Scene, set: PartnerSet) {
    let write = scene.service().store.write(async move |tx| store::registry::store_all(&tx, MANAGER, set, 1).await);
    write.await.unwrap();
}
