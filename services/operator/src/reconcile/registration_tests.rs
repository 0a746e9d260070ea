//! Tests of `registration.rs`.

use lcr_contracts::registry::SystemSetup;
use lcr_model::SourceId;

use super::*;

fn system(id: &str) -> System {
    System {
        id: SourceId::new(id),
        name: id.into(),
        organisation: OdsCode::new("RR8"),
        base_url: String::new(),
        kind: "hospital".into(),
        authority: false,
        discreet: false,
        datasets: BTreeMap::new(),
        rhythm: "real-time".into(),
        default_practice: None,
        suspended: false,
        setup: SystemSetup::default(),
        feed: None,
    }
}

#[test]
fn a_refused_row_has_a_reason_until_identity_accepts_it() {
    let registration = Registration::default();
    assert_eq!(registration.contains(&system("pas")), None);
    let reasons = BTreeMap::from([("nhs-login".to_owned(), "a name of our own".to_owned())]);
    let refusing = || ReplaceResult { refused: reasons.clone(), ..ReplaceResult::default() };
    let both = || vec![system("pas"), system("nhs-login")];
    assert_eq!(registration.record_answer(both(), refusing()), ["pas", "nhs-login"]);
    assert_eq!(registration.contains(&system("nhs-login")), Some(false));
    assert_eq!(registration.refused("nhs-login").as_deref(), Some("a name of our own"));
    assert!(registration.record_answer(both(), refusing()).is_empty(), "nothing differs");
    assert_eq!(registration.record_answer(both(), ReplaceResult::default()), ["nhs-login"]);
    assert_eq!(registration.contains(&system("nhs-login")), Some(true));
}

#[test]
fn an_organisation_that_somebody_else_keeps_is_named_until_it_is_the_operators() {
    let registration = Registration::default();
    let ods = OdsCode::new("RR8");
    let refused_organisations = BTreeMap::from([(ods.clone(), "somebody else keeps it".to_owned())]);
    let refusing = ReplaceResult { refused_organisations, ..ReplaceResult::default() };
    registration.record_answer(vec![system("pas")], refusing);
    assert_eq!(registration.refused_organisation(&ods).as_deref(), Some("somebody else keeps it"));
    assert_eq!(registration.record_answer(vec![system("pas")], ReplaceResult::default()), ["pas"]);
    assert_eq!(registration.refused_organisation(&ods), None);
}

#[test]
fn a_refused_client_leaves_the_row_accepted_and_every_system_is_looked_at_again() {
    let registration = Registration::default();
    registration.record_answer(vec![system("pas")], ReplaceResult::default());
    let reasons = BTreeMap::from([("pas".to_owned(), "it has no key".to_owned())]);
    let refusing = ReplaceResult { refused_clients: reasons, ..ReplaceResult::default() };
    assert_eq!(registration.record_answer(vec![system("pas")], refusing), ["pas"]);
    assert_eq!(registration.contains(&system("pas")), Some(true));
    assert_eq!(registration.refused_client("pas").as_deref(), Some("it has no key"));
}
