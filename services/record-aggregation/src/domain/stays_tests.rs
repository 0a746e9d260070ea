//! Stays of the ward on a record: limited by the grant for encounters, merged with answers, with every difference
//! shown. (S-49 to S-59)

use lcr_contracts::{
    Moment,
    record::{Detail, Entry, Record},
    registry::{Organisation, PartnerState, System},
    spell::{CodedName, Place},
    ward::Cell,
};
use lcr_model::{Dataset, OdsCode, PersonId, SourceState, ViewId, permit::PersonGrant};
use serde_json::{Value, json};

use super::*;
use crate::domain::{
    assemble::{RecordInput, assemble},
    item_list::{self, ListInput},
    source_answer::TypeAnswer,
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
        consultant: Some(cell(CodedName { code: None, name: "Dr T. Moss".into() })),
        specialty: None,
        admitted: Some(moment("2026-11-19T03:40Z")),
        left: None,
        on_leave: false,
        destination: None,
        died: false,
        last_message_at: at("2026-11-26T11:05:00Z"),
        last_movement: None,
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
        serves: vec![],
        state: PartnerState::Live,
        receives: None,
    };
    let systems = vec![system("h", "St Hilda's", "hospital"), system("a", "Authority", "authority")];
    Registry { systems, organisations: vec![site] }
}

/// The output for a reader.
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

fn view(grant: &PersonGrant, stays: &[Stay], answered: Vec<Value>, ended: QueryOutcome) -> View {
    let mut answers: Vec<SourceAnswer> = vec![];
    if grant.allows(&SourceId::new("h"), Dataset::Encounters) {
        let mut hospital = SourceAnswer::pending(SourceId::new("h"), true, &[ResourceType::Encounter]);
        let items = answered.into_iter().map(|item| Item::from_trusted(item).into()).collect();
        hospital.types.insert(ResourceType::Encounter, TypeAnswer { items, ..TypeAnswer::empty(ended) });
        answers.push(hospital);
    }
    let mut authority = SourceAnswer::pending(SourceId::new("a"), true, &[ResourceType::Patient]);
    let patient = json!({ "resourceType": "Patient", "id": "p", "name": [{ "family": "Smith" }] });
    let items = vec![Item::from_trusted(patient).into()];
    let now = QueryOutcome::Answered { at: at("2026-11-27T10:00:00Z") };
    authority.types.insert(ResourceType::Patient, TypeAnswer { items, ..TypeAnswer::empty(now) });
    answers.push(authority);
    let (registry, feeds) =
        (registry(), [WardFeed { source: SourceId::new("h"), last_message: at("2026-11-27T09:00:00Z") }]);
    add_stays(&mut answers, WardData { stays, feeds: &feeds, now: at("2026-11-27T10:00:00Z") }, &registry, |_| {
        vec!["4711".into()]
    });
    let datasets = [Dataset::Demographics, Dataset::Encounters];
    let listing = ListInput {
        opaque_id: &|id: &str| id.to_owned(),
        grant,
        registry: &registry,
        answers: &answers,
        datasets: &datasets,
        now: at("2026-11-27T10:00:00Z"),
    };
    let encounters =
        item_list::list_items(&listing).items.into_iter().filter(|one| one.resource_type == ResourceType::Encounter);
    let resources = encounters.map(|one| one.item.value().clone()).collect();
    View { record: assemble(&RecordInput::new(ViewId::new(), listing)), resources }
}

#[test]
fn a_source_with_a_stay_knows_the_person_for_readers_with_whom_it_shares_something() {
    let with = |sharing: Option<&[&str]>, stays: &[Stay]| {
        let sharing = sharing.map(|all| all.iter().map(|id| SourceId::new(*id)).collect());
        // No dataset that the reader asked for is granted.
        let grant = PersonGrant { sharing, ..grant(&json!([]), &json!([]), &json!([])) };
        sources_with_stay(stays, &grant).into_iter().collect::<Vec<_>>()
    };
    let in_bed_now = [stay("s1", in_bed())];
    assert_eq!(with(Some(&["h"]), &in_bed_now), [SourceId::new("h")]);
    assert!(with(Some(&["a"]), &in_bed_now).is_empty());
    assert!(with(None, &in_bed_now).is_empty());
    assert!(with(Some(&["h"]), &[stay("s1", OnRecord { counts: false, ..in_bed() })]).is_empty(), "cancelled");
}

