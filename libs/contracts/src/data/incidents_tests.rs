//! Tests of `incidents.rs`.

use super::*;

#[test]
fn every_act_on_an_incident_reads_as_it_was_written() {
    let organisation = OdsCode::new("Y90001");
    for act in [
        IncidentAct::Opened,
        IncidentAct::Shared(organisation.clone()),
        IncidentAct::ShareEnded(organisation.clone()),
        IncidentAct::Closed,
        IncidentAct::LogRead,
    ] {
        let step = IncidentStep { incident: Uuid::from_u128(7), act };
        assert_eq!(IncidentStep::parse(&step.to_string()), Some(step));
    }
    for other in ["incident opened: x", "incident shared: 0 with Y90001", "reads the log", "incident opened: "] {
        assert_eq!(IncidentStep::parse(other), None, "{other}");
    }
}

#[test]
fn an_incident_prints_none_of_its_words() {
    let share =
        IncidentShare { organisation: OdsCode::new("Y90001"), by: "Helen Proctor".into(), at: Timestamp::UNIX_EPOCH };
    assert_eq!(format!("{share:?}"), "IncidentShare(…)");
}
