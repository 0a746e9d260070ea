//! Tests of `further.rs`.

use super::*;

fn field(key: &str, from: &str) -> FurtherField {
    FurtherField {
        key: key.into(),
        label: "Label".into(),
        kind: crate::registry::FurtherKind::Text,
        from: from.into(),
        words: std::collections::BTreeMap::new(),
        filter: false,
    }
}

fn validate(fields: Vec<FurtherField>) -> Result<(), String> {
    Feed { fields, ..Feed::default() }.validate()
}

#[test]
fn a_place_is_a_field_an_observation_or_an_extension() {
    let place = |from: &str| format!("{:?}", field("a", from).place());
    assert_eq!(place("ZPV-3"), "Some(Segment { name: \"ZPV\", field: 3, component: 1 })");
    assert_eq!(place("ZPV-3.2"), "Some(Segment { name: \"ZPV\", field: 3, component: 2 })");
    assert_eq!(place("OBX:NEWS"), "Some(Observation(\"NEWS\"))");
    assert_eq!(place("extension:https://x/y"), "Some(Extension(\"https://x/y\"))");
    for from in ["", "ZPV", "ZPV-", "ZPV-0", "ZPV-3.", "zpv-3", "ZPVX-1", "OBX:", "extension:", "ZPV-9999"] {
        assert_eq!(place(from), "None", "{from}");
    }
}

#[test]
fn an_invalid_profile_is_refused_with_the_reason() {
    assert_eq!(validate(vec![field("news-score", "OBX:NEWS"), field("b2", "ZPV-3")]), Ok(()));
    let refused = |fields: Vec<FurtherField>| validate(fields).unwrap_err();
    assert!(refused(vec![field("News", "ZPV-3")]).contains("lower-case"));
    assert!(refused(vec![field("a", "ZPV-3"), field("a", "ZPV-4")]).contains("two further fields"));
    assert!(refused(vec![field("a", "somewhere")]).contains("the place of"));
    assert!(refused(vec![FurtherField { label: " ".into(), ..field("a", "ZPV-3") }]).contains("label"));
    let many = (0..31).map(|at| field(&format!("k{at}"), "ZPV-3")).collect();
    assert!(refused(many).contains("at most 30"));
}

#[test]
fn addresses_telephone_numbers_and_next_of_kin_are_never_columns() {
    for from in ["PID-11", "PID-11.5", "PID-13", "PID-14.1", "NK1-2", "NK1-4.3"] {
        let refused = validate(vec![field("a", from)]).unwrap_err();
        assert!(refused.contains("next of kin"), "{from}: {refused}");
    }
    for from in ["PID-10", "PV1-11", "ZPI-13"] {
        assert_eq!(validate(vec![field("a", from)]), Ok(()), "{from}");
    }
}
