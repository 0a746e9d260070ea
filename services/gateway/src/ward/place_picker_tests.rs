//! Tests of `place_picker.rs`.

use super::*;

fn place(key: &str, name: &str, people: u32) -> PlaceCount {
    PlaceCount { key: key.into(), name: name.into(), people }
}

fn counts() -> Counts {
    Counts {
        emergency: 3,
        wards: vec![place("J27", "Elderly care", 14), place("Ward 12", "Ward 12", 0)],
        consultants: vec![place("C1", "Dr T. Moss", 4)],
        ..Counts::default()
    }
}

#[test]
fn a_number_that_may_be_higher_says_so() {
    let picker = PlacePicker::new(Some(&Counts { at_least: true, ..counts() }), None, false, None);
    assert_eq!(picker.emergency_label, "Emergency department (at least 3)");
    assert_eq!(picker.groups[0].choices[0].label, "Elderly care (at least 14)");
}

#[test]
fn a_ward_is_found_in_any_spelling() {
    let find = |text: &str| resolve(ListOf::Ward(text.into()), &counts(), "St Hilda's");
    for text in ["J27", " j27", "Ward J27", "elderly  CARE"] {
        assert_eq!(find(text), Ok(ListOf::Ward("J27".into())), "{text}");
    }
    assert_eq!(find("12"), Ok(ListOf::Ward("Ward 12".into())));
    for text in ["ED", "A&E", "Emergency department"] {
        assert_eq!(find(text), Ok(ListOf::Emergency), "{text}");
    }
    let unknown = "No ward called ‘J99’ at St Hilda's. Wards: Elderly care, Ward 12.";
    assert_eq!(find("J99"), Err(unknown.to_owned()));
}

#[test]
fn a_consultant_without_patients_is_no_problem() {
    let find = |text: &str| resolve(ListOf::Consultant(text.into()), &counts(), "St Hilda's");
    assert_eq!(find("dr t. moss"), Ok(ListOf::Consultant("C1".into())));
    assert_eq!(find("Ash"), Ok(ListOf::Consultant("Ash".into())));
    let counts = Counts { consultants: vec![place("Smith", "Smith", 1)], ..Counts::default() };
    let other = resolve(ListOf::Consultant("Ward Smith".into()), &counts, "St Hilda's");
    assert_eq!(other, Ok(ListOf::Consultant("Ward Smith".into())), "Ward is a part of the surname");
}

#[test]
fn the_choices_have_numbers_and_mark_the_current_list() {
    let picker = PlacePicker::new(Some(&counts()), Some(&ListOf::Ward("j27".into())), false, None);
    assert_eq!(picker.emergency_label, "Emergency department (3)");
    assert_eq!(picker.emergency_href, "/ward?emergency=true");
    let wards: Vec<(&str, bool)> =
        picker.groups[0].choices.iter().map(|one| (one.label.as_str(), one.current)).collect();
    assert_eq!(wards, [("Elderly care (14)", true), ("Ward 12 (0)", false)]);
    let unknown = PlacePicker::new(None, None, false, None);
    assert!(unknown.groups.iter().all(|group| group.choices.is_empty()), "the reader types the place");
}
