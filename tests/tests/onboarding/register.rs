//! What others see of an organisation: the public register, for anybody, and its adoption figures, for its officers (S-74, Q-08).

use std::collections::BTreeSet;

use lcr_testkit::eventually_ok;
use lcr_tests::{Actor, Browser, Platform};
use serde_json::{Value, json};

use super::{FREDRICA, LIMIT, assert_done, city_and_source, joining::Joining};

/// The text of a page, with one space between words.
fn words(page: &str) -> String {
    let pieces = page.split('<').map(|piece| piece.rsplit_once('>').map_or(piece, |(_, text)| text));
    pieces.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

/// An organisation of the register.
fn find<'r>(register: &'r Value, name: &str) -> &'r Value {
    let mut partners = register["partners"].as_array().unwrap().iter();
    partners.find(|one| one["name"] == name).unwrap_or_else(|| panic!("{name} is missing: {register}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_public_register_names_who_shares_what_to_anybody_and_no_discreet_service() {
    let (platform, source) = city_and_source().await;
    let joining = Joining::live(&platform, &source).await;
    let anybody = platform.anonymous();
    let answer = anybody.get("/api/identity/v1/sharing-register").await;
    assert_done(&answer);
    let register = answer.json();
    assert_eq!(anybody.get("/sharing.json").await.json(), register, "the portal gives the same");
    let hospital = find(&register, "St Hilda's Hospitals");
    assert!(hospital["takes_part"] == true && !hospital["gives"].as_array().unwrap().is_empty(), "{hospital}");
    let hospice = find(&register, "Kirkgate Hospice");
    assert_eq!(hospice["purpose"], "direct care");
    assert_eq!(hospice["lawful_basis"], "6(1)(e), 9(2)(h)");
    assert!(hospice["since"].is_string(), "{hospice}");
    let given = hospice["gives"].as_array().unwrap();
    let medicines = given.iter().find(|one| one["dataset"] == "medications").unwrap();
    assert_eq!(medicines["systems"], json!(["Kirkgate records"]));
    assert_eq!(medicines["stage"], "off");
    assert_eq!(hospice["receives"].as_array().unwrap().len(), 2, "{hospice}");
    let page = anybody.get("/sharing").await;
    assert!(page.status == 200 && page.text().contains("Kirkgate Hospice"), "{}", page.text());
    for text in [register.to_string(), page.text()] {
        let text = text.to_lowercase();
        assert!(!text.contains("canalside") && !text.contains("sexual"), "{text}");
    }
    // It changes with what it says. The portal serves what it has read for another minute.
    assert_done(&joining.move_to("suspended").await);
    let suspended = anybody.get("/api/identity/v1/sharing-register").await.json();
    let hospice = find(&suspended, "Kirkgate Hospice");
    assert!(hospice["takes_part"] == false && hospice["gives"].as_array().unwrap().is_empty(), "{hospice}");
}

/// The users of an organisation who looked at a patient's data, by the log.
async fn readers_on_the_log(officer: &Actor, ods: &str) -> BTreeSet<String> {
    let views = ["record", "ward-list", "care-list"];
    let is_view = |entry: &&Value| {
        entry["actor"]["org"] == ods
            && entry["outcome"] == "allowed"
            && views.iter().any(|kind| entry["what"].as_str() == Some(kind))
    };
    let log = officer.read_log().await;
    log.iter().filter(is_view).map(|entry| entry["actor"]["user"].as_str().unwrap().to_owned()).collect()
}

/// The words of the adoption page.
async fn figures(browser: &Browser) -> String {
    let page = browser.get("/partners/Y90001/adoption").await;
    assert_done(&page);
    words(&page.text())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_adoption_figures_are_those_of_the_directory_and_of_the_log() {
    let platform = Platform::start_loaded().await;
    let (gp, officer) = (platform.actor("gp").await, platform.actor("practice-officer").await);
    let manager = platform.browser("practice-manager").await;
    let path = "/api/identity/v1/organisations/Y90001/adoption";
    let counts = officer.get(path).await.json();
    for figure in ["eligible", "activated", "signed_in_this_month"] {
        assert_eq!(counts[figure], 3, "{figure} of GP, officer and manager: {counts}");
    }
    assert!(figures(&manager).await.contains("nobody has looked yet"), "before the first look");
    let person = gp.find_person(FREDRICA).await;
    assert_eq!(gp.record(&person).await.status, 200);
    let readers = eventually_ok(LIMIT, "the look is on the log", async || {
        let readers = readers_on_the_log(&officer, "Y90001").await;
        if readers.is_empty() { Err("nobody") } else { Ok(readers) }
    })
    .await;
    assert_eq!(readers.len(), 1, "{readers:?}");
    let page = figures(&manager).await;
    assert!(page.contains(&format!("Active How many {} What it counts", readers.len())), "{page}");
    assert!(page.contains("Time to first view How many less than a minute"), "{page}");
    // A fourth person signs in.
    platform.actor("receptionist").await;
    let counts = officer.get(path).await.json();
    assert_eq!((&counts["eligible"], &counts["activated"]), (&json!(4), &json!(4)), "{counts}");
    let stranger = platform.actor("org-admin").await.get(path).await;
    assert_eq!(stranger.status, 404, "another organisation's figures are not shown");
}
