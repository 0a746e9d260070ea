//! The virtual ward through its store, its bus and its seam; consent is a stand-in that signs real permits.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "ward/doubt.rs"]
mod doubt;
#[path = "ward/http.rs"]
mod http;
#[path = "ward/news.rs"]
mod news;
#[path = "ward/scene.rs"]
mod scene;

use lcr_contracts::{
    Kind,
    consent::Refusal,
    events::{ItemReceived, PersonChanged, Pushed, PushedItem, Stay, Stream, WardChanged},
    spell::{Named, SpellEvent, SpellMessage, Told},
    ward::{ListOf, Shelf},
};
use lcr_model::{Dataset, OdsCode, PersonId, Role, permit::Hide};
use scene::{
    HOSPITAL, PRACTICE, Says, Scene, admitted, ask, at, caller, gp, identity, known, left, message, moved,
    names, ours, spell_of, ward, wards,
};

const MORNING: &str = "2026-11-20T09:00:00Z";

#[tokio::test(flavor = "multi_thread")]
async fn an_admission_is_listed_once_the_index_knows_whose_it_is() {
    let scene = Scene::set().await;
    scene.told(&[admitted("V1", "H1", MORNING)]).await;
    let list = scene.inpatients(ours()).await;
    assert_eq!((list.rows.len(), list.unmatched), (0, 1), "a count alone");
    let person = scene.person("H1").await;
    let list = scene.inpatients(ours()).await;
    assert_eq!((list.rows.len(), list.unmatched), (1, 0));
    let row = &list.rows[0];
    assert_eq!((row.who.person, row.hospital.as_str(), row.shelf), (Some(person), "St Hilda's", Shelf::Main));
    assert_eq!((wards(&list), row.days), (vec!["J27".to_owned()], 0));
    // S-50, X-16: each field with its time; the hospital with when it was last heard.
    assert_eq!(row.place.as_ref().unwrap().at, at(MORNING));
    let hospital = list.hospitals.iter().find(|one| one.source.as_str() == "st-hildas").unwrap();
    assert_eq!(hospital.last, Some(at(MORNING)));
    assert!(
        list.hospitals.iter().all(|one| one.source.as_str() != "quiet"),
        "a discreet system is named nowhere"
    );
}

