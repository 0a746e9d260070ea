//! Tests of `first_name.rs`.

use super::*;

fn differ(one: &str, other: &str) -> bool {
    let name = |given| FullName { given, family: "Smith" };
    assert_eq!(clearly_differ(name(one), name(other)), clearly_differ(name(other), name(one)));
    clearly_differ(name(one), name(other))
}

#[test]
fn spellings_of_one_first_name_do_not_differ() {
    for (one, other) in [
        ("Zoë", "ZOE"),
        ("Fredrica", "F"),
        ("F. A.", "Fredrica Anne"),
        ("Fredrica Anne", "Anne"),
        ("Anne Fredrica", "Fredrica Anne"),
        ("Ann-Marie", "Annmarie"),
        ("Ann Marie", "Ann-Marie"),
        ("Bill", "William"),
        ("Liz", "Betty"),
        ("Mohammed", "Muhammad"),
        ("D'Arcy", "Darcy"),
        ("Fredrica", "Fredricka"),
        ("Cathreine", "Catherine"),
        ("", "Fredrica"),
    ] {
        assert!(!differ(one, other), "{one} {other}");
    }
    let is_exchanged = FullName { given: "Smith", family: "Fredrica" };
    assert!(!clearly_differ(FullName { given: "Fredrica", family: "Smith" }, is_exchanged));
}

#[test]
fn names_of_twins_differ() {
    for (one, other) in [
        ("Jonas", "Ida"),
        ("Paul", "Paula"),
        ("Daniel", "Danielle"),
        ("George", "Georgina"),
        ("Alexander", "Alexandra"),
        ("Louis", "Louise"),
        ("Francis", "Frances"),
        ("Mary Ann", "Jane Lucy"),
        ("李", "王"),
    ] {
        assert!(differ(one, other), "{one} {other}");
    }
}
