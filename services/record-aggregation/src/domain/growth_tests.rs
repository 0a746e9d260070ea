//! What a source sends costs no more than its size: twice as much takes at most 2.2 times as long, for everything that is
//! compared with everything else.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::time::{Duration, Instant};

use jiff::Timestamp;
use lcr_contracts::identity::{Registry, System};
use lcr_fhir::{Item, Searchset};
use lcr_model::{
    Dataset, PersonId, SourceId, ViewId,
    permit::{Hide, PersonGrant},
};
use serde_json::{Value, json};

use super::{
    answer::{Ended, SourceAnswer, TypeAnswer},
    assemble::{Parts, assemble},
    kind::Kind,
    listing::Listing,
    pushed::{self, Pushed},
    sensitivity,
    stays::{Stay, Ward, beside},
};
use crate::testing::item;

/// How much longer twice the input may take.
const GROWTH: f64 = 2.2;

/// The time of one run: the least of several, which other work on the machine disturbs least.
fn least(run: &impl Fn()) -> Duration {
    let time = || {
        let started = Instant::now();
        run();
        started.elapsed()
    };
    (0..5).map(|_| time()).min().unwrap()
}

/// Compares an input of `size` with one of twice as much. The small one is run as two copies, so that both fill the caches
/// alike; a machine that is busy is given several tries.
fn grows_with_its_size<T>(what: &str, size: usize, make: impl Fn(usize) -> T, run: impl Fn(&T)) {
    let (small, copy, large) = (make(size), make(size), make(2 * size));
    let both = || {
        run(&small);
        run(&copy);
    };
    let factor = || 2.0 * least(&|| run(&large)).as_secs_f64() / least(&both).as_secs_f64();
    let mut factors = vec![];
    for _ in 0..8 {
        let factor = factor();
        if factor <= GROWTH {
            return;
        }
        factors.push(factor);
    }
    panic!("{what}: {factors:?} times as long");
}

fn system(id: &str, kind: &str) -> System {
    serde_json::from_value(json!({
        "id": id, "name": id, "organisation": "A1", "base_url": "", "kind": kind, "authority": false, "discreet": false,
        "datasets": {}, "rhythm": "real-time", "default_practice": null, "suspended": false, "feed": null }))
    .unwrap()
}

fn answer(source: &str, items: Vec<(Kind, Value)>) -> SourceAnswer {
    let mut answer = SourceAnswer::asking(SourceId::new(source), true, Kind::ALL);
    let ended = Ended::Answered { at: Timestamp::UNIX_EPOCH };
    answer.types.values_mut().for_each(|of_type| *of_type = TypeAnswer::empty(ended));
    for (kind, value) in items {
        answer.types.get_mut(&kind).unwrap().items.push(Item::kept(value));
    }
    answer
}

/// The record of two sources, as a reader with limits sees it or one who may not know where the person is.
fn record(answers: &[SourceAnswer], hide: &[Hide]) {
    let mut answers = answers.to_vec();
    sensitivity::withhold(&mut answers);
    let registry =
        Registry { systems: vec![system("a", "gp"), system("b", "hospital")], ..Registry::default() };
    let grants = ["a", "b"].iter().flat_map(|id| Dataset::ALL.iter().map(|one| (SourceId::new(*id), *one)));
    let grant = PersonGrant {
        person: PersonId::new(),
        index_version: 1,
        epoch: 1,
        relationship: String::new(),
        grants: grants.collect(),
        withheld: vec![],
        clearances: ["results:renal-liver-inr".to_owned()].into(),
        hide: hide.iter().copied().collect(),
    };
    let listing = Listing {
        opaque: &|id: &str| id.to_owned(),
        grant: &grant,
        registry: &registry,
        answers: &answers,
        datasets: Dataset::ALL,
        now: Timestamp::UNIX_EPOCH,
    };
    let record = assemble(&Parts { view: ViewId::new(), listing, doubts: &[] });
    assert!(!record.sections.is_empty());
}

