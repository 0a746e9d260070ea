//! Items of a unit that is not yet switched on leave every output, and their number is told.

use lcr_fhir::Item;
use lcr_model::SourceId;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::domain::{
    item_list::{ListInput, list_items},
    source_answer::QueryOutcome,
};

/// The ODS code system.
const ODS: &str = "https://fhir.nhs.uk/Id/ods-organization-code";

fn registry() -> Registry {
    serde_json::from_value(json!({
        "organisations": [
            { "ods": "P1", "name": "Beckside Surgery", "kind": "gp-practice", "agreement_signed": true },
            { "ods": "P2", "name": "Flaxley Medical Centre", "kind": "gp-practice", "agreement_signed": true }],
        "systems": [{ "id": "gp", "name": "GP (east)", "organisation": "P1", "base_url": "", "kind": "gp",
            "authority": false, "discreet": false, "datasets": {}, "rhythm": "real-time", "default_practice": null,
            "suspended": false }] }))
    .unwrap()
}

fn grant(closed: &Value, clearances: &Value) -> PersonGrant {
    serde_json::from_value(json!({
        "person": lcr_model::PersonId::new(), "index_version": 1, "epoch": 0,
        "grants": [["gp", "results"], ["gp", "documents"], ["gp", "diagnoses"]], "withheld": [],
        "clearances": clearances, "hide": [], "relationship": "", "closed_units": closed }))
    .unwrap()
}

fn item(resource_type: &str, id: &str, more: &Value) -> Item {
    let mut value = json!({ "resourceType": resource_type, "id": id, "status": "final", "code": { "text": "eGFR" } });
    for (name, field) in more.as_object().into_iter().flatten() {
        value[name.as_str()] = field.clone();
    }
    Item::from_trusted(value)
}

fn by_code(code: &str) -> Value {
    json!({ "type": "Organization", "identifier": { "system": ODS, "value": code } })
}

fn answer(items: Vec<(ResourceType, Item)>) -> SourceAnswer {
    let types = [ResourceType::Observation, ResourceType::DiagnosticReport, ResourceType::DocumentReference];
    let mut answer = SourceAnswer::pending(SourceId::new("gp"), true, &types);
    let at = jiff::Timestamp::UNIX_EPOCH;
    answer.types.values_mut().for_each(|one| *one = TypeAnswer::empty(QueryOutcome::Answered { at }));
    for (resource_type, item) in items {
        answer.types.get_mut(&resource_type).unwrap().items.push(item.into());
    }
    answer
}

/// The ids that are left, and the omissions that the record tells.
fn left(answers: &mut [SourceAnswer], grant: &PersonGrant) -> (Vec<String>, Vec<String>) {
    remove_closed_units(answers, grant, &registry());
    let input = ListInput {
        opaque_id: &|id: &str| id.to_owned(),
        grant,
        registry: &registry(),
        answers: &*answers,
        datasets: Dataset::ALL,
        now: jiff::Timestamp::UNIX_EPOCH,
    };
    let list = list_items(&input);
    let ids = list.items.iter().map(|one| one.item.id().to_owned()).collect();
    let omitted = list.omitted.iter().map(|one| format!("{} {}: {}", one.count, one.dataset, one.reason)).collect();
    (ids, omitted)
}

fn results() -> Vec<SourceAnswer> {
    let observation = ResourceType::Observation;
    let report = json!({ "performer": [by_code("P1")], "result": [{ "reference": "Observation/of-report" }] });
    let named = json!({ "performer": [{ "type": "Organization", "display": "beckside surgery" }] });
    let linked = json!({ "performer": [{ "reference": "Organization/P1" }] });
    vec![answer(vec![
        (ResourceType::DiagnosticReport, item("DiagnosticReport", "report", &report)),
        (observation, item("Observation", "of-report", &json!({}))),
        (observation, item("Observation", "by-name", &named)),
        (observation, item("Observation", "by-link", &linked)),
        (observation, item("Observation", "open-unit", &json!({ "performer": [by_code("P2")] }))),
        (observation, item("Observation", "no-unit", &json!({}))),
    ])]
}

#[test]
fn the_items_of_a_closed_or_unknown_unit_are_removed_and_counted() {
    let closed = grant(&json!([["gp", "results", "P1"]]), &json!([]));
    let (ids, omitted) = left(&mut results(), &closed);
    assert_eq!(ids, ["open-unit"]);
    assert_eq!(omitted.len(), 2, "one of each type: {omitted:?}");
    assert!(omitted.iter().all(|one| one.ends_with("results: not yet switched on for you")), "{omitted:?}");
}

