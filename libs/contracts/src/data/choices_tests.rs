//! Tests of `choices.rs`.

use super::*;

#[test]
fn an_exact_count_is_a_plain_number_as_the_previous_version_reads_it() {
    let cases = [(WaitingCount::Exactly(3), "3"), (WaitingCount::AtLeast { at_least: 999 }, "{\"at_least\":999}")];
    for (count, json) in cases {
        assert_eq!(serde_json::to_string(&count).unwrap(), json);
        assert_eq!(serde_json::from_str::<WaitingCount>(json).unwrap(), count);
    }
}

#[test]
fn a_complete_list_is_a_plain_list_as_the_previous_version_reads_it() {
    let cases = [(WaitingList::All(vec![]), "[]"), (WaitingList::Part { oldest: vec![] }, "{\"oldest\":[]}")];
    for (list, json) in cases {
        assert_eq!(serde_json::to_string(&list).unwrap(), json);
        assert_eq!(serde_json::from_str::<WaitingList>(json).unwrap(), list);
    }
}
