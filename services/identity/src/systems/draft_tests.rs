//! Each rule for a system's draft refuses what it is for, and a row never opens more than its draft (S-47, X-07).

#![allow(clippy::unwrap_used, reason = "tests")]

use lcr_contracts::partners::system::SystemChange;
use lcr_model::SourceId;

use super::*;
use crate::systems::testing::{OWNER, RECEIVER, Scene, administrator, draft, sender};

fn refusal(draft: &SystemDraft) -> String {
    check(draft, None).unwrap_err().outward().to_owned()
}

fn owner() -> OdsCode {
    OdsCode::new(OWNER)
}

fn feed(draft: SystemDraft, change: impl FnOnce(&mut Feed)) -> SystemDraft {
    let mut feed = draft.feed.clone().unwrap_or_default();
    change(&mut feed);
    SystemDraft { feed: Some(feed), ..draft }
}

#[test]
fn each_field_of_a_draft_has_a_rule() {
    assert_eq!(check(&draft("gp"), None), Ok(()));
    assert_eq!(check(&sender("pas", "PAS"), None), Ok(()));
    for id in ["", "GP", "gp system", "-gp", "gp-", "a/b", &"a".repeat(41)] {
        assert!(refusal(&draft(id)).contains("id of a system"), "{id}");
    }
    assert!(refusal(&SystemDraft { name: " ".into(), ..draft("gp") }).contains("name"));
    assert!(refusal(&SystemDraft { name: "a\nb".into(), ..draft("gp") }).contains("name"));
    assert!(refusal(&SystemDraft { contact: "a".repeat(201), ..draft("gp") }).contains("contact"));
    assert!(refusal(&SystemDraft { rhythm: "weekly".into(), ..draft("gp") }).contains("rhythm"));
    assert!(refusal(&SystemDraft { datasets: BTreeSet::new(), ..draft("gp") }).contains("at least one dataset"));
    assert!(refusal(&SystemDraft { base_url: String::new(), ..draft("gp") }).contains("asked or sends"));
    for kind in [SystemKind::Authority, SystemKind::Added, SystemKind::Other("x".into())] {
        assert!(refusal(&SystemDraft { kind: kind.clone(), ..draft("gp") }).contains("kind"), "{kind}");
        assert_eq!(check(&SystemDraft { kind: kind.clone(), ..draft("gp") }, Some(&kind)), Ok(()), "it has it already");
    }
}

#[test]
fn a_word_of_the_portals_addresses_is_no_id() {
    for id in RESERVED {
        assert!(refusal(&draft(id)).contains("The portal uses"), "{id}");
        assert_eq!(check(&draft(id), Some(&draft(id).kind)), Ok(()), "what has such an id is still changed");
    }
}

#[test]
fn a_feed_names_its_senders_and_sends_no_training_messages() {
    let pas = || sender("pas", "PAS");
    assert!(refusal(&feed(pas(), |feed| feed.senders.clear())).contains("senders"));
    assert!(refusal(&feed(pas(), |feed| feed.senders.push(("PAS".into(), String::new())))).contains("MSH-4"));
    assert!(refusal(&feed(pas(), |feed| feed.profile = "own".into())).contains("profile"));
    assert!(refusal(&feed(pas(), |feed| feed.training = true)).contains("training"));
}

#[test]
fn a_dataset_outside_the_schedule_is_refused_by_name() {
    let datasets = BTreeSet::from([Dataset::Allergies, Dataset::Results]);
    assert_eq!(check_schedule(&datasets, None, None), Ok(()));
    assert_eq!(check_schedule(&datasets, Some(&datasets), None), Ok(()));
    let gives = BTreeSet::from([Dataset::Results]);
    for newest in [None, Some(&gives)] {
        let refused = check_schedule(&datasets, Some(&gives), newest).unwrap_err();
        assert!(refused.outward().contains("Allergies") && !refused.outward().contains("Results"));
        assert!(refused.outward().contains("Add them to the schedule"));
    }
    let unsigned = check_schedule(&datasets, Some(&gives), Some(&datasets)).unwrap_err();
    assert!(unsigned.outward().starts_with("Sign the schedule first: it is not in force yet"), "{unsigned:?}");
}

