//! Tests of the organisation that a page names for what a system sent.

use lcr_fhir::Item;
use lcr_model::SourceId;
use serde_json::json;

use super::*;
use crate::domain::{
    item_list::{ListInput, list_items},
    source_answer::{QueryOutcome, TypeAnswer},
};

fn registry() -> Registry {
    let system = |id: &str, name: &str, organisation: &str, kind: &str| {
        json!({ "id": id, "name": name, "organisation": organisation, "base_url": "", "kind": kind, "authority": false,
            "discreet": kind == "discreet", "datasets": {}, "rhythm": "real-time", "default_practice": null,
            "suspended": false })
    };
    let organisation =
        |ods: &str, name: &str| json!({ "ods": ods, "name": name, "kind": "community", "agreement_signed": true });
    serde_json::from_value(json!({
        "organisations": [organisation("Y1", "Beckside Surgery"), organisation("Y2", "Flaxley Medical Centre"),
            organisation("C1", "Aire Community Healthcare"), organisation("X1", "Canalside Sexual Health"),
            organisation("H1", "St Hilda's")],
        "systems": [system("gp", "GP (east)", "Y1", "gp"), system("community", "Community", "C1", "community"),
            system("hospital", "St Hilda's", "H1", "hospital"), system("quiet", "Quiet", "X1", "discreet")] }))
    .unwrap()
}

fn grant(source: &str, hide: &[&str]) -> PersonGrant {
    serde_json::from_value(json!({
        "person": lcr_model::PersonId::new(), "index_version": 1, "epoch": 0,
        "grants": [[source, "demographics"], [source, "results"], [source, "documents"], [source, "diagnoses"]],
        "withheld": [], "clearances": [], "hide": hide, "relationship": "" }))
    .unwrap()
}

/// The name that a page shows beside the item of a source whose Patient is `patient`.
fn shown(source: &str, hide: &[&str], patient: Option<Value>, item: Value) -> String {
    let (grant, registry) = (grant(source, hide), registry());
    let kind = ResourceType::parse(item["resourceType"].as_str().unwrap()).unwrap();
    let mut answer = SourceAnswer::pending(SourceId::new(source), true, &[kind]);
    let mut add = |kind, item: Value| {
        let now = QueryOutcome::Answered { at: jiff::Timestamp::UNIX_EPOCH };
        let items = vec![Item::from_trusted(item).into()];
        answer.types.insert(kind, TypeAnswer { items, ..TypeAnswer::empty(now) });
    };
    add(kind, item);
    if let Some(patient) = patient {
        add(ResourceType::Patient, patient);
    }
    let answers = [answer];
    let input = ListInput {
        opaque_id: &|id: &str| id.to_owned(),
        grant: &grant,
        registry: &registry,
        answers: &answers,
        datasets: Dataset::ALL,
        now: jiff::Timestamp::UNIX_EPOCH,
    };
    let listed = list_items(&input).items.into_iter().find(|one| one.resource_type == kind).unwrap();
    listed.entries[0].provenance[0].shown_name().to_owned()
}

fn with(resource_type: &str, path: &str, value: &Value) -> Value {
    json!({ "resourceType": resource_type, "id": "1", "status": "final", "code": { "text": "Something" }, path: value })
}

fn ods(code: &str) -> Value {
    json!({ "type": "Organization", "identifier": { "system": ODS, "value": code }, "display": "as sent" })
}

fn patient(path: &str, value: &Value) -> Value {
    json!({ "resourceType": "Patient", "id": "p", "name": [{ "family": "Smith" }], path: value })
}

#[test]
fn an_item_is_shown_with_its_own_organisation() {
    let lab = json!({ "type": "Organization", "display": "City Laboratory" });
    let doctor = json!({ "type": "Practitioner", "display": "Dr T. Moss" });
    for (what, item, expected) in [
        ("by ODS code", with("Observation", "performer", &json!([ods("Y2")])), "Flaxley Medical Centre"),
        ("as sent", with("Observation", "performer", &json!([doctor, lab])), "City Laboratory"),
        ("a person", with("Observation", "performer", &json!([doctor])), "Aire Community Healthcare"),
        ("nothing", with("Observation", "note", &json!([])), "Aire Community Healthcare"),
        ("the custodian", with("DocumentReference", "custodian", &ods("Y2")), "Flaxley Medical Centre"),
        ("the author", with("DocumentReference", "author", &json!([doctor, ods("Y2")])), "Flaxley Medical Centre"),
        ("a discreet service", with("Observation", "performer", &json!([ods("X1")])), "Aire Community Healthcare"),
    ] {
        assert_eq!(shown("community", &[], None, item), expected, "{what}");
    }
    let named = json!({ "type": "Organization", "display": "canalside sexual health" });
    let item = with("Observation", "performer", &json!([named]));
    assert_eq!(shown("community", &[], None, item), "Aire Community Healthcare", "not by its name either");
}

#[test]
fn a_shared_gp_system_is_shown_as_the_practice_that_has_the_person() {
    let registered = || Some(patient("generalPractitioner", &json!([ods("Y2")])));
    let managed = Some(patient("managingOrganization", &ods("Y2")));
    for (what, source, patient, expected) in [
        ("registered", "gp", registered(), "Flaxley Medical Centre"),
        ("managed", "gp", managed, "Flaxley Medical Centre"),
        ("the owner, while the practice is not known", "gp", None, "Beckside Surgery"),
        ("a hospital is no practice", "hospital", registered(), "St Hilda's"),
    ] {
        let problem = with("Condition", "note", &json!([]));
        assert_eq!(shown(source, &[], patient, problem), expected, "{what}");
    }
}

#[test]
fn a_protected_practice_is_not_named() {
    let patient = Some(patient("generalPractitioner", &json!([ods("Y2")])));
    assert_eq!(shown("gp", &["gp"], patient, with("Condition", "note", &json!([]))), "GP (east)");
}

#[test]
fn items_that_name_different_organisations_are_shown_with_their_own() {
    let named = |id: &str, organisation: Value| {
        let mut item = with("Observation", "performer", &json!([organisation]));
        item["id"] = json!(id);
        Item::from_trusted(item).into()
    };
    let as_sent = |name: &str| json!({ "type": "Organization", "display": name });
    let mut answer = SourceAnswer::pending(SourceId::new("community"), true, &[ResourceType::Observation]);
    let items = vec![
        named("1", ods("Y2")),
        named("2", ods("X1")),
        named("3", as_sent("City Laboratory")),
        named("4", ods("Y2")),
        named("5", ods("Y1")),
        named("6", ods("X1")),
        named("7", as_sent("as sent")),
    ];
    let outcome = QueryOutcome::Answered { at: jiff::Timestamp::UNIX_EPOCH };
    answer.types.insert(ResourceType::Observation, TypeAnswer { items, ..TypeAnswer::empty(outcome) });
    let (grant, registry, answers) = (grant("community", &[]), registry(), [answer]);
    let input = ListInput {
        opaque_id: &|id: &str| id.to_owned(),
        grant: &grant,
        registry: &registry,
        answers: &answers,
        datasets: Dataset::ALL,
        now: jiff::Timestamp::UNIX_EPOCH,
    };
    let listed = list_items(&input).items;
    let shown: Vec<&str> = listed.iter().map(|one| one.entries[0].provenance[0].shown_name()).collect();
    let (practice, usual) = ("Flaxley Medical Centre", "Aire Community Healthcare");
    assert_eq!(shown, [practice, usual, "City Laboratory", practice, "Beckside Surgery", usual, "as sent"]);
}
