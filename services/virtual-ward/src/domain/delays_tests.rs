//! Tests of `delays.rs`.

use lcr_contracts::spell::PlanItemKind;

use super::*;

fn item(text: &str, since: &str, done: bool) -> PlanItem {
    PlanItem {
        key: text.into(),
        kind: PlanItemKind::Waiting,
        text: text.into(),
        by: Some("Adult social care".into()),
        since: since.parse().ok(),
        done,
    }
}

fn bed(ward: &str, passed_days: u32, fit_since: Option<&str>, needed: Vec<PlanItem>) -> OccupiedBed {
    let since = |since: &str| Reside { meets: false, code: None, since: since.parse().ok() };
    OccupiedBed {
        hospital: "St Hilda's".into(),
        ward: Some(ward.into()),
        specialty: None,
        passed_days,
        reside: fit_since.map(since),
        needed,
    }
}

#[test]
fn s66_people_days_and_reasons_are_added_up_by_ward() {
    let now = "2026-11-29T10:00:00Z".parse().unwrap();
    let package = |since| item("Package of care", since, false);
    let beds = [
        bed("J27", 3, Some("2026-11-25"), vec![package("2026-11-26"), item("Medicines", "", true)]),
        bed("J27", 0, Some("2026-11-28"), vec![item("package of CARE", "2026-11-24", false)]),
        bed("J27", 1, None, vec![package("2026-11-20")]),
        bed("J28", 0, Some(""), vec![]),
    ];
    let delays = sum_beds(beds.into_iter(), now);
    let [j27, j28] = &delays[..] else { panic!("{delays:?}") };
    assert_eq!((j27.in_hospital, j27.expected_passed, j27.expected_passed_days), (3, 2, 4));
    assert_eq!((j27.fit, j27.bed_days_lost, j27.fit_without_date), (2, 5, 0));
    assert_eq!(j27.waits.len(), 1, "only open items of patients who are fit to leave");
    assert_eq!((j27.waits[0].people, j27.waits[0].since), (2, "2026-11-24".parse().ok()));
    assert_eq!((j28.fit, j28.fit_without_date), (1, 1));
}