#[test]
fn a_new_system_is_not_live_and_everything_is_off() {
    let system = to_system(draft("gp"), owner(), None, jiff::Timestamp::UNIX_EPOCH);
    assert!(system.is_stopped() && !system.is_asked() && !system.authority);
    assert_eq!(system.datasets[&Dataset::Results], DatasetSwitch::On);
    assert_eq!(system.datasets[&Dataset::Documents], DatasetSwitch::NotConnected, "it keeps nothing back");
    assert_eq!(system.datasets.len(), Dataset::ALL.len());
    let reader = administrator(RECEIVER);
    assert!(draft("gp").datasets.iter().all(|dataset| !system.is_open_to(*dataset, &reader)));
    assert_eq!(of_system(&system), draft("gp"));
}

#[test]
fn another_address_ends_live_and_another_host_ends_the_credentials() {
    let mut system = to_system(draft("gp"), owner(), None, jiff::Timestamp::UNIX_EPOCH);
    system.setup.live = true;
    let keys = lcr_model::seal::DataKeys::parse(&lcr_model::seal::DataKeys::generate_text().unwrap()).unwrap();
    let basic =
        lcr_contracts::registry::Credentials::Basic { user: "lcr".into(), password: "secret".to_owned().into() };
    system.setup.credentials = basic.seal(&system.id, None, &keys, jiff::Timestamp::UNIX_EPOCH);
    let at = |base_url: &str| {
        let setup = to_system(
            SystemDraft { base_url: base_url.into(), ..draft("gp") },
            owner(),
            Some(&system),
            jiff::Timestamp::UNIX_EPOCH,
        )
        .setup;
        (setup.live, setup.credentials.is_some())
    };
    assert_eq!(at("https://fhir.example.nhs.uk/R4"), (true, true));
    assert_eq!(at("https://fhir.example.nhs.uk/R4B"), (false, true));
    assert_eq!(at("https://fhir.example.nhs.uk:8443/R4"), (false, false));
    assert_eq!(at("https://other.example/R4"), (false, false));
}

#[test]
fn a_dataset_that_comes_back_begins_switched_off() {
    let mut system = to_system(draft("gp"), owner(), None, jiff::Timestamp::UNIX_EPOCH);
    system.setup.stages.set(StageRule { dataset: Dataset::Results, unit: None, receiver: None, stage: Stage::On });
    let without = SystemDraft { datasets: BTreeSet::from([Dataset::Allergies]), ..draft("gp") };
    let system = to_system(without, owner(), Some(&system), jiff::Timestamp::UNIX_EPOCH);
    let system = to_system(draft("gp"), owner(), Some(&system), jiff::Timestamp::UNIX_EPOCH);
    assert!(!system.is_open_to(Dataset::Results, &administrator(RECEIVER)));
}

#[test]
fn a_discreet_system_stays_discreet() {
    let system = to_system(
        SystemDraft { kind: SystemKind::Discreet, ..draft("clinic") },
        owner(),
        None,
        jiff::Timestamp::UNIX_EPOCH,
    );
    let system = to_system(
        SystemDraft { kind: SystemKind::Community, ..draft("clinic") },
        owner(),
        Some(&system),
        jiff::Timestamp::UNIX_EPOCH,
    );
    assert!(system.is_discreet());
}

fn put(draft: SystemDraft) -> SystemChange {
    SystemChange::Put(Box::new(draft))
}

