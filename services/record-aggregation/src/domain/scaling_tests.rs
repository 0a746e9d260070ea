//! Processing time grows in proportion to the input: twice as much takes at most 2.2 times as long, also where items
//! are compared with each other.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use lcr_contracts::registry::{Registry, System};
use lcr_fhir::{Item, Searchset};
use lcr_model::{
    Clearance, Dataset, PersonId, SourceId, ViewId,
    permit::{Hide, PersonGrant},
};
use serde_json::{Value, json};

use super::{
    assemble::{RecordInput, assemble},
    item_list::ListInput,
    pushed_resources::{self, PushedResources},
    resource_type::ResourceType,
    sensitivity,
    source_answer::{QueryOutcome, SourceAnswer, TypeAnswer},
    stays::{Stay, WardData, add_stays},
};
use crate::testing::item;

/// How many times as long twice the input may take.
const MAX_GROWTH: f64 = 2.2;

/// The shortest time of several runs, which other work on the machine disturbs least.
fn shortest_time(run: &impl Fn()) -> Duration {
    let time = || {
        let started = Instant::now();
        run();
        started.elapsed()
    };
    (0..5).map(|_| time()).min().unwrap()
}

/// Compares an input of `size` with one of twice the size. The small one runs as two copies, so that both fill the
/// caches alike. Several tries allow for a busy machine.
fn assert_linear<T>(name: &str, size: usize, make: impl Fn(usize) -> T, run: impl Fn(&T)) {
    let (small, copy, large) = (make(size), make(size), make(2 * size));
    let both = || {
        run(&small);
        run(&copy);
    };
    let factor = || 2.0 * shortest_time(&|| run(&large)).as_secs_f64() / shortest_time(&both).as_secs_f64();
    let mut factors = vec![];
    for _ in 0..8 {
        let factor = factor();
        if factor <= MAX_GROWTH {
            return;
        }
        factors.push(factor);
    }
    panic!("{name}: {factors:?} times as long");
}

fn system(id: &str, kind: &str) -> System {
    serde_json::from_value(json!({
        "id": id, "name": id, "organisation": "A1", "base_url": "", "kind": kind, "authority": false, "discreet": false,
        "datasets": {}, "rhythm": "real-time", "default_practice": null, "suspended": false, "feed": null }))
    .unwrap()
}

fn answer(source: &str, items: Vec<(ResourceType, Value)>) -> SourceAnswer {
    let mut answer = SourceAnswer::pending(SourceId::new(source), true, ResourceType::ALL);
    let ended = QueryOutcome::Answered { at: Timestamp::UNIX_EPOCH };
    answer.types.values_mut().for_each(|type_answer| *type_answer = TypeAnswer::empty(ended));
    for (resource_type, value) in items {
        answer.types.get_mut(&resource_type).unwrap().items.push(Item::from_trusted(value).into());
    }
    answer
}

/// Assembles the record of two sources for a reader with limits, or for one who may not know the location.
fn record(answers: &[SourceAnswer], hide: &[Hide]) {
    let mut answers = answers.to_vec();
    // Each run reads every item.
    let items = answers.iter_mut().flat_map(|answer| answer.types.values_mut()).flat_map(|one| &mut one.items);
    items.for_each(|item| *item = Item::clone(item).into());
    sensitivity::remove_labelled_items(&mut answers, |_, _| false);
    let registry = Registry { systems: vec![system("a", "gp"), system("b", "hospital")], ..Registry::default() };
    let grants = ["a", "b"].iter().flat_map(|id| Dataset::ALL.iter().map(|one| (SourceId::new(*id), *one)));
    let grant = PersonGrant {
        person: PersonId::new(),
        index_version: 1,
        epoch: 1,
        relationship: None,
        grants: grants.collect(),
        withheld: vec![],
        clearances: [Clearance::ResultsRenalLiverInr].into(),
        hide: hide.iter().copied().collect(),
        sharing: None,
        labels: BTreeSet::new(),
        dataset_labels: BTreeSet::new(),
        closed_units: BTreeSet::new(),
    };
    let listing = ListInput {
        opaque_id: &|id: &str| id.to_owned(),
        grant: &grant,
        registry: &registry,
        answers: &answers,
        datasets: Dataset::ALL,
        now: Timestamp::UNIX_EPOCH,
    };
    let record = assemble(&RecordInput::new(ViewId::new(), listing));
    assert!(!record.sections.is_empty());
}

