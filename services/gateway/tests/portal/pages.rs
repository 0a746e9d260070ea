//! Every page as its readers see it.

mod record_page;

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
