//! What is on disk: a sender that knows people by their NHS numbers leaves none of them as a local id, in no database and
//! not on the bus.

use std::{fs, path::Path};

use lcr_tests::{
    Platform,
    mllp::{Line, accepted},
};

/// Two numbers that nobody in the city has; the sender says of the second that it is an NHS number.
const AS_LOCAL: &str = "9990000018";
const AS_BOTH: &str = "9990000026";

fn message(kind: &str, control: &str, person: &str, more: &str) -> String {
    format!(
        "MSH|^~\\&|PAS|ANY|LCR|LCR|20261120080000||{kind}|{control}|P|2.4\n\
         EVN|A01|20261120080000|||||20261120080000\n\
         PID|1||{person}||TESTER^TESS^^^MS||19450714|F\n{more}"
    )
}

fn of(person: &str, at: &str) -> Vec<String> {
    let visit =
        format!("PV1|1|I|W1^B1^3^ANY01{}V{at}^^^ANY^VN{}20261120080000", "|".repeat(16), "|".repeat(25));
    vec![
        message("ADT^A01^ADT_A01", &format!("A{at}"), person, &visit),
        message("ADT^A08^ADT_A01", &format!("B{at}"), person, &visit),
        message(
            "ORU^R01",
            &format!("C{at}"),
            person,
            "OBR|1||F1|T^Test^L|||20261120080000\nOBX|1|NM|T^Test^L||4.2",
        ),
        // It waits, and says whom it is about.
        message("ADT^A99", &format!("D{at}"), person, ""),
    ]
}

/// The files that hold `text`, but for keys.
fn with(folder: &Path, text: &str) -> Vec<String> {
    let mut found = vec![];
    for entry in fs::read_dir(folder).unwrap().filter_map(Result::ok) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(with(&path, text));
        } else if fs::read(&path).unwrap_or_default().windows(text.len()).any(|part| part == text.as_bytes())
        {
            found.push(path.display().to_string());
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn no_nhs_number_stands_on_disk_as_a_local_id() {
    let platform = Platform::loaded().await;
    let mut line = Line::open(platform.ports.mllp()).await.unwrap();
    let people = [
        (format!("{AS_LOCAL}^^^ANY^MR"), "1"),
        ("999-000-0018^^^ELSEWHERE^MR".to_owned(), "2"),
        (format!("{AS_BOTH}^^^NHS^NH"), "3"),
    ];
    for message in people.iter().flat_map(|(person, at)| of(person, at)) {
        let answer = line.send(&message).await.unwrap();
        assert!(accepted(&answer), "{answer}");
    }
    let merge = "MRG|999 000 0018^^^ANY^MR";
    let merge = message("ADT^A40^ADT_A39", "M1", "4711^^^ANY^MR", merge);
    assert!(accepted(&line.send(&merge).await.unwrap()));
    platform.wait_loaded().await;
    let folder = platform.database(lcr_model::ServiceName::Feeds);
    let folder = folder.parent().unwrap();
    assert!(
        !with(folder, "TESTER").is_empty(),
        "the index holds names, so that this search can find something"
    );
    for text in [AS_LOCAL, "999-000-0018", "999 000 0018"] {
        assert_eq!(with(folder, text), Vec::<String>::new(), "{text}");
    }
    // The index has the number of a person by design, in a column of its own; a local id follows the name of its source.
    let source = "sandbox";
    assert!(!with(folder, &format!("{source}nhs-")).is_empty(), "a hash follows its source");
    assert_eq!(with(folder, &format!("{source}{AS_BOTH}")), Vec::<String>::new());
    let holding = with(folder, AS_BOTH);
    assert!(holding.iter().all(|file| file.contains("patient-index")), "{holding:?}");
}
