//! Which visit a message means. The state for this is stored between messages.

use lcr_contracts::spell::SpellEvent;
use lcr_model::LocalId;

use crate::scene::{PID, Scene, adt, code, hospital, segment};

fn pv1(visit: &str) -> String {
    segment("PV1", &[(2, "I"), (3, "W12"), (19, visit)])
}

#[tokio::test]
async fn a_visit_number_without_its_authority_is_the_one_used_before() {
    let scene = Scene::set(&[hospital()]).await;
    scene.send(&adt("A01", "M1", "20261120093000", &[PID, &pv1("WV0801^^^PAS^VN")])).await;
    scene.send(&adt("A03", "M2", "20261121093000", &[PID, &pv1("WV0801")])).await;
    let oru = "MSH|^~\\&|PAS|Z9H01|LCR|LCR|20261121100000||ORU^R01|M3|P|2.4\r";
    let oru = format!("{oru}{PID}\r{}\rOBR|1||F1|T^Test^L\rOBX|1|ST|a||b||||||F", pv1("WV0801"));
    assert_eq!(code(&scene.send(&oru).await), "AA");
    let stays = scene.stays().await;
    assert_eq!(stays[0].0.spell, stays[1].0.spell);
    assert_eq!(scene.items().await[0].0.spell.as_ref(), Some(&stays[0].0.spell), "its results too");
}

#[tokio::test]
async fn an_account_number_alone_leads_to_the_visit() {
    let scene = Scene::set(&[hospital()]).await;
    let pid = |account: &str| segment("PID", &[(3, "47110815^^^Z9H01^MR"), (5, "Ashdown^Ottilie"), (18, account)]);
    scene.send(&adt("A01", "M1", "20261120093000", &[&pid("A1"), &pv1("V1")])).await;
    scene.send(&adt("A03", "M2", "20261121093000", &[&pid("A1"), "PV1|1|I"])).await;
    let stays = scene.stays().await;
    assert_eq!(stays[0].0.spell, stays[1].0.spell);
}

#[tokio::test]
async fn a_change_of_visit_number_names_the_former_stay() {
    let scene = Scene::set(&[hospital()]).await;
    scene.send(&adt("A01", "M1", "20261120093000", &[PID, &pv1("V1")])).await;
    let mrg = segment("MRG", &[(1, "47110815^^^Z9H01^MR"), (5, "V1")]);
    let answer = scene.send(&adt("A50", "M2", "20261120100000", &[PID, &mrg, &pv1("V2")])).await;
    assert_eq!(code(&answer), "AA");
    let stays = scene.stays().await;
    let (first, second) = (&stays[0], &stays[1]);
    assert_eq!(second.1.event, SpellEvent::Update);
    assert_eq!((second.1.formerly.as_ref(), second.1.moves_visit), (Some(&first.0.spell), false));
    let other = segment("PID", &[(3, "4799^^^Z9H01^MR"), (5, "Birtwhistle^Ned")]);
    let mrg = segment("MRG", &[(1, "47110815^^^Z9H01^MR"), (5, "V2")]);
    scene.send(&adt("A45", "M3", "20261120110000", &[&other, &mrg])).await;
    let stays = scene.stays().await;
    assert_eq!((&stays[2].0.spell, stays[2].1.moves_visit), (&second.0.spell, true));
    assert_eq!(stays[2].1.identity.local_id, LocalId("4799".into()));
}

#[tokio::test]
async fn times_keep_their_written_precision() {
    let scene = Scene::set(&[hospital()]).await;
    let pv1 = segment("PV1", &[(2, "I"), (19, "V1"), (44, "20261119"), (45, "202611201500")]);
    let message = adt("A03", "M1", "20261120153000", &[PID, &pv1]).replace("|P|2.4", "|P|2.4|7");
    scene.send(&message).await;
    let (_, stay) = scene.stays().await.remove(0);
    let text = |update: &lcr_contracts::spell::FieldUpdate<lcr_contracts::Moment>| update.set().unwrap().to_string();
    assert_eq!((text(&stay.admitted), text(&stay.discharged)), ("2026-11-19".into(), "2026-11-20T15:00Z".into()));
    assert_eq!((stay.sequence, stay.occurred), (Some(7), None));
    assert_eq!(stay.happened.to_string(), "2026-11-20T15:00Z");
}
