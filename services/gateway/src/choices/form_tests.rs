//! Tests of `form.rs`.

use super::*;

fn parse(direction: &str, organisation: &str, reason: &str) -> Result<NewChoice, String> {
    let form = ChoiceForm { direction: direction.into(), organisation: organisation.into(), reason: reason.into() };
    form.parse().map_err(|failure| failure.outward().to_owned())
}

#[test]
fn an_incomplete_choice_is_refused_with_what_is_missing() {
    let whole = parse("whole", "RR8XX", " ").unwrap();
    assert_eq!((whole.direction, whole.organisation, whole.reason), (Direction::Whole, None, None));
    assert_eq!(parse("into", "RR8XX", "my own").unwrap().organisation, Some(OdsCode::new("RR8XX")));
    assert_eq!(parse("into", " ", ""), Err("Choose the organisation.".into()));
    assert_eq!(parse("", "RR8XX", ""), Err("Choose what the objection covers.".into()));
    assert!(parse("whole", "", &"x".repeat(501)).is_err());
}
