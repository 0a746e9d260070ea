//! Many items become few sets: each item fails alone and gets its own answer.

use super::*;

/// Writes notes as sets. A set with note 13 fails.
fn note_sets(store: &Store) -> SetWriter<i64, i64> {
    SetWriter::start(store.clone(), async |tx, ids: Vec<i64>| {
        for id in &ids {
            add(&tx, *id).await?;
        }
        if ids.contains(&13) { Err(DbErr::Custom("unlucky".into())) } else { Ok(ids) }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn many_items_become_few_sets_and_each_gets_its_own_answer() {
    let folder = Folder::new("store").unwrap();
    let store = open(&folder).await;
    let (sets, before) = (note_sets(&store), *store.outbox().wakes().borrow());
    let answers = join_all((100..300).map(|id| sets.write(id))).await;
    let commits = *store.outbox().wakes().borrow() - before;
    assert!(commits <= 20, "{commits} commits for 200 items");
    let answers: Vec<i64> = answers.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers, (100..300).collect::<Vec<i64>>());
    assert_eq!(ids(store.read()).await, answers);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_that_fails_in_a_set_fails_alone() {
    let folder = Folder::new("store").unwrap();
    let store = open(&folder).await;
    let sets = note_sets(&store);
    let answers = join_all((1..=20).map(|id| sets.write(id))).await;
    for (id, answer) in (1..=20).zip(&answers) {
        assert_eq!(matches!(answer, Err(StoreError::Database(_))), id == 13, "{id}");
        assert_eq!(answer.is_ok(), id != 13, "{id}");
    }
    assert_eq!(ids(store.read()).await, (1..=20).filter(|id| *id != 13).collect::<Vec<i64>>());
}
