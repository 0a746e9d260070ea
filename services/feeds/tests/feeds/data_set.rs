//! Sends every message of the external data set: each must be answered and listed afterwards.

use std::collections::{BTreeMap, BTreeSet};

use lcr_hl7::Message;

use crate::scene::{DEADLINE, Scene, sandbox};

#[tokio::test]
async fn every_message_is_answered_and_listed() {
    let Some(folder) = lcr_testkit::data::folder("hl7v2") else { return };
    let scene = Scene::set(&[sandbox()]).await;
    let mut client = scene.client().await;
    let (mut answers, mut control_ids) = (BTreeMap::<String, usize>::new(), BTreeSet::new());
    let mut sent = 0;
    for file in lcr_testkit::data::files(&folder).unwrap() {
        if file.extension().is_some_and(|end| end == "tsv" || end == "md") {
            continue;
        }
        let bytes = std::fs::read(&file).unwrap();
        for message in lcr_hl7::split_messages(&bytes) {
            // A frame cannot carry its own end.
            let message: Vec<u8> = message.iter().copied().filter(|byte| !matches!(byte, 0x0B | 0x1C)).collect();
            let answer = client.send(&message, DEADLINE).await;
            let answer = answer.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            let answer = Message::read(&answer).unwrap_or_else(|why| panic!("{}: {why}", file.display()));
            let code = answer.field("MSA", 1).code().unwrap_or_default();
            assert!(matches!(code.as_str(), "AA" | "AE" | "AR"), "{}", file.display());
            if let Ok(read) = Message::read(&message) {
                let id = read.field("MSH", 10).first_text();
                assert_eq!(id, answer.field("MSA", 2).first_text(), "{}", file.display());
                control_ids.extend(id);
            }
            *answers.entry(code).or_default() += 1;
            sent += 1;
        }
    }
    let (mut statuses, mut reasons) = (BTreeMap::<String, usize>::new(), BTreeMap::<String, usize>::new());
    let (mut rows_seen, mut path) = (0, "/v1/messages?limit=200".to_owned());
    loop {
        let rows = scene.list(&path).await;
        let Some(last) = rows.last() else { break };
        path = format!("/v1/messages?limit=200&before={}", last["id"].as_str().unwrap());
        for row in &rows {
            control_ids.remove(row["control_id"].as_str().unwrap());
            *statuses.entry(row["status"].as_str().unwrap().to_owned()).or_default() += 1;
            if row["status"] != "accepted" {
                let words = format!("{} {}", row["answer"].as_str().unwrap(), row["outcome"].as_str().unwrap());
                *reasons.entry(words).or_default() += 1;
            }
        }
        rows_seen += rows.len();
    }
    println!("{sent} messages: {answers:?}, {statuses:?}");
    for (words, many) in reasons {
        println!("{many:>5} {words}");
    }
    assert_eq!(rows_seen, sent, "each message is listed");
    assert!(control_ids.is_empty(), "each message is listed with its control id");
}
