//! Waiting messages (S-49, S-66): the events about them, and what each role sees.

use lcr_contracts::{
    FailureKind,
    events::{MessageRead, MessageWaits},
    messages::{WaitingMessage, WaitingPage, WaitingQuery},
    registry::System,
};
use lcr_model::{LocalId, Role};
use sea_orm::ConnectionTrait;

use crate::scene::{PID, Scene, adt, code, hospital, itk, segment};

fn pv1(visit: &str) -> String {
    segment("PV1", &[(2, "I"), (3, "W12"), (19, visit)])
}

/// An account merge that does not name both accounts.
fn unmappable_message(control_id: &str) -> String {
    let mrg = segment("MRG", &[(1, "4712^^^Z9H01^MR"), (5, "V1")]);
    adt("A42", control_id, "20261120100000", &[PID, &mrg])
}

async fn waiting(scene: &Scene, role: Role, organisation: &str, query: WaitingQuery) -> WaitingPage {
    scene.feeds.api.waiting(&Scene::caller(role, organisation), query).await.unwrap()
}

#[tokio::test]
async fn a_waiting_message_marks_its_people_and_stays_until_it_is_replayed() {
    let scene = Scene::set(&[hospital()]).await;
    scene.send(&adt("A01", "M1", "20261120093000", &[PID, &pv1("V1^^^PAS")])).await;
    assert_eq!(code(&scene.send(&unmappable_message("M2")).await), "AA");
    let events: Vec<MessageWaits> = scene.events().await;
    let event = &events[0];
    assert!(event.waits);
    assert_eq!(event.identities, [LocalId("47110815".into()), LocalId("4712".into())]);
    assert_eq!(event.stays, [scene.stays().await[0].0.spell.clone()], "under the authority used before");
    // Stands in for new rules: the stored message now names its visit.
    let id = event.message;
    let read = adt("A08", "M2", "20261120100000", &[PID, &pv1("V1")]);
    let sealed = scene.seal(&format!("feeds/messages/{id}"), &read);
    let update = format!("UPDATE message SET sealed = '{sealed}' WHERE control_id = 'M2'");
    let write = scene.feeds.store.write(async move |tx| tx.execute_unprepared(&update).await.map(|_| ()));
    write.await.unwrap();
    let caller = Scene::caller(Role::DataSteward, "Z9K01");
    let replayed = scene.feeds.api.replay(&caller, id).await.unwrap();
    assert!(!replayed.waits, "{}", replayed.outcome);
    let events: Vec<MessageWaits> = scene.events().await;
    let settled = MessageWaits { waits: false, version: events[1].version, ..event.clone() };
    assert_eq!((events.len(), &events[1]), (2, &settled));
    assert!(settled.version > event.version);
    assert_eq!(scene.feeds.api.replay(&caller, id).await.unwrap_err().kind, FailureKind::Conflict);
}

#[tokio::test]
async fn a_waiting_message_marks_nobody_if_it_names_nobody() {
    let scene = Scene::set(&[hospital()]).await;
    scene.send(&adt("A02", "M1", "20261120093000", &[PID, "PV1|1|I|W12"])).await;
    scene.send("MSH|^~\\&|PAS|Z9H01|LCR|LCR|20261120093000||MFN^M02|M2|P|2.4").await;
    let events: Vec<MessageWaits> = scene.events().await;
    assert_eq!(events.len(), 1);
    assert_eq!((&events[0].identities[..], &events[0].stays[..]), (&[LocalId("47110815".into())][..], &[][..]));
    assert_eq!(waiting(&scene, Role::DataSteward, "Z9K01", WaitingQuery::default()).await.messages.len(), 2);
}

