//! Messages that depend on earlier ones: stays without a number, corrections, and documents that change their status.

use lcr_contracts::spell::SpellEvent;
use serde_json::json;

use crate::scene::{PID, Scene, adt, code, hospital, segment};

const BARE: &str = "PV1|1|I|W12^BAY 2^B4";

#[tokio::test]
async fn a_stay_without_a_number_is_the_one_open_stay() {
    let scene = Scene::set(&[hospital()]).await;
    for (event, id, at) in
        [("A01", "M1", "20261101100000"), ("A02", "M2", "20261102100000"), ("A03", "M3", "20261103100000")]
    {
        assert_eq!(code(&scene.send(&adt(event, id, at, &[PID, BARE])).await), "AA");
    }
    let stays = scene.stays().await;
    let events: Vec<_> = stays.iter().map(|(_, stay)| stay.event).collect();
    assert_eq!(events, [SpellEvent::Admit, SpellEvent::Transfer, SpellEvent::Discharge]);
    assert!(stays.iter().all(|(event, _)| event.spell == stays[0].0.spell));
    // The stay has ended, so this message waits and publishes nothing.
    let answer = scene.send(&adt("A02", "M4", "20261104100000", &[PID, BARE])).await;
    assert!(answer.contains("MSA|AA|M4|accepted, and waits to be read: the stay is not named"), "{answer}");
    let rows = scene.list("/v1/dead-letters").await;
    assert_eq!((rows.len(), &rows[0]["failed_at"]), (1, &json!("PV1-19")));
    assert_eq!(scene.stays().await.len(), 3);
    // An update is then about the person only.
    assert_eq!(code(&scene.send(&adt("A08", "M5", "20261105100000", &[PID, BARE])).await), "AA");
    assert_eq!((scene.list("/v1/dead-letters").await.len(), scene.stays().await.len()), (1, 3));
}

#[tokio::test]
async fn after_a_merge_the_open_stay_is_the_survivors() {
    let scene = Scene::set(&[hospital()]).await;
    let other = "PID|1||4712^^^Z9H01^MR||Ashdown^Ottilie";
    scene.send(&adt("A01", "M1", "20261101100000", &[other, BARE])).await;
    scene.send(&adt("A40", "M2", "20261101110000", &[PID, "MRG|4712"])).await;
    assert_eq!(code(&scene.send(&adt("A03", "M3", "20261103100000", &[PID, BARE])).await), "AA");
    let stays = scene.stays().await;
    assert_eq!((stays.len(), &stays[0].0.spell), (2, &stays[1].0.spell));
    assert_eq!(stays[1].0.identity.local_id.0, "47110815");
}

#[tokio::test]
async fn a_merge_of_two_nhs_numbers_waits_with_its_reason() {
    let scene = Scene::set(&[hospital()]).await;
    let one = "PID|1||47110815^^^Z9H01^MR~9990000018^^^NHS^NH||Ashdown^Ada";
    let other = "PID|1||4712^^^Z9H01^MR~9990000026^^^NHS^NH||Ashdown^Ottilie";
    for (pid, id) in [(one, "M1"), (other, "M2")] {
        assert_eq!(code(&scene.send(&adt("A28", id, "20261101100000", &[pid])).await), "AA");
    }
    let answer = scene.send(&adt("A40", "M3", "20261101110000", &[one, "MRG|4712"])).await;
    assert!(answer.contains("MSA|AA|M3|accepted, and waits to be read: the merged records have two"), "{answer}");
    let rows = scene.list("/v1/dead-letters").await;
    assert_eq!((rows.len(), &rows[0]["failed_at"]), (1, &json!("MRG-1")));
    // A merge with the same number, or none, takes effect.
    let third = "PID|1||4713^^^Z9H01^MR||Ashdown^Ada";
    scene.send(&adt("A28", "M4", "20261101120000", &[third])).await;
    let answer = scene.send(&adt("A40", "M5", "20261101130000", &[one, "MRG|4713"])).await;
    assert_eq!(code(&answer), "AA");
    assert_eq!(scene.list("/v1/dead-letters").await.len(), 1);
}

