//! Tests of `stay_numbers.rs`.

use super::*;

fn number(text: &str, authority: Option<&str>) -> StayNumber {
    StayNumber {
        digits: text.into(),
        scope: authority.map(str::to_owned),
        named: authority.is_some(),
        space: String::new(),
    }
}

/// The stay of each number, as letters in order of first use.
fn stays(numbers: &[(&str, Option<&str>)]) -> String {
    let (source, mut authorities) = (SourceId::new("st-hildas"), AuthoritySet::default());
    let mut uses: std::collections::BTreeMap<&str, VisitNumberUses> = std::collections::BTreeMap::new();
    let mut seen: Vec<SpellId> = vec![];
    let mut letters = String::new();
    for (text, name) in numbers {
        let number = number(text, *name);
        let uses = uses.entry(text).or_default();
        let stay = uses.find(&number).cloned().unwrap_or_else(|| authorities.new_stay(&source, &number));
        uses.record(&number, &stay);
        authorities.record(&number);
        let at = seen.iter().position(|one| *one == stay).unwrap_or_else(|| {
            seen.push(stay.clone());
            seen.len() - 1
        });
        letters.push(char::from(b'a' + u8::try_from(at).unwrap()));
    }
    letters
}

#[test]
fn a_number_without_authority_names_the_stay_used_before() {
    assert_eq!(stays(&[("V1", Some("PAS")), ("V1", None), ("V1", Some("PAS"))]), "aaa");
    assert_eq!(stays(&[("V1", None), ("V1", Some("PAS")), ("V1", None)]), "aaa");
}

#[test]
fn two_authorities_are_two_visits_and_a_bare_number_means_the_last_used() {
    assert_eq!(stays(&[("V1", Some("PAS")), ("V1", Some("ED")), ("V1", None)]), "abb");
    assert_eq!(
        stays(&[("V1", Some("PAS")), ("V1", None), ("V1", Some("ED")), ("V1", Some("PAS")), ("V1", None)]),
        "aabaa"
    );
}

#[test]
fn a_new_number_without_authority_gets_the_senders_only_authority() {
    assert_eq!(stays(&[("V1", Some("PAS")), ("V2", None), ("V2", Some("PAS")), ("V2", Some("ED"))]), "abbc");
    let (source, mut authorities) = (SourceId::new("x"), AuthoritySet::default());
    authorities.record(&number("V1", Some("PAS")));
    let one = authorities.new_stay(&source, &number("V9", None));
    assert_eq!(one, hashed_ids::spell_by_visit(&source, "PAS:V9"));
    authorities.record(&number("V1", Some("ED")));
    assert_eq!(authorities.new_stay(&source, &number("V9", None)), hashed_ids::spell_by_visit(&source, "V9"));
}
