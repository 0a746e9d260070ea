//! The ward pages: lists for practices, teams and wards, filters, marks, and the stream of an open list.

use std::sync::{Arc, Mutex};

use axum::http::{StatusCode, header};
use lcr_contracts::{
    FailureKind,
    ward::{ListChange, ListOf},
};
use lcr_model::OdsCode;

use crate::{
    browser::{get, get_as, get_from, post_as, visible_text},
    fakes::World,
    sample::FREDRICA,
    stays,
    streams::read_events,
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
async fn new_rows_are_marked_until_they_are_seen() {
    let mut later = stays::inpatients();
    later[1].version += 1;
    later.push(stays::bare("new", stays::inpatients()[1].who.clone()));
    let script = vec![stays::inpatients(), later.clone(), later];
    let world = Arc::new(World { in_hospital: Mutex::new(script), ..World::default() });
    // One router for all three views, because its cache remembers what was seen.
    let router = world.router();
    let look = |path: &'static str| {
        let request = axum::http::Request::get(path)
            .header(header::HOST, "localhost:8080")
            .header(header::COOKIE, "__Host-lcr=gp")
            .body(axum::body::Body::empty());
        crate::browser::send(router.clone(), request.unwrap())
    };
    let first = look("/ward").await.text;
    assert!(first.contains("No earlier view of this list is known here"));
    let seen = "form_token=form-token&list=%2Fward%3Fpractice%3DB86000";
    let answer = crate::browser::post(router.clone(), "/ward/seen", seen).await;
    assert_eq!(answer.header(header::LOCATION), "/ward?practice=B86000");
    let text = look("/ward").await.text;
    assert!(
        visible_text(&text).contains("1 new since you looked · 1 changed since you looked"),
        "{}",
        visible_text(&text)
    );
    let again = look("/ward?show=new").await.text;
    assert!(again.contains("id=\"entry-new\"") && again.contains("Changed since you looked"));
    assert!(!again.contains("id=\"entry-long\""));
}

#[tokio::test]
async fn marking_as_seen_redirects_only_to_a_list() {
    let world: Arc<World> = Arc::default();
    for list in ["https://elsewhere.example", "//elsewhere.example", "/people/x", "/ward?x=%0d%0aLocation:", ""] {
        let answer = post_as(&world, "gp", "/ward/seen", &format!("list={list}")).await;
        let to = answer.header(header::LOCATION);
        assert!(to == "/ward", "{list}: {to}");
    }
    let answer = crate::browser::post(world.router(), "/ward/seen", "list=%2Fward").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "a form needs its token");
}

const FIRST: &str = "/ward/stream?practice=B86000&view=01900000-0000-7000-8000-000000000001";