#[tokio::test]
async fn a_dead_letter_can_be_replayed_once_its_stay_is_known() {
    let scene = Scene::set(&[hospital()]).await;
    scene.send(&adt("A02", "M1", "20261102100000", &[PID, BARE])).await;
    scene.send(&adt("A01", "M2", "20261101100000", &[PID, BARE])).await;
    let id = scene.list("/v1/dead-letters").await[0]["id"].as_str().unwrap().to_owned();
    let token = scene.token(lcr_model::Role::DataSteward, "Z9K01");
    let (status, _, _) = scene.request(&token, "POST", &format!("/v1/dead-letters/{id}/replay"), "").await;
    assert_eq!((status, scene.list("/v1/dead-letters").await.len()), (200, 0));
    let stays = scene.stays().await;
    assert_eq!((stays.len(), &stays[0].0.spell), (2, &stays[1].0.spell));
}

fn mdm(event: &str, control: &str, minute: u8, txa: &[(usize, &str)], obx: &[&str]) -> String {
    let head = format!("MSH|^~\\&|PAS|Z9H01|LCR|LCR|202611200930{minute:02}||MDM^{event}|{control}|P|2.5\r{PID}\r");
    head + &[segment("TXA", txa)]
        .into_iter()
        .chain(obx.iter().map(|one| (*one).to_owned()))
        .collect::<Vec<_>>()
        .join("\r")
}

#[tokio::test]
async fn a_replaced_or_withdrawn_document_is_published_with_its_new_status() {
    let scene = Scene::set(&[hospital()]).await;
    let kind = (2, "DS^Discharge summary^L");
    let text = |words: &str| format!("OBX|1|TX|t||{words}||||||F");
    scene.send(&mdm("T02", "M1", 0, &[kind, (12, "D1"), (17, "AU")], &[&text("10 mg")])).await;
    scene.send(&mdm("T10", "M2", 1, &[kind, (12, "D2"), (13, "D1"), (17, "AU")], &[&text("2.5 mg")])).await;
    scene.send(&mdm("T11", "M3", 2, &[(12, "D2")], &[])).await;
    let items = scene.items().await;
    let published: Vec<_> = items
        .iter()
        .map(|(event, item)| {
            (event.item.as_str(), item.resources[0]["status"].as_str().unwrap(), item.discharge_letter)
        })
        .collect();
    let expected = [
        ("D1", "current", true),
        ("D2", "current", true),
        ("D1", "superseded", false),
        ("D2", "entered-in-error", false),
    ];
    assert_eq!(published, expected);
    assert!(items[2].0.version > items[0].0.version && items[3].0.version > items[1].0.version);
    assert_eq!(items[3].1.name, "Discharge summary");
    let data = |at: usize| items[at].1.resources[0]["content"][0]["attachment"].get("data");
    assert_eq!((data(2), data(3)), (data(0), None));
}

#[tokio::test]
async fn a_document_gets_its_content_once_its_sender_releases_it() {
    let scene = Scene::set(&[hospital()]).await;
    let kind = (2, "CL^Clinic letter^L");
    scene.send(&mdm("T02", "M1", 0, &[kind, (12, "D1"), (17, "DI"), (19, "UN")], &["OBX|1|TX|t||Dear"])).await;
    scene.send(&mdm("T03", "M2", 1, &[(12, "D1"), (17, "AU"), (19, "AV")], &[])).await;
    let items = scene.items().await;
    let attachment = |at: usize| &items[at].1.resources[0]["content"][0]["attachment"];
    assert!(attachment(0).get("data").is_none());
    assert_eq!((&attachment(1)["data"], items[1].1.name.as_str()), (&json!("RGVhcg=="), "Clinic letter"));
}

#[tokio::test]
async fn a_correction_of_one_result_leaves_the_others() {
    let scene = Scene::set(&[hospital()]).await;
    let oru = |control: &str, obx: &[&str]| {
        let head = format!("MSH|^~\\&|PAS|Z9H01|LCR|LCR|20261120093000||ORU^R01|{control}|P|2.5\r{PID}\r");
        head + &["OBR|1||F1|UE^Urea^L"].into_iter().chain(obx.iter().copied()).collect::<Vec<_>>().join("\r")
    };
    scene.send(&oru("M1", &["OBX|1|NM|k^K^L||6.9|mmol/L|||||F", "OBX|2|NM|na^Na^L||139|mmol/L|||||F"])).await;
    scene.send(&oru("M2", &["OBX|1|NM|k^K^L||4.10|mmol/L|||||C"])).await;
    let now = scene.items().await.remove(1).1;
    let values: Vec<_> = now.resources[1..].iter().map(|one| one["valueQuantity"]["value"].to_string()).collect();
    assert_eq!(values, ["4.10", "139"]);
}