#[tokio::test]
async fn an_id_and_a_sender_belong_to_one_organisation() {
    let scene = Scene::new().await;
    scene.put(sender("pas", "PAS")).await;
    let refused = scene.change_as(administrator(RECEIVER), RECEIVER, put(draft("pas"))).await.unwrap_err();
    assert!(refused.outward().contains("has this id"), "{refused:?}");
    let same_sender = sender("other", "PAS");
    let refused = scene.change_as(administrator(RECEIVER), RECEIVER, put(same_sender)).await.unwrap_err();
    assert!(refused.outward().contains("senders"), "{refused:?}");
    scene.put(sender("pas", "PAS")).await;
    assert!(scene.refusal(put(draft("nhs-login"))).await.contains("platform's own"));
}

#[tokio::test]
async fn a_form_for_a_new_system_never_changes_one_that_exists() {
    let scene = Scene::new().await;
    let create = |name: &str| SystemChange::Create(Box::new(SystemDraft { name: name.into(), ..draft("gp") }));
    scene.change(create("The first")).await.unwrap();
    let refused = scene.change(create("The second")).await.unwrap_err();
    assert_eq!(refused.kind, lcr_contracts::FailureKind::Conflict);
    assert!(refused.outward().contains("You already have a system called gp"), "{refused:?}");
    assert_eq!(scene.system("gp").await.name, "The first");
    scene.change(put(SystemDraft { name: "Changed".into(), ..draft("gp") })).await.unwrap();
    scene.change(SystemChange::Remove { system: SourceId::new("gp") }).await.unwrap();
    scene.change(create("The third")).await.unwrap();
    assert_eq!(scene.system("gp").await.name, "The third");
}

#[tokio::test]
async fn another_kind_for_a_discreet_system_is_refused_in_words() {
    let scene = Scene::new().await;
    let discreet = || SystemDraft { kind: SystemKind::Discreet, ..draft("clinic") };
    scene.put(discreet()).await;
    assert!(scene.refusal(put(draft("clinic"))).await.contains("stays discreet"));
    scene.put(SystemDraft { name: "Another name".into(), ..discreet() }).await;
    assert!(scene.system("clinic").await.is_discreet());
}

#[tokio::test]
async fn an_address_inside_is_refused_and_nothing_is_stored() {
    let scene = Scene::new().await;
    for address in ["https://10.0.0.1/R4", "https://169.254.169.254/", "https://consent.lcr.svc/R4", "not a URL"] {
        scene.refusal(put(SystemDraft { base_url: address.into(), ..draft("gp") })).await;
    }
    let registry = lcr_contracts::Identity::registry(scene.service()).await.unwrap();
    assert!(registry.system(&SourceId::new("gp")).is_none());
}

#[tokio::test]
async fn only_its_own_administrators_set_a_system_up() {
    let scene = Scene::new().await;
    let other = scene.change_as(administrator(RECEIVER), OWNER, put(draft("gp"))).await.unwrap_err();
    assert_eq!(other.kind, lcr_contracts::FailureKind::Forbidden);
}

#[tokio::test]
async fn a_row_of_the_operator_is_changed_in_the_cluster_alone() {
    let scene = Scene::new().await;
    scene.put(draft("gp")).await;
    scene.give_to_operator("gp").await;
    let system = SourceId::new("gp");
    for change in [
        put(SystemDraft { name: "Another name".into(), ..draft("gp") }),
        SystemChange::SetCredentials { system: system.clone(), credentials: None },
        SystemChange::GoLive { system: system.clone() },
        SystemChange::Suspend { system, suspended: true },
    ] {
        assert!(scene.refusal(change).await.contains("PartnerSystem"));
    }
}

#[tokio::test]
async fn the_history_says_which_fields_of_a_system_changed_and_no_value() {
    let scene = Scene::new().await;
    scene.put(draft("gp")).await;
    let datasets = BTreeSet::from([Dataset::Allergies]);
    scene.put(SystemDraft { datasets, contact: "Jo Lane".into(), ..draft("gp") }).await;
    let history =
        crate::store::partner_change::list(scene.service().store.read(), &OdsCode::new(OWNER), 1).await.unwrap();
    assert_eq!(history[0].what, "Changed the system gp (datasets, contact)");
}
