//! A set of messages ends as its messages would one after the other, and costs a few statements whatever its size.

use lcr_contracts::events::MessageWaits;
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::*;

#[path = "message_set_tests/any_cut.rs"]
mod any_cut;
#[path = "message_set_tests/scene.rs"]
mod scene;

use scene::{ASHDOWN, BELL, Scene, incoming, pv1};

fn expected(rows: &[(&str, i32)]) -> Vec<(String, i32)> {
    rows.iter().map(|(status, events)| ((*status).to_owned(), *events)).collect()
}

#[tokio::test]
async fn the_same_message_twice_in_one_set_takes_effect_once() {
    let scene = Scene::set().await;
    let message = || incoming("M1", "ADT^A01", &[ASHDOWN, &pv1("V1")]);
    let messages = [message(), message(), incoming("M1", "ADT^A03", &[ASHDOWN, &pv1("V1")])];
    let outcomes = scene.store(&messages).await.unwrap();
    assert_eq!(outcomes, [StoreOutcome::New, StoreOutcome::Duplicate, StoreOutcome::New]);
    // The details did not change in the last message.
    assert_eq!(scene.rows().await, expected(&[("accepted", 2), ("duplicate", 0), ("accepted", 1)]));
    assert_eq!((scene.people().await.len(), scene.stays().await.len()), (1, 2));
    // In a later set, too.
    assert_eq!(scene.store(&[message()]).await.unwrap(), [StoreOutcome::Duplicate]);
}

#[tokio::test]
async fn an_earlier_message_with_the_control_id_is_found_by_source_and_bytes() {
    let scene = Scene::set().await;
    let first = incoming("M1", "ADT^A28", &[ASHDOWN]);
    scene.store(std::slice::from_ref(&first)).await.unwrap();
    let found = scene.store.write(async move |tx| {
        let reused = incoming("M1", "ADT^A28", &[BELL]).row.clone();
        let elsewhere = Row { source: Some("elsewhere".into()), once: Some("other".into()), ..reused.clone() };
        let absent = incoming("M2", "ADT^A28", &[BELL]).row.clone();
        let rows = [&first.row, &reused, &elsewhere, &absent];
        let prior = PriorMessages::of(&tx, &rows).await?;
        Ok(rows.map(|row| prior.find(row)))
    });
    let (reused, absent) = (PriorMessage::ControlIdReused, PriorMessage::Absent);
    assert_eq!(found.await.unwrap(), [PriorMessage::Same, reused, absent, absent]);
}

#[tokio::test]
async fn two_messages_of_one_person_in_one_set_see_each_other() {
    let scene = Scene::set().await;
    let admission = incoming("M1", "ADT^A01", &[ASHDOWN, &pv1("V1")]);
    // Neither the birth date nor the visit number is sent again.
    let transfer = incoming("M2", "ADT^A02", &["PID|1||4711^^^Z9H01^MR||Cole^Ottilie", "PV1|1|I|W2^1^1^Z9H01"]);
    let outcomes = scene.store(&[admission, transfer]).await.unwrap();
    assert_eq!(outcomes, [StoreOutcome::New, StoreOutcome::New]);
    let people = scene.people().await;
    assert_eq!((people.len(), people[1].family.as_str()), (2, "Cole"));
    assert!(people[0].birth_date.is_some() && people[1].birth_date == people[0].birth_date);
    let stays = scene.stays().await;
    assert_eq!(stays[0], stays[1]);
}

#[tokio::test]
async fn a_new_visit_number_and_the_message_after_it_are_one_stay_in_one_set() {
    let scene = Scene::set().await;
    let messages = [
        incoming("M1", "ADT^A01", &[ASHDOWN, &pv1("V1")]),
        incoming("M2", "ADT^A42", &[ASHDOWN, "MRG|4711^^^Z9H01^MR||||V1", &pv1("V2")]),
        incoming("M3", "ADT^A02", &[ASHDOWN, &pv1("V2")]),
    ];
    let outcomes = scene.store(&messages).await.unwrap();
    assert_eq!(outcomes, [StoreOutcome::New, StoreOutcome::New, StoreOutcome::New]);
    let stays = scene.stays().await;
    assert_eq!(stays[1].1.as_ref(), Some(&stays[0].0), "the renumbering names the former stay");
    assert_eq!(stays[2].0, stays[1].0, "the next message is about the renumbered stay");
}

