//! The ward pages: lists for practices, teams and wards, filters, marks, and the stream of an open list.

mod home;
mod live;
mod seen;

use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use lcr_contracts::ward::ListOf;
use lcr_model::OdsCode;

use crate::{
    browser::{get, get_as, visible_text},
    fakes::World,
    sample::FREDRICA,
};

#[tokio::test]
async fn a_gp_sees_who_is_in_hospital_with_every_column() {
    let page = get("/ward").await;
    assert_eq!(page.status, StatusCode::OK);
    let text = visible_text(&page.text);
    for expected in [
        "Patients of Beckside Surgery",
        "4 shown as in-patients · 2 new since yesterday · 2 changed since yesterday · 1 expected to leave today",
        "1 recent admission not yet matched to a person",
        "SMITH, Fredrica (Mrs)",
        "Born 14-Jul-1945 (81y), Female",
        "NHS No. 943 476 5919",
        "J27, bed 4 St Hilda's General St Hilda's Hospitals as of 19-Nov-2026 03:40",
        "An update says ward J28, bed 2 (20-Nov-2026 14:05), which disagrees and is not applied",
        "Dr T. Moss Cardiology",
        "19-Nov-2026 03:20 2 days so far of 5 days expected",
        "passed 2 days ago, not updated was 18-Nov-2026",
        "no since 19-Nov-2026",
        "Medicines to take home Discharge letter &#60;draft&#62;",
        "Care package restart (Adult Social Care, since 20-Nov-2026)",
        "In progress changed 21-Nov-2026 09:10",
        "Pathway 1: home with new or more support Own home, with her daughter Transfer: Aire Community Healthcare",
        "21-Nov-2026, today",
        "not sent by this hospital",
        "not open to your role",
        "Location details protected.",
        "On leave from the ward",
        "Ó DÓMHNAILL-FEATHERSTONEHAUGH-MONTGOMERY, Albert Christopher Bartholomew",
        "Day cases (1)",
        "In hospital at home (1)",
        "In a community bed (1)",
        "have similar names",
        "Complete as of 14:05:02.",
        "Wharfe Valley Hospital last reported 40 minutes ago.",
        "Some patients may not be shown because of a choice they made.",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    assert!(
        page.text.contains("title=\"St Hilda&#39;s Hospitals, 21-Nov-2026 09:10\""),
        "the source and time of a cell"
    );
    assert!(page.text.contains(&format!("href=\"/people/{FREDRICA}\"")), "the row leads to the record");
}

#[tokio::test]
async fn a_protected_location_appears_nowhere_on_the_page() {
    let text = get("/ward").await.text;
    let row = text.split("id=\"entry-protected\"").nth(1).unwrap().split("</tr>").next().unwrap();
    assert!(row.contains("OKAFOR, Grace") && row.contains("Location details protected."));
    for place in ["J27", "St Hilda", "Wharfe", "SH1", "bed 4"] {
        assert!(!row.contains(place), "{place}");
    }
}

#[tokio::test]
async fn the_earliest_expected_discharge_comes_first_unless_sorted_by_bed() {
    let order = |text: &str| {
        let at = |id: &str| text.find(&format!("id=\"entry-{id}\"")).unwrap();
        [at("fredrica"), at("frederica"), at("long")].is_sorted()
    };
    assert!(order(&get("/ward").await.text), "19-Nov, 21-Nov, none");
    assert!(!order(&get("/ward?sort=ward").await.text), "bed 4, bed 12, bed 4");
}

#[tokio::test]
async fn filters_are_links_and_say_when_nothing_matches() {
    let text = get("/ward?show=ready").await.text;
    assert!(text.contains("id=\"entry-fredrica\"") && !text.contains("id=\"entry-frederica\""));
    let text = get("/ward?hospital=wharfe-valley").await.text;
    assert!(text.contains("id=\"entry-day\"") && !text.contains("id=\"entry-fredrica\""));
    assert!(text.contains("href=\"/ward?practice=B86000&#38;show=ready&#38;hospital=wharfe-valley\""));
    let text = get("/ward?show=leaving&hospital=wharfe-valley").await.text;
    assert!(text.contains("Nothing matches this filter."));
    assert!(visible_text(&text).contains("4 shown as in-patients"), "the counts are of the list");
}

#[tokio::test]
async fn an_empty_list_is_explained_in_one_sentence() {
    let world = Arc::new(World { in_hospital: Mutex::new(vec![vec![]]), ..World::default() });
    let text = visible_text(&get_as(&world, "gp", "/ward").await.text);
    assert!(text.contains(
        "No patients of yours are shown as in-patients at St Hilda's Hospitals or Wharfe Valley Hospital (checked just \
         now; Wharfe Valley Hospital last reported 40 minutes ago). Other hospitals are not connected. Some patients \
         may not be shown because of a choice they made."
    ));
    assert_eq!(text.matches("because of a choice they made").count(), 1);
}

#[tokio::test]
async fn each_reader_starts_with_their_own_list() {
    let requested = |role: &'static str, path: &'static str| async move {
        let world: Arc<World> = Arc::default();
        let status = get_as(&world, role, path).await.status;
        assert_eq!(status, StatusCode::OK, "{role} {path}");
        world.requested_lists.lock().unwrap().clone()
    };
    let ods = OdsCode::new;
    assert_eq!(requested("receptionist", "/ward").await, [ListOf::Practice(ods("B86000"))]);
    assert_eq!(requested("community-nurse", "/ward").await, [ListOf::Team(ods("T01XX"))]);
    assert_eq!(requested("ward-nurse", "/ward").await, [], "hospital staff choose");
    assert_eq!(requested("ward-nurse", "/ward?ward=J27").await, [ListOf::Ward("J27".into())]);
    assert_eq!(requested("consultant", "/ward/discharged?consultant=Moss").await, [ListOf::Consultant("Moss".into())]);
    assert_eq!(requested("ward-nurse", "/ward?ward=ward%20j27").await, [ListOf::Ward("J27".into())]);
    assert_eq!(requested("ward-nurse", "/ward?ward=A%26E").await, [ListOf::Emergency]);
    assert_eq!(requested("consultant", "/ward?specialty=430").await, [ListOf::Specialty("430".into())]);
    let page = get_as(&Arc::default(), "community-nurse", "/ward").await.text;
    assert!(page.contains("href=\"/ward?practice=B86001\""), "the practices of the team");
    let page = get_as(&Arc::default(), "ward-nurse", "/ward").await.text;
    assert!(!page.contains("practice=SH1"), "a site of the hospital is no practice");
    assert!(page.contains("name=\"ward\"") && page.contains("name=\"consultant\""));
    for role in ["paramedic", "privacy-officer", "patient", "data-steward"] {
        assert_eq!(get_as(&Arc::default(), role, "/ward").await.status, StatusCode::FORBIDDEN, "{role}");
    }
    assert_eq!(get("/ward?practice=B86000&ward=J27").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn people_who_left_have_letter_results_and_day_of_28() {
    let page = get("/ward/discharged").await;
    let text = visible_text(&page.text);
    for expected in [
        "2 shown as having left in the last 28 days",
        "21-Nov-2026 10:30",
        "Usual place of residence",
        "6 days",
        "Discharge letter came 21-Nov-2026 12:00",
        "Awaited at discharge: Blood culture Vitamin D",
        "No letter in this record yet; it may have been sent to the practice another way",
        "day 1 of 28",
        "day 28 of 28",
        "Back in hospital since 19-Nov-2026 03:20, unplanned",
        "No admission since is recorded",
        "Died in hospital or since (1)",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    assert!(page.text.contains("/documents\">Discharge letter</a>"));
    let (living, dead) = page.text.split_once("Died in hospital or since").unwrap();
    assert!(
        !living.contains("MONTGOMERY, Albert") && dead.contains("MONTGOMERY, Albert"),
        "in a table of their own, at the end"
    );
}

#[tokio::test]
async fn an_unknown_ward_is_said_to_be_unknown_and_the_wards_are_offered() {
    let world = Arc::<World>::default();
    let page = get_as(&world, "ward-nurse", "/ward?ward=J99%3Cb%3E").await;
    let text = visible_text(&page.text);
    assert!(text.contains("No ward called ‘J99&#60;b&#62;’ at Beckside Surgery. Wards: J27, J28."), "{text}");
    assert!(page.text.contains("<option value=\"J27\">J27 (4)</option>"), "a choice with its number");
    assert!(page.text.contains("<option value=\"J28\">J28 (0)</option>"), "an empty ward is known");
    assert!(text.contains("Emergency department (2)"));
    assert!(world.requested_lists.lock().unwrap().is_empty(), "no list was asked for");
}

#[tokio::test]
async fn no_link_on_a_list_names_anybody() {
    for path in ["/ward", "/ward/discharged"] {
        let text = get(path).await.text;
        let rows = text.split("data-rows=\"").nth(1).unwrap().split('"').next().unwrap();
        assert!(rows.chars().all(|c| c.is_ascii_hexdigit()), "{path}");
        for part in text.split("href=\"").skip(1).chain(text.split("data-ward=\"").skip(1)) {
            let href = part.split('"').next().unwrap().to_lowercase();
            for name in ["smith", "fredrica", "943476", "okafor", "1945-07", "july"] {
                assert!(!href.contains(name), "{path}: {href}");
            }
        }
    }
}
