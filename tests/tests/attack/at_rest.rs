//! Data at rest: if a sender uses NHS numbers as local ids, no database and no bus file contains one as a local id.

use std::{fs, path::Path};

use lcr_tests::{
    Platform,
    mllp::{MllpConnection, is_accepted},
};

/// Two numbers of no person in the city. The sender declares the second one as an NHS number.
const AS_LOCAL: &str = "9990000018";
const AS_BOTH: &str = "9990000026";

fn message(kind: &str, control: &str, person: &str, more: &str) -> String {
    format!(
        "MSH|^~\\&|PAS|ANY|LCR|LCR|20261120080000||{kind}|{control}|P|2.4\n\
         EVN|A01|20261120080000|||||20261120080000\n\
         PID|1||{person}||TESTER^TESS^^^MS||19450714|F\n{more}"
    )
}

fn messages_about(person: &str, at: &str) -> Vec<String> {
    let visit = format!("PV1|1|I|W1^B1^3^ANY01{}V{at}^^^ANY^VN{}20261120080000", "|".repeat(16), "|".repeat(25));
    vec![
        message("ADT^A01^ADT_A01", &format!("A{at}"), person, &visit),
        message("ADT^A08^ADT_A01", &format!("B{at}"), person, &visit),
        message("ORU^R01", &format!("C{at}"), person, "OBR|1||F1|T^Test^L|||20261120080000\nOBX|1|NM|T^Test^L||4.2"),
        // A message of an unknown type, which waits and names its person.
        message("ADT^A99", &format!("D{at}"), person, ""),
    ]
}

/// The files below a folder that contain `text`.
fn files_with(folder: &Path, text: &str) -> Vec<String> {
    let mut found = vec![];
    for entry in fs::read_dir(folder).unwrap().filter_map(Result::ok) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files_with(&path, text));
        } else if fs::read(&path).unwrap_or_default().windows(text.len()).any(|part| part == text.as_bytes()) {
            found.push(path.display().to_string());
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn no_nhs_number_is_on_disk_as_a_local_id() {
    let platform = Platform::start_loaded().await;
    let mut hospital = MllpConnection::open(platform.ports.mllp()).await.unwrap();
    let people = [
        (format!("{AS_LOCAL}^^^ANY^MR"), "1"),
        ("999-000-0018^^^ELSEWHERE^MR".to_owned(), "2"),
        (format!("{AS_BOTH}^^^NHS^NH"), "3"),
    ];
    for message in people.iter().flat_map(|(person, at)| messages_about(person, at)) {
        let answer = hospital.send(&message).await.unwrap();
        assert!(is_accepted(&answer), "{answer}");
    }
    let merge = "MRG|999 000 0018^^^ANY^MR";
    let merge = message("ADT^A40^ADT_A39", "M1", "4711^^^ANY^MR", merge);
    assert!(is_accepted(&hospital.send(&merge).await.unwrap()));
    platform.wait_loaded().await;
    let folder = platform.database(lcr_model::ServiceName::Feeds);
    let folder = folder.parent().unwrap();
    assert!(!files_with(folder, "TESTER").is_empty(), "the index holds names, so that this search can find something");
    for text in [AS_LOCAL, "999-000-0018", "999 000 0018"] {
        assert_eq!(files_with(folder, text), Vec::<String>::new(), "{text}");
    }
    // The index stores the NHS number in a column of its own; a local id follows the name of its source.
    let source = "sandbox";
    assert!(!files_with(folder, &format!("{source}nhs-")).is_empty(), "a hash follows its source");
    assert_eq!(files_with(folder, &format!("{source}{AS_BOTH}")), Vec::<String>::new());
    let holding = files_with(folder, AS_BOTH);
    assert!(holding.iter().all(|file| file.contains("patient-index")), "{holding:?}");
}