#[test]
fn an_item_is_of_a_known_unit_by_the_registry_by_a_rule_of_the_source_or_by_its_report() {
    let observation = ResourceType::Observation;
    let by = |code: &str| json!({ "performer": [by_code(code)] });
    let report = json!({ "performer": [by_code("P2")], "result": [{ "reference": "Observation/of-open-report" }] });
    let answers = || {
        vec![answer(vec![
            (ResourceType::DiagnosticReport, item("DiagnosticReport", "open-report", &report)),
            (observation, item("Observation", "of-open-report", &json!({}))),
            (observation, item("Observation", "unknown-unit", &by("P9"))),
            (observation, item("Observation", "both-units", &json!({ "performer": [by_code("P2"), by_code("P1")] }))),
        ])]
    };
    let closed = grant(&json!([["gp", "results", "P1"]]), &json!([]));
    let shown = |registry: &Registry| {
        let mut answers = answers();
        remove_closed_units(&mut answers, &closed, registry);
        let items = answers[0].types.values().flat_map(|one| &one.items);
        items.map(|item| item.id().to_owned()).collect::<BTreeSet<_>>()
    };
    let with_report = ["of-open-report", "open-report"].map(str::to_owned);
    assert_eq!(shown(&registry()), BTreeSet::from(with_report.clone()));
    let mut with_rule = registry();
    let rule = json!({ "dataset": "results", "unit": "P9", "stage": "on" });
    with_rule.systems[0].setup.stages.set(serde_json::from_value(rule).unwrap());
    let expected = with_report.into_iter().chain(["unknown-unit".to_owned()]).collect::<BTreeSet<_>>();
    assert_eq!(shown(&with_rule), expected);
}

#[test]
fn a_stay_at_a_closed_site_or_without_a_known_one_is_removed() {
    let stay = |id: &str, site: Option<&str>| {
        let place = json!({ "site": site, "ward": null, "bay": null, "bed": null });
        let place = json!({ "value": place, "at": "2026-11-26T11:05:00Z" });
        let on_record = serde_json::from_value(json!({
            "person": null, "source": "gp", "visit": "V1", "counts": true, "attends": false, "class": "I", "place": place,
            "consultant": null, "specialty": null, "admitted": null, "left": null, "on_leave": false,
            "destination": null, "died": false, "last_told": "2026-11-26T11:05:00Z", "warnings": [] }));
        Stay { spell: lcr_model::SpellId::new(id), on_record: on_record.unwrap() }
    };
    let stays = [("closed", Some("p1")), ("open", Some("P2 ")), ("none", None), ("unknown", Some("Main building"))];
    let left = |closed: &Value| {
        let mut answers = vec![answer(vec![])];
        answers[0].stays = stays.map(|(id, site)| stay(id, site)).into();
        remove_closed_units(&mut answers, &grant(closed, &json!([])), &registry());
        answers[0].stays.iter().map(|stay| stay.spell.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(left(&json!([["gp", "encounters", "P1"]])), ["open"]);
    assert_eq!(left(&json!([["gp", "results", "P1"]])), ["closed", "open", "none", "unknown"]);
}

#[test]
fn another_dataset_or_another_source_closes_nothing() {
    for closed in [json!([]), json!([["gp", "documents", "P1"]]), json!([["lab", "results", "P1"]])] {
        let (ids, omitted) = left(&mut results(), &grant(&closed, &json!([])));
        assert_eq!((ids.len(), omitted.len()), (6, 0), "{closed}");
    }
}

#[test]
fn a_reader_who_sees_a_part_of_the_dataset_is_not_told_a_number() {
    let limited = grant(&json!([["gp", "results", "P1"]]), &json!(["results:renal-liver-inr"]));
    assert_eq!(left(&mut results(), &limited).1, Vec::<String>::new());
}

proptest! {
    #[test]
    fn a_closed_unit_never_adds_an_item(units in prop::collection::btree_set("P[12]", 0..3)) {
        let closed: Vec<Value> = units.iter().map(|unit| json!(["gp", "results", unit])).collect();
        let all = left(&mut results(), &grant(&json!([]), &json!([]))).0;
        let some = left(&mut results(), &grant(&json!(closed), &json!([]))).0;
        prop_assert!(some.iter().all(|id| all.contains(id)));
        prop_assert_eq!(some.contains(&"no-unit".to_owned()), units.is_empty());
    }
}
