//! A search and a look at one person cost few statements: on `SQLite` they are most of their cost.

use lcr_model::ViewId;
use lcr_testkit::statements_of;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn people_are_read_once_for_a_search_and_for_one_person() {
    let scene = Scene::new().await;
    scene.publish(&UPDATES, 7).await;
    let (gateway, person) = (caller(ServiceName::Gateway), scene.person_of("gp/1").await);
    let api = &scene.index.api;
    let search = async || {
        let query = SearchQuery { nhs_number: Some("943 476 5919".into()), ..SearchQuery::default() };
        assert_eq!(api.search(&gateway, query).await.unwrap().people.len(), 1);
    };
    let look = async || assert_eq!(api.summary(&gateway, person, ViewId::new()).await.unwrap().id, person);
    let aggregation = caller(ServiceName::RecordAggregation);
    let resolve = async || assert_eq!(api.resolve(&aggregation, person).await.unwrap().identities.len(), 3);
    let identity = SourceIdentity { source: SourceId::new("gp"), local_id: LocalId("1".into()) };
    let by_identity = async || assert!(api.person_of(&gateway, identity.clone()).await.unwrap().is_some());
    let readers = scene.index.store.read();
    // Candidates, then their people. Everything else follows from those rows.
    assert_eq!(statements_of(readers, search).await.unwrap(), 2);
    assert_eq!(statements_of(readers, look).await.unwrap(), 1);
    // And doubts about the person's number.
    assert_eq!(statements_of(readers, resolve).await.unwrap(), 2);
    assert_eq!(statements_of(readers, by_identity).await.unwrap(), 2);
}
