//! The messages about the cast of the demo city: their history, and the next step of a stay.

use super::*;

/// The messages of a cast member in the history, by family name.
fn messages_of(family: &str) -> Vec<Message> {
    traffic(2000).history().map(|one| read(&one)).filter(|one| code(one, "PID", 5) == family).collect()
}

#[test]
fn mrs_osei_is_in_j27_bed_4_and_was_expected_to_leave_two_days_ago() {
    let all = messages_of("Osei");
    let place = all.iter().rev().find(|one| one.first_segment("PV1").is_some()).unwrap();
    let bed = place.field("PV1", 3).first().unwrap();
    assert_eq!((bed.component(1).as_deref(), bed.component(3).as_deref()), (Some("J27"), Some("4")));
    assert_eq!(code(place, "PV1", 10), "430", "under a geriatric consultant");
    assert_eq!(place.field("PID", 5).first().unwrap().component(2).as_deref(), Some("Grace"));
    let plans: Vec<_> = all.iter().filter(|one| one.first_segment("ZDP").is_some()).collect();
    let last = plans.last().unwrap();
    assert_eq!(code(last, "PV2", 9), "20261120", "two days ago");
    assert_eq!(code(last, "ZDP", 1), "N");
    assert_eq!((code(last, "ZDP", 4), code(last, "ZDP", 6)), ("in-progress".into(), "P1".into()));
    let waits = last.segments_named("ZDT").any(|one| {
        one.field(3).code().as_deref() == Some("waiting")
            && one.field(4).first_text().is_some_and(|words| words.starts_with("Package of care"))
            && one.field(7).code().as_deref() == Some("open")
    });
    assert!(waits);
    let culture = all.iter().find(|one| code(one, "OBR", 4) == "BC").unwrap();
    assert_eq!(code(culture, "OBR", 25), "P");
    assert!(!all.iter().any(|one| trigger(one) == "ADT A03"), "she is still there");
}

#[test]
fn the_other_cast_members_have_their_messages() {
    let restricted = messages_of("Marchetti");
    assert!(restricted.iter().any(|one| trigger(one) == "ADT A06"), "an in-patient");
    let pike = messages_of("Pike");
    assert_eq!(pike.iter().filter(|one| trigger(one) == "ADT A04").count(), 1);
    let arrival = pike.iter().find(|one| trigger(one) == "ADT A04").unwrap();
    assert_eq!(code(arrival, "EVN", 6), "20261122031200");
    assert_eq!(code(arrival, "PV1", 2), "E");
    let inr = pike.iter().find(|one| code(one, "OBR", 4) == "INR").unwrap();
    assert_eq!((code(inr, "OBR", 7), code(inr, "OBX", 5)), ("20261121094000".into(), "2.9".into()));
    let hallam = messages_of("Hallam");
    let left = hallam.iter().find(|one| trigger(one) == "ADT A03").unwrap();
    assert_eq!(&code(left, "PV1", 45)[..8], "20261117", "five days ago");
    assert!(hallam.iter().any(|one| trigger(one) == "MDM T02"));
}

#[test]
fn the_next_step_belongs_to_the_same_stay() {
    let traffic = traffic(2000);
    let visit = code(messages_of("Osei").last().unwrap(), "PV1", 19);
    for (step, expected) in [
        (Step::PlanUpdated, "ADT A08"),
        (Step::Transferred, "ADT A02"),
        (Step::TransferCancelled, "ADT A12"),
        (Step::LeaveStarted, "ADT A21"),
        (Step::ResultFinal, "ORU R01"),
        (Step::Discharged, "ADT A03"),
        (Step::DischargeCancelled, "ADT A13"),
        (Step::Letter, "MDM T02"),
    ] {
        let one = traffic.next_message_for("osei", step, now()).unwrap();
        assert_complete(&one);
        let message = read(&one);
        assert_eq!((trigger(&message).as_str(), &code(&message, "PV1", 19)), (expected, &visit));
    }
    let plan = read(&traffic.next_message_for("osei", Step::PlanUpdated, now()).unwrap());
    assert_eq!((code(&plan, "ZDP", 4), code(&plan, "PV2", 9)), ("agreed".into(), "20261123".into()));
    let admitted = read(&traffic.next_message_for("pike", Step::Admitted, now()).unwrap());
    assert_eq!((trigger(&admitted), code(&admitted, "PV1", 2)), ("ADT A06".into(), "I".into()));
    assert!(traffic.next_message_for("elsewhere", Step::Admitted, now()).is_some());
    assert!(traffic.next_message_for("nobody", Step::Admitted, now()).is_none());
    let header = Header::of(&plan);
    assert_eq!((header.code.as_str(), header.event.as_str()), ("ADT", "A08"));
}
