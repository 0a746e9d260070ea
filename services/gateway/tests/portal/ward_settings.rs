//! A reader's settings of a list, watched patients, a hospital's further fields, silent stays, and delays.

use std::sync::{Arc, Mutex};

use axum::http::{StatusCode, header};
use lcr_contracts::{
    registry::FurtherKind,
    ward::{InpatientRow, ListCategory, ListOf, ListSettings, SettingsOf},
};

use crate::{
    browser::{get, get_as, post_as, visible_text},
    fakes::World,
    pages::assert_well_formed,
    sample::FREDRICA,
    stays::{bare, further, inpatients, who},
};

fn with(rows: Vec<InpatientRow>) -> Arc<World> {
    Arc::new(World { in_hospital: Mutex::new(vec![rows]), ..World::default() })
}

fn headings(text: &str) -> Vec<String> {
    let head = text.split("<thead").nth(1).unwrap().split("</thead>").next().unwrap();
    head.split("scope=\"col\">").skip(1).map(|heading| heading.split('<').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_reader_saves_and_resets_columns_order_and_filters() {
    let world: Arc<World> = Arc::default();
    let back = "back=%2Fward%3Fpractice%3DB86000%26show%3Dready";
    let fields = format!("{back}&col-plan=1&col-ward=2&col-bed=&order=ward&filters=now&now-show=ready");
    let saved = post_as(&world, "gp", "/ward/settings", &fields).await;
    assert_eq!(saved.header(header::LOCATION), "/ward?practice=B86000");
    let settings = world.settings.lock().unwrap().last().unwrap().clone();
    let filters = vec![("show".to_owned(), "ready".to_owned())];
    let expected = ListSettings {
        columns: vec!["plan".into(), "ward".into()],
        order: Some("ward".into()),
        descending: false,
        filters,
    };
    assert_eq!(settings, (SettingsOf::InHospital, expected));
    let page = get_as(&world, "gp", "/ward?practice=B86000").await.text;
    assert_eq!(headings(&page), ["Patient", "Plan", "Where"]);
    assert!(page.contains("id=\"entry-fredrica\"") && !page.contains("id=\"entry-long\""), "opens filtered");
    assert!(page.contains("href=\"/ward?practice=B86000&#38;show=all\""), "all can still be seen");
    let all = get_as(&world, "gp", "/ward?practice=B86000&show=all").await.text;
    assert!(all.contains("id=\"entry-long\""));
    let standard = format!("{back}&standard=true");
    post_as(&world, "gp", "/ward/settings", &standard).await;
    let last = world.settings.lock().unwrap().last().unwrap().clone();
    assert_eq!(last, (SettingsOf::InHospital, ListSettings::default()));
}

#[tokio::test]
async fn settings_with_unknown_names_are_ignored() {
    let gone = ListSettings {
        columns: vec!["further-gone".into()],
        order: Some("further-gone".into()),
        descending: true,
        filters: vec![("colour".into(), "red".into())],
    };
    let world = Arc::new(World { settings: Mutex::new(vec![(SettingsOf::InHospital, gone)]), ..World::default() });
    let page = get_as(&world, "gp", "/ward").await.text;
    assert_eq!(headings(&page).len(), 10);
    assert!(page.contains("id=\"entry-long\"") && page.contains("<strong>Expected date</strong>"));
}

#[tokio::test]
async fn patients_are_watched_from_their_row_and_listed_separately() {
    let world: Arc<World> = Arc::default();
    let page = get_as(&world, "gp", "/ward?show=ready").await.text;
    assert_well_formed("/ward", &page);
    assert!(page.contains("<button class=\"lcr-tool\" type=\"submit\">Watch<"));
    let fields = format!("person={FREDRICA}&watch=true&row=fredrica&back=%2Fward%3Fpractice%3DB86000%26show%3Dready");
    let answer = post_as(&world, "gp", "/ward/watch", &fields).await;
    assert_eq!(answer.header(header::LOCATION), "/ward?practice=B86000&show=ready#entry-fredrica");
    let elsewhere = format!("person={FREDRICA}&watch=false&back=https%3A%2F%2Fexample.org");
    let answer = post_as(&world, "gp", "/ward/watch", &elsewhere).await;
    assert_eq!(answer.header(header::LOCATION), "/ward", "only ever back to a list");
    assert_eq!(*world.watch_calls.lock().unwrap(), [(FREDRICA, true), (FREDRICA, false)]);

    let rows = inpatients().into_iter().map(|row| InpatientRow { watched: true, ..row }).collect();
    let world = with(rows);
    let page = get_as(&world, "gp", "/ward?watched=true").await.text;
    assert!(visible_text(&page).contains("Patients you watch") && page.contains("Stop watching"));
    assert!(page.contains("since yesterday"), "changes are marked");
    assert!(page.contains("name=\"list\" value=\"/ward?watched=true\""), "the marks belong to this list");
    assert_eq!(*world.requested_lists.lock().unwrap(), [ListOf::Watched]);
    assert!(page.contains("/ward/stream?watched=true&#38;view="), "an open page has a stream");
    let left = get_as(&world, "gp", "/ward/discharged?watched=true").await;
    assert_eq!(left.status, StatusCode::OK);
    let empty = get_as(&with(vec![]), "gp", "/ward?watched=true").await.text;
    assert!(visible_text(&empty).contains("No patients that you watch are shown as in-patients at St Hilda's"));
}

#[tokio::test]
async fn fields_of_a_hospitals_own_are_columns_and_filters() {
    let field = |value| vec![further("news", "NEWS2 score", FurtherKind::Number, value)];
    let person = |id: &str| bare(id, who(FREDRICA, "Smith", id, jiff::civil::date(1945, 7, 14), "female"));
    let rows = vec![
        InpatientRow { further: field(Some("10")), ..person("ten") },
        InpatientRow { further: field(Some("9")), ..person("nine") },
        InpatientRow { further: field(None), ..person("none") },
    ];
    let page = get_as(&with(rows.clone()), "gp", "/ward?sort=further-news&desc=true").await.text;
    assert_well_formed("/ward", &page);
    assert_eq!(headings(&page).last().unwrap(), "NEWS2 score");
    let at = |id: &str| page.find(&format!("id=\"entry-{id}\"")).unwrap();
    assert!([at("ten"), at("nine"), at("none")].is_sorted(), "by number, and missing values last");
    assert!(page.contains("title=\"St Hilda&#39;s Hospitals, 21-Nov-2026 09:00\""), "how fresh it is");
    let row = page.split("id=\"entry-none\"").nth(1).unwrap();
    assert!(visible_text(row).contains("NEWS2 score not sent by this hospital"));
    assert!(page.contains("<option value=\"9\">9</option>") && page.contains("name=\"f-news\""));
    let page = get_as(&with(rows), "gp", "/ward?practice=B86000&f-news=9").await.text;
    assert!(page.contains("id=\"entry-nine\"") && !page.contains("id=\"entry-ten\""));
    assert!(page.contains("<option value=\"9\" selected>"));
}

#[tokio::test]
async fn a_silent_stay_is_listed_separately_and_not_counted() {
    let silent = bare("silent", who(FREDRICA, "Smith", "Fredrica", jiff::civil::date(1945, 7, 14), "female"));
    let rows = vec![
        InpatientRow {
            category: ListCategory::NotHeardOf,
            last_message_at: crate::sample::at("2026-10-01T09:00:00Z"),
            ..silent
        },
        inpatients().remove(0),
    ];
    let text = visible_text(&get_as(&with(rows), "gp", "/ward").await.text);
    assert!(text.contains("1 shown as in-patients"), "{text}");
    assert!(text.contains("1 not heard of for longer than usual"));
    let (before, after) = text.split_once("Not heard of since 01-Oct-2026 10:00 (1)").unwrap();
    assert!(before.contains("In-patients (1)"), "last");
    assert!(after.starts_with(" The hospital has sent nothing about these stays for longer than usual."));
}

#[tokio::test]
async fn times_and_places_are_as_the_hospital_sent_them() {
    let row = bare("day", who(FREDRICA, "Smith", "Fredrica", jiff::civil::date(1945, 7, 14), "female"));
    let mut place = row.place.clone().unwrap();
    place.value.ward_name = Some("Cardiology ward".into());
    let mut admitted = row.admitted.clone().unwrap();
    admitted.value = "2026-11-19".parse().unwrap();
    let row = InpatientRow { place: Some(place), admitted: Some(admitted), ..row };
    let page = get_as(&with(vec![row]), "gp", "/ward").await.text;
    let text = visible_text(&page);
    assert!(text.contains("Admitted 19-Nov-2026 2 days so far"), "{text}");
    assert!(!text.contains("19-Nov-2026 00:00"));
    assert!(text.contains("Cardiology ward, bed 4 St Hilda's General"));
    assert!(page.contains("ward code J27\""), "the code is there to be looked up");
}

#[tokio::test]
async fn delays_are_a_page_and_a_file_without_names() {
    let page = get("/ward/delays?practice=B86000").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_well_formed("/ward/delays", &page.text);
    let text = visible_text(&page.text);
    for expected in [
        "Patients of Beckside Surgery",
        "J27",
        "Care package, restart, from Adult Social Care: 2 people, since 12-Nov-2026",
        "All wards",
        "not sent by this hospital",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    let file = get("/ward/delays.csv?practice=B86000").await;
    assert!(file.header(header::CONTENT_TYPE).starts_with("text/csv"));
    assert_eq!(file.header(header::CONTENT_DISPOSITION), "attachment; filename=\"delays.csv\"");
    assert!(file.text.starts_with("hospital,ward,specialty,") && file.text.contains("'=HYPERLINK"));
    assert!(get("/ward").await.text.contains("href=\"/ward/delays?practice=B86000\""));
    for role in ["privacy-officer", "patient", "data-steward"] {
        assert_eq!(get_as(&Arc::default(), role, "/ward/delays").await.status, StatusCode::FORBIDDEN, "{role}");
        assert_eq!(get_as(&Arc::default(), role, "/ward/delays.csv").await.status, StatusCode::FORBIDDEN);
    }
}
