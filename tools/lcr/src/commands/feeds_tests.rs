//! Tests of `feeds.rs`.

use super::*;

#[test]
fn evidence_is_one_line() {
    let at = |text: &str| Some(text.parse().unwrap());
    let link = CareLink {
        kind: "referral".into(),
        organisation: OdsCode::new("Z9C05"),
        team: None,
        from: at("2026-11-19T00:00:00Z"),
        until: None,
        stands: true,
    };
    let expected = "evidence REF|9\treferral for Z9C05, from 2026-11-19T00:00:00Z until further notice";
    assert_eq!(format_link("REF|9", &link), expected);
    let off =
        CareLink { organisation: OdsCode::new(""), team: Some("North".into()), from: None, stands: false, ..link };
    let expected =
        "evidence REF|9\treferral for the sender (North), from its arrival until further notice, does not stand";
    assert_eq!(format_link("REF|9", &off), expected);
}

#[test]
fn fields_missing_in_a_profile_come_from_the_default_profile() {
    let path = std::env::temp_dir().join(format!("lcr-profile-{}.json", std::process::id()));
    fs::write(&path, r#"{"wards": {"J27": "Ward J27"}}"#).unwrap();
    let feed = read_profile(&path).unwrap();
    assert_eq!((feed.profile.as_str(), feed.wards.len()), ("default", 1));
    fs::write(&path, r#"{"fields": [{"key": "A B", "label": "x", "from": "ZPV-1"}]}"#).unwrap();
    assert!(read_profile(&path).unwrap_err().contains("lower-case"));
    fs::remove_file(&path).unwrap();
}