#[tokio::test]
async fn the_waiting_list_is_by_hospital_and_reason_oldest_first() {
    let scene = Scene::set(&[hospital(), itk()]).await;
    for number in 0..52 {
        scene.send(&unmappable_message(&format!("M{number}"))).await;
    }
    scene.send(&adt("A02", "X1", "20261120093000", &[PID, "PV1|1|I"]).replace("Z9H01", "Z9H02")).await;
    let all = waiting(&scene, Role::DataSteward, "Z9K01", WaitingQuery::default()).await;
    let counts: Vec<_> = all.counts.iter().map(|one| (one.source.clone().unwrap().0, one.count)).collect();
    assert_eq!(counts, [("st-hildas".to_owned(), 52), ("wharfe".to_owned(), 1)]);
    assert_eq!(all.counts[0].oldest, all.messages[0].received);
    assert_eq!((all.messages.len(), all.messages[0].control_id.as_str()), (50, "M0"));
    let first = &all.messages[0];
    assert_eq!((first.kind.as_str(), &first.visits[..]), ("ADT^A42", &["V1".to_owned()][..]));
    assert_eq!(first.people[0].local_id, LocalId("47110815".into()));
    assert!(first.reason.starts_with("the account or visit"), "{}", first.reason);
    let query = WaitingQuery { after: all.after, ..WaitingQuery::default() };
    let rest = waiting(&scene, Role::DataSteward, "Z9K01", query).await;
    assert_eq!((rest.messages.len(), rest.after), (3, None));
    let reason = Some(rest.messages[2].reason.clone());
    let query = WaitingQuery { reason, ..WaitingQuery::default() };
    assert_eq!(waiting(&scene, Role::PlatformAdmin, "Z9K01", query).await.messages.len(), 1);
    for (role, organisation) in [(Role::PlatformAdmin, "Z9K01"), (Role::OrgAdmin, "Z9H01")] {
        let page = waiting(&scene, role, organisation, WaitingQuery::default()).await;
        let is_disclosed =
            |message: &WaitingMessage| !message.people.is_empty() || !message.visits.is_empty() || !message.withheld;
        assert!(!page.messages.iter().any(is_disclosed), "{role} must not see the people of a message");
    }
    let own = waiting(&scene, Role::OrgAdmin, "Z9H02", WaitingQuery::default()).await;
    assert_eq!((own.messages.len(), own.counts.len()), (1, 1));
    for role in [Role::Gp, Role::FeedsClient, Role::Patient] {
        let failed = scene.feeds.api.waiting(&Scene::caller(role, "Z9H01"), WaitingQuery::default()).await;
        assert_eq!(failed.unwrap_err().kind, FailureKind::Forbidden, "{role}");
    }
}

#[tokio::test]
async fn the_text_of_a_message_is_redacted_by_role() {
    let scene = Scene::set(&[hospital()]).await;
    scene.send(&(unmappable_message("M1") + "\rOBX|1|ST|a||Angina")).await;
    let id = waiting(&scene, Role::DataSteward, "Z9K01", WaitingQuery::default()).await.messages[0].id;
    let text = async |role| scene.feeds.api.text(&Scene::caller(role, "Z9H01"), id).await;
    let steward = text(Role::DataSteward).await.unwrap();
    assert!(steward.waits && steward.lines.iter().any(|line| line.starts_with("PID|1||47110815")));
    let shown = steward.lines.join("\n");
    assert!(!shown.contains("Millrace") && !shown.contains("Angina"), "{shown}");
    let admin = text(Role::OrgAdmin).await.unwrap().lines.join("\n");
    assert!(admin.contains("PID: ") && !admin.contains("47110815"), "{admin}");
    assert_eq!(text(Role::Gp).await.unwrap_err().kind, FailureKind::Forbidden);
    let elsewhere = scene.feeds.api.text(&Scene::caller(Role::OrgAdmin, "Z9H02"), id).await;
    assert_eq!(elsewhere.unwrap_err().kind, FailureKind::NotFound);
}

#[tokio::test]
async fn a_reading_is_recorded_before_a_data_steward_sees_names() {
    let scene = Scene::set(&[hospital()]).await;
    scene.send(&unmappable_message("M1")).await;
    let id = waiting(&scene, Role::DataSteward, "Z9K01", WaitingQuery::default()).await.messages[0].id;
    let steward = Scene::caller(Role::DataSteward, "Z9K01");
    scene.feeds.api.text(&Scene::caller(Role::PlatformAdmin, "Z9K01"), id).await.unwrap();
    assert!(scene.events::<MessageRead>().await.is_empty(), "the header names nobody");
    scene.feeds.api.text(&steward, id).await.unwrap();
    let read: Vec<MessageRead> = scene.events().await;
    assert_eq!((read.len(), read[0].message, &read[0].by), (1, id, &steward.actor.user));
    let write = scene.feeds.store.write(async move |tx| tx.execute_unprepared("DROP TABLE outbox").await.map(|_| ()));
    write.await.unwrap();
    let refused = scene.feeds.api.text(&steward, id).await;
    assert_eq!(refused.unwrap_err().kind, FailureKind::CannotRecord, "what cannot be recorded is not shown");
}

#[tokio::test]
async fn nobody_reads_the_people_in_a_message_of_a_discreet_service() {
    for discreet in [System { discreet: true, ..hospital() }, System { kind: "discreet".into(), ..hospital() }] {
        let scene = Scene::set(&[discreet]).await;
        scene.send(&unmappable_message("M1")).await;
        let page = waiting(&scene, Role::DataSteward, "Z9K01", WaitingQuery::default()).await;
        let [message] = &page.messages[..] else { panic!("it waits") };
        assert!(message.people.is_empty() && message.visits.is_empty() && message.withheld);
        let steward = Scene::caller(Role::DataSteward, "Z9K01");
        let lines = scene.feeds.api.text(&steward, message.id).await.unwrap().lines.join("\n");
        assert!(lines.contains("PID: ") && !lines.contains("47110815"), "{lines}");
    }
}