#[tokio::test]
async fn a_waiting_message_leaves_nothing_of_itself_in_its_set() {
    let scene = Scene::set().await;
    let messages = [
        incoming("M1", "ADT^A28", &[ASHDOWN]),
        incoming("M2", "ADT^A28", &[BELL]),
        // Joins two NHS numbers, and gives another name.
        incoming("M3", "ADT^A40", &["PID|1||4711^^^Z9H01^MR||Wrong", "MRG|4712^^^Z9H01^MR"]),
        incoming("M4", "ADT^A31", &["PID|1||4711^^^Z9H01^MR|||||M"]),
    ];
    let outcomes = scene.store(&messages).await.unwrap();
    assert!(matches!(outcomes[2], StoreOutcome::Waits(_)), "{:?}", outcomes[2]);
    assert_eq!(outcomes[3], StoreOutcome::New);
    let rows = [("accepted", 1), ("accepted", 1), ("dead-letter", 0), ("accepted", 1)];
    assert_eq!(scene.rows().await, expected(&rows));
    let people = scene.people().await;
    assert_eq!((people.len(), people[2].family.as_str()), (3, "Ashdown"));
    assert!(people[2].replaces.is_empty());
    let waits: Vec<MessageWaits> = scene.events().await;
    assert_eq!(waits.len(), 1, "its people are marked");
    assert!(waits[0].waits && waits[0].message == messages[2].row.id);
}

/// A message whose row cannot be written, because its id is taken.
fn failing(taken: &IncomingMessage) -> Arc<IncomingMessage> {
    let message = incoming("M9", "ADT^A28", &["PID|1||9^^^Z9H01^MR||Dale"]);
    let row = Row { id: taken.row.id, ..message.row.clone() };
    let (verdict, mentions) = (Verdict::Mapped(vec![]), Mentions::default());
    Arc::new(IncomingMessage { row, verdict, mentions, now: message.now, span: Span::none() })
}

#[tokio::test]
async fn a_message_that_fails_fails_alone() {
    let scene = Scene::set().await;
    let first = incoming("M1", "ADT^A28", &[ASHDOWN]);
    scene.store(std::slice::from_ref(&first)).await.unwrap();
    let before = scene.people().await.len();
    // As one set, nothing of it is stored.
    let set = [incoming("M2", "ADT^A28", &[BELL]), failing(&first)];
    assert!(matches!(scene.store(&set).await, Err(StoreError::Database(_))));
    assert_eq!((scene.rows().await.len(), scene.people().await.len()), (1, before));
    // The writer of the sets then stores each of them alone.
    let sets = start_message_sets(&scene.store, &scene.keys);
    let last = incoming("M3", "ADT^A28", &["PID|1||4713^^^Z9H01^MR||Cole"]);
    let [good, bad] = set;
    let (good, bad, last) = tokio::join!(sets.write(good), sets.write(bad), sets.write(last));
    assert_eq!((good.unwrap(), last.unwrap()), (StoreOutcome::New, StoreOutcome::New));
    assert!(matches!(bad, Err(StoreError::Database(_))));
    assert_eq!((scene.rows().await.len(), scene.people().await.len()), (3, before + 2));
}

/// How many statements this connection has run.
async fn statements(tx: &DatabaseTransaction) -> Result<i64, DbErr> {
    let sum = Statement::from_string(DbBackend::Sqlite, "SELECT SUM(run) FROM sqlite_stmt");
    let row = tx.query_one_raw(sum).await?;
    row.map_or(Ok(0), |row| row.try_get_by_index(0))
}

#[tokio::test]
async fn many_messages_of_many_people_cost_a_few_statements() {
    let scene = Scene::set().await;
    for (round, kind) in [("first", "ADT^A01"), ("second", "ADT^A02")] {
        let message = |number: usize| {
            let pid = format!("PID|1||{number}^^^Z9H01^MR||Person{round}|||||||||||||A{number}");
            incoming(&format!("{round}{number}"), kind, &[&pid, &pv1(&format!("V{number}"))])
        };
        let (messages, keys): (Vec<_>, _) = ((1..=60).map(message).collect(), scene.keys.clone());
        let write = scene.store.write(async move |tx| {
            let before = statements(&tx).await?;
            store_set(&tx, &keys, &messages).await?;
            Ok(statements(&tx).await? - before)
        });
        let count = write.await.unwrap();
        // Also once the people and their stays are known.
        assert!(count <= 15, "{count} statements for 60 messages");
    }
    assert_eq!(scene.stays().await.len(), 120);
}
