//! Tests of a document's files: one, several, in chunks, of other types, withdrawn.

use super::*;

/// Content type, data and title of each attachment.
fn contents(obx: &[&str]) -> Vec<(String, String, String)> {
    let all = document("T02", &[], obx);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let contents = resource(&all)["content"].as_array().unwrap().iter();
    let parts = |one: &Value| {
        let one = &one["attachment"];
        (text(&one["contentType"]), text(&one["data"]), text(&one["title"]))
    };
    contents.map(parts).collect()
}

fn three(one: &str, two: &str, other: &str) -> (String, String, String) {
    (one.to_owned(), two.to_owned(), other.to_owned())
}

#[test]
fn a_file_is_shown_only_with_the_right_type() {
    let pdf = "JVBERi0xLjQ=";
    let good = three("application/pdf", pdf, "Clinic letter");
    let refused = |words: &str| three("", "", words);
    let cases = [
        ("ED", "^AP^PDF^Base64^JVBERi0xLjQ=", good.clone()),
        ("ED", "^application^pdf^base64^JVBERi0xLjQ", good.clone()),
        ("ED", "^AP^PDF^Base64^JVBE\\X0D0A\\Ri0x\nLjQ=", good.clone()),
        ("ED", "^AP^PDF^Hex^255044462d312e34", good.clone()),
        (
            "ED",
            "^TX^^A^Dear \\T\\ colleague",
            three("text/plain; charset=utf-8", "RGVhciAmIGNvbGxlYWd1ZQ==", "Clinic letter"),
        ),
        ("ED", "^AP^msword^Base64^AAEC", three("application/msword", "AAEC", "Clinic letter")),
        ("ED", "^^^^JVBERi0xLjQ=", refused("The file was sent without its encoding and cannot be shown")),
        ("ED", "^AP^PDF^^JVBERi0xLjQ=", refused("The file was sent without its encoding and cannot be shown")),
        ("ED", "^^^Base64^JVBERi0xLjQ=", refused("The file was sent without its type and cannot be shown")),
        ("ED", "^AP^^Base64^JVBERi0xLjQ=", refused("The file was sent without its type and cannot be shown")),
        ("ED", "^AP^PDF^Base64^AAEC", refused("The file is not of the type that it was sent as and cannot be shown")),
        ("ED", "^AP^PDF^Base64^J!VBER", refused("The file could not be decoded and cannot be shown")),
        ("ED", "^AP^PDF^uuencode^JVBER", refused("The file was sent in an unknown encoding and cannot be shown")),
        ("ED", "^AP^PDF^Base64", refused("The file was sent without content")),
        ("ED", "", refused("The file was sent without content")),
        ("RP", "//server/1^DMS^AP^PDF", refused("The file is kept at the sender and was not sent")),
    ];
    for (kind, value, expected) in cases {
        let obx = format!("OBX|1|{kind}|f^Scan^L||{value}||||||F");
        assert_eq!(contents(&[&obx]), [expected], "{value}");
    }
}

#[test]
fn chunks_are_joined_and_files_stay_separate() {
    let obx = |number: usize, id: &str, value: &str| format!("OBX|{number}|ED|f^Scan^L|{id}|{value}||||||F");
    let chunks = [obx(1, "1", "^AP^PDF^Base64^JVBE"), obx(2, "1", "^AP^PDF^Base64^Ri0x"), obx(3, "1", "^^^^LjQ=")];
    let chunks: Vec<&str> = chunks.iter().map(String::as_str).collect();
    assert_eq!(contents(&chunks), [three("application/pdf", "JVBERi0xLjQ=", "Clinic letter")]);
    let repeated = obx(1, "1", "^AP^PDF^Base64^JVBERi0x~^AP^PDF^Base64^LjQ=");
    assert_eq!(contents(&[&repeated]), [three("application/pdf", "JVBERi0xLjQ=", "Clinic letter")]);
    let each_a_pdf = [obx(1, "", "^AP^PDF^Base64^JVBERi0xLjQ="), obx(2, "", "^AP^PDF^Base64^JVBERi0xLjU=")];
    let files = contents(&[&each_a_pdf[0], &each_a_pdf[1]]);
    assert_eq!(files.len(), 2);
    assert_eq!((files[0].2.as_str(), files[1].1.as_str()), ("Scan", "JVBERi0xLjU="));
    let mixed = contents(&[TEXT, &obx(2, "1", "^AP^PDF^Base64^JVBERi0xLjQ="), &obx(3, "2", "^IM^PNG^Base64^iVBORw==")]);
    let types: Vec<_> = mixed.iter().map(|one| one.0.as_str()).collect();
    assert_eq!(types, ["text/plain; charset=utf-8", "application/pdf", "image/png"]);
}

#[test]
fn withdrawn_content_is_not_part_of_the_document() {
    let file = |status: &str| format!("OBX|2|ED|f^Scan^L||^AP^PDF^Base64^JVBERi0xLjQ=||||||{status}");
    let text = |words: &str, status: &str| format!("OBX|1|TX|t^Letter^L||{words}||||||{status}");
    let gone = |what: &str| three("", "", &format!("The sender has withdrawn this {what}"));
    let letter = |data: &str| three("text/plain; charset=utf-8", data, "Clinic letter");
    let pdf = three("application/pdf", "JVBERi0xLjQ=", "Clinic letter");
    for status in ["D", "W", "X"] {
        let of_file = format!("OBX|3||f^Scan^L||||||||{status}");
        let of_text = format!("OBX|3|TX|t^Letter^L||||||||{status}");
        let cases = [
            (vec![file(status)], vec![gone("file")]),
            (vec![text("Dear", status)], vec![gone("text")]),
            (vec![text("Dear", "F"), file(status)], vec![letter("RGVhcg=="), gone("file")]),
            (vec![text("Dear", status), file("F")], vec![gone("text"), pdf.clone()]),
            (vec![text("Dear", "F"), text("all", status)], vec![letter("RGVhcg=="), gone("part of the text")]),
            (vec![text("Dear", "F"), of_text], vec![gone("text")]),
            (vec![file("F"), of_file], vec![gone("file")]),
            (
                vec![text("Dear", "F"), text("all", "F"), text("all", status)],
                vec![letter("RGVhcg=="), gone("part of the text")],
            ),
        ];
        for (obx, expected) in cases {
            let obx: Vec<&str> = obx.iter().map(String::as_str).collect();
            assert_eq!(contents(&obx), expected, "{obx:?}");
        }
    }
}

#[test]
fn access_labels_of_the_content_are_labels_of_the_document() {
    let all = document("T02", &[(18, "R")], &["OBX|1|TX|t^Letter^L||Dear||||||F||NOPAT^Not for the patient"]);
    let codes: Vec<_> = resource(&all)["meta"]["security"].as_array().unwrap().iter().map(|one| &one["code"]).collect();
    assert_eq!(codes, [&json!("R"), &json!("NOPAT")]);
}
