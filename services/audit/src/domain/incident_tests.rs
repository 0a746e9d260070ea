//! Tests of `incident.rs`.

use lcr_model::PersonId;

use super::*;

fn at(day: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + day * 86_400).unwrap()
}

fn new() -> NewIncident {
    let (title, note) = (" Looks without a reason ".to_owned(), "Reported by a colleague.".to_owned());
    NewIncident { title, note, person: PersonId::new(), user: None, from: at(0), until: at(30) }
}

#[test]
fn an_incident_is_stored_without_spaces_at_its_ends() {
    let checked = check(&NewIncident { user: Some(UserId::new(" ")), ..new() }, at(1)).unwrap();
    assert_eq!((checked.title.as_str(), checked.user), ("Looks without a reason", None));
    assert!(check(&NewIncident { until: at(366), ..new() }, at(1)).is_ok(), "the longest period");
}

#[test]
fn each_problem_has_its_own_words_and_repeats_nothing() {
    for (wrong, words) in [
        (NewIncident { title: "SM".into(), ..new() }, "The title needs"),
        (NewIncident { title: "two\nlines".into(), ..new() }, "The title needs"),
        (NewIncident { title: "x".repeat(101), ..new() }, "The title needs"),
        (NewIncident { note: "x".repeat(2001), ..new() }, "The note may have"),
        (NewIncident { user: Some(UserId::new("x".repeat(201))), ..new() }, "The user's id"),
        (NewIncident { from: at(2), ..new() }, "in the future"),
        (NewIncident { until: at(0), ..new() }, "must end after"),
        (NewIncident { until: at(367), ..new() }, "at most 366 days"),
    ] {
        let failure = check(&wrong, at(1)).unwrap_err();
        assert!(failure.outward().contains(words), "{}", failure.outward());
    }
}

#[test]
fn an_incident_is_shared_with_another_organisation_by_its_code() {
    let owner = OdsCode::new("Z9H01");
    assert_eq!(check_share(&OdsCode::new("y90001"), &owner).unwrap(), OdsCode::new("Y90001"));
    for wrong in ["", "RR", "z9h01", "Y 1"] {
        assert!(check_share(&OdsCode::new(wrong), &owner).is_err(), "{wrong}");
    }
}
