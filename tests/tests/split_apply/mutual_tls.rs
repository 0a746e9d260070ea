//! A source behind mutual TLS in the whole platform: its organisation stores a client certificate through the public API, and its
//! data is on a record (S-13). In the split form, because there each process can trust the authority of a test.

use lcr_testkit::{Certificate, Folder};
use lcr_tests::PartnerSource;

use super::{
    FREDRICA, MEDICINE, assert_done,
    joining::{Joining, SYSTEM},
    platform_trusting, wait_for_state,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_demands_a_client_certificate_has_its_data_on_a_record() {
    let folders = ["server", "client", "stranger"].map(|name| Folder::new(name).unwrap());
    let [own, client, stranger] =
        [(0, "localhost"), (1, "lcr"), (2, "lcr")].map(|(folder, name)| Certificate::new(&folders[folder], name));
    let platform = platform_trusting(&own).await;
    let fredrica = platform.city().cast().fredrica_smith.clone();
    let source = PartnerSource::start_secured(&fredrica, MEDICINE, &own, Some(&client)).await;
    let joining = Joining::without_credentials(&platform, &source).await;
    assert!(!joining.failed_checks().await.is_empty(), "without a certificate");
    assert_done(&joining.set_credentials(&PartnerSource::client_certificate(&stranger)).await);
    assert!(!joining.failed_checks().await.is_empty(), "with the certificate of a stranger");
    assert_eq!(source.answers(), 0, "nobody else is answered");
    joining.go_live_with(&source).await;
    let file = joining.file().await;
    assert_eq!(file["systems"][0]["credentials"], "mutual-tls");
    assert!(!file.to_string().contains("PRIVATE KEY"), "a key is never returned");
    let gp = platform.actor("gp").await;
    let person = gp.find_person(FREDRICA).await;
    wait_for_state(&gp, &person, SYSTEM, "not-yet-on").await;
    assert_done(&joining.set_testers(&[&gp], &["Z9T01"]).await);
    assert_done(&joining.step("safety-testers", None).await);
    wait_for_state(&gp, &person, SYSTEM, "has-data").await;
}
