//! Stays of the ward on a record: under the grant of their source's encounters, beside what the source answers, with
//! every disagreement shown. (S-49 to S-59)

use lcr_contracts::{
    Moment,
    identity::{Organisation, System},
    record::{Detail, Entry, Record},
    spell::{Named, Place},
    ward::Cell,
};
use lcr_model::{Dataset, OdsCode, PersonId, SourceState, ViewId, permit::PersonGrant};
use serde_json::{Value, json};

use super::*;
use crate::domain::{
    answer::TypeAnswer,
    assemble::{Parts, assemble},
    listing::{self, Listing},
};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn moment(text: &str) -> Moment {
    text.parse().unwrap()
}

fn cell<T>(value: T) -> Cell<T> {
    Cell { value, at: at("2026-11-26T11:05:00Z") }
}

fn in_bed() -> OnRecord {
    let place = Place {
        site: Some("SH1".into()),
        ward: Some("J27".into()),
        bay: Some("C".into()),
        bed: Some("4".into()),
        ward_name: None,
    };
    OnRecord {
        person: Some(PersonId::new()),
        source: SourceId::new("h"),
        visit: Some("V100".into()),
        counts: true,
        attends: false,
        class: Some("I".into()),
        place: Some(cell(place)),
        consultant: Some(cell(Named { code: None, name: "Dr T. Moss".into() })),
        specialty: None,
        admitted: Some(moment("2026-11-19T03:40Z")),
        left: None,
        on_leave: false,
        destination: None,
        died: false,
        last_told: at("2026-11-26T11:05:00Z"),
        warnings: vec!["The admission itself was not sent.".into()],
    }
}

fn stay(spell: &str, on_record: OnRecord) -> Stay {
    Stay { spell: SpellId::new(spell), on_record }
}

fn registry() -> Registry {
    let system = |id: &str, name: &str, kind: &str| -> System {
        serde_json::from_value(json!({
            "id": id, "name": name, "organisation": "RR8", "base_url": "", "kind": kind, "authority": kind == "authority",
            "discreet": false, "datasets": {}, "rhythm": "real-time", "default_practice": null, "suspended": false,
            "feed": null }))
        .unwrap()
    };
    let site = Organisation {
        ods: OdsCode::new("SH1"),
        name: "St Hilda's General".into(),
        kind: "hospital-site".into(),
        agreement_signed: true,
        part_of: None,
    };
    let systems = vec![system("h", "St Hilda's", "hospital"), system("a", "Authority", "authority")];
    Registry { systems, organisations: vec![site] }
}

/// What a reader with these grants sees.
struct View {
    record: Record,
    resources: Vec<Value>,
}

fn grant(grants: &Value, clearances: &Value, hide: &Value) -> PersonGrant {
    serde_json::from_value(json!({
        "person": PersonId::new(), "index_version": 1, "epoch": 0, "grants": grants, "withheld": [],
        "clearances": clearances, "hide": hide, "relationship": "" }))
    .unwrap()
}

fn view(grant: &PersonGrant, stays: &[Stay], answered: Vec<Value>, ended: Ended) -> View {
    let mut answers: Vec<SourceAnswer> = vec![];
    if grant.allows(&SourceId::new("h"), Dataset::Encounters) {
        let mut hospital = SourceAnswer::asking(SourceId::new("h"), true, &[Kind::Encounter]);
        let items = answered.into_iter().map(Item::kept).collect();
        hospital.types.insert(Kind::Encounter, TypeAnswer { items, ..TypeAnswer::empty(ended) });
        answers.push(hospital);
    }
    let mut authority = SourceAnswer::asking(SourceId::new("a"), true, &[Kind::Patient]);
    let patient = json!({ "resourceType": "Patient", "id": "p", "name": [{ "family": "Smith" }] });
    let items = vec![Item::kept(patient)];
    let now = Ended::Answered { at: at("2026-11-27T10:00:00Z") };
    authority.types.insert(Kind::Patient, TypeAnswer { items, ..TypeAnswer::empty(now) });
    answers.push(authority);
    let (registry, sends) =
        (registry(), [Sends { source: SourceId::new("h"), last: at("2026-11-27T09:00:00Z") }]);
    beside(&mut answers, Ward { stays, sends: &sends, now: at("2026-11-27T10:00:00Z") }, &registry, |_| {
        vec!["4711".into()]
    });
    let datasets = [Dataset::Demographics, Dataset::Encounters];
    let listing = Listing {
        opaque: &|id: &str| id.to_owned(),
        grant,
        registry: &registry,
        answers: &answers,
        datasets: &datasets,
        now: at("2026-11-27T10:00:00Z"),
    };
    let encounters = listing::list(&listing).listed.into_iter().filter(|one| one.kind == Kind::Encounter);
    let resources = encounters.map(|one| one.item.value().clone()).collect();
    View { record: assemble(&Parts { view: ViewId::new(), listing, doubts: &[] }), resources }
}

