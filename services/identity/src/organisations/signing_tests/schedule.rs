//! What follows if a schedule, an agreement on paper or a version changes.

use super::*;

#[tokio::test]
async fn the_same_schedule_again_asks_nobody_to_sign_again() {
    let folder = Folder::new("schedule-again").unwrap();
    let store = ready(&folder).await;
    let (author, same) = (administrator(DAY), schedule_of(&[Dataset::Allergies, Dataset::Results]));
    let write = store.write(async move |tx| settle(set_schedule(&tx, &TWO, &author, same).await));
    assert_eq!(write.await.unwrap().unwrap_err().kind, FailureKind::Conflict);
}

#[tokio::test]
async fn a_dataset_that_is_taken_out_of_the_schedule_stops_at_once() {
    let folder = Folder::new("schedule-less").unwrap();
    let store = ready(&folder).await;
    all_sign(&store, DAY).await;
    add_system(&store, ManagedBy::Portal).await;
    set_gives(&store, DAY, &[Dataset::Allergies, Dataset::Documents]).await;
    assert_eq!(switches(&store).await, [Some(DatasetSwitch::On), Some(DatasetSwitch::NotAgreed)]);
    assert_eq!(standing(&store).await, (PartnerState::Agreed, true), "the rest of what is signed holds");
}

/// The switches of allergies and of results.
async fn switches(store: &Store) -> [Option<DatasetSwitch>; 2] {
    let registry = registry::load(store.read()).await.unwrap();
    [Dataset::Allergies, Dataset::Results].map(|dataset| registry.systems[0].datasets.get(&dataset).copied())
}

#[tokio::test]
async fn what_is_taken_out_stops_at_a_system_that_the_operator_keeps_too() {
    let folder = Folder::new("schedule-operator").unwrap();
    let store = ready(&folder).await;
    all_sign(&store, DAY).await;
    add_system(&store, ManagedBy::Operator).await;
    set_gives(&store, DAY, &[Dataset::Allergies]).await;
    assert_eq!(switches(&store).await, [Some(DatasetSwitch::On), Some(DatasetSwitch::NotAgreed)]);
    let keeper = registry::keeper(store.read(), "system/hospice").await.unwrap();
    assert_eq!(keeper.as_deref(), Some("operator"), "its row stays the operator's");
}

#[tokio::test]
async fn a_schedule_beside_an_agreement_on_paper_takes_away_and_adds_nothing() {
    let folder = Folder::new("schedule-paper").unwrap();
    let store = ready(&folder).await;
    let on_paper = OrganisationFile { on_paper: true, ..file(&store).await };
    store.write(async move |tx| organisation_file::upsert(&tx, &on_paper).await).await.unwrap();
    add_system(&store, ManagedBy::Portal).await;
    set_gives(&store, DAY, &[Dataset::Allergies]).await;
    assert_eq!(switches(&store).await, [Some(DatasetSwitch::On), Some(DatasetSwitch::NotAgreed)]);
    set_gives(&store, DAY, &[Dataset::Allergies, Dataset::Results]).await;
    assert_eq!(switches(&store).await, [Some(DatasetSwitch::On), Some(DatasetSwitch::NotAgreed)]);
    assert!(standing(&store).await.1, "the agreement on paper counts on");
}

#[tokio::test]
async fn an_agreement_on_paper_ends_where_a_signed_one_begins() {
    let folder = Folder::new("paper").unwrap();
    let store = ready(&folder).await;
    let mut on_paper = file(&store).await;
    on_paper.on_paper = true;
    let write = store.write(async move |tx| organisation_file::upsert(&tx, &on_paper).await);
    write.await.unwrap();
    all_sign(&store, DAY).await;
    assert!(!file(&store).await.on_paper);
    assert!(standing(&store).await.1);
}
