//! Tests of `sanitise.rs`.

use serde_json::json;

use super::*;

fn base() -> Url {
    Url::parse("https://fhir.example.org/R4").unwrap()
}

fn narrative(div: &str) -> Value {
    let mut value = json!({ "text": { "status": "generated", "div": div } });
    sanitise(&mut value, Some(&base()));
    value["text"]["div"].clone()
}

#[test]
fn a_narrative_keeps_nothing_that_runs() {
    let hostile = [
        "<div xmlns=\"http://www.w3.org/1999/xhtml\"><script>alert(1)</script><p>Falls</p></div>",
        "<div><p onclick=\"alert(1)\" style=\"background:url(//evil)\">Falls</p></div>",
        "<div><a href=\"javascript:alert(1)\">Falls</a><iframe src=\"//evil\"></iframe></div>",
        "<div><svg><script>alert(1)</script></svg><p>Falls<img src=x onerror=alert(1)></p></div>",
        "<div><math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">Falls",
        "<div><form action=//evil><input></form>Falls<style>p{}</style><object data=//evil></object></div>",
    ];
    for div in hostile {
        let clean = narrative(div).as_str().unwrap().to_lowercase();
        for bad in
            ["script", "alert", "onclick", "onerror", "style", "javascript", "evil", "<img", "<form", "<a", "<svg"]
        {
            assert!(!clean.contains(bad), "{bad} in {clean}");
        }
    }
    assert!(narrative(hostile[0]).as_str().unwrap().contains("<p>Falls</p>"));
}

#[test]
fn layout_tags_stay_and_become_xhtml() {
    let cleaned = narrative("<div><table><tr><td colspan=\"2\">a<br/>b&#160;c</td></tr></table><hr/></div>");
    let cleaned = cleaned.as_str().unwrap();
    for part in ["xmlns=\"http://www.w3.org/1999/xhtml\"", "<td colspan=\"2\">a<br/>b&#160;c</td>", "<hr/>"] {
        assert!(cleaned.contains(part), "{part} in {cleaned}");
    }
    assert_eq!(narrative(&"x".repeat(MAX_NARRATIVE_BYTES + 1)), Value::Null, "an unchecked narrative is dropped");
}

#[test]
fn an_attachment_elsewhere_loses_its_link() {
    let mut letter = json!({ "content": [
            { "attachment": { "title": "1", "url": "https://fhir.example.org/R4/Binary/1" } },
            { "attachment": { "title": "2", "url": "Binary/2" } },
            { "attachment": { "title": "3", "url": "https://evil.example/3" } },
            { "attachment": { "title": "4", "url": "http://fhir.example.org/R4/Binary/4" } },
            { "attachment": { "title": "5", "url": "javascript:alert(1)" } },
            { "attachment": { "title": "6", "url": "https://fhir.example.org/R4/../admin" } }],
            "presentedForm": [{ "url": "file:///etc/passwd" }] });
    sanitise(&mut letter, Some(&base()));
    let urls: Vec<&Value> = (0..6).map(|at| &letter["content"][at]["attachment"]["url"]).collect();
    assert_eq!(urls[0], "https://fhir.example.org/R4/Binary/1");
    assert_eq!(urls[1], "https://fhir.example.org/R4/Binary/2");
    assert!(urls[2..].iter().all(|url| url.is_null()), "{urls:?}");
    assert_eq!(letter["presentedForm"][0], json!({}));
}
