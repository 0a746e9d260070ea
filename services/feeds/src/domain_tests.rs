//! Property tests: no input makes the mapping panic, and every mapped event can be serialised and read again.

use std::collections::BTreeMap;

use lcr_contracts::registry::{Feed, SystemSetup};
use lcr_model::{OdsCode, SourceId};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn system() -> System {
    System {
        id: SourceId::new("sandbox"),
        name: "Sandbox".to_owned(),
        organisation: OdsCode::new("Z9K01"),
        base_url: String::new(),
        kind: "hospital".into(),
        authority: false,
        discreet: false,
        datasets: BTreeMap::new(),
        rhythm: "real-time".to_owned(),
        default_practice: None,
        suspended: false,
        setup: SystemSetup::default(),
        feed: Some(Feed { training: true, ..Feed::default() }),
    }
}

fn mapped(text: &str) -> Option<MappingResult> {
    let message = Message::read(text.as_bytes()).ok()?;
    let header = Header::of(&message);
    let (system, received) = (system(), Timestamp::UNIX_EPOCH);
    let arrival = Arrival {
        message: &message,
        header: &header,
        system: &system,
        received,
        content: "c",
        local_id_key: &testing::local_id_key(),
    };
    Some(map(&arrival))
}

/// Field values, valid and invalid.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("\"\"".to_owned()),
        Just("20261120093000".to_owned()),
        Just("9990000018^^^NHS".to_owned()),
        Just("A^B&C~D".to_owned()),
        Just("^application^pdf^Base64^JVBERg==".to_owned()),
        Just("-1".to_owned()),
        Just("^10^-^20".to_owned()),
        Just("one\n\ntwo~\\X00E9\\".to_owned()),
        prop::sample::select(vec!["NM", "SN", "CWE", "TX", "ED", "TM", "DR", "C", "D", "X", "CA"])
            .prop_map(str::to_owned),
        "[A-Z]{1,2}",
        "[0-9.+<>eE-]{1,12}",
        "[^\r\n|]{0,12}",
    ]
}

fn segment() -> impl Strategy<Value = String> {
    let names = prop::sample::select(vec![
        "PID", "PV1", "PV2", "MRG", "ZDP", "ZDT", "ZU1", "ZU8", "ORC", "OBR", "OBX", "NTE", "TXA", "RF1", "PRD", "DG1",
        "SCH", "TQ1", "AIS", "AIL", "AIP", "SPM",
    ]);
    (names, prop::collection::vec(value(), 0..48)).prop_map(|(name, fields)| format!("{name}|{}", fields.join("|")))
}

proptest! {
    #[test]
    fn the_mapping_never_panics_on_a_message(
        kind in prop::sample::select(vec!["ADT^A01", "ADT^A03", "ADT^A08", "ADT^A17", "ADT^A18", "ADT^A40", "ADT^A44",
            "ADT^A45", "ORU^R01", "MDM^T02", "MDM^T03", "MDM^T10", "MDM^T11", "REF^I12", "REF^I14", "SIU^S12", "SIU^S15"]),
        segments in prop::collection::vec(segment(), 0..8),
    ) {
        let pid = "PID|1||4711^^^X^MR||Ashdown^Ottilie";
        let text = format!("MSH|^~\\&|A|B|||20261120||{kind}|1|P|2.5\r{pid}\r{}", segments.join("\r"));
        if let Some(Ok(events)) = mapped(&text) {
            for event in events {
                if let MappedEvent::Encounter(_, message) = event {
                    let text = serde_json::to_string(&message).unwrap();
                    prop_assert_eq!(serde_json::from_str::<SpellMessage>(&text).unwrap(), *message);
                }
            }
        }
    }

    #[test]
    fn the_mapping_never_panics_on_a_bundle(
        kind in prop::sample::select(vec!["Encounter", "CarePlan", "Task", "DiagnosticReport", "Appointment",
            "ServiceRequest", "EpisodeOfCare", "CareTeam", "Group"]),
        field in prop::sample::select(vec!["status", "identifier", "location", "extension", "participant", "length", "period",
            "patient", "subject", "performer", "type", "team", "member", "managingOrganization", "managingEntity"]),
        value in prop::sample::select(vec![json!(null), json!([]), json!({}), json!([{}]), json!("x"), json!(-1),
            json!([{ "value": 1.5e300, "url": "a/criteria-to-reside", "extension": [{}] }])]),
    ) {
        let mut resource = json!({ "resourceType": kind, "id": "1", "status": "active" });
        resource[field] = value;
        let bundle: Value = json!({ "resourceType": "Bundle", "type": "collection", "entry": [
            { "resource": { "resourceType": "Patient", "id": "p" } }, { "resource": resource }, {}, 7] });
        let system = system();
        let arrival = bundle::BundleArrival { system: &system, received: Timestamp::UNIX_EPOCH, content: "c", control_id: "1", local_id_key: &testing::local_id_key() };
        let _ = bundle::map(&arrival, &bundle);
    }
}
