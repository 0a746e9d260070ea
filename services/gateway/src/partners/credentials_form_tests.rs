//! Tests of `credentials_form.rs`.

use super::*;

fn read(json: &str) -> Result<SystemChange, String> {
    let values: Values = serde_json::from_str(json).unwrap();
    read_credentials(&values, &SourceId::new("gp")).unwrap()
}

#[test]
fn a_password_is_kept_as_typed_and_its_absence_is_said() {
    let change = read(r#"{"act": "credentials-basic", "user": " lcr ", "password": " a b "}"#).unwrap();
    let password = Phi::new(" a b ".to_owned());
    let credentials = Some(Credentials::Basic { user: "lcr".into(), password });
    assert_eq!(change, SystemChange::SetCredentials { system: SourceId::new("gp"), credentials });
    assert_eq!(read(r#"{"act": "credentials-basic", "user": "lcr"}"#), Err("Enter the password.".into()));
}

#[test]
fn credentials_are_removed_only_by_their_own_form() {
    let removed = read(r#"{"act": "credentials-none"}"#).unwrap();
    assert_eq!(removed, SystemChange::SetCredentials { system: SourceId::new("gp"), credentials: None });
    assert!(read_credentials(&Values::default(), &SourceId::new("gp")).is_none());
}
