//! An objection closes every stream that shares answers.

use super::*;

#[tokio::test]
async fn an_objection_closes_both_streams() {
    let (scene, reader) = (scene().await, caller());
    let (mut first, mut second) = (live(&scene, &reader).await, live(&scene, &reader).await);
    filled(&mut first).await;
    filled(&mut second).await;
    // Both streams subscribe before the notice is sent.
    let closes = async |updates: &mut Updates| match next(updates).await {
        Some(Update::Closed { failure, .. }) => failure.kind,
        _ => panic!("it stays open"),
    };
    let objects = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        scene.fakes.object();
        scene.service.changes.send(ChangeNotice::Person(scene.fakes.person)).unwrap();
    };
    let (one, other, ()) = tokio::join!(closes(&mut first), closes(&mut second), objects);
    assert_eq!((one, other), (FailureKind::Objected, FailureKind::Objected));
}

#[tokio::test]
async fn an_objection_while_the_sources_are_held_closes_both_streams_and_shows_nothing() {
    let (scene, reader) = (scene().await, caller());
    scene.source().hold();
    let (mut first, mut second) = (live(&scene, &reader).await, live(&scene, &reader).await);
    scene.source().wait_until_asked().await;
    scene.fakes.object();
    scene.source().release();
    for updates in [&mut first, &mut second] {
        match next(updates).await {
            Some(Update::Closed { failure, .. }) => assert_eq!(failure.kind, FailureKind::Objected),
            _ => panic!("it shows something"),
        }
    }
}
