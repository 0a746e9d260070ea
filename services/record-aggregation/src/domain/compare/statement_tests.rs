//! Tests of `statement.rs`.

use super::*;

#[test]
fn titles_of_one_thing_have_one_name() {
    for (title, name) in [
        ("Penicillin", "penicillin"),
        ("penicillins", "penicillin"),
        ("Allergy to penicillin (finding)", "penicillin"),
        ("Penicillin  allergy", "penicillin"),
        ("Latex", "latex"),
        ("Bee stings", "bee sting"),
        ("Nuts", "nut"),
        ("Grass", "grass"),
        ("(unknown)", "(unknown)"),
        ("", ""),
    ] {
        assert_eq!(compared_name(title), name, "{title}");
    }
}
