//! Tests of `references.rs`.

use serde_json::json;

use super::*;

#[test]
fn files_and_names_are_copied_into_the_resources_that_refer_to_them() {
    let bundle = json!({ "entry": [
            { "fullUrl": "urn:uuid:b1", "resource": { "resourceType": "Binary", "contentType": "text/plain", "data": "eA==" } },
            { "resource": { "resourceType": "Binary", "id": "b2", "contentType": "application/pdf", "data": "JVBERg==" } },
            { "resource": { "resourceType": "Practitioner", "id": "p", "name": [{ "family": "Ward", "given": ["Ann"] }] } }] });
    let mut letter = json!({
            "author": [{ "reference": "Practitioner/p" }, { "reference": "Practitioner/p", "display": "Dr Ward" }],
            "content": [{ "attachment": { "url": "urn:uuid:b1" } },
                { "attachment": { "url": "https://sender.example/fhir/Binary/b2", "contentType": "application/x-own" } },
                { "attachment": { "url": "Binary/gone" } }] });
    References::of(&bundle).inline_into(&mut letter);
    assert_eq!(
        letter["author"],
        json!([{ "reference": "Practitioner/p", "display": "Ann Ward" },
            { "reference": "Practitioner/p", "display": "Dr Ward" }])
    );
    assert_eq!(
        letter["content"],
        json!([{ "attachment": { "data": "eA==", "contentType": "text/plain" } },
            { "attachment": { "data": "JVBERg==", "contentType": "application/x-own" } },
            { "attachment": { "url": "Binary/gone" } }])
    );
}
