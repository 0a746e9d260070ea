//! Relationships follow from evidence and end with it.

use lcr_model::{ActorKind, OdsCode, Purpose, RelationshipKind, SessionId, SourceId, UserId};

use super::*;

const NOW: &str = "2026-11-22T12:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn actor(role: Role, org: &str) -> Actor {
    Actor {
        user: UserId::new("u"),
        kind: ActorKind::Person,
        name: "Dr Ravi Menon".into(),
        org: OdsCode::new(org),
        role,
        purpose: Purpose::DirectCare,
        session: SessionId::new(),
    }
}

fn stay(org: &str, from: &str, until: Option<&str>, counts: bool) -> Stay {
    Stay {
        person: None,
        source: SourceId::new("st-hildas"),
        organisation: OdsCode::new(org),
        ward: None,
        from: at(from),
        until: until.map(at),
        counts,
    }
}

fn kinds(role: Role, org: &str, stays: &[Stay]) -> Vec<RelationshipKind> {
    let evidence = Evidence { own: false, practice: None, practice_code: Some("Y90001"), stays, reader: None };
    find_all(&actor(role, org), evidence, at(NOW)).into_iter().map(|link| link.kind()).collect()
}

#[test]
fn an_in_patient_is_linked_only_to_their_hospital() {
    let stays = [stay("Z9H01", "2026-11-20T08:00:00Z", None, true)];
    assert_eq!(kinds(Role::Consultant, "Z9H01", &stays), [RelationshipKind::InPatientHere]);
    assert!(kinds(Role::Consultant, "Z9H02", &stays).is_empty());
}

#[test]
fn the_discharging_hospital_keeps_its_link_for_exactly_28_days() {
    let left = |until| [stay("Z9H01", "2026-10-01T08:00:00Z", Some(until), true)];
    let on_day_28 = kinds(Role::WardNurse, "Z9H01", &left("2026-10-26T00:00:00Z"));
    assert_eq!(on_day_28, [RelationshipKind::LeftHere28Days]);
    assert!(kinds(Role::WardNurse, "Z9H01", &left("2026-10-25T23:59:59Z")).is_empty());
}

#[test]
fn a_cancelled_or_future_admission_links_nobody() {
    let stays = [stay("Z9H01", "2026-11-20T08:00:00Z", None, false), stay("Z9H01", "2026-11-23T08:00:00Z", None, true)];
    assert!(kinds(Role::Consultant, "Z9H01", &stays).is_empty());
}

#[test]
fn a_team_is_linked_to_its_area_and_a_patient_only_to_their_own_record() {
    let organisation = |ods: &str, kind: &str, part_of: Option<&str>| Organisation {
        ods: OdsCode::new(ods),
        name: "Beckside".into(),
        kind: kind.into(),
        agreement_signed: true,
        part_of: part_of.map(OdsCode::new),
    };
    let (practice, team) =
        (organisation("Y90001", "gp-practice", Some("Z9T01")), organisation("Z9T01", "neighbourhood-team", None));
    let mut evidence = Evidence {
        own: false,
        practice: Some(&practice),
        practice_code: Some("Y90001"),
        stays: &[],
        reader: Some(&team),
    };
    let area = Relationship::TeamArea { organisation: "Beckside".into() };
    assert_eq!(find_all(&actor(Role::CommunityNurse, "Z9T01"), evidence, at(NOW)), [area]);
    let patient = actor(Role::Patient, "Y90001");
    assert!(find_all(&patient, evidence, at(NOW)).is_empty(), "a patient gets nothing from an organisation");
    evidence.own = true;
    assert_eq!(find_all(&patient, evidence, at(NOW)), [Relationship::OwnRecord]);
}
