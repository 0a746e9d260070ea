//! Tests of `registry.rs`.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use lcr_model::{Purpose, SessionId, UserId};

use super::*;
use crate::vocabulary::SystemKind;

fn registry() -> Registry {
    let organisation = |ods: &str| Organisation {
        ods: OdsCode::new(ods),
        name: ods.into(),
        kind: if ods == "NEW" { OrganisationKind::SexualHealth } else { OrganisationKind::Community },
        agreement_signed: true,
        part_of: None,
        serves: vec![],
        state: PartnerState::Live,
        receives: None,
    };
    let system = |id: &str, ods: &str, discreet| System {
        id: SourceId::new(id),
        name: id.into(),
        organisation: OdsCode::new(ods),
        base_url: String::new(),
        kind: SystemKind::Community,
        authority: false,
        discreet,
        datasets: BTreeMap::new(),
        rhythm: "real-time".into(),
        default_practice: None,
        suspended: false,
        feed: None,
        setup: SystemSetup::default(),
    };
    Registry {
        organisations: ["OPEN", "BOTH", "QUIET", "NONE", "NEW"].map(organisation).to_vec(),
        systems: vec![
            system("a", "OPEN", false),
            system("b", "BOTH", false),
            system("c", "BOTH", true),
            system("d", "QUIET", true),
        ],
    }
}

#[test]
fn a_system_that_was_live_is_not_joining_again() {
    let mut system = registry().systems.remove(0);
    assert!(!system.is_joining(), "a row of the version before is live");
    system.setup.live = false;
    assert!(system.is_joining() && system.is_stopped(), "never live");
    system.setup.live = true;
    system.setup.end_live();
    assert!(!system.is_joining() && system.is_stopped());
    system.setup.end_live();
    assert!(system.setup.was_live, "ending it twice forgets nothing");
}

#[test]
fn a_row_of_a_version_that_did_not_store_it_may_have_been_live_and_a_new_one_was_not() {
    let is_joining = |setup: SystemSetup| System { setup, ..registry().systems.remove(0) }.is_joining();
    let old: SystemSetup = serde_json::from_str(r#"{"live": false}"#).unwrap();
    assert!(old.was_live && !is_joining(old));
    let new = SystemSetup { live: false, ..SystemSetup::default() };
    let stored = serde_json::to_string(&new).unwrap();
    assert!(stored.contains(r#""was_live":false"#), "{stored}");
    let read: SystemSetup = serde_json::from_str(&stored).unwrap();
    assert_eq!(read, new);
    assert!(is_joining(read));
}

/// S-68: a version without the field drops it from the rows that it writes.
#[test]
fn a_stopped_row_that_does_not_say_whether_it_needs_a_check_needs_one_and_a_live_one_does_not() {
    let read = |row: &str| serde_json::from_str::<SystemSetup>(row).unwrap().must_be_checked();
    assert!(read(r#"{"live": false, "was_live": true}"#) && read(r#"{"live": false}"#));
    assert!(!read(r#"{"live": true, "was_live": false}"#), "live systems stay live");
    assert!(!read(r#"{"live": false, "was_live": false}"#), "it was never live");
    let mut setup = SystemSetup::default();
    setup.end_live();
    let stored = serde_json::to_string(&setup).unwrap();
    assert!(stored.contains(r#""needs_check":false"#), "what this version stops says so: {stored}");
    assert!(!read(&stored));
    setup.needs_check = Some(true);
    setup.end_live();
    assert!(setup.must_be_checked(), "ending it twice forgets nothing");
}

#[test]
fn an_organisation_with_discreet_systems_alone_is_never_named() {
    let registry = registry();
    let named: Vec<&str> = registry.nameable().map(|one| one.ods.as_str()).collect();
    assert_eq!(named, ["OPEN", "BOTH", "NONE"]);
}

#[test]
fn only_its_own_staff_and_the_platforms_administrators_know_a_discreet_service() {
    let registry = registry();
    let known = |kind, role, org: &str| {
        let (user, session) = (UserId("u".into()), SessionId::new());
        let purpose = Purpose::Administration;
        let reader = Actor { user, kind, name: String::new(), org: OdsCode::new(org), role, purpose, session };
        let organisations: Vec<&str> = registry.nameable_to(&reader).map(|one| one.ods.as_str()).collect();
        let systems = registry.systems.iter().filter(|one| one.is_nameable_to(&reader));
        (organisations.join(" "), systems.map(|one| one.id.as_str()).collect::<String>())
    };
    let person = ActorKind::Person;
    for (reader, organisations, systems) in [
        (known(person, Role::Gp, "OPEN"), "OPEN BOTH NONE", "ab"),
        (known(person, Role::OrgAdmin, "BOTH"), "OPEN BOTH NONE", "abc"),
        (known(person, Role::WardNurse, "QUIET"), "OPEN BOTH QUIET NONE", "abd"),
        (known(person, Role::PlatformAdmin, "OPEN"), "OPEN BOTH QUIET NONE NEW", "abcd"),
        (known(ActorKind::Client, Role::FhirClient, "QUIET"), "OPEN BOTH NONE", "ab"),
        (known(ActorKind::Patient, Role::Patient, "QUIET"), "OPEN BOTH NONE", "ab"),
    ] {
        assert_eq!(reader, (organisations.to_owned(), systems.to_owned()));
    }
}

/// S-35, S-68: a change of its address, and nothing else, only interrupts a system, and for 28 days at most.
#[test]
fn a_system_that_was_live_is_interrupted_by_a_new_address_alone_and_not_for_ever() {
    let now: Timestamp = "2026-11-30T12:00:00Z".parse().unwrap();
    let mut stopped = registry().systems.remove(0);
    assert!(!stopped.is_interrupted(now), "it is live");
    stopped.setup.interrupt(now);
    assert!(stopped.is_interrupted(now));
    let later = |days: i64| now + SignedDuration::from_hours(24 * days);
    assert!(stopped.is_interrupted(later(27)) && !stopped.is_interrupted(later(28)));
    let with = |change: &dyn Fn(&mut System)| {
        let mut system = stopped.clone();
        change(&mut system);
        system.is_interrupted(now)
    };
    assert!(with(&|system: &mut System| system.setup.interrupt(later(1))), "another address changes nothing");
    assert!(!with(&|system: &mut System| system.setup.end_live()), "it was taken out of live");
    assert!(!with(&|system: &mut System| system.suspended = true));
    assert!(!with(&|system: &mut System| system.setup.removed = true));
    assert!(!with(&|system: &mut System| system.setup.needs_check = Some(true)), "its organisation left");
    let old: SystemSetup = serde_json::from_str(r#"{"live": false}"#).unwrap();
    assert!(!with(&|system: &mut System| system.setup = old.clone()), "an old row does not say whether it was live");
    let mut joining = registry().systems.remove(0);
    joining.setup = SystemSetup { live: false, ..SystemSetup::default() };
    joining.setup.interrupt(now);
    assert!(!joining.is_interrupted(now), "it was never live");
}

#[test]
fn a_row_of_a_version_without_schedules_limits_nothing() {
    let row = serde_json::to_value(&registry().organisations[0]).unwrap();
    assert_eq!(row.get("receives"), None);
    let read: Organisation = serde_json::from_value(row).unwrap();
    assert_eq!(read.receives, None);
}
