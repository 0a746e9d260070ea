//! Launches by SMART, from a hospital's system.

use lcr_city::CastMember;
use lcr_tests::Platform;

use super::{HOSPITAL, REFUSED, page_name};

/// St Hilda's FHIR base address, and its own id of the person.
async fn hospital_record(platform: &Platform, member: &CastMember) -> (String, String) {
    let systems = &platform.city().plan().systems;
    let base = systems.iter().find(|system| system.id == HOSPITAL).unwrap().base_url.clone();
    let id = platform.host_system().local_id(&base, member.nhs_number.as_deref().unwrap()).await;
    (base, id.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_smart_launch_opens_the_patient_without_a_prompt() {
    let platform = Platform::start_loaded().await;
    let member = platform.city().cast().fredrica_smith.clone();
    let (base, id) = hospital_record(&platform, &member).await;
    let path = platform.host_system().smart_path("consultant", &base, &id).await;
    let (browser, opened) = platform.new_browser().open(&path).await;
    assert_eq!(opened.status, 200, "{}", opened.text());
    assert!(opened.text().contains(&page_name(&member)), "{}", opened.text());
    assert!(opened.text().contains("Dr Ravi Menon"), "the reader is the system's own user");
    assert!(browser.cookie.starts_with("__Host-lcr="), "{}", browser.cookie.split('=').next().unwrap());
    let (_, again) = platform.new_browser().open(&path).await;
    assert_ne!(again.status, 200, "a launch works once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_smart_launch_of_an_unknown_system_or_another_organisations_user_is_refused() {
    let platform = Platform::start_loaded().await;
    let host = platform.host_system();
    let (base, id) = hospital_record(&platform, &platform.city().cast().fredrica_smith.clone()).await;
    for (what, path) in [
        ("an unknown address", host.smart_path("consultant", "http://127.0.0.1:1/R4", &id).await),
        ("a user of another organisation", host.smart_path("gp", &base, &id).await),
        ("an officer", host.smart_path("privacy-officer", &base, &id).await),
    ] {
        let (browser, refused) = platform.new_browser().open(&path).await;
        assert_eq!(refused.status, 403, "{what}: {}", refused.text());
        assert!(refused.text().contains(REFUSED), "{what}");
        assert!(!browser.cookie.contains("__Host-lcr="), "{what}: no session begins");
    }
    let unknown = host.smart_path("consultant", &base, "SH9999999").await;
    let (_, answer) = platform.new_browser().open(&unknown).await;
    assert_eq!(answer.status, 404, "{}", answer.text());
    assert!(answer.text().contains("We cannot open that person"));
}
