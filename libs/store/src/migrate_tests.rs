//! Tests of `migrate.rs`.

use super::*;

#[test]
fn the_serving_role_is_read_from_its_address() {
    let role = |url: &str| {
        let serves = Location::Schema { url: url.into(), schema: "consent".into() };
        other_role(&serves, "postgres://owner:secret@db/lcr")
    };
    assert_eq!(role("postgres://owner:other@db/lcr"), None);
    assert_eq!(role("postgres://lcr-consent:secret@db/lcr").as_deref(), Some("lcr-consent"));
    assert_eq!(role("postgres://lcr%2Fconsent@db/lcr").as_deref(), Some("lcr/consent"));
    assert_eq!(quoted("odd\"name"), "\"odd\"\"name\"");
}

#[tokio::test]
async fn an_absent_database_is_waited_for_and_a_refusing_one_is_not() {
    let url = "postgres://nobody@127.0.0.1:1/lcr";
    let error = connect_when_ready(url, "consent", Duration::ZERO).await.err();
    assert!(error.is_some_and(|error| db_error::is_starting(&error)));
    assert_eq!(postgres::server("postgres://lcr:secret@db:5433/lcr"), "db:5433");
}
