//! Tests of `error_page.rs`.

use super::*;

#[test]
fn each_kind_has_its_status_and_text() {
    let cases = [
        (FailureKind::CannotRecord, 503, "because we can't record who looks at them"),
        (FailureKind::NoRelationship, 403, "We have no record that you are caring for this person."),
        (FailureKind::Objected, 403, "This does not mean there is none."),
        (FailureKind::NotFound, 404, "No one matches. Check the NHS number"),
        (FailureKind::CatchingUp, 503, "Try again in a few seconds"),
        (FailureKind::Timeout, 503, "use your local system"),
    ];
    for (kind, status, part) in cases {
        let error = error_text(&Failure::new(kind, "said").because("inward detail"));
        assert_eq!(error.status.as_u16(), status, "{kind:?}");
        assert!(error.text.contains(part), "{kind:?}: {}", error.text);
        assert!(!error.text.contains("inward"), "{kind:?}");
    }
}
