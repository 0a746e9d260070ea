//! Tests of `primitive.rs`.

use serde_json::json;

use super::*;

fn check_values(primitive: Primitive, right: &[Value], wrong: &[Value]) {
    for one in right {
        assert!(primitive.accepts(one), "{primitive:?} {one}");
    }
    for one in wrong {
        assert!(!primitive.accepts(one), "{primitive:?} {one}");
    }
}

fn check_texts(primitive: Primitive, right: &[&str], wrong: &[&str]) {
    let values = |texts: &[&str]| texts.iter().map(|text| json!(text)).collect::<Vec<_>>();
    check_values(primitive, &values(right), &values(wrong));
}

#[test]
fn a_number_is_not_text_and_is_within_its_range() {
    check_values(Primitive::Decimal, &[json!(1), json!(-1.5), json!(1e9)], &[json!("1"), json!(true), json!({})]);
    check_values(Primitive::Integer, &[json!(-5)], &[json!(1.0), json!("5"), json!(2_147_483_648_i64)]);
    check_values(Primitive::UnsignedInt, &[json!(0)], &[json!(-1), json!(0.5), json!(4_294_967_296_i64)]);
    check_values(Primitive::PositiveInt, &[json!(1)], &[json!(0), json!(-1)]);
    check_values(Primitive::Boolean, &[json!(false)], &[json!("false"), json!(0)]);
    check_values(Primitive::Text, &[json!(""), json!("ODD id/1")], &[json!(1), json!(["a"]), json!(null)]);
}

#[test]
fn a_date_is_a_real_day_a_month_or_a_year() {
    let right = ["2024", "2024-02", "2024-02-29"];
    let wrong = ["", "24", "2024-13", "2024-2", "2023-02-29", "2024-02-29T10:00:00Z", "29/02/2024", "20240229"];
    check_texts(Primitive::Date, &right, &wrong);
}

#[test]
fn an_instant_has_seconds_and_an_offset() {
    let right = ["2024-02-29T10:00:00Z", "2024-02-29T10:00:00.1234567891+01:00", "2016-12-31T23:59:60Z"];
    let wrong = [
        "2024-02-29T10:00:00",
        "2024-02-29T10:00Z",
        "2024-02-30T10:00:00Z",
        "2024-02-29T24:00:00Z",
        "2024-02-29T10:00:00.Z",
        "2024-02-29T10:00:00+0100",
        "2024-02-29T10:00:00+24:00",
        "2024-02-29 10:00:00Z",
        "2024-02-29T10:00:0é",
    ];
    check_texts(Primitive::Instant, &right, &wrong);
    check_texts(Primitive::DateTime, &right, &wrong);
    check_texts(Primitive::DateTime, &["2024-02"], &["yesterday"]);
    check_texts(Primitive::Instant, &[], &["2024-02-29"]);
    check_texts(Primitive::Time, &["10:00:00", "10:00:00.5"], &["10:00", "25:00:00", "10:00:00Z"]);
}

#[test]
fn base64_may_have_spaces_and_must_be_complete() {
    check_texts(Primitive::Base64, &["", "YWJj", "YW Jj\nYQ==", "YWI="], &["YWJ", "YW=j", "Y===", "YWJ?", "YWJ_"]);
}