/// Two sources with `many` items that agree, replace each other, refer to each other and have the same identifier.
fn alike(many: usize) -> Vec<SourceAnswer> {
    let code = json!({ "text": "eGFR" });
    let items = |at: usize| {
        let letter = json!({ "status": "current", "type": { "text": "Letter" }, "identifier": [{ "value": format!("n{at}") }],
            "relatesTo": [{ "code": "replaces", "target": { "identifier": { "value": format!("n{}", at + 1) } } }] });
        let report = json!({ "status": "final", "code": code,
            "result": [{ "reference": format!("Observation/{at}") }, { "reference": format!("Observation/{}", at + 1) }] });
        let medication =
            json!({ "status": "active", "intent": "order", "medicationCodeableConcept": { "text": "Bisoprolol" } });
        let forbidden = json!({ "status": "active", "intent": "order", "doNotPerform": true,
            "medicationCodeableConcept": { "text": "Bisoprolol" } });
        let visit = json!({ "status": "finished", "class": { "code": "IMP" }, "identifier": [{ "value": "V1" }] });
        let id = at.to_string();
        vec![
            (ResourceType::Condition, item("Condition", &id, json!({ "code": { "text": "Asthma" } }))),
            (ResourceType::AllergyIntolerance, item("AllergyIntolerance", &id, json!({ "code": { "text": "Latex" } }))),
            (
                ResourceType::Observation,
                item("Observation", &id, json!({ "status": "final", "code": code, "valueInteger": 7 })),
            ),
            (ResourceType::DiagnosticReport, item("DiagnosticReport", &id, report)),
            (ResourceType::DocumentReference, item("DocumentReference", &id, letter)),
            (ResourceType::MedicationRequest, item("MedicationRequest", &id, medication)),
            (ResourceType::MedicationRequest, item("MedicationRequest", &format!("f{id}"), forbidden)),
            (ResourceType::Encounter, item("Encounter", &id, visit)),
        ]
    };
    ["a", "b"].iter().map(|source| answer(source, (0..many).flat_map(items).collect())).collect()
}

#[test]
fn a_record_of_equal_items_scales_linearly() {
    assert_linear("record", 200, alike, |answers| record(answers, &[]));
    assert_linear("protected record", 200, alike, |answers| record(answers, &[Hide::Location]));
}

/// A Bundle in which every report names every result.
#[test]
fn a_bundle_of_entries_that_refer_to_each_other_scales_linearly() {
    let bundle = |many: usize| {
        let refer = |at: usize| json!({ "reference": format!("Observation/{at}") });
        let reports = (0..20).map(|id| {
            let results: Vec<Value> = (0..many).map(refer).collect();
            item(
                "DiagnosticReport",
                &id.to_string(),
                json!({ "status": "final", "code": { "text": "x" }, "result": results }),
            )
        });
        let entries: Vec<Value> = reports.map(|one| json!({ "resource": one })).collect();
        let result =
            |id: usize| item("Observation", &id.to_string(), json!({ "status": "final", "code": { "text": "x" } }));
        let body = json!({ "resourceType": "Bundle", "entry": entries }).to_string();
        (body, (0..many).map(|id| (ResourceType::Observation, result(id))).collect::<Vec<_>>())
    };
    assert_linear("bundle", 1000, bundle, |(body, results)| {
        let page = Searchset::read(body.as_bytes(), "DiagnosticReport").unwrap();
        assert_eq!(page.items.len(), 20);
        let reports = page.items.into_iter().map(|one| (ResourceType::DiagnosticReport, one.into_value()));
        record(&[answer("a", reports.chain(results.clone()).collect())], &[]);
    });
}