fn gp() -> PersonGrant {
    grant(&json!([["h", "encounters"], ["a", "demographics"]]), &json!([]), &json!([]))
}

fn entries(record: &Record) -> &[Entry] {
    record.section(Dataset::Encounters).map_or(&[], |section| &section.entries)
}

fn pushed_only(stays: &[Stay]) -> View {
    view(&gp(), stays, vec![], QueryOutcome::NotOffered)
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
fn ward_messages_alone_show_where_a_patient_is() {
    let shown = pushed_only(&[stay("s1", in_bed())]);
    let entry = &entries(&shown.record)[0];
    let Detail::Encounter { class, place, ended, in_progress } = &entry.detail else { panic!("an encounter") };
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
fn a_hospital_with_ward_messages_can_say_that_a_person_is_not_there() {
    let state =
        |shown: &View| shown.record.sources[0].datasets.iter().find(|one| one.dataset == Dataset::Encounters).cloned();
    let report = state(&pushed_only(&[])).unwrap();
    assert_eq!((report.state, report.answered_at), (SourceState::NoData, Some(at("2026-11-27T09:00:00Z"))));
    let gone = OnRecord { counts: false, ..in_bed() };
    assert!(entries(&pushed_only(&[stay("s1", gone)]).record).is_empty(), "a stay that no longer counts is removed");
}

#[test]
fn a_day_without_an_hour_stays_a_day() {
    let on_record =
        OnRecord { admitted: Some(moment("2026-11-19")), left: Some(moment("2026-11-20T10:05Z")), ..in_bed() };
    let shown = pushed_only(&[stay("s1", on_record)]);
    assert_eq!(entries(&shown.record)[0].date.as_deref(), Some("2026-11-19"));
    let resource = &shown.resources[0];
    assert_eq!(resource["period"], json!({ "start": "2026-11-19", "end": "2026-11-20T10:05:00Z" }));
    assert_eq!(resource["status"], "finished");
}

#[test]
fn an_hour_without_minutes_is_given_as_its_day() {
    let on_record = OnRecord { admitted: Some(moment("2026-11-19T03Z")), ..in_bed() };
    assert_eq!(entries(&pushed_only(&[stay("s1", on_record)]).record)[0].date.as_deref(), Some("2026-11-19"));
}

/// The ward list shows the class, the place and `admitted` of the stay, so a merged entry must have them too.
#[test]
fn a_merged_visit_has_the_class_the_bed_and_the_admission_time_of_the_ward_list() {
    let mut answered = encounter("in-progress", "J27 bed 4", None);
    answered["class"]["code"] = json!("EMER");
    answered["period"]["start"] = json!("2026-11-18");
    let now = QueryOutcome::Answered { at: at("2026-11-27T10:00:00Z") };
    let shown = view(&gp(), &[stay("s1", in_bed())], vec![answered], now);
    let [entry] = entries(&shown.record) else { panic!("one entry") };
    assert_eq!(entry.date.as_deref(), Some("2026-11-19T03:40:00Z"));
    let Detail::Encounter { class, place, .. } = &entry.detail else { panic!("an encounter") };
    assert_eq!((class.as_str(), entry.title.as_str()), ("In-patient", "In-patient"));
    assert_eq!(place.as_deref(), Some("J27, bay C, bed 4, St Hilda's General"));
    assert!(entry.more.contains(&("Start, by the hospital's record system".into(), "18-Nov-2026".into())));
}

#[test]
fn resources_show_class_leave_and_disposition() {
    let on_leave = OnRecord { on_leave: true, ..in_bed() };
    let dead = OnRecord { left: Some(moment("2026-11-26T04:00Z")), died: true, ..in_bed() };
    let home = OnRecord { left: Some(moment("2026-11-26")), destination: Some("Usual residence".into()), ..in_bed() };
    let shown = pushed_only(&[stay("s1", on_leave), stay("s2", dead), stay("s3", home)]);
    let field = |at: usize, path: &str| shown.resources[at].pointer(path).cloned().unwrap_or_default();
    assert_eq!(field(0, "/status"), "onleave");
    assert_eq!(field(0, "/class/code"), "IMP");
    assert_eq!(field(0, "/subject/reference"), "Patient/4711");
    assert_eq!(field(1, "/hospitalization/dischargeDisposition/text"), "Died, as the hospital reports");
    assert_eq!(field(2, "/hospitalization/dischargeDisposition/text"), "Usual residence");
    assert!(shown.resources.iter().all(|one| lcr_fhir::Item::read(one.clone()).is_ok()), "valid FHIR");
}

#[test]
fn the_same_visit_twice_is_one_entry_with_the_bed_and_both_provenances() {
    let answered = vec![encounter("in-progress", "Ward J27", None)];
    let shown =
        view(&gp(), &[stay("s1", in_bed())], answered, QueryOutcome::Answered { at: at("2026-11-27T10:00:00Z") });
    let [entry] = entries(&shown.record) else { panic!("one entry") };
    let names: Vec<&str> = entry.provenance.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["St Hilda's", "St Hilda's, ward messages"]);
    assert!(matches!(&entry.detail, Detail::Encounter { place: Some(place), .. } if place.contains("bay C, bed 4")));
    assert!(entry.stay.is_some() && shown.resources.len() == 1 && shown.record.discrepancies.is_empty());
}

#[test]
fn entries_that_differ_about_a_visit_are_both_shown_and_the_difference_reported() {
    let differ = |answered: Value, on_record: OnRecord| {
        let now = QueryOutcome::Answered { at: at("2026-11-27T10:00:00Z") };
        let shown = view(&gp(), &[stay("s1", on_record)], vec![answered], now);
        let remarks: Vec<Option<String>> = entries(&shown.record).iter().map(|one| one.remark.clone()).collect();
        (remarks, shown.record.discrepancies.len(), shown.resources.len())
    };
    let marked = |what: &str| (vec![Some(format!("sources differ: {what}")); 2], 1, 2);
    assert_eq!(differ(encounter("in-progress", "Ward J28", None), in_bed()), marked("place"));
    let left = OnRecord { left: Some(moment("2026-11-26T10:00Z")), ..in_bed() };
    assert_eq!(differ(encounter("in-progress", "J27", None), left.clone()), marked("status"));
    assert_eq!(differ(encounter("finished", "J27", Some("2026-11-25T10:00:00Z")), left.clone()), marked("left"));
    let (remarks, discrepancies, _) = differ(encounter("finished", "J27", Some("2026-11-26")), left);
    assert_eq!((remarks, discrepancies), (vec![None], 0), "a day and a time on it agree");
    let reused = encounter("finished", "J27", Some("2026-01-05"));
    assert_eq!(differ(reused, in_bed()).1, 0, "a number used again is another visit");
}

#[test]
fn no_output_has_the_stay_without_a_grant_for_encounters() {
    let stays = [stay("s1", OnRecord { died: true, ..in_bed() })];
    let none = grant(&json!([["a", "demographics"]]), &json!([]), &json!([]));
    let shown = view(&none, &stays, vec![], QueryOutcome::NotOffered);
    assert!(shown.record.section(Dataset::Encounters).is_none() && shown.resources.is_empty());
    let text = serde_json::to_string(&shown.record).unwrap();
    assert!(!text.contains("J27") && !text.contains("reported as died"));
}

#[test]
fn no_stay_and_no_difference_is_shown_if_the_location_is_hidden() {
    let grants = json!([["h", "encounters"], ["a", "demographics"]]);
    let hides = grant(&grants, &json!([]), &json!(["location"]));
    let left = OnRecord {
        left: Some(moment("2026-11-26T10:00Z")),
        died: true,
        destination: Some("Oak Court Care Home".into()),
        ..in_bed()
    };
    let now = QueryOutcome::Answered { at: at("2026-11-27T10:00:00Z") };
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
fn a_difference_shows_no_more_than_the_role_may_see() {
    let grants = json!([["h", "encounters"], ["a", "demographics"]]);
    let titles = grant(&grants, &json!(["encounters:titles"]), &json!([]));
    let now = QueryOutcome::Answered { at: at("2026-11-27T10:00:00Z") };
    let answered = vec![encounter("in-progress", "Ward J28", None)];
    let record = view(&titles, &[stay("s1", in_bed())], answered, now).record;
    assert!(record.discrepancies.is_empty(), "the role may not see the places");
}

#[test]
fn the_dates_limit_hides_the_destination_and_the_twelve_months_limit_keeps_open_stays() {
    let grants = json!([["h", "encounters"], ["a", "demographics"]]);
    let limited = |limit: &str, on_record: OnRecord| {
        let grant = grant(&grants, &json!([format!("encounters:{limit}")]), &json!([]));
        view(&grant, &[stay("s1", on_record)], vec![], QueryOutcome::NotOffered).record
    };
    let on_record = OnRecord { destination: Some("Hospice".into()), ..in_bed() };
    assert!(!serde_json::to_string(&limited("dates", on_record)).unwrap().contains("Hospice"));
    let long = OnRecord { admitted: Some(moment("2025-01-05")), ..in_bed() };
    assert_eq!(entries(&limited("12-months", long.clone())).len(), 1);
    let over = OnRecord { left: Some(moment("2025-02-05")), ..long };
    assert_eq!(entries(&limited("12-months", over)).len(), 0);
}

#[test]
fn a_death_that_only_a_hospital_reports_is_a_difference_and_not_a_fact() {
    let dead = OnRecord { left: Some(moment("2026-11-26T04:00Z")), died: true, ..in_bed() };
    let shown = pushed_only(&[stay("s1", dead)]);
    let discrepancy = &shown.record.discrepancies[0];
    assert_eq!(discrepancy.about, "Death");
    let says: Vec<(&str, &str)> = discrepancy.says.iter().map(|(who, what)| (who.as_str(), what.as_str())).collect();
    assert_eq!(says, [("St Hilda's, ward messages", "reported as died"), ("Authority", "not recorded as died")]);
    assert_eq!(entries(&shown.record)[0].status.as_deref(), Some("Reported as died"));
}

#[test]
fn classes_of_both_tables_have_words() {
    let class = |attends, code: &str| {
        let on_record = OnRecord { attends, class: Some(code.into()), ..in_bed() };
        let shown = pushed_only(&[stay("s1", on_record)]);
        (entries(&shown.record)[0].title.clone(), shown.resources[0]["class"]["code"].clone())
    };
    for (attends, code, words, fhir) in [
        (false, "I", "In-patient", "IMP"),
        (false, "1", "In-patient", "IMP"),
        (false, "2", "Day case", "SS"),
        (true, "E", "Emergency department", "EMER"),
        (true, "EMER", "Emergency department", "EMER"),
        (false, "HH", "Hospital at home", "HH"),
        (false, "ZZZ", "In-patient", "IMP"),
        (true, "ZZZ", "Appointment", "AMB"),
        (true, "R", "Regular attender", "AMB"),
        (true, "O", "Appointment", "AMB"),
    ] {
        assert_eq!(class(attends, code), (words.to_owned(), json!(fhir)), "{code}");
    }
}
