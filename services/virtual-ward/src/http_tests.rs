//! Tests of `http.rs`.

use super::*;

fn ask(query: &[(&str, &str)]) -> Result<ListRequest, String> {
    let query: Vec<_> = query.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    parse_query(&query, &["days"]).map_err(|failure| failure.outward().to_owned())
}

#[test]
fn exactly_one_parameter_chooses_the_list() {
    assert_eq!(ask(&[("practice", "y90001")]).unwrap().of, ListOf::Practice(OdsCode::new("Y90001")));
    assert_eq!(ask(&[("ward", "J27")]).unwrap().of, ListOf::Ward("J27".into()));
    for none_or_two in [&[][..], &[("practice", "Y90001"), ("ward", "J27")], &[("days", "3")]] {
        assert!(ask(none_or_two).unwrap_err().contains("Exactly one"));
    }
}

#[test]
fn an_error_names_the_parameter_and_does_not_repeat_its_value() {
    for (name, value) in [("practice", "<b>"), ("days", "29"), ("days", "0"), ("days", "x"), ("ward", "")] {
        let words = ask(&[("team", "Y90T01"), (name, value)]).unwrap_err();
        assert!(words.contains(&format!("`{name}`")), "{words}");
        assert!(value.len() < 3 || !words.contains(value), "{words}");
    }
    assert!(ask(&[("team", "Y90T01"), ("colour", "red")]).unwrap_err().contains("`days`"));
}