/// Two sources with `many` items that say the same, replace each other, name each other and have the same number.
fn alike(many: usize) -> Vec<SourceAnswer> {
    let code = json!({ "text": "eGFR" });
    let items = |at: usize| {
        let letter = json!({ "status": "current", "type": { "text": "Letter" }, "identifier": [{ "value": format!("n{at}") }],
            "relatesTo": [{ "code": "replaces", "target": { "identifier": { "value": format!("n{}", at + 1) } } }] });
        let report = json!({ "status": "final", "code": code,
            "result": [{ "reference": format!("Observation/{at}") }, { "reference": format!("Observation/{}", at + 1) }] });
        let medicine = json!({ "status": "active", "intent": "order", "medicationCodeableConcept": { "text": "Bisoprolol" } });
        let forbidden = json!({ "status": "active", "intent": "order", "doNotPerform": true,
            "medicationCodeableConcept": { "text": "Bisoprolol" } });
        let visit =
            json!({ "status": "finished", "class": { "code": "IMP" }, "identifier": [{ "value": "V1" }] });
        let id = at.to_string();
        vec![
            (Kind::Condition, item("Condition", &id, json!({ "code": { "text": "Asthma" } }))),
            (
                Kind::AllergyIntolerance,
                item("AllergyIntolerance", &id, json!({ "code": { "text": "Latex" } })),
            ),
            (
                Kind::Observation,
                item("Observation", &id, json!({ "status": "final", "code": code, "valueInteger": 7 })),
            ),
            (Kind::DiagnosticReport, item("DiagnosticReport", &id, report)),
            (Kind::DocumentReference, item("DocumentReference", &id, letter)),
            (Kind::MedicationRequest, item("MedicationRequest", &id, medicine)),
            (Kind::MedicationRequest, item("MedicationRequest", &format!("f{id}"), forbidden)),
            (Kind::Encounter, item("Encounter", &id, visit)),
        ]
    };
    ["a", "b"].iter().map(|source| answer(source, (0..many).flat_map(items).collect())).collect()
}

#[test]
fn a_record_of_items_that_say_the_same() {
    grows_with_its_size("record", 200, alike, |answers| record(answers, &[]));
    grows_with_its_size("protected record", 200, alike, |answers| record(answers, &[Hide::Location]));
}

/// A Bundle whose reports each name every result of the other half: references cost their number, not pairs.
#[test]
fn a_bundle_whose_entries_refer_to_each_other() {
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
        let result = |id: usize| {
            item("Observation", &id.to_string(), json!({ "status": "final", "code": { "text": "x" } }))
        };
        let body = json!({ "resourceType": "Bundle", "entry": entries }).to_string();
        (body, (0..many).map(|id| (Kind::Observation, result(id))).collect::<Vec<_>>())
    };
    grows_with_its_size("bundle", 1000, bundle, |(body, results)| {
        let page = Searchset::read(body.as_bytes(), "DiagnosticReport").unwrap();
        assert_eq!(page.items.len(), 20);
        let reports = page.items.into_iter().map(|one| (Kind::DiagnosticReport, one.into_value()));
        record(&[answer("a", reports.chain(results.clone()).collect())], &[]);
    });
}

/// One report with results inside it, which it names.
#[test]
fn a_report_that_contains_its_results() {
    let report = |many: usize| {
        let result = |id: usize| json!({ "resourceType": "Observation", "id": format!("o{id}"), "status": "final", "code": { "text": "x" } });
        let named: Vec<Value> = (0..many).map(|id| json!({ "reference": format!("#o{id}") })).collect();
        let contained: Vec<Value> = (0..many).map(result).collect();
        let more =
            json!({ "status": "final", "code": { "text": "x" }, "contained": contained, "result": named });
        vec![answer("a", vec![(Kind::DiagnosticReport, item("DiagnosticReport", "1", more))])]
    };
    grows_with_its_size("report", 250, report, |answers| record(answers, &[]));
}

/// Fields that nobody knows, and as many comments.
#[test]
fn an_item_with_many_fields_and_comments() {
    let odd = |many: usize| {
        let mut value = item("Flag", "1", json!({ "status": "active", "code": { "text": "Falls" } }));
        for at in 0..many {
            value[format!("unknown{at}")] = json!("x");
        }
        value["note"] = (0..many).map(|at| json!({ "text": format!("comment {at}") })).collect();
        vec![answer("a", vec![(Kind::Flag, value.clone())]), answer("b", vec![(Kind::Flag, value)])]
    };
    grows_with_its_size("fields", 2000, odd, |answers| record(answers, &[]));
}

#[test]
fn what_a_source_pushed_beside_what_it_answers() {
    let both = |many: usize| {
        let flag = |id: usize| {
            item("Flag", &id.to_string(), json!({ "status": "active", "code": { "text": "Falls" } }))
        };
        let answered = vec![answer("a", (0..many).map(|id| (Kind::Flag, flag(id))).collect())];
        let items = (0..many).map(|id| (Kind::Flag, Item::kept(flag(id)))).collect();
        (answered, vec![Pushed { source: SourceId::new("a"), version: 1, items }])
    };
    grows_with_its_size("pushed", 1500, both, |(answers, pushed)| {
        assert_eq!(pushed::beside(answers, pushed).len(), 1);
    });
}

#[test]
fn stays_of_the_ward_beside_answered_encounters() {
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
        let answers = vec![answer("a", (0..many).map(|id| (Kind::Encounter, visit(id))).collect())];
        (answers, (0..many).map(stay).collect::<Vec<_>>())
    };
    grows_with_its_size("stays", 400, both, |(answers, stays)| {
        let mut answers = answers.clone();
        let registry = Registry { systems: vec![system("a", "hospital")], ..Registry::default() };
        let ward = Ward { stays, sends: &[], now: Timestamp::UNIX_EPOCH };
        beside(&mut answers, ward, &registry, |_| vec!["7".into()]);
        record(&answers, &[]);
    });
}
