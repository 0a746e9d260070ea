//! Tests of the search: what people type is understood, and what is missing is said.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;

const TODAY: Date = date(2026, 11, 29);

fn parse(query: &SearchQuery) -> Result<Search, QueryError> {
    super::parse(query, TODAY)
}

fn boxed(text: &str) -> Result<Search, QueryError> {
    parse(&SearchQuery { q: Some(text.to_owned()), ..SearchQuery::default() })
}

fn name(family: &str, given: &str) -> PersonName {
    PersonName { family: family.into(), given: given.into() }
}

/// Whether the text searches for Fredrica Smith, born on 14 July 1945.
fn finds_fredrica(text: &str) -> bool {
    match boxed(text) {
        Ok(Search::Name { names, birth_dates }) => {
            names.contains(&name("SMITH", "FREDRICA")) && birth_dates == [date(1945, 7, 14)]
        }
        _ => false,
    }
}

#[test]
fn the_box_parses_what_people_type() {
    for text in [
        "Smith, Fredrica 14-Jul-1945",
        "SMITH, Fredrica (Mrs) 14/7/45",
        "fredrica smith 14/07/1945",
        "Fredrica Smith 14 July 1945",
        "smith fredrica 14 jul 45",
        "14 jul 1945 smith fredrica",
        "14/7/45 Fredrica Smith",
        "Mrs Fredrica Smith dob 14.7.1945",
        "Fredrica Smith, 14/7/45",
        "smith 14/7/1945 fredrica",
    ] {
        assert!(finds_fredrica(text), "{text}");
    }
    for text in ["smith 14/7/45", "14 jul 1945 smith", "Smith, 14-Jul-1945", "Mrs Smith 14071945"] {
        let family_only = Search::Name { names: vec![name("SMITH", "")], birth_dates: vec![date(1945, 7, 14)] };
        assert_eq!(boxed(text), Ok(family_only), "{text}");
    }
    for text in ["943 476 5919", "9434765919", "943-476-5919", "Smith 943 476 5919", "NHS no. 943 476 5919"] {
        assert!(matches!(boxed(text), Ok(Search::NhsNumber(_))), "{text}");
    }
    for text in ["ls1 4ap", "LS14AP", "smith LS1 4AP", "LS1 4AP smith 14/7/45"] {
        assert!(matches!(boxed(text), Ok(Search::Postcode { postcode, .. }) if postcode == "LS14AP"), "{text}");
    }
    let Ok(Search::Name { names, .. }) = boxed("Jan van der Berg 1/2/1970") else { panic!("a name") };
    assert!(names.contains(&name("VANDERBERG", "JAN")));
}

#[test]
fn what_is_missing_is_said() {
    for (text, need) in [
        ("Smith", QueryError::NeedsBirthDate),
        ("Fredrica Smith", QueryError::NeedsBirthDate),
        ("SMITH, Fredrica", QueryError::NeedsBirthDate),
        ("14/7/45", QueryError::NeedsName),
        ("Smith 14/7", QueryError::BirthDate),
        ("Smith 31/2/1945", QueryError::BirthDate),
        ("Smith 14/7/2045", QueryError::BirthDate),
        ("…", QueryError::TooLittle),
        ("one two three four five six seven 14/7/45", QueryError::TooManyNames),
    ] {
        assert_eq!(boxed(text), Err(need), "{text}");
    }
    assert!(matches!(boxed("9434765918"), Err(QueryError::NhsNumber(_))));
    assert!(QueryError::NeedsBirthDate.to_string().starts_with("Add a date of birth"));
    let fields = |family: Option<&str>, birth_date: Option<&str>| {
        let text = |field: Option<&str>| field.map(str::to_owned);
        parse(&SearchQuery { family: text(family), birth_date: text(birth_date), ..SearchQuery::default() })
    };
    assert_eq!(fields(Some("Smith"), None), Err(QueryError::NeedsBirthDate));
    assert_eq!(fields(None, Some("14/7/45")), Err(QueryError::NeedsName));
    assert_eq!(fields(Some("Smith"), Some("14/7")), Err(QueryError::BirthDate));
}

type Field = fn(String) -> SearchQuery;

#[test]
fn text_that_is_too_long_is_refused_before_parsing() {
    assert_eq!(boxed(&"1945-07-14 ".repeat(10_000)), Err(QueryError::BoxTooLong));
    assert_eq!(boxed(&"x".repeat(201)), Err(QueryError::BoxTooLong));
    assert_eq!(boxed(&"a ".repeat(21)), Err(QueryError::BoxTooLong));
    assert_eq!(boxed(&"x".repeat(200)), Err(QueryError::NeedsBirthDate));
    let fields: [(&str, Field); 5] = [
        ("The NHS number", |text| SearchQuery { nhs_number: Some(text), ..SearchQuery::default() }),
        ("The family name", |text| SearchQuery { family: Some(text), ..SearchQuery::default() }),
        ("The first name", |text| SearchQuery { given: Some(text), ..SearchQuery::default() }),
        ("The date of birth", |text| SearchQuery { birth_date: Some(text), ..SearchQuery::default() }),
        ("The postcode", |text| SearchQuery { postcode: Some(text), ..SearchQuery::default() }),
    ];
    for (name, with) in fields {
        assert_eq!(parse(&with("9".repeat(101))), Err(QueryError::FieldTooLong(name)));
        assert_ne!(parse(&with("9".repeat(100))), Err(QueryError::FieldTooLong(name)));
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in ".*") {
        let _ = boxed(&text);
    }

    #[test]
    fn words_of_dates_names_and_numbers_are_a_search_or_a_stated_need(
        words in prop::collection::vec("[a-z]{1,9}|[0-9]{1,4}|[0-9]{1,2}/[0-9]{1,2}/[0-9]{2,4}|jul|LS1|4AP|,|-", 0..20),
    ) {
        if let Err(need) = boxed(&words.join(" ")) {
            let need = need.to_string();
            let starts = ["Add ", "Check ", "Give ", "Search for less", "Write "];
            prop_assert!(starts.iter().any(|start| need.starts_with(start)), "{}", need);
        }
    }

    #[test]
    fn the_order_of_the_words_does_not_matter(
        words in Just(vec!["14/7/45", "smith", "fredrica"]).prop_shuffle(),
    ) {
        prop_assert_eq!(boxed(&words.join(" ")), boxed("smith fredrica 14/7/45"));
    }

    #[test]
    fn a_missing_field_never_widens_a_search(given in "[A-Z]{0,8}") {
        let query = SearchQuery { given: Some(given.clone()), ..SearchQuery::default() };
        let need = if given.is_empty() { QueryError::TooLittle } else { QueryError::NeedsNameAndBirthDate };
        prop_assert_eq!(parse(&query), Err(need));
    }
}
