//! Tests of merges: each takes effect or becomes a dead letter with its reason. None is accepted without effect.

use crate::domain::testing::{mapped_by, people, source, text, waiting_reason};

const EVENTS: [&str; 7] = ["A18", "A30", "A34", "A36", "A39", "A40", "A47"];

/// Survivors and the numbers they replace. `any_sender` uses the source that accepts any sender.
fn merged(event: &str, any_sender: bool, segments: &[&str]) -> Vec<(String, Vec<String>)> {
    let system = if any_sender { source(&[]) } else { source(&[("PAS", "Z9H01")]) };
    let updates = people(mapped_by(&system, &text(&format!("ADT^{event}"), segments)));
    let ids = |update: crate::domain::PatientUpdate| {
        (update.identity.local_id.0, update.replaces.into_iter().map(|id| id.0).collect())
    };
    updates.into_iter().map(ids).collect()
}

#[test]
fn every_form_of_the_discarded_number_is_read() {
    let cases = [
        (false, "4711^^^Z9H01^MR", "4712^^^Z9H01^MR", "4711", "4712"),
        (false, "4711^^^Z9H01^MR", "4712", "4711", "4712"),
        (false, "4711", "4712^^^Z9H01", "4711", "4712"),
        (false, "4711", "4712", "4711", "4712"),
        (false, "4711^^^RXX^MR", "4712", "RXX:4711", "RXX:4712"),
        (true, "4711^^^Z9H01^MR", "4712", "Z9H01:4711", "Z9H01:4712"),
        (true, "4711^^^SGH^MR", "4712", "SGH:4711", "SGH:4712"),
        (true, "4711^^^SGH^MR~9990000018^^^NHS^NH", "4712", "SGH:4711", "SGH:4712"),
        (false, "4711^^^Z9H01^MR~4712^^^Z9H01^MR", "4712^^^Z9H01^MR", "4711", "4712"),
        (false, "4711^^^Z9H01^MR", "4712~9990000018^^^NHS", "4711", "4712"),
        (false, "4711^^^Z9H01^MR", "4712~99^^^OTHER~4712", "4711", "4712"),
    ];
    for (any_sender, ids, discarded, survivor, gone) in cases {
        for event in EVENTS {
            let found = merged(event, any_sender, &[&format!("PID|1||{ids}||Ashdown"), &format!("MRG|{discarded}")]);
            assert_eq!(found, [(survivor.to_owned(), vec![gone.to_owned()])], "{event} {ids} {discarded}");
        }
    }
    let several = merged("A40", false, &["PID|1||4711", "MRG|4712~4713"]);
    assert_eq!(several[0].1, ["4712", "4713"]);
    let older = merged("A39", false, &["PID|1|4711", "MRG||||4712"]);
    assert_eq!(older[0].1, ["4712"]);
}

#[test]
fn a_merge_of_two_spellings_of_one_nhs_number_joins_nothing() {
    let found = merged("A40", false, &["PID|1||9990000018^^^Z9H01^MR", "MRG|999 000 0018^^^Z9H01^MR"]);
    assert_eq!((found.len(), found[0].1.len()), (1, 0));
    let beside = merged("A40", false, &["PID|1||9990000018", "MRG|999-000-0018~4712"]);
    assert_eq!(beside[0].1, ["4712"], "another number beside it is joined");
    let system = source(&[("PAS", "Z9H01")]);
    let same = text("ADT^A40", &["PID|1||9990000018", "MRG|9990000018"]);
    assert!(waiting_reason(mapped_by(&system, &same)).contains("also among the discarded"));
}

#[test]
fn each_pid_and_mrg_pair_is_a_merge() {
    let found = merged("A40", false, &["PID|1||1", "MRG|2", "PID|2||3", "MRG|4~5"]);
    let expected = [("1", vec!["2"]), ("3", vec!["4", "5"])];
    let expected = expected.map(|(one, gone)| (one.to_owned(), gone.into_iter().map(str::to_owned).collect()));
    assert_eq!(found, expected);
}

#[test]
fn a_merge_without_effect_is_a_dead_letter_with_its_reason() {
    let cases: [(&[&str], &str); 9] = [
        (&["PID|1||4711"], "does not name the number"),
        (&["PID|1||4711", "MRG|\"\""], "does not name the number"),
        (&["PID|1||4711^^^Z9H01", "MRG|9^^^OTHER"], "to another authority"),
        (&["PID|1||4711^^^A~4711^^^B", "MRG|4712"], "to another authority"),
        (&["PID|1||4711", "MRG|9990000018^^^NHS"], "only an NHS number"),
        (&["PID|1||4711", "MRG|4711"], "also among the discarded"),
        (&["PID|1||4711", "MRG|4712~4711"], "also among the discarded"),
        (&["PID|1||1", "MRG|2", "PID|2||2", "MRG|1"], "cross"),
        (&["PID|1||1", "MRG|3", "PID|2||2", "MRG|3"], "to two patients"),
    ];
    for (segments, reason) in cases {
        for event in EVENTS {
            let system = source(&[("PAS", "Z9H01")]);
            let words = waiting_reason(mapped_by(&system, &text(&format!("ADT^{event}"), segments)));
            assert!(words.contains(reason), "{event} {segments:?}: {words}");
        }
    }
}

#[test]
fn a_move_of_identifiers_is_a_merge() {
    let found = merged("A43", false, &["PID|1||4711", "MRG|4712"]);
    assert_eq!(found, [("4711".to_owned(), vec!["4712".to_owned()])]);
}
