//! Tests of hashes: one for a number at a source, in every spelling, in messages and in queries.

use super::*;

#[test]
fn one_number_has_one_hash_per_source_in_every_spelling() {
    let pids = [
        "PID|1||9990000018^^^NHS^NH||Ashdown",
        "PID|1||9990000018||Ashdown",
        "PID|1||999 000 0018^^^Z9H01^MR||Ashdown",
        "PID|1||999-000-0018^^^Z9H01^MR~9990000018^^^NHS^NH||Ashdown",
        "PID|1|9990000018|||Ashdown",
    ];
    let ids: Vec<String> = pids.iter().map(|pid| person(&hospital(), "ADT^A28", &[pid]).identity.local_id.0).collect();
    assert!(ids.iter().all(|id| *id == ids[0] && LocalId(id.clone()).is_hash()), "{ids:?}");
    let mut other_source = hospital();
    other_source.id = lcr_model::SourceId::new("st-bedes");
    assert_ne!(person(&other_source, "ADT^A28", &[pids[0]]).identity.local_id.0, ids[0]);
    let update = person(&hospital(), "ADT^A28", &[pids[3]]);
    assert_eq!(
        update.assigned[0].in_clear,
        ["999-000-0018", NUMBER, "999 000 0018"].map(|id| LocalId(id.into())),
        "the ids of older versions"
    );
    assert_eq!(
        update.nhs_number,
        lcr_contracts::spell::FieldUpdate::Set(NUMBER.into()),
        "the update contains the number itself"
    );
}

/// record-aggregation hashes ids of a source without an authority. Both hashes must be equal.
#[test]
fn a_person_has_one_hash_in_messages_and_in_queries() {
    let hash = local_id_key().hash(&hospital().id, None, NUMBER).unwrap();
    for pid in ["9990000018", "999 000 0018^^^Z9H01^MR", "9990000018^^^PAS^MR", "9990000018^^^NHS^NH"] {
        let update = person(&hospital(), "ADT^A28", &[&format!("PID|1||{pid}||Ashdown")]);
        let own = pid.contains("PAS").then(|| local_id_key().hash(&hospital().id, Some("PAS"), NUMBER).unwrap());
        assert_eq!(update.identity.local_id, own.unwrap_or_else(|| hash.clone()), "{pid}");
    }
    for id in [NUMBER, "999-000-0018"] {
        let registered = hospital();
        let arrival = bundle::BundleArrival {
            system: &registered,
            received: Timestamp::UNIX_EPOCH,
            content: "c",
            control_id: "1",
            local_id_key: &local_id_key(),
        };
        let patient = json!({ "resourceType": "Patient", "id": id });
        let report = json!({ "resourceType": "DiagnosticReport", "id": "r", "status": "final", "code": { "text": "Test" },
            "subject": { "reference": format!("Patient/{id}") } });
        let bundle = json!({ "resourceType": "Bundle", "type": "collection",
            "entry": [{ "resource": patient }, { "resource": report }] });
        let mapped = bundle::map(&arrival, &bundle);
        assert_eq!(people(mapped).remove(0).identity.local_id, hash, "{id}");
    }
}

#[test]
fn a_mistyped_nhs_number_is_hashed_if_it_is_the_only_number() {
    let update = person(&hospital(), "ADT^A28", &["PID|1||9990000019^^^NHS^NH||Ashdown"]);
    assert!(update.identity.local_id.is_hash());
}

#[test]
fn a_hospitals_own_number_is_not_hashed() {
    for (pid, id) in
        [("4711^^^Z9H01^MR~9990000018^^^NHS^NH", "4711"), ("4711^^^RXX^MR", "RXX:4711"), ("9990000019", "9990000019")]
    {
        let update = person(&hospital(), "ADT^A28", &[&format!("PID|1||{pid}||Ashdown")]);
        assert_eq!((update.identity.local_id.0.as_str(), update.assigned.len()), (id, 0));
    }
}

#[test]
fn a_merge_of_nhs_numbers_merges_their_hashes() {
    for (kind, pid, mrg) in [
        ("ADT^A40", "PID|1||9990000018^^^Z9H01^MR||Ashdown", "MRG|999 000 0026^^^Z9H01^MR"),
        ("ADT^A39", "PID|1|9990000018|||Ashdown", "MRG||||9990000026"),
    ] {
        let update = person(&hospital(), kind, &[pid, mrg]);
        let discarded = person(&hospital(), "ADT^A28", &["PID|1||9990000026^^^Z9H01^MR||Ashdown"]);
        assert_eq!(update.replaces, [discarded.identity.local_id], "{kind}");
        assert_eq!(update.assigned.len(), 2, "both may have an older id in clear");
    }
}
