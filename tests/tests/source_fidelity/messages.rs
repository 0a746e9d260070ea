//! HL7 v2 as hospitals send it: comments, withdrawn and replaced letters, files, text over several lines. Nothing of it
//! must be lost or shown after its withdrawal.

use lcr_tests::record_json;

use crate::{
    hospital::Hospital,
    scene::{entry, not_shown},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_laboratorys_comment_and_all_lines_of_text_are_shown_with_the_result() {
    let mut hospital = Hospital::open().await;
    let record = hospital
        .send(
            "ORU^R01",
            &[
                "OBR|1||LAB1^LAB|UE^Urea and electrolytes|||202601140800|||||||||||||||202601140830||CH|F",
                "OBX|1|NM|K^Potassium||6.9|mmol/L|3.5-5.3|HH|||F",
                "NTE|1||Grossly haemolysed: do not act on this potassium",
                "OBX|2|FT|TXT^Report||First line\nSecond line||||||F",
                "OBX|3|CWE|ORG^Organism||ECOLI^Escherichia coli^L~KLEB^Klebsiella^L||||||F",
            ],
            |record| entry(record, "results", "Potassium").is_some(),
        )
        .await;
    let potassium = entry(&record, "results", "Potassium").unwrap();
    assert!(potassium["notes"].to_string().contains("Grossly haemolysed"), "{potassium}");
    let page = hospital.scene.page("/results").await;
    for words in ["6.9 mmol/L", "Grossly haemolysed", "First line Second line", "Escherichia coli", "Klebsiella"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let fhir = hospital.scene.fhir("Observation").await;
    assert!(
        fhir.iter().any(|one| one["note"].to_string().contains("haemolysed")),
        "the FHIR answers hold pushed items"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pushed_letter_opens_and_a_withdrawn_or_replaced_one_is_off_the_list() {
    let mut hospital = Hospital::open().await;
    let letter = |number: &str, parent: &str, status: &str| {
        format!("TXA|1|CN^Clinic letter|TX|202601140900||||||||{number}|{parent}||||LA||{status}")
    };
    let txa = letter("DOC1^QUIRK", "", "AV");
    let record = hospital
        .send(
            "MDM^T02",
            &["EVN|T02|202601140900", "PV1|1|O", &txa, "OBX|1|TX|L^Letter||Seen in clinic||||||F"],
            |record| !record_json::entries(record, "documents").is_empty(),
        )
        .await;
    let id = record_json::entries(&record, "documents")[0]["id"].as_str().unwrap().to_owned();
    let page = hospital.scene.page(&format!("/documents/{id}")).await;
    assert!(page.contains("Seen in clinic"), "a pushed letter opens: {page}");
    assert_eq!(hospital.scene.fhir("DocumentReference").await.len(), 1);

    let txa = letter("DOC2^QUIRK", "DOC1^QUIRK", "AV");
    let record = hospital
        .send(
            "MDM^T10",
            &["EVN|T10|202601141000", "PV1|1|O", &txa, "OBX|1|TX|L^Letter||The dose was wrong||||||F"],
            |record| !not_shown(record, "documents").is_empty(),
        )
        .await;
    assert_eq!(record_json::entries(&record, "documents").len(), 1, "only the new letter is listed");

    let txa = letter("DOC2^QUIRK", "", "CA");
    let record = hospital
        .send("MDM^T11", &["EVN|T11|202601141100", "PV1|1|O", &txa], |record| {
            record_json::entries(record, "documents").is_empty()
        })
        .await;
    let reasons: Vec<String> = not_shown(&record, "documents").into_iter().map(|(_, reason)| reason).collect();
    assert!(reasons.contains(&"withdrawn, or entered in error".to_owned()), "{reasons:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_as_a_file_opens_and_a_file_without_encoding_is_reported() {
    let mut hospital = Hospital::open().await;
    let record = hospital
        .send(
            "ORU^R01",
            &[
                "OBR|1||CT1^RIS|CT^CT chest|||202601140800|||||||||||||||202601140830||RAD|F",
                "OBX|1|ED|PDF^Report||^application^pdf^Base64^JVBERi0xLjQK||||||F",
                "OBR|2||CT2^RIS|US^Ultrasound|||202601140800|||||||||||||||202601140830||RAD|F",
                "OBX|1|ED|PDF^Report||^^^^JVBERi0xLjQK||||||F",
            ],
            |record| entry(record, "results", "CT chest").is_some() && entry(record, "results", "Ultrasound").is_some(),
        )
        .await;
    let browser = hospital.scene.browser().await;
    let id = entry(&record, "results", "CT chest").unwrap()["id"].as_str().unwrap().to_owned();
    let file = browser.get(&format!("/people/{}/documents/{id}/content?file=0", hospital.scene.person)).await;
    assert_eq!((file.status, &file.body[..5]), (200, &b"%PDF-"[..]));
    let ultrasound = entry(&record, "results", "Ultrasound").unwrap();
    assert!(
        ultrasound["files"].to_string().contains("encoding"),
        "the reason is shown instead of a wrong file: {ultrasound}"
    );
}