async fn rows(world: &Arc<World>) -> String {
    let text = get_as(world, "gp", "/ward").await.text;
    text.split("data-rows=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn an_open_list_gets_the_number_of_changes_and_its_current_rows() {
    let news = vec![ListChange { changed: 2, closed: false }];
    let world = Arc::new(World { news: Mutex::new(news), ..World::default() });
    let rows = rows(&world).await;
    let events = read_events(&world, &format!("{FIRST}&rows={rows}")).await;
    assert_eq!(events, [("news".to_owned(), format!("2 {rows}"))]);
    assert_eq!(world.activity.lock().unwrap().last(), Some(&false), "a stream does not count as activity");
}

#[tokio::test]
async fn a_change_while_disconnected_is_reported_on_reconnect() {
    let before = stays::inpatients();
    let mut after = before.clone();
    after[0].version += 1;
    let world = Arc::new(World { in_hospital: Mutex::new(vec![before, after]), ..World::default() });
    let rows = rows(&world).await;
    let events = read_events(&world, &format!("{FIRST}&rows={rows}")).await;
    assert!(events[0].0 == "news" && events[0].1.starts_with("1 "), "{events:?}");
}

#[tokio::test]
async fn a_row_that_may_no_longer_be_shown_closes_the_list() {
    let closed = "You can no longer see this list as it was (what may be shown has changed, 14:05). This does not mean \
                  there is nobody.";
    let says = |events: &[(String, String)]| events == [("closed".to_owned(), closed.to_owned())];
    // Virtual-ward closes the list while the page is open.
    let news = vec![ListChange { changed: 0, closed: true }];
    let world = Arc::new(World { news: Mutex::new(news), ..World::default() });
    let now = rows(&world).await;
    assert!(says(&read_events(&world, &format!("{FIRST}&rows={now}")).await));
    // A row disappeared, or less of it may be shown, while the page was disconnected.
    let mut hidden = stays::inpatients();
    hidden[1].hidden.push("place".into());
    for after in [stays::inpatients()[1..].to_vec(), hidden] {
        let script = vec![stays::inpatients(), after];
        let world = Arc::new(World { in_hospital: Mutex::new(script), ..World::default() });
        let before = rows(&world).await;
        assert!(says(&read_events(&world, &format!("{FIRST}&rows={before}")).await));
    }
}

#[tokio::test]
async fn a_list_that_cannot_be_confirmed_is_closed_with_a_reason() {
    let world = Arc::new(World { failure: Mutex::new(Some(FailureKind::CannotRecord)), ..World::default() });
    let events = read_events(&world, &format!("{FIRST}&rows=")).await;
    assert!(events[0].0 == "closed" && events[0].1.contains("views cannot be recorded right now, 14:05"));
}

#[tokio::test]
async fn the_home_page_counts_patients_and_works_without_the_list() {
    let text = visible_text(&get("/home").await.text);
    assert!(
        text.contains(
            "4 patients of yours are shown as in-patients, and 3 as day cases, at home or in community beds."
        )
    );
    assert!(text.contains("Since yesterday: 2 admitted. Expected to leave today: 1. See the list"), "{text}");
    let counts_only = Arc::<World>::default();
    get_as(&counts_only, "gp", "/home").await;
    assert!(counts_only.requested_lists.lock().unwrap().is_empty(), "counting is no look at a list");
    let text = visible_text(&get_as(&counts_only, "ward-nurse", "/home").await.text);
    assert!(
        text.contains("4 in-patients at your hospital") && text.contains("2 in the emergency department."),
        "{text}"
    );
    let world = Arc::new(World { failure: Mutex::new(Some(FailureKind::Internal)), ..World::default() });
    let page = get_as(&world, "gp", "/home").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("did not answer. This does not mean there are none."));
    let page = get_as(&world, "paramedic", "/home").await.text;
    assert!(!page.contains("My patients in hospital") && !page.contains("href=\"/ward\""));
}

#[tokio::test]
async fn the_home_page_says_what_the_role_can_do_and_links_to_nothing_else() {
    let home = async |role: &str| get_as(&Arc::<World>::default(), role, "/home").await.text;
    for (role, words, search, ward) in [
        ("gp", "open the records of people registered with your practice", true, true),
        ("ward-nurse", "see who is on each ward", true, true),
        ("paramedic", "A record opens while it is recorded that your organisation cares", true, false),
        ("platform-admin", "You see no patient&#39;s record.", false, false),
        ("commissioner", "You can see the state of the sources.", false, false),
    ] {
        let text = home(role).await;
        assert!(text.contains(words), "{role}");
        assert_eq!(text.contains("action=\"/search\"") || text.contains("href=\"/search\""), search, "{role}");
        assert_eq!(text.contains("href=\"/ward\""), ward, "{role}");
    }
}

#[tokio::test]
async fn the_home_page_names_the_records_opened_in_the_session() {
    let world = Arc::<World>::default();
    let router = world.router();
    let recent = format!("href=\"/people/{FREDRICA}\">SMITH, Fredrica, born 14-Jul-1945</a>");
    assert!(!get_from(&router, "gp", "/home").await.text.contains(&recent));
    get_from(&router, "gp", &format!("/people/{FREDRICA}?whole=1")).await;
    assert!(get_from(&router, "gp", "/home").await.text.contains(&recent));
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
