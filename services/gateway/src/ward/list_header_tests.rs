//! Tests of `list_header.rs`.

use jiff::ToSpan;
use lcr_model::{OdsCode, SourceId};

use super::*;

fn now() -> Timestamp {
    "2026-11-21T14:05:02Z".parse().unwrap()
}

fn report(hospital: &str, minutes: Option<i64>) -> HospitalActivity {
    HospitalActivity {
        source: SourceId::new(hospital),
        hospital: hospital.into(),
        last: minutes.map(|minutes| now() - minutes.minutes()),
        not_yet_on: false,
    }
}

#[test]
fn a_hospital_that_is_not_shown_is_named_with_both_reasons_and_the_list_never_seems_complete_without_it() {
    let hospitals = [HospitalActivity { not_yet_on: true, ..report("St Hilda's", Some(1)) }];
    let words = "St Hilda's is, at least in part, not shown to you: not yet switched on, or not in your organisation's \
        agreement";
    assert_eq!(
        completeness_line(now(), &hospitals),
        format!("Complete as of 14:05:02, except: {words}. St Hilda's last reported 1 minute ago.")
    );
    let empty = empty_list_text(&ListOf::Practice(OdsCode::new("B86000")), &hospitals, None, now());
    assert!(empty.contains(&format!("(checked just now; {words})")), "{empty}");
}

#[test]
fn an_empty_list_names_the_hospitals_and_what_is_not_known() {
    let hospitals = [report("St Hilda's", Some(0)), report("Wharfe Valley", Some(40))];
    let of = ListOf::Practice(OdsCode::new("B86000"));
    assert_eq!(
        empty_list_text(&of, &hospitals, None, now()),
        "No patients of yours are shown as in-patients at St Hilda's or Wharfe Valley (checked just now; Wharfe \
         Valley last reported 40 minutes ago). Other hospitals are not connected. Some patients may not be shown \
         because of a choice they made."
    );
    let left = empty_list_text(&ListOf::Ward("J27".into()), &[report("St Hilda's", None)], Some(28), now());
    assert!(left.starts_with(
        "No patients of ward J27 are shown as having left St Hilda's in the last 28 days (checked just now; St \
         Hilda's has not reported yet)."
    ));
    assert!(empty_list_text(&of, &[], None, now()).contains("This does not mean there is nobody."));
}

#[test]
fn a_silent_hospital_is_an_exception_to_completeness() {
    let hospitals = [report("St Hilda's", Some(1)), report("Wharfe Valley", None)];
    assert_eq!(
        completeness_line(now(), &hospitals),
        "Complete as of 14:05:02, except: Wharfe Valley has not reported yet. St Hilda's last reported 1 minute ago."
    );
}

#[test]
fn a_list_name_is_escaped_in_a_query() {
    assert_eq!(list_query(&ListOf::Ward("J27 & more".into())), "ward=J27%20%26%20more");
    assert_eq!(list_query(&ListOf::Team(OdsCode::new("T01"))), "team=T01");
}
