//! Every file of a letter opens, whether inline, contained or linked. A replaced letter must be off the list.

use serde_json::{Value, json};

use crate::scene::{Scene, entry, not_shown};

fn letter(id: &str, content: Value, more: Value) -> Value {
    let mut document = json!({ "resourceType": "DocumentReference", "id": id, "status": "current", "description": id,
        "type": { "text": "Clinic letter" }, "date": "2026-01-10T09:00:00Z", "content": content });
    document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    document
}

#[tokio::test(flavor = "multi_thread")]
async fn every_file_of_every_letter_opens() {
    let attachment = |fields: Value| json!({ "attachment": fields });
    let scene = Scene::of(vec![
        letter(
            "Inline",
            json!([attachment(json!({ "contentType": "text/plain", "data": "U2VlbiBpbiBjbGluaWMu" }))]),
            json!({}),
        ),
        letter("Linked", json!([attachment(json!({ "contentType": "text/plain", "url": "Binary/b1" }))]), json!({})),
        json!({ "resourceType": "Binary", "id": "b1", "contentType": "text/plain", "data": "RGVhciBEciBLaGFu" }),
        letter(
            "Contained",
            json!([attachment(json!({ "url": "#b" }))]),
            json!({
            "contained": [{ "resourceType": "Binary", "id": "b", "contentType": "text/plain", "data": "SW5zaWRl" }] }),
        ),
        letter(
            "Two forms",
            json!([
                attachment(json!({ "contentType": "text/html", "data": "PHA+PHNjcmlwdD4=" })),
                attachment(json!({ "contentType": "application/pdf", "data": "JVBERi0xLjQK" }))
            ]),
            json!({}),
        ),
        letter("Title only", json!([attachment(json!({ "title": "Scan" }))]), json!({})),
    ])
    .await;
    let record = scene.record().await;
    let browser = scene.browser().await;
    let path = |title: &str| {
        let id = entry(&record, "documents", title).unwrap()["id"].as_str().unwrap();
        format!("/people/{}/documents/{id}", scene.person)
    };
    for (title, text) in [("Inline", "Seen in clinic."), ("Linked", "Dear Dr Khan")] {
        let page = browser.get(&path(title)).await;
        assert_eq!(page.status, 200, "{title}");
        assert!(page.text().contains(text), "{title}: {}", page.text());
    }
    assert_eq!(&browser.get(&format!("{}/content", path("Contained"))).await.body[..], b"Inside");
    let two = browser.get(&path("Two forms")).await.text();
    assert_eq!(two.matches("Download the document").count(), 2, "{two}");
    let html = browser.get(&format!("{}/content?file=0", path("Two forms"))).await;
    assert_eq!(
        html.header("content-type"),
        "text/plain; charset=utf-8",
        "HTML is served as text, so that no script runs"
    );
    let pdf = browser.get(&format!("{}/content?file=1", path("Two forms"))).await;
    assert_eq!((pdf.status, &pdf.body[..5]), (200, &b"%PDF-"[..]));
    assert_eq!(browser.get(&format!("{}/content?file=2", path("Two forms"))).await.status, 404);
    let scan = browser.get(&path("Title only")).await.text();
    assert!(scan.contains("Not sent as a file: Scan"), "{scan}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_letter_is_off_the_list_and_counted() {
    let text = json!([{ "attachment": { "contentType": "text/plain", "data": "eA==" } }]);
    let replaces =
        json!({ "relatesTo": [{ "code": "replaces", "target": { "reference": "DocumentReference/First" } }] });
    let scene = Scene::of(vec![letter("First", text.clone(), json!({})), letter("Second", text, replaces)]).await;
    let record = scene.record().await;
    assert!(entry(&record, "documents", "First").is_none() && entry(&record, "documents", "Second").is_some());
    assert_eq!(not_shown(&record, "documents"), [(1, "replaced by a newer version".to_owned())]);
    assert_eq!(scene.fhir("DocumentReference").await.len(), 1);
}
