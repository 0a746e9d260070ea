//! One twin's NHS number entered for the other must not link their records; a data steward decides.

use lcr_tests::record_json;

use crate::{hospital::Hospital, scene::entry};

#[tokio::test(flavor = "multi_thread")]
async fn a_number_with_another_first_name_and_sex_is_a_doubt_and_no_link() {
    let mut hospital = Hospital::open().await;
    let twin = "PID|1||H99^^^QUIRK^MR~9991000003^^^NHS^NH||HALLIWELL^Norman||19610203|M";
    let order = "OBR|1||LABT^LAB|HB^Haemoglobin|||202601140800|||||||||||||||202601140830||CH|F";
    let result = "OBX|1|NM|HB^Haemoglobin||62|g/L|115-165|LL|||F";
    let doubted = |record: &serde_json::Value| {
        record_json::list(record, "sources").any(|one| one["warnings"].to_string().contains("same NHS number"))
    };
    let record = hospital.send_about(twin, "ORU^R01", &[order, result], doubted).await;
    assert!(entry(&record, "results", "Haemoglobin").is_none(), "the twin's result is not hers");
    let page = hospital.scene.page("?whole=1").await;
    assert!(page.contains("same NHS number") && page.contains("different first name"), "{page}");
    let steward = hospital.scene.platform.browser("data-steward").await;
    let reviews = crate::scene::visible_text(&steward.get("/reviews").await.text());
    for words in ["HALLIWELL", "Nora", "Norman"] {
        assert!(reviews.contains(words), "{words}: {reviews}");
    }
}
