//! Records that their source merges: the survivor answers for the old id, and two NHS numbers never become one person.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn merged_ids_belong_to_the_survivor_who_answers_for_the_old_person() {
    let scene = Scene::new().await;
    // The hospital had registered her twice: once with her number, once without.
    let twice =
        [TestUpdate("st-hildas", "77", "9434765919", "1945-07-14"), TestUpdate("st-hildas", "90", "", "1945-07-14")];
    scene.publish(&twice, 2).await;
    assert_eq!(scene.index.api.count().await.unwrap(), 2);
    let gone = scene.person_of("st-hildas/90").await;
    let merge = twice[0].merging(&scene.keys, 2, &["90", "91"]);
    scene.publish_events(&[merge.clone(), merge], 1).await;
    let kept = scene.person_of("st-hildas/77").await;
    // 91 is unknown so far. It is hers when it arrives.
    let all = names(&[&["st-hildas/77", "st-hildas/90", "st-hildas/91"], &[]]);
    assert_eq!(scene.people().await, all);
    let resolved = scene.index.api.resolve(&caller(ServiceName::RecordAggregation), gone).await.unwrap();
    assert_eq!(resolved.person, kept, "the old id resolves to her");
    // Later updates of a merged id stay hers.
    let later = TestUpdate("st-hildas", "91", "", "1945-07-14").merging(&scene.keys, 3, &[]);
    scene.publish_events(&[later], 1).await;
    assert_eq!(scene.people().await, all);
}

/// Feeds hashes local ids that are NHS numbers. An earlier version sent them unhashed.
#[tokio::test(flavor = "multi_thread")]
async fn a_person_whose_local_id_becomes_a_hash_is_neither_lost_nor_doubled() {
    const HASH: &str = "nhs-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    let unhashed = TestUpdate("st-hildas", "9434765919", "9434765919", "1945-07-14");
    let hashed = TestUpdate("st-hildas", HASH, "9434765919", "1945-07-14");
    for replaces in [&["9434765919"][..], &[]] {
        let scene = Scene::new().await;
        scene.publish(&[UPDATES[0], unhashed], 2).await;
        let before = scene.person_of("st-hildas/9434765919").await;
        let event = hashed.merging(&scene.keys, 2, replaces);
        scene.publish_events(&[event.clone(), event], 1).await;
        assert_eq!(scene.index.api.count().await.unwrap(), 1);
        assert_eq!(scene.person_of(&format!("st-hildas/{HASH}")).await, before, "one person under either id");
    }
    // Without a stored NHS number, only the merge shows that it is the same person.
    let scene = Scene::new().await;
    scene.publish(&[TestUpdate("st-hildas", "9434765919", "", "1945-07-14")], 1).await;
    let event = TestUpdate("st-hildas", HASH, "", "1945-07-14").merging(&scene.keys, 2, &["9434765919"]);
    scene.publish_events(&[event], 1).await;
    let together = scene.people().await;
    let both = ["st-hildas/9434765919".to_owned(), format!("st-hildas/{HASH}")];
    assert!(together.contains(&BTreeSet::from(both)), "{together:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_never_merges_two_nhs_numbers_into_one_person() {
    let scene = Scene::new().await;
    let two = [
        TestUpdate("st-hildas", "1", "9434765919", "1945-07-14"),
        TestUpdate("st-hildas", "2", "9876543210", "1957-11-02"),
    ];
    scene.publish(&two, 2).await;
    scene.publish_events(&[two[0].merging(&scene.keys, 2, &["2"])], 1).await;
    assert_eq!(scene.people().await, names(&[&["st-hildas/1"], &["st-hildas/2"]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_joins_its_person_once_its_source_learns_the_number() {
    let scene = Scene::new().await;
    scene.publish(&[UPDATES[0], TestUpdate("st-hildas", "5", "", "1945-07-14")], 1).await;
    let unknown = scene.person_of("st-hildas/5").await;
    let traced = TestUpdate("st-hildas", "5", "9434765919", "1945-07-14").merging(&scene.keys, 2, &[]);
    scene.publish_events(&[traced], 1).await;
    assert_eq!(scene.people().await, names(&[&["gp/1", "st-hildas/5"], &[]]));
    let resolved = scene.index.api.resolve(&caller(ServiceName::RecordAggregation), unknown).await.unwrap();
    assert_eq!(resolved.person, scene.person_of("gp/1").await, "the old id resolves to the survivor");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merged_id_with_another_number_leaves_the_person_again() {
    let scene = Scene::new().await;
    let hers = TestUpdate("st-hildas", "77", "9434765919", "1945-07-14");
    scene.publish_events(&[hers.merging(&scene.keys, 1, &["91"])], 1).await;
    let other = TestUpdate("st-hildas", "91", "9876543210", "1957-11-02").merging(&scene.keys, 2, &[]);
    scene.publish_events(&[other], 1).await;
    assert_eq!(scene.people().await, names(&[&["st-hildas/77"], &["st-hildas/91"]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_moves_to_the_survivor() {
    let scene = Scene::new().await;
    let updates = [
        TestUpdate("st-hildas", "90", "9434765919", "1945-07-14"),
        TestUpdate("nhs-login", "u", "9434765919", "1945-07-14"),
        TestUpdate("st-hildas", "77", "", "1945-07-14"),
    ];
    scene.publish(&updates, 3).await;
    scene.publish_events(&[updates[2].merging(&scene.keys, 2, &["90"])], 1).await;
    assert_eq!(scene.people().await, names(&[&["st-hildas/77", "st-hildas/90", "nhs-login/u"], &[]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_merge_still_counts() {
    let scene = Scene::new().await;
    let hers = TestUpdate("st-hildas", "77", "9434765919", "1945-07-14");
    scene.publish_events(&[hers.merging(&scene.keys, 9, &[])], 1).await;
    scene.publish(&[TestUpdate("st-hildas", "90", "", "1945-07-14")], 1).await;
    scene.publish_events(&[hers.merging(&scene.keys, 4, &["90"])], 1).await;
    assert_eq!(scene.people().await, names(&[&["st-hildas/77", "st-hildas/90"], &[]]));
}
