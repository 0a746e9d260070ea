//! Tests of results, letters, referrals and appointments as items.

use lcr_contracts::events::PushedKind;

use super::pv1;
use crate::scene::{PID, Scene, code, hospital, segment};

#[tokio::test]
async fn a_result_is_a_report_that_a_later_version_replaces() {
    let scene = Scene::set(&[hospital()]).await;
    let oru = |control: &str, status: &str, obx: &[&str]| {
        let head = format!("MSH|^~\\&|PAS|Z9H01|LCR|LCR|20261120093000||ORU^R01|{control}|P|2.5\r{PID}\r");
        let test = "us-1^Urea \\T\\ electrolytes^L";
        let obr = segment("OBR", &[(2, "P1"), (3, "F1"), (4, test), (7, "20261120080000"), (25, status)]);
        format!("{head}{}\r{obr}\r{}", pv1(), obx.join("\r"))
    };
    scene.send(&oru("M1", "P", &[])).await;
    let obx = [
        "OBX|1|NM|2160-0^Creatinine^LN||<98.50|umol/L|49 - 92|H|||F",
        "NTE|1||Repeat in a week",
        "OBX|2|SN|x^Ratio^L||>^3|g",
        "OBX|3|TX|c^Comment^L||line one|||||||F",
        "OBX|4|TX|c^Comment^L||line two|||||||F",
        "OBX|5|ED|pdf^Report^L||^application^pdf^Base64^JVBERg==|||||||F",
        "OBX|6|NM|k^Potassium^L||haemolysed",
    ];
    let answer = scene.send(&oru("M2", "F", &obx)).await;
    assert_eq!(code(&answer), "AA", "{answer}");
    let items = scene.items().await;
    let ((first, early), (second, late)) = (&items[0], &items[1]);
    assert_eq!((first.kind, early.awaited, late.awaited), (PushedKind::Result, true, false));
    assert_eq!((&first.item, second.item.as_str()), (&second.item, "F1|us-1"));
    assert!(second.version > first.version, "of two in one second the later arrival is newer");
    assert!(second.spell.is_some());
    assert_eq!(late.name, "Urea & electrolytes");
    let report = &late.resources[0];
    assert_eq!((&report["status"], &report["subject"]["reference"]), (&"final".into(), &"Patient/47110815".into()));
    assert_eq!(report["presentedForm"][0]["contentType"], "application/pdf");
    let found = &late.resources[1..];
    assert_eq!(found.len(), 4);
    assert_eq!(
        (found[0]["valueQuantity"]["value"].to_string(), &found[0]["valueQuantity"]["comparator"]),
        ("98.50".to_owned(), &"<".into())
    );
    assert_eq!(found[0]["code"]["coding"][0]["system"], "http://loinc.org");
    assert_eq!(
        (&found[0]["note"][0]["text"], &found[0]["referenceRange"][0]["text"]),
        (&"Repeat in a week".into(), &"49 - 92".into())
    );
    assert_eq!(found[2]["valueString"], "line one\nline two");
    assert_eq!(found[3]["valueString"], "haemolysed");
    let all = report["result"].as_array().unwrap().iter().zip(found);
    for (reference, one) in all {
        assert_eq!(reference["reference"], format!("Observation/{}", one["id"].as_str().unwrap()));
    }
}

#[tokio::test]
async fn a_letter_a_referral_and_an_appointment_are_items() {
    let scene = Scene::set(&[hospital()]).await;
    let head = |kind: &str| format!("MSH|^~\\&|PAS|Z9H01|LCR|LCR|20261120093000||{kind}|{kind}|P|2.4\r");
    let author = "C1^Darwin^Samuel^^^Dr";
    let txa =
        segment("TXA", &[(2, "DS^Discharge summary"), (6, "20261120090000"), (9, author), (12, "DOC7"), (17, "AU")]);
    let mdm = format!("{}{PID}\r{txa}\rOBX|1|TX|b||Dear colleague\rOBX|2|TX|b||She went home.", head("MDM^T02"));
    let rf1 = segment("RF1", &[(1, "A"), (2, "S"), (3, "CAR^Cardiology"), (6, "REF9"), (7, "20261119")]);
    let referral = format!(
        "{}{rf1}\rPRD|RP|Hale^Imre^^^^Dr\rPRD|RT|Cardiology clinic\r{PID}\rDG1|1||I20^Angina^I10",
        head("REF^I12")
    );
    let sch = segment("SCH", &[(2, "APP3"), (7, "CHK^Check-up"), (11, "^^^20261201100000^20261201102000")]);
    let siu = format!("{}{sch}\r{PID}\rAIL|1||CLINIC 4\rAIP|1||C1^Darwin^Samuel^^^Dr", head("SIU^S12"));
    for message in [mdm, referral, siu] {
        let answer = scene.send(&message).await;
        assert_eq!(code(&answer), "AA", "{answer}");
    }
    let items = scene.items().await;
    let keys: Vec<_> = items.iter().map(|(event, _)| (event.kind, event.item.as_str())).collect();
    assert_eq!(
        keys,
        [(PushedKind::Document, "DOC7"), (PushedKind::Referral, "REF9"), (PushedKind::Appointment, "APP3")]
    );
    let document = &items[0].1;
    assert!(document.discharge_letter);
    let data = document.resources[0]["content"][0]["attachment"]["data"].as_str().unwrap();
    assert_eq!(data, "RGVhciBjb2xsZWFndWUKU2hlIHdlbnQgaG9tZS4=");
    let request = &items[1].1.resources[0];
    assert_eq!((&request["priority"], &request["code"]["text"]), (&"stat".into(), &"Cardiology".into()));
    let appointment = &items[2].1.resources[0];
    assert_eq!((&appointment["status"], &appointment["start"]), (&"booked".into(), &"2026-12-01T10:00:00Z".into()));
    assert_eq!(appointment["participant"][0]["actor"]["reference"], "Patient/47110815");
    assert_eq!(scene.people().await.len(), 1, "unchanged details are published once");
}