fn gp() -> PersonGrant {
    grant(&json!([["h", "encounters"], ["a", "demographics"]]), &json!([]), &json!([]))
}

fn entries(record: &Record) -> &[Entry] {
    record.section(Dataset::Encounters).map_or(&[], |section| &section.entries)
}

fn pushed_only(stays: &[Stay]) -> View {
    view(&gp(), stays, vec![], Ended::NotOffered)
}

fn encounter(status: &str, ward: &str, end: Option<&str>) -> Value {
    let mut value = json!({ "resourceType": "Encounter", "id": "e1", "status": status, "class": { "code": "IMP" },
        "identifier": [{ "system": "urn:visits", "value": "V100" }],
        "location": [{ "location": { "display": ward } }], "period": { "start": "2026-11-19T03:40:00Z" } });
    if let Some(end) = end {
        value["period"]["end"] = json!(end);
    }
    value
}

#[test]
fn a_hospital_that_only_sends_messages_says_where_its_patient_is() {
    let shown = pushed_only(&[stay("s1", in_bed())]);
    let entry = &entries(&shown.record)[0];
    let Detail::Encounter { class, place, ended, in_progress } = &entry.detail else {
        panic!("an encounter")
    };
    assert_eq!((class.as_str(), ended, *in_progress), ("In-patient", &None, true));
    assert_eq!(place.as_deref(), Some("J27, bay C, bed 4, St Hilda's General"));
    assert_eq!(entry.provenance[0].name, "St Hilda's, ward messages");
    assert_eq!(entry.provenance[0].updated, Some(at("2026-11-26T11:05:00Z")));
    assert_eq!(entry.notes, ["The admission itself was not sent."]);
    let hospital = shown.record.sources.iter().find(|one| one.source.as_str() == "h").unwrap();
    let report = hospital.datasets.iter().find(|one| one.dataset == Dataset::Encounters).unwrap();
    assert_eq!((report.state, report.count), (SourceState::HasData, 1));
}

#[test]
fn a_hospital_that_sends_messages_can_say_that_somebody_is_not_there() {
    let state = |shown: &View| {
        shown.record.sources[0].datasets.iter().find(|one| one.dataset == Dataset::Encounters).cloned()
    };
    let report = state(&pushed_only(&[])).unwrap();
    assert_eq!((report.state, report.answered_at), (SourceState::NoData, Some(at("2026-11-27T09:00:00Z"))));
    let gone = OnRecord { counts: false, ..in_bed() };
    assert!(entries(&pushed_only(&[stay("s1", gone)]).record).is_empty(), "taken back: gone");
}

#[test]
fn a_day_without_an_hour_stays_a_day() {
    let told = OnRecord {
        admitted: Some(moment("2026-11-19")),
        left: Some(moment("2026-11-20T10:05Z")),
        ..in_bed()
    };
    let shown = pushed_only(&[stay("s1", told)]);
    assert_eq!(entries(&shown.record)[0].date.as_deref(), Some("2026-11-19"));
    let resource = &shown.resources[0];
    assert_eq!(resource["period"], json!({ "start": "2026-11-19", "end": "2026-11-20T10:05:00Z" }));
    assert_eq!(resource["status"], "finished");
}