#[tokio::test]
async fn a_message_with_thousands_of_people_is_processed_in_time() {
    let scene = Scene::set(&[hospital()]).await;
    let people: Vec<String> = (0..2_000).map(|at| format!("PID|1||P{at}^^^Z9H01^MR||Ashdown^Ottilie")).collect();
    let people: Vec<&str> = people.iter().map(String::as_str).collect();
    assert_eq!(code(&scene.send(&adt("A28", "M1", "20261120093000", &people)).await), "AA");
    assert_eq!(scene.people().await.len(), 2_000);
    let too_many = vec![PID; 10_001];
    let answer = scene.send(&adt("A28", "M2", "20261120093000", &too_many)).await;
    assert!(answer.contains("\nMSA|AE|M2|PID[10001]: "), "{answer}");
}

/// An MDM or ORU message of the patient with this number.
fn of(number: &str, kind: &str, control: &str, segments: &[&str]) -> String {
    let head = format!("MSH|^~\\&|PAS|Z9H01|LCR|LCR|20261120{control}||{kind}|M{control}|P|2.5");
    let pid = format!("PID|1||{number}^^^Z9H01^MR||Ashdown^Ottilie");
    [&[head.as_str(), pid.as_str()], segments].concat().join("\r")
}

#[tokio::test]
async fn after_a_merge_what_is_taken_back_is_taken_back_where_it_was_filed() {
    let scene = Scene::set(&[hospital()]).await;
    let (letter, text) = ("TXA|1|CL^Letter^L||||||||||D1|||||AU", "OBX|1|TX|t||Dear||||||F");
    let order = "OBR|1||F1|UE^Urea^L";
    let potassium = |value: &str, status: &str| format!("OBX|1|NM|k^K^L||{value}|mmol/L|||||{status}");
    let sodium = "OBX|2|NM|na^Na^L||139|mmol/L|||||F";
    let referral = "RF1|A|R|MED|||R1";
    let messages = [
        of("47110815", "MDM^T02", "090000", &[letter, text]),
        of("47110815", "ORU^R01", "090001", &[order, &potassium("6.9", "F"), sodium]),
        of("47110815", "REF^I12", "090002", &[referral]),
        of("4712", "ADT^A40", "090100", &["MRG|47110815"]),
        of("4713", "ADT^A40", "090200", &["MRG|4712"]),
        of("4713", "MDM^T11", "090300", &["TXA|1|||||||||||D1"]),
        of("4713", "ORU^R01", "090400", &[order, &potassium("4.1", "C")]),
        of("4713", "REF^I12", "090500", &[&referral.replace("|A", "|R")]),
        // New items belong to the survivor.
        of("4713", "MDM^T02", "090600", &[&letter.replace("D1", "D2"), text]),
    ];
    for message in &messages {
        assert_eq!(code(&scene.send(message).await), "AA", "{message}");
    }
    let items = scene.items().await;
    let filed: Vec<_> =
        items.iter().map(|(event, _)| (event.identity.local_id.0.as_str(), event.item.as_str())).collect();
    let old = [("47110815", "D1"), ("47110815", "F1|UE"), ("47110815", "R1")];
    assert_eq!(filed, [&old[..], &old[..], &[("4713", "D2")]].concat());
    for at in 0..3 {
        let (before, after) = (&items[at], &items[at + 3]);
        assert!(after.0.version > before.0.version);
        assert_eq!(after.1.resources[0]["subject"]["reference"], "Patient/47110815");
    }
    assert_eq!(items[3].1.resources[0]["status"], "entered-in-error");
    assert_eq!((items[3].1.name.as_str(), &items[3].1.resources[0]["id"]), ("Letter", &items[0].1.resources[0]["id"]));
    let ids = |at: usize| items[at].1.resources.iter().map(|one| one["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(4), ids(1));
    let values: Vec<_> =
        items[4].1.resources[1..].iter().map(|one| one["valueQuantity"]["value"].to_string()).collect();
    assert_eq!(values, ["4.1", "139"]);
    assert_eq!(items[6].1.resources[0]["subject"]["reference"], "Patient/4713");
}