/// One report that names its contained results.
#[test]
fn a_report_with_contained_results_scales_linearly() {
    let report = |many: usize| {
        let result = |id: usize| json!({ "resourceType": "Observation", "id": format!("o{id}"), "status": "final", "code": { "text": "x" } });
        let named: Vec<Value> = (0..many).map(|id| json!({ "reference": format!("#o{id}") })).collect();
        let contained: Vec<Value> = (0..many).map(result).collect();
        let more = json!({ "status": "final", "code": { "text": "x" }, "contained": contained, "result": named });
        vec![answer("a", vec![(ResourceType::DiagnosticReport, item("DiagnosticReport", "1", more))])]
    };
    assert_linear("report", 250, report, |answers| record(answers, &[]));
}

/// An item with many unknown fields and as many comments.
#[test]
fn an_item_with_many_fields_and_comments_scales_linearly() {
    let odd = |many: usize| {
        let mut value = item("Flag", "1", json!({ "status": "active", "code": { "text": "Falls" } }));
        for at in 0..many {
            value[format!("unknown{at}")] = json!("x");
        }
        value["note"] = (0..many).map(|at| json!({ "text": format!("comment {at}") })).collect();
        vec![answer("a", vec![(ResourceType::Flag, value.clone())]), answer("b", vec![(ResourceType::Flag, value)])]
    };
    assert_linear("fields", 2000, odd, |answers| record(answers, &[]));
}

#[test]
fn pushed_items_beside_answered_ones_scale_linearly() {
    let both = |many: usize| {
        let flag =
            |id: usize| item("Flag", &id.to_string(), json!({ "status": "active", "code": { "text": "Falls" } }));
        let answered = vec![answer("a", (0..many).map(|id| (ResourceType::Flag, flag(id))).collect())];
        let items = (0..many).map(|id| (ResourceType::Flag, Item::from_trusted(flag(id)).into())).collect();
        (answered, vec![PushedResources { source: SourceId::new("a"), version: 1, items }])
    };
    assert_linear("pushed", 1500, both, |(answers, pushed)| {
        assert_eq!(pushed_resources::add_pushed(answers, pushed).len(), 1);
    });
}

#[test]
fn stays_beside_answered_encounters_scale_linearly() {
    let both = |many: usize| {
        let visit = |id: usize| {
            item(
                "Encounter",
                &id.to_string(),
                json!({ "status": "in-progress", "class": { "code": "IMP" },
                "identifier": [{ "value": format!("V{id}") }] }),
            )
        };
        let stay = |id: usize| {
            Stay {
            spell: lcr_model::SpellId::new(format!("s{id}")),
            on_record: serde_json::from_value(json!({
                "person": null, "source": "a", "visit": format!("V{id}"), "counts": true, "attends": false, "class": "I",
                "place": null, "consultant": null, "specialty": null, "admitted": "2026-11-19", "left": null,
                "on_leave": false, "destination": null, "died": false, "last_told": "2026-11-26T11:05:00Z", "warnings": [] }))
            .unwrap(),
        }
        };
        let answers = vec![answer("a", (0..many).map(|id| (ResourceType::Encounter, visit(id))).collect())];
        (answers, (0..many).map(stay).collect::<Vec<_>>())
    };
    assert_linear("stays", 400, both, |(answers, stays)| {
        let mut answers = answers.clone();
        let registry = Registry { systems: vec![system("a", "hospital")], ..Registry::default() };
        let ward = WardData { stays, feeds: &[], now: Timestamp::UNIX_EPOCH };
        add_stays(&mut answers, ward, &registry, |_| vec!["7".into()]);
        record(&answers, &[]);
    });
}
