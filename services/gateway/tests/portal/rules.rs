//! The access rules in force: the page for those who answer for them, and the part on the public page.

use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use lcr_contracts::FailureKind;

use crate::{
    browser::{get_as, visible_text},
    fakes::World,
    pages::assert_well_formed,
};

#[tokio::test]
async fn the_rules_are_a_table_with_a_row_for_each_role() {
    for role in ["privacy-officer", "caldicott-guardian", "platform-admin"] {
        let page = get_as(&Arc::default(), role, "/rules").await;
        assert_eq!(page.status, StatusCode::OK, "{role}");
        assert_well_formed("/rules", &page.text);
        assert!(page.text.contains("<th role=\"rowheader\" scope=\"row\">Paramedic</th>"));
        let text = visible_text(&page.text);
        for expected in [
            "Policy version 7d1f",
            "Override policy No override",
            "part: the last 12 months",
            "An open case at their service",
            "These roles see no record: GP,",
            "lcr consent diff",
        ] {
            assert!(text.contains(expected), "{expected}\n{text}");
        }
    }
    for role in ["gp", "patient", "data-steward"] {
        assert_eq!(get_as(&Arc::default(), role, "/rules").await.status, StatusCode::FORBIDDEN, "{role}");
        assert!(!get_as(&Arc::default(), role, "/sources").await.text.contains("href=\"/rules\""), "{role}");
    }
}

#[tokio::test]
async fn the_public_page_says_which_policy_is_in_force_or_that_it_is_not_known() {
    let text = visible_text(&get_as(&Arc::default(), "nobody", "/").await.text);
    assert!(text.contains("Nobody can see past an objection, also in an emergency."), "{text}");
    assert!(text.contains("in force: No override. Version of the access rules: 7d1f"), "{text}");
    let failure = Mutex::new(Some(FailureKind::Unavailable));
    let page = get_as(&Arc::new(World { failure, ..World::default() }), "nobody", "/").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("in force: Not known right now.") && !page.text.contains("also in an emergency"));
}