#[test]
fn resources_say_class_leave_and_disposition() {
    let away = OnRecord { on_leave: true, ..in_bed() };
    let dead = OnRecord { left: Some(moment("2026-11-26T04:00Z")), died: true, ..in_bed() };
    let home = OnRecord {
        left: Some(moment("2026-11-26")),
        destination: Some("Usual residence".into()),
        ..in_bed()
    };
    let shown = pushed_only(&[stay("s1", away), stay("s2", dead), stay("s3", home)]);
    let said = |at: usize, path: &str| shown.resources[at].pointer(path).cloned().unwrap_or_default();
    assert_eq!(said(0, "/status"), "onleave");
    assert_eq!(said(0, "/class/code"), "IMP");
    assert_eq!(said(0, "/subject/reference"), "Patient/4711");
    assert_eq!(said(1, "/hospitalization/dischargeDisposition/text"), "Died, as the hospital reports");
    assert_eq!(said(2, "/hospitalization/dischargeDisposition/text"), "Usual residence");
    assert!(shown.resources.iter().all(|one| lcr_fhir::Item::read(one.clone()).is_ok()), "valid FHIR");
}

#[test]
fn the_same_visit_twice_is_one_entry_with_the_bed_and_both_provenances() {
    let answered = vec![encounter("in-progress", "Ward J27", None)];
    let shown =
        view(&gp(), &[stay("s1", in_bed())], answered, Ended::Answered { at: at("2026-11-27T10:00:00Z") });
    let [entry] = entries(&shown.record) else { panic!("one entry") };
    let names: Vec<&str> = entry.provenance.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["St Hilda's", "St Hilda's, ward messages"]);
    assert!(matches!(&entry.detail, Detail::Encounter { place: Some(place), .. } if place.contains("bed 4")));
    assert!(entry.stay.is_some() && shown.resources.len() == 1 && shown.record.discrepancies.is_empty());
}

#[test]
fn sources_that_differ_on_a_visit_both_stand_and_are_told() {
    let differ = |answered: Value, told: OnRecord| {
        let now = Ended::Answered { at: at("2026-11-27T10:00:00Z") };
        let shown = view(&gp(), &[stay("s1", told)], vec![answered], now);
        let remarks: Vec<Option<String>> =
            entries(&shown.record).iter().map(|one| one.remark.clone()).collect();
        (remarks, shown.record.discrepancies.len(), shown.resources.len())
    };
    let marked = |what: &str| (vec![Some(format!("sources differ: {what}")); 2], 1, 2);
    assert_eq!(differ(encounter("in-progress", "Ward J28", None), in_bed()), marked("place"));
    let left = OnRecord { left: Some(moment("2026-11-26T10:00Z")), ..in_bed() };
    assert_eq!(differ(encounter("in-progress", "J27", None), left.clone()), marked("status"));
    assert_eq!(
        differ(encounter("finished", "J27", Some("2026-11-25T10:00:00Z")), left.clone()),
        marked("left")
    );
    let (remarks, told, _) = differ(encounter("finished", "J27", Some("2026-11-26")), left);
    assert_eq!((remarks, told), (vec![None], 0), "a day and a time on it agree");
    let reused = encounter("finished", "J27", Some("2026-01-05"));
    assert_eq!(differ(reused, in_bed()).1, 0, "a number used again is another visit");
}

#[test]
fn without_the_grant_of_its_encounters_no_path_has_the_stay() {
    let stays = [stay("s1", OnRecord { died: true, ..in_bed() })];
    let none = grant(&json!([["a", "demographics"]]), &json!([]), &json!([]));
    let shown = view(&none, &stays, vec![], Ended::NotOffered);
    assert!(shown.record.section(Dataset::Encounters).is_none() && shown.resources.is_empty());
    let text = serde_json::to_string(&shown.record).unwrap();
    assert!(!text.contains("J27") && !text.contains("reported as died"));
}

