//! Tests of changes of stay numbers that become dead letters, with their reasons.

use crate::domain::testing::{mapped_by, source, text, waiting_reason};

fn reason(event: &str, segments: &[&str]) -> String {
    waiting_reason(mapped_by(&source(&[("PAS", "Z9H01")]), &text(&format!("ADT^{event}"), segments)))
}

#[test]
fn a_change_without_both_numbers_is_a_dead_letter() {
    let pid = "PID|1||1^^^Z9H01^MR||Ashdown";
    for event in ["A35", "A41", "A42", "A46", "A48", "A49", "A51"] {
        let words = reason(event, &[pid, "MRG|1^^^Z9H01^MR"]);
        assert!(words.contains("by its old and new number"), "{event}: {words}");
    }
    let words = reason("A50", &[pid, "MRG|1^^^Z9H01^MR||||V1"]);
    assert!(words.contains("PV1-19"), "{words}");
    let words = reason("A44", &[pid, "MRG|2^^^Z9H01^MR"]);
    assert!(words.contains("MRG-5"), "{words}");
}

#[test]
fn numbers_of_two_patients_are_not_joined() {
    let pv1 = format!("PV1|1|I{}V2", "|".repeat(17));
    let words = reason("A42", &["PID|1||1^^^Z9H01^MR||Ashdown", "MRG|2^^^Z9H01^MR||||V1", &pv1]);
    assert!(words.contains("belongs to another patient"), "{words}");
}