/// Every order of four.
fn orders() -> Vec<[usize; 4]> {
    let mut all = vec![];
    for a in 0..4 {
        for b in (0..4).filter(|b| *b != a) {
            for c in (0..4).filter(|c| *c != a && *c != b) {
                all.push([a, b, c, 6 - a - b - c]);
            }
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_in_any_order_and_twice_leave_everybody_where_they_are() {
    let scene = Scene::set().await;
    let orders = orders();
    let local = |at: usize| format!("H{at}");
    for at in 0..orders.len() {
        scene.person(&local(at)).await;
    }
    for (at, order) in orders.iter().enumerate() {
        let (visit, local) = (format!("V{at}"), local(at));
        let taken_back = message(SpellEvent::CancelTransfer, &visit, &local, "2026-11-20T09:25:00Z");
        let story = [
            admitted(&visit, &local, MORNING),
            moved(&visit, &local, "2026-11-20T09:10:00Z", "J28"),
            SpellMessage { prior_place: ward("J28"), place: ward("J27"), ..taken_back },
            moved(&visit, &local, "2026-11-20T09:40:00Z", "J30"),
        ];
        for at in order {
            // Each comes by itself, and then again.
            scene.told(std::slice::from_ref(&story[*at])).await;
            if at % 2 == 0 {
                scene.told(std::slice::from_ref(&story[*at])).await;
            }
        }
    }
    let list = scene.inpatients(ours()).await;
    assert_eq!(wards(&list), vec!["J30"; 24]);
    assert!(list.rows.iter().all(|row| row.warnings.is_empty() && row.disagreements.is_empty()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_told_of_once_and_a_double_not_at_all() {
    let scene = Scene::set().await;
    let person = scene.person("H1").await;
    let told = async || {
        let rows = scene.ward.store.outbox().after(Stream::Ward, 0, 100).await.unwrap();
        rows.into_iter().map(|row| row.event.body::<WardChanged>().unwrap().unwrap()).collect::<Vec<_>>()
    };
    let first = admitted("V1", "H1", MORNING);
    scene.told(&[first.clone(), first.clone()]).await;
    scene.told(std::slice::from_ref(&first)).await;
    assert_eq!(told().await.len(), 1);
    let again = SpellMessage { control_id: "again".into(), content: "again".into(), ..first };
    scene.told(&[again]).await;
    assert_eq!(told().await.len(), 1, "a replay under another control id is no change");
    scene.told(&[moved("V1", "H1", "2026-11-20T10:00:00Z", "J28")]).await;
    let told = told().await;
    assert_eq!(told.len(), 2);
    assert!(told[0].version < told[1].version);
    let stay: Stay = serde_json::from_slice(&scene.keys.open("ward/stay", &told[1].sealed).unwrap()).unwrap();
    assert_eq!(
        (stay.person, stay.organisation.as_str(), stay.ward.as_deref()),
        (Some(person), HOSPITAL, Some("J28"))
    );
    assert_eq!((stay.from, stay.until, stay.counts), (at(MORNING), None, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stay_follows_its_identity_to_another_person() {
    let scene = Scene::set().await;
    let first = scene.person("H1").await;
    scene.told(&[admitted("V1", "H1", MORNING)]).await;
    let other = PersonId::new();
    scene.says(other, Says::yes());
    // The words of the two come in the less convenient order.
    scene.hear(&[known(other, 1, "Y90002", "H1")]).await;
    assert_eq!(scene.inpatients(ours()).await.rows.len(), 0, "claimed by two, it is nobody's");
    scene.hear(&[PersonChanged { identities: vec![], ..known(first, 2, PRACTICE, "H1") }]).await;
    assert_eq!(scene.inpatients(ours()).await.rows.len(), 0);
    let theirs = scene.inpatients(ListOf::Practice(OdsCode::new("Y90002"))).await;
    assert_eq!(theirs.rows[0].who.person, Some(other));
    // An old word changes nothing.
    scene.hear(&[known(first, 1, PRACTICE, "H1")]).await;
    assert_eq!(scene.inpatients(ours()).await.rows.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_list_has_its_own_people() {
    let scene = Scene::set().await;
    let people = [(PRACTICE, "H1"), ("Y90002", "H2"), ("Y90003", "H3")];
    for (practice, local) in people {
        let person = PersonId::new();
        scene.hear(&[known(person, 1, practice, local)]).await;
        scene.says(person, Says::yes());
        let consultant = Named { code: Some("C1234567".into()), name: "Dr Ash".into() };
        let one = admitted(&format!("V{local}"), local, MORNING);
        scene.told(&[SpellMessage { consultant: Told::Set(consultant), ..one }]).await;
    }
    let team = ListOf::Team(OdsCode::new("Y9T01"));
    assert_eq!(scene.inpatients(ours()).await.rows.len(), 1);
    assert_eq!(scene.inpatients(team).await.rows.len(), 2, "S-64: the practices that are part of the team");
    let count = async |org: &str, of: ListOf| {
        let list = scene.ward.api.inpatients(&caller(Role::Consultant, org), ask(of, 0)).await;
        list.unwrap().rows.len()
    };
    assert_eq!(count(HOSPITAL, ListOf::Ward("j27".into())).await, 3);
    assert_eq!(count(HOSPITAL, ListOf::Consultant("dr ash".into())).await, 3);
    assert_eq!(count(HOSPITAL, ListOf::Consultant("C1234567".into())).await, 3);
    assert_eq!(count("Z9H02", ListOf::Ward("J27".into())).await, 0, "another hospital's ward is not theirs");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_is_granted_is_listed_and_an_empty_list_is_decided_too() {
    let scene = Scene::set().await;
    let asked = |view| {
        let asked = scene.desk.asked.lock().unwrap();
        asked.iter().filter(|one| one.view == view && !one.datasets.is_empty()).count()
    };
    let nobody = ask(ours(), 0);
    assert_eq!(scene.ward.api.inpatients(&gp(), nobody.clone()).await.unwrap().rows, []);
    assert_eq!(asked(nobody.view), 1, "recorded");
    for (local, says) in [("H1", Says::yes()), ("H2", Says::No(Refusal::Objected))] {
        let person = scene.person(local).await;
        scene.says(person, says);
        scene.told(&[admitted(&format!("V{local}"), local, MORNING)]).await;
    }
    assert_eq!(scene.inpatients(ours()).await.rows.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_without_lists_an_ended_session_and_a_slow_copy_are_told_apart() {
    let scene = Scene::set().await;
    let person = scene.person("H1").await;
    scene.told(&[admitted("V1", "H1", MORNING)]).await;
    for (refusal, kind) in [
        (Refusal::Role, Kind::Forbidden),
        (Refusal::SessionEnded, Kind::Unauthenticated),
        (Refusal::CatchingUp, Kind::CatchingUp),
    ] {
        scene.says(person, Says::No(refusal));
        let answer = scene.ward.api.inpatients(&gp(), ask(ours(), 0)).await;
        assert_eq!(answer.unwrap_err().kind, kind);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_whose_people_change_at_every_step_is_decided_again_until_it_stands() {
    let scene = Scene::set().await;
    scene.person("H1").await;
    scene.told(&[admitted("V1", "H1", MORNING)]).await;
    // Far more often than a few tries would bear.
    scene.desk.restless.store(25, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(scene.inpatients(ours()).await.rows.len(), 1, "the reader need not ask again");
    scene.desk.restless.store(25, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(scene.discharges(ours()).await.rows.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_without_lists_has_one_answer_whatever_there_is() {
    let scene = Scene::set().await;
    scene.person("H1").await;
    scene.told(&[admitted("V1", "H1", MORNING)]).await;
    scene.desk.no_lists.store(true, std::sync::atomic::Ordering::Relaxed);
    let mut answers = vec![];
    for of in [
        ours(),
        ListOf::Practice(OdsCode::new("X99999")),
        ListOf::Team(OdsCode::new("X9999")),
        ListOf::Ward("J27".into()),
        ListOf::Ward("no such ward".into()),
        ListOf::Consultant("nobody".into()),
        ListOf::Watched,
    ] {
        answers.push(scene.ward.api.inpatients(&gp(), ask(of.clone(), 0)).await.unwrap_err());
        answers.push(scene.ward.api.discharges(&gp(), ask(of, 28)).await.unwrap_err());
    }
    assert_eq!(answers[0].kind, Kind::Forbidden);
    assert!(answers.iter().all(|one| *one == answers[0]), "{answers:?}");
    let asked = scene.desk.asked.lock().unwrap();
    assert!(asked.iter().all(|one| one.people.is_empty()), "nobody was looked for");
}

/// What somebody without a link is told of a practice does not depend on whether it has anybody in hospital.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_one_may_not_see_reads_like_one_that_does_not_exist() {
    let scene = Scene::set().await;
    let person = scene.person("H1").await;
    scene.told(&[admitted("V1", "H1", MORNING)]).await;
    scene.says(person, Says::No(Refusal::NoRelationship));
    let theirs = scene.inpatients(ours()).await;
    let none = scene.inpatients(ListOf::Practice(OdsCode::new("X99999"))).await;
    assert_eq!(
        (&theirs.rows, &theirs.hospitals, theirs.unmatched),
        (&none.rows, &none.hospitals, none.unmatched)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_two_hundred_are_asked_about_in_several_questions() {
    let scene = Scene::set().await;
    let people: Vec<(PersonId, String)> = (0..230).map(|at| (PersonId::new(), format!("H{at}"))).collect();
    let words: Vec<_> = people.iter().map(|(person, local)| known(*person, 1, PRACTICE, local)).collect();
    scene.hear(&words).await;
    for (person, _) in &people {
        scene.says(*person, Says::yes());
    }
    let stays: Vec<_> = people.iter().map(|(_, local)| admitted(local, local, MORNING)).collect();
    scene.told(&stays).await;
    let list = ask(ours(), 0);
    assert_eq!(scene.ward.api.inpatients(&gp(), list.clone()).await.unwrap().rows.len(), 230);
    let asked = scene.desk.asked.lock().unwrap();
    let sizes: Vec<usize> =
        asked.iter().filter(|one| one.view == list.view).map(|one| one.people.len()).collect();
    assert_eq!(sizes, [0, 200, 30], "the role first");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_teams_area_alone_gives_name_place_and_expected_date() {
    let scene = Scene::set().await;
    let person = scene.person("H1").await;
    let consultant = Named { code: None, name: "Dr Ash".into() };
    let one = admitted("V1", "H1", MORNING);
    let expected_discharge = Told::Set("2026-11-18".parse().unwrap());
    scene.told(&[SpellMessage { consultant: Told::Set(consultant), expected_discharge, ..one }]).await;
    let clearances = vec!["ward-list:row-only"];
    scene.says(person, Says::Yes { clearances, hide: vec![], without: vec![] });
    let list = scene.inpatients(ListOf::Team(OdsCode::new("Y9T01"))).await;
    let row = &list.rows[0];
    assert_eq!((row.who.said.family.as_str(), wards(&list)), ("SMITH", vec!["J27".to_owned()]));
    assert_eq!(row.expected_discharge.as_ref().unwrap().value.passed_days, 2);
    assert!(row.consultant.is_none() && row.admitted.is_none() && row.needed.is_none());
    assert!(names(&row.hidden).is_superset(&["admitted", "consultant", "needed", "plan", "reside"].into()));
    assert!(!names(&row.hidden).contains("place"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_protected_location_is_in_no_cell_of_the_row() {
    let scene = Scene::set().await;
    let person = scene.person("H1").await;
    let consultant = Told::Set(Named { code: None, name: "Dr Ash".into() });
    scene.told(&[SpellMessage { consultant, ..admitted("V1", "H1", MORNING) }]).await;
    scene.says(person, Says::Yes { clearances: vec![], hide: vec![Hide::Location], without: vec![] });
    let row = scene.inpatients(ours()).await.rows.remove(0);
    assert!(row.who.location_protected && row.place.is_none() && row.consultant.is_none());
    assert!(names(&row.hidden).is_superset(&["consultant", "hospital", "place", "source"].into()));
    let said = serde_json::to_string(&row).unwrap();
    for tells in ["J27", "Hilda", "st-hildas", "Dr Ash"] {
        // The id of the stay is the test's own, not a hash.
        assert!(!said.replace("st-hildas-V1", "").contains(tells), "{tells}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_encounters_no_row_and_a_discreet_system_never() {
    let scene = Scene::set().await;
    let person = scene.person("H1").await;
    let quiet = SpellMessage { identity: identity("quiet", "H1"), ..admitted("V2", "H1", MORNING) };
    scene.told(&[admitted("V1", "H1", MORNING), quiet]).await;
    assert_eq!(scene.inpatients(ours()).await.rows.len(), 1);
    let without = vec![Dataset::Encounters];
    scene.says(person, Says::Yes { clearances: vec![], hide: vec![], without });
    assert_eq!(scene.inpatients(ours()).await.rows.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_left_is_listed_on_day_28_and_not_on_day_29() {
    let scene = Scene::set().await;
    scene.person("H1").await;
    // 23:30 on 1 November; the clocks have gone back a week before.
    scene
        .told(&[admitted("V1", "H1", "2026-10-20T09:00:00Z"), left("V1", "H1", "2026-11-01T23:30:00Z")])
        .await;
    assert_eq!(scene.inpatients(ours()).await.rows.len(), 0);
    let row = scene.discharges(ours()).await.rows.remove(0);
    assert_eq!((row.day, row.stayed_days, row.back, row.died), (20, 12, false, false));
    scene.now_is("2026-11-28T23:59:59Z");
    assert_eq!(scene.discharges(ours()).await.rows[0].day, 28);
    scene.now_is("2026-11-29T00:00:00Z");
    assert_eq!(scene.discharges(ours()).await.rows.len(), 0, "S-62: day 29");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_will_leave_is_still_in_and_who_came_back_is_said_to_be_back() {
    let scene = Scene::set().await;
    scene.person("H1").await;
    let planned = message(SpellEvent::Discharge, "V1", "H1", "2026-11-20T10:00:00Z");
    let planned = SpellMessage { discharged: Told::Set(at("2026-11-20T15:00:00Z").into()), ..planned };
    scene.told(&[admitted("V1", "H1", MORNING), planned]).await;
    assert_eq!(scene.inpatients(ours()).await.rows.len(), 1);
    scene.now_is("2026-11-20T15:00:00Z");
    assert_eq!(scene.inpatients(ours()).await.rows.len(), 0);
    assert!(!scene.discharges(ours()).await.rows[0].back);
    scene.now_is("2026-11-22T12:00:00Z");
    let again = admitted("V2", "H1", "2026-11-22T08:00:00Z");
    let again = SpellMessage { identity: identity("wharfe", "H1"), method: Told::Set("21".into()), ..again };
    scene.told(&[again]).await;
    assert!(scene.discharges(ours()).await.rows[0].back, "at another hospital, unplanned");
    assert_eq!(scene.inpatients(ours()).await.rows[0].hospital, "Wharfe Valley");
    scene.told(&[message(SpellEvent::CancelDischarge, "V1", "H1", "2026-11-22T09:00:00Z")]).await;
    assert_eq!(scene.discharges(ours()).await.rows.len(), 0);
    assert_eq!(scene.inpatients(ours()).await.rows.len(), 2, "two open stays are both shown");
}

fn item(scene: &Scene, kind: Pushed, key: &str, version: i64, awaited: bool) -> ItemReceived {
    let body = PushedItem {
        resources: vec![],
        name: "Blood culture".into(),
        awaited,
        discharge_letter: kind == Pushed::Document,
    };
    let spell = (version < 3).then(|| spell_of(&left("V1", "H1", MORNING)));
    let sealed = scene.keys.seal("feeds/item", &serde_json::to_vec(&body).unwrap()).unwrap();
    ItemReceived { identity: identity("st-hildas", "H1"), kind, item: key.into(), spell, version, sealed }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_letter_and_what_was_still_awaited_stand_with_who_left() {
    let scene = Scene::set().await;
    let person = scene.person("H1").await;
    // The letter comes before the stay is heard of.
    scene.hear(&[item(&scene, Pushed::Document, "letter-1", 1, false)]).await;
    let mut leaving = left("V1", "H1", "2026-11-20T11:00:00Z");
    leaving.destination = Told::Set("55".into());
    scene.told(&[admitted("V1", "H1", MORNING), leaving]).await;
    scene.hear(&[item(&scene, Pushed::Result, "lab-1", 1, true)]).await;
    let row = scene.discharges(ours()).await.rows.remove(0);
    assert_eq!(row.letter.unwrap().value, "letter-1");
    assert_eq!(row.pending_results, ["Blood culture"]);
    assert_eq!(row.to.unwrap().value, "Care home with nursing");
    let version = row.version;
    // The result itself names no stay.
    scene.hear(&[item(&scene, Pushed::Result, "lab-1", 3, false)]).await;
    scene.hear(&[item(&scene, Pushed::Result, "lab-1", 2, true)]).await;
    let row = scene.discharges(ours()).await.rows.remove(0);
    assert!(row.pending_results.is_empty() && row.version > version);
    let without = vec![Dataset::Documents, Dataset::Results];
    scene.says(person, Says::Yes { clearances: vec![], hide: vec![], without });
    let row = scene.discharges(ours()).await.rows.remove(0);
    assert!(row.letter.is_none());
    assert_eq!(row.hidden, ["letter", "pending_results"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_and_a_result_of_one_number_stand_beside_one_another_and_so_do_two_patients() {
    let scene = Scene::set().await;
    scene.person("H1").await;
    scene.told(&[admitted("V1", "H1", MORNING), left("V1", "H1", "2026-11-20T11:00:00Z")]).await;
    let of_another = ItemReceived {
        identity: identity("st-hildas", "H2"),
        spell: None,
        ..item(&scene, Pushed::Document, "1001", 2, false)
    };
    let items =
        [item(&scene, Pushed::Document, "1001", 1, false), item(&scene, Pushed::Result, "1001", 2, true)];
    scene.hear(&items).await;
    scene.hear(&[of_another]).await;
    let row = scene.discharges(ours()).await.rows.remove(0);
    assert_eq!(row.letter.unwrap().value, "1001");
    assert_eq!(row.pending_results, ["Blood culture"]);
}
