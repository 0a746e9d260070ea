//! Tests of the record page: what it says first, and what it must never show.

use axum::http::header;

use crate::{
    browser::get,
    sample::{ALBERT, FREDRICA, PROTECTED},
};

#[tokio::test]
async fn the_record_page_says_who_why_and_how_complete() {
    let text = get(&format!("/people/{FREDRICA}?whole=1")).await.text;
    for expected in [
        "SMITH, Fredrica (Mrs)",
        "14-Jul-1945",
        "(81y)",
        "NHS No.",
        "943 476 5919",
        "You can see this record because: registered at Beckside Surgery.",
        "Complete as of 14:05:02, except: Adult social care did not answer.",
        "St Hilda&#39;s Hospitals, J27 bed 4, since 19-Nov-2026",
        "ReSPECT plan",
        "Difficult airway",
        "not agreed to share with your organisation",
        "Some services may hold items not shown",
        "dose differs",
        "only in GP list",
        "not in hospital list",
        "Sources do not agree (2)",
        "Seeing a result here does not file or action it.",
        "<strong class=\"lcr-remark\">Low</strong> <span class=\"lcr-items__text\">41 mL/min/1.73 m² (60 or above)",
        "<strong>Sources disagree</strong>: Beckside Surgery: yes · St Hilda&#39;s Hospitals: refuted.",
        "3 of 4 that know this person answered · Children&#39;s social care may not share · Beckside Surgery: Some letters are waiting to be filed",
        "CPR: Not for attempted CPR; Priority: Comfort (Leeds Community, 02-Feb-2026, open)",
        "2 entered in error",
    ] {
        assert!(text.contains(expected), "{expected}");
    }
    assert!(!text.contains("asking…"), "no source is still being asked");
    assert!(!text.contains("data-stream"), "a complete page has no stream");
}

#[tokio::test]
async fn without_javascript_the_page_reloads_whole() {
    let text = get(&format!("/people/{FREDRICA}")).await.text;
    // If the script was not built, the page is complete at once.
    if text.contains("data-stream") {
        assert!(text.contains(&format!(
            "<noscript><meta http-equiv=\"refresh\" content=\"0; url=/people/{FREDRICA}?whole=1\">"
        )));
        assert!(text.contains("asking…") && text.contains("data-waiting"));
    }
}

#[tokio::test]
async fn a_protected_location_and_a_death_are_shown() {
    let text = get(&format!("/people/{PROTECTED}?whole=1")).await.text;
    assert!(text.contains("Location details protected.") && !text.contains("J27 bed 4, since"));
    let text = get(&format!("/people/{ALBERT}?whole=1")).await.text;
    assert!(
        text.contains("lcr-banner--died") && text.contains("Age at Death") && text.contains("This person has died")
    );
}

#[tokio::test]
async fn a_document_is_text_or_a_download_and_never_a_page() {
    let path = format!("/people/{FREDRICA}/documents");
    let text = get(&format!("{path}/doc-1")).await.text;
    assert!(text.contains("Dear colleague") && text.contains("&#60;script&#62;") && text.contains("SMITH, Fredrica"));
    let answer = get(&format!("{path}/doc-2/content")).await;
    assert_eq!(answer.header(header::CONTENT_TYPE), "text/plain; charset=utf-8");
    assert!(answer.header(header::CONTENT_DISPOSITION).starts_with("attachment"));
    assert_eq!(answer.header(header::CONTENT_SECURITY_POLICY), "default-src 'none'; sandbox");
    assert_eq!(answer.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
}

#[tokio::test]
async fn an_item_as_sent_is_text_and_linked_from_the_items_not_shown() {
    let page = get(&format!("/people/{FREDRICA}?whole=1")).await.text;
    let path = format!("/people/{FREDRICA}/items/beckside~Condition~c1");
    assert!(page.contains(&path.replace('~', "%7E")), "the page leads to it");
    let item = get(&path).await.text;
    assert!(item.contains("The item as Beckside Surgery sent it") && item.contains("&#60;script&#62;"));
}

#[tokio::test]
async fn filters_work_by_links_alone() {
    let text = get(&format!("/people/{FREDRICA}/medications?source=st-hildas")).await.text;
    assert!(text.contains("2 of 6 shown by this filter.") && text.contains("Remove the filter"));
    let text = get(&format!("/people/{FREDRICA}/diagnoses?from=2026-01-01&to=bad")).await.text;
    assert!(
        text.contains("A date could not be read")
            && text.contains("Pulmonary embolism")
            && !text.contains("Fractured wrist")
    );
}

#[tokio::test]
async fn results_are_a_grid_with_marks_units_and_ranges_and_a_list_on_demand() {
    let grid = get(&format!("/people/{FREDRICA}/results")).await.text;
    for expected in [
        "Single tests",
        "<span class=\"lcr-line lcr-quiet\">range 60 or above</span>",
        "<span aria-hidden=\"true\">L</span><span class=\"nhsuk-u-visually-hidden\">low</span>",
        "all 5, as a chart",
        "preliminary",
        "view=list",
    ] {
        assert!(grid.contains(expected), "{expected}");
    }
    let newest = grid.find(">21-Nov-2026</span>").unwrap();
    assert!(newest < grid.find(">30-Jun-2025</span>").unwrap(), "newest first");
    let list = get(&format!("/people/{FREDRICA}/results?view=list")).await.text;
    assert!(list.contains("41 mL/min/1.73 m², low (60 or above)"));
}

#[tokio::test]
async fn the_timeline_has_what_belongs_to_a_stay_under_it() {
    let text = get(&format!("/people/{FREDRICA}/timeline")).await.text;
    let (before, stay) = text.split_once("During this stay").unwrap();
    assert!(before.contains("Emergency admission") && stay.contains("Blood culture"));
}
