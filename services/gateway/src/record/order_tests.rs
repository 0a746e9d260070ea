//! Tests of the order of lists.

use super::*;

fn diagnosis(id: &str, date: Option<&str>, clinical: &str, certainty: &str) -> Entry {
    let detail = Detail::Diagnosis {
        clinical: Some(clinical.into()),
        certainty: Some(certainty.into()),
        ended: None,
        only_recorded: false,
    };
    Entry { id: id.into(), title: id.into(), date: date.map(Into::into), detail, ..Entry::default() }
}

#[test]
fn active_comes_before_past_and_past_before_refuted_and_each_list_has_one_order() {
    let all = [
        diagnosis("d", Some("2026-11-01"), "Active", "Refuted"),
        diagnosis("c", Some("2026-10-01"), "Past", "Confirmed"),
        diagnosis("b", None, "Active", "Confirmed"),
        diagnosis("a", Some("2018"), "Active", "Confirmed"),
    ];
    let sorted = |sort, reversed: bool| {
        let mut entries: Vec<&Entry> = all.iter().collect();
        if reversed {
            entries.reverse();
        }
        sort_entries(&mut entries, sort);
        entries.iter().map(|entry| entry.id.as_str()).collect::<String>()
    };
    for (sort, order) in [
        (Sort::Usual, "abcd"),
        (Sort::Newest, "dcab"),
        (Sort::Oldest, "acdb"),
        (Sort::Name, "abcd"),
        (Sort::Source, "dcab"),
    ] {
        assert_eq!(sorted(sort, false), order, "{sort:?}");
        assert_eq!(sorted(sort, true), order, "{sort:?}, the other way round");
    }
}
