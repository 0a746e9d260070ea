//! Every page as its readers see it.

use std::sync::Arc;

use axum::http::{StatusCode, header};

use crate::{
    browser::{get, get_as},
    sample::*,
};

/// Checks what every page must and must not contain.
pub fn assert_well_formed(path: &str, text: &str) {
    assert!(text.contains("Demonstration: invented people"), "{path}: ribbon");
    for bad in [
        " style=",
        "<style",
        "javascript:",
        " onclick",
        "<td role=\"cell\" class=\"lcr-cell\"></td>",
        "<dd></dd>",
        "<p></p>",
    ] {
        assert!(!text.contains(bad), "{path}: {bad}");
    }
    for script in text.split("<script").skip(1) {
        assert!(script.split_once('>').unwrap().1.starts_with("</script>"), "{path}: a script with a body");
    }
    for cell in text.split("<td").skip(1) {
        let cell = cell.split("</td>").next().unwrap().split_once('>').unwrap().1;
        let heading_gone = cell.split_once("</span>").map_or(cell, |(_, rest)| rest);
        let words: String =
            heading_gone.split('<').filter_map(|part| part.split_once('>').map(|(_, text)| text)).collect();
        assert!(!words.trim().is_empty(), "{path}: an empty cell in {cell}");
    }
    let title = text.split("<title>").nth(1).unwrap().split("</title>").next().unwrap();
    let has_problem = text.contains("There is a problem</h2>");
    assert_eq!(title.starts_with("Error: "), has_problem, "{path}: {title}");
    for name in ["Smith", "SMITH", "Fredrica", "943"] {
        assert!(!title.contains(name), "{path}: {title}");
    }
}

#[tokio::test]
async fn every_page_is_well_formed_and_not_cached() {
    let person = format!("/people/{FREDRICA}");
    let mut pages: Vec<(&str, String)> =
        ["/", "/sign-in", "/accessibility", "/home", "/search", "/sources", "/nowhere"]
            .map(|path| ("gp", path.to_owned()))
            .to_vec();
    for part in [
        "",
        "?whole=1",
        "/demographics",
        "/alerts",
        "/allergies",
        "/medications",
        "/diagnoses",
        "/results",
        "/documents",
        "/encounters",
        "/social-care",
        "/end-of-life",
        "/timeline",
        "/results?series=http%3A%2F%2Floinc.org%7CeGFR%7CmL%2Fmin%2F1.73%20m%C2%B2",
        "/results?view=list&sort=name",
        "/results?panel=re-Potassium-2026-11-21T08%3A10%3A00Z",
        "/medications?kind=repeat&from=2026-01-01",
        "/diagnoses?sort=oldest&page=2",
        "/timeline?kind=results&sort=oldest",
        "/documents/doc-1",
        "/documents/doc-2",
        "/items/beckside~Condition~c1",
        "/choices",
    ] {
        pages.push(("gp", format!("{person}{part}")));
    }
    for path in ["/ward", "/ward?show=ready&sort=ward", "/ward/discharged", "/ward?show=leaving&hospital=none"] {
        pages.push(("gp", path.into()));
    }
    for path in ["/my-record", "/my-record/choices", "/my-record/receipts", "/my-record/sharing"] {
        pages.push(("patient", path.into()));
    }
    for path in [
        format!("{person}/access"),
        format!("{person}/choices"),
        "/privacy".into(),
        "/privacy?user=gp".into(),
        "/privacy/claims".into(),
        "/privacy/incidents".into(),
        format!("/privacy/incidents?person={FREDRICA}"),
        format!("/privacy/incidents/{}", crate::fake_audit::INCIDENT),
        "/rules".into(),
    ] {
        pages.push(("privacy-officer", path));
    }
    pages.extend([
        ("ward-nurse", "/ward".into()),
        ("community-nurse", "/ward".into()),
        ("community-nurse", "/people-in-care".into()),
    ]);
    for (role, path) in pages {
        let answer = get_as(&Arc::default(), role, &path).await;
        assert!(answer.status == StatusCode::OK || path == "/nowhere", "{path}: {}", answer.status);
        assert_well_formed(&path, &answer.text);
        assert_eq!(answer.header(header::CACHE_CONTROL), "no-store", "{path}");
        assert_eq!(answer.header(header::REFERRER_POLICY), "no-referrer", "{path}");
        assert!(answer.header(header::CONTENT_SECURITY_POLICY).contains("frame-ancestors 'none'"), "{path}");
        assert!(!answer.header(header::CONTENT_SECURITY_POLICY).contains("unsafe"), "{path}");
    }
}

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

#[tokio::test]
async fn only_officers_and_patients_read_a_log() {
    let path = format!("/people/{FREDRICA}/access");
    assert_eq!(get(&path).await.status, StatusCode::FORBIDDEN);
    let text = get_as(&Arc::default(), "caldicott-guardian", &path).await.text;
    assert!(
        text.contains("Dr Aisha Khan")
            && text.contains("Refused, nothing shown")
            && text.contains("medications and results")
    );
    let text = get_as(&Arc::default(), "patient", "/my-record").await.text;
    assert!(text.contains("Dr Aisha Khan, a GP at Beckside Surgery, looked at your record"), "{text}");
    assert!(
        text.contains("medicines, test results") && text.contains("Recorded link to you: your GP practice"),
        "{text}"
    );
    assert!(text.contains("21 November 2026") && text.contains("2:00pm"));
    assert_eq!(get("/my-record").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn assets_are_immutable_and_ours() {
    let text = get("/").await.text;
    if let Some(css) = text.split("href=\"/assets/").nth(1) {
        let answer = get(&format!("/assets/{}", css.split('"').next().unwrap())).await;
        assert!(answer.header(header::CACHE_CONTROL).contains("immutable"));
        assert!(!answer.text.contains("https://") && answer.text.len() < 120_000);
    }
    assert_eq!(get("/assets/nothing.css").await.status, StatusCode::NOT_FOUND);
}