#[test]
fn where_the_place_is_hidden_no_stay_is_listed_and_no_difference_told() {
    let grants = json!([["h", "encounters"], ["a", "demographics"]]);
    let hides = grant(&grants, &json!([]), &json!(["location"]));
    let left = OnRecord {
        left: Some(moment("2026-11-26T10:00Z")),
        died: true,
        destination: Some("Oak Court Care Home".into()),
        ..in_bed()
    };
    let now = Ended::Answered { at: at("2026-11-27T10:00:00Z") };
    for stays in [in_bed(), left] {
        let shown = view(&hides, &[stay("s1", stays)], vec![encounter("in-progress", "Ward J28", None)], now);
        assert!(shown.record.section(Dataset::Encounters).is_none() && shown.resources.is_empty());
        assert!(shown.record.discrepancies.is_empty());
        let text = serde_json::to_string(&shown.record).unwrap();
        for place in ["J27", "J28", "bed 4", "Oak Court", "Moss", "General", "Hilda"] {
            assert!(!text.contains(place), "{place}: {text}");
        }
    }
}

#[test]
fn a_difference_says_no_more_than_the_role_sees_of_its_entries() {
    let grants = json!([["h", "encounters"], ["a", "demographics"]]);
    let titles = grant(&grants, &json!(["encounters:titles"]), &json!([]));
    let now = Ended::Answered { at: at("2026-11-27T10:00:00Z") };
    let answered = vec![encounter("in-progress", "Ward J28", None)];
    let record = view(&titles, &[stay("s1", in_bed())], answered, now).record;
    assert!(record.discrepancies.is_empty(), "the places are not for the role");
}

#[test]
fn a_role_limited_to_dates_sees_no_destination_and_twelve_months_keep_who_is_there_now() {
    let grants = json!([["h", "encounters"], ["a", "demographics"]]);
    let limited = |limit: &str, told: OnRecord| {
        let grant = grant(&grants, &json!([format!("encounters:{limit}")]), &json!([]));
        view(&grant, &[stay("s1", told)], vec![], Ended::NotOffered).record
    };
    let told = OnRecord { destination: Some("Hospice".into()), ..in_bed() };
    assert!(!serde_json::to_string(&limited("dates", told)).unwrap().contains("Hospice"));
    let long = OnRecord { admitted: Some(moment("2025-01-05")), ..in_bed() };
    assert_eq!(entries(&limited("12-months", long.clone())).len(), 1);
    let over = OnRecord { left: Some(moment("2025-02-05")), ..long };
    assert_eq!(entries(&limited("12-months", over)).len(), 0);
}

#[test]
fn a_death_that_only_a_hospital_reports_is_a_difference_and_no_fact() {
    let dead = OnRecord { left: Some(moment("2026-11-26T04:00Z")), died: true, ..in_bed() };
    let shown = pushed_only(&[stay("s1", dead)]);
    let told = &shown.record.discrepancies[0];
    assert_eq!(told.about, "Death");
    let says: Vec<(&str, &str)> = told.says.iter().map(|(who, what)| (who.as_str(), what.as_str())).collect();
    assert_eq!(
        says,
        [("St Hilda's, ward messages", "reported as died"), ("Authority", "not recorded as died")]
    );
    assert_eq!(entries(&shown.record)[0].status.as_deref(), Some("Reported as died"));
}

#[test]
fn classes_are_in_words_by_both_tables() {
    let class = |attends, code: &str| {
        let told = OnRecord { attends, class: Some(code.into()), ..in_bed() };
        let shown = pushed_only(&[stay("s1", told)]);
        (entries(&shown.record)[0].title.clone(), shown.resources[0]["class"]["code"].clone())
    };
    for (attends, code, words, fhir) in [
        (false, "I", "In-patient", "IMP"),
        (false, "1", "In-patient", "IMP"),
        (false, "2", "Day case", "SS"),
        (true, "E", "Emergency department", "EMER"),
        (true, "R", "Regular attender", "AMB"),
        (true, "O", "Appointment", "AMB"),
    ] {
        assert_eq!(class(attends, code), (words.to_owned(), json!(fhir)), "{code}");
    }
}
