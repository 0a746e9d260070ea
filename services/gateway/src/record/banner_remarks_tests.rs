//! Tests of the banner's second line: what a plan for an emergency decides is said in its own words.

use lcr_model::SourceState;

use super::*;
use crate::record::test_records::{self, now, record, source};

fn plan(title: &str, status: &str, fields: &[(&str, &str)]) -> Entry {
    let fields = fields.iter().map(|(label, value)| ((*label).to_owned(), (*value).to_owned())).collect();
    let mut plan = test_records::entry(title, "Community", "2026-02-02", Detail::Other { fields });
    plan.status = Some(status.into());
    plan
}

fn line(dataset: Dataset, entries: Vec<Entry>, state: SourceState) -> Vec<(String, String, bool)> {
    let record = record(vec![source("Community", "community", &[(dataset, state)])], vec![(dataset, entries)]);
    let remarks = whereabouts_line(&record, now()).into_iter();
    remarks.map(|one| (one.label, one.text, one.warns)).filter(|(label, ..)| label != "In hospital").collect()
}

#[test]
fn a_plan_for_an_emergency_says_what_it_decides() {
    let respect = |status: &str| {
        let fields = [
            ("About", "ReSPECT plan, agreed with the person"),
            ("Plan", "Hospital admission for reversible causes; CPR not recommended"),
            ("By", "Dr Moss"),
        ];
        plan("ReSPECT plan", status, &fields)
    };
    for (entry, text, warns) in [
        (
            respect("Active"),
            "CPR not recommended; Hospital admission for reversible causes (Community, 02-Feb-2026, active).",
            true,
        ),
        (respect("Revoked"), "Community, 02-Feb-2026, revoked.", false),
        (
            plan("ReSPECT plan", "open", &[("Priority", "Comfort"), ("CPR", "Not for attempted CPR")]),
            "CPR: Not for attempted CPR; Priority: Comfort (Community, 02-Feb-2026, open).",
            true,
        ),
        (
            plan("ReSPECT plan", "active", &[("Content", "not shown to your role")]),
            "Community, 02-Feb-2026, active.",
            true,
        ),
    ] {
        let expected = ("ReSPECT plan".to_owned(), text.to_owned(), warns);
        assert_eq!(line(Dataset::EndOfLife, vec![entry], SourceState::HasData), [expected]);
    }
    let care = plan("Care plan", "active", &[("Plan", "Weekly visit")]);
    assert!(line(Dataset::CarePlans, vec![care], SourceState::HasData).is_empty(), "not for an emergency");
}

#[test]
fn alerts_come_first_and_say_if_some_may_be_missing() {
    let alert = || plan("Difficult airway", "active", &[]);
    for (entries, state, text) in [
        (vec![alert()], SourceState::HasData, Some("Difficult airway (Community).")),
        (vec![], SourceState::TimedOut, Some("not all are known.")),
        (vec![], SourceState::NoData, None),
        (vec![plan("Old", "inactive", &[])], SourceState::HasData, None),
    ] {
        let texts: Vec<String> = line(Dataset::Alerts, entries, state).into_iter().map(|(_, text, _)| text).collect();
        assert_eq!(texts.first().map(String::as_str), text);
    }
}
