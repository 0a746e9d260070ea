//! Tests of `codes.rs`.

use super::*;

fn grant() -> Grant {
    Grant {
        persona: &crate::personas::personas()[0],
        nonce: None,
        challenge: String::new(),
        redirect_uri: String::new(),
        chosen_at: 0,
        patient: None,
    }
}

#[test]
fn a_code_works_once_and_for_a_minute() {
    let (codes, now) = (Codes::default(), Instant::now());
    codes.put("a".to_owned(), grant(), now);
    assert!(codes.take("a", now + Duration::from_mins(1)).is_some());
    assert!(codes.take("a", now).is_none(), "used up");
    codes.put("b".to_owned(), grant(), now);
    assert!(codes.take("b", now + Duration::from_secs(61)).is_none(), "expired");
}

#[test]
fn an_assertion_is_accepted_once() {
    let used = UsedAssertions::default();
    assert!(used.record_if_new("x", 100, 50) && !used.record_if_new("x", 100, 60));
    assert!(used.record_if_new("x", 300, 101), "forgotten once it can no longer be used");
}
