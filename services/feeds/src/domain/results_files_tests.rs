//! Tests of embedded files in results: they belong to the report, and withdrawn ones are not shown.

use serde_json::json;

use crate::domain::testing::{PID, items, mapped, report};

#[test]
fn a_file_belongs_to_its_report() {
    let (report, found) = report(&[
        "OBX|1|ED|PDF^Report^L||^AP^PDF^Base64^JVBERi0xLjQ=||||||F",
        "OBX|2|RP|IMG^Image^L||//server/1^PACS^IM^JPEG||||||F",
        "OBX|3|NM|k^Potassium^L||4.1",
    ]);
    let forms = report["presentedForm"].as_array().unwrap();
    assert_eq!((&forms[0]["contentType"], &forms[0]["title"]), (&json!("application/pdf"), &json!("Report")));
    assert_eq!(forms[1]["title"], "The file is kept at the sender and was not sent");
    assert_eq!(forms[1].get("data"), None);
    assert_eq!((found.len(), report["result"].as_array().unwrap().len()), (1, 1));
}

const PDF: &str = "OBX|1|ED|PDF^Report^L||^AP^PDF^Base64^JVBERi0xLjQ=||||||F";
const WITHDRAWN: &str = "The sender has withdrawn this file";

/// The title of each file, and whether it has data.
fn forms(after_obr: &[&str]) -> Vec<(String, bool)> {
    let (report, _) = report(after_obr);
    let forms = report["presentedForm"].as_array().unwrap().iter();
    forms.map(|one| (one["title"].as_str().unwrap().to_owned(), one.get("data").is_some())).collect()
}

#[test]
fn a_withdrawn_file_is_not_shown() {
    let good = [("Report".to_owned(), true)];
    let gone = [(WITHDRAWN.to_owned(), false)];
    let with = |status: &str| PDF.replace("|F", &format!("|{status}"));
    for status in ["D", "W", "X", "d"] {
        let only_status = format!("OBX|2|ED|PDF^Report^L||||||||{status}");
        let of_no_type = format!("OBX|2||PDF^Report^L||||||||{status}");
        assert_eq!(forms(&[&with(status)]), gone, "{status}");
        assert_eq!(forms(&[PDF, &only_status]), gone, "{status}");
        assert_eq!(forms(&[PDF, &with(status)]), gone, "{status}");
        assert_eq!(forms(&[PDF, &of_no_type]), gone, "{status}");
    }
    for status in ["F", "C", "P", "A", ""] {
        assert_eq!(forms(&[&with(status)]), good, "{status}");
    }
    // Withdrawing the first chunk withdraws all.
    let chunk = |data: &str, status: &str| format!("OBX|1|ED|PDF^Report^L||^AP^PDF^Base64^{data}||||||{status}");
    let chunks = [chunk("JVBE", "F"), chunk("Ri0xLjQ=", "F"), "OBX|1|ED|PDF^Report^L||||||||D".to_owned()];
    assert_eq!(forms(&[&chunks[0], &chunks[1]]), good);
    assert_eq!(forms(&[&chunks[0], &chunks[1], &chunks[2]]), gone);
    // A corrected file in chunks replaces the old one, even with other segments between.
    let potassium = "OBX|2|NM|k^Potassium^L||4.1|mmol/L|||||F";
    let corrected = [chunk("JVBE", "C"), chunk("Ri0xLjU=", "C")];
    let all = [&chunks[0], &chunks[1], potassium, &corrected[0], &corrected[1]];
    let (report, _) = report(&all);
    assert_eq!(report["presentedForm"].as_array().unwrap().len(), 1);
    assert_eq!(report["presentedForm"][0]["data"], "JVBERi0xLjU=");
}

#[test]
fn a_file_of_a_cancelled_order_is_not_shown() {
    let obr = "OBR|1||F1|T^Test^L|||20261120080000||||||||||||||||||X";
    let obx = "OBX|1|ED|PDF^Report^L||^AP^PDF^Base64^JVBERi0xLjQ=";
    let all = items(mapped("ORU^R01", &[PID, obr, obx]));
    let file = &all[0].pushed.resources[0]["presentedForm"][0];
    assert_eq!((&file["title"], file.get("data")), (&json!(WITHDRAWN), None));
}

#[test]
fn comments_and_access_labels_of_a_file_go_to_its_report() {
    let marked = format!("{PDF}||NOPAT^Not for the patient");
    let (report, found) = report(&[&marked, "NTE|1||Page 2 is missing", "OBX|2|NM|k^Potassium^L||4.1"]);
    assert_eq!(report["conclusion"], "About the file Report: Page 2 is missing");
    assert_eq!(report["meta"]["security"], json!([{ "code": "NOPAT", "display": "Not for the patient" }]));
    assert!(found[0].get("note").is_none() && found[0].get("meta").is_none());
}
