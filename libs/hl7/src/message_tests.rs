//! Messages with their own delimiters, three states of a field, and any line end.

use lcr_contracts::spell::FieldUpdate;
use proptest::prelude::*;

use super::*;

fn read(text: &str) -> Message {
    Message::read(text.as_bytes()).unwrap()
}

#[test]
fn a_message_is_read_by_its_own_delimiters() {
    let message = read("MSH#*!?@#PAS#Z9H01\rPID#1##A1*B@C!A2##O?T?Neil*Aoife");
    assert_eq!(message.field("MSH", 3).code().as_deref(), Some("PAS"));
    let ids: Vec<_> = message.field("PID", 3).repetitions().filter_map(|one| one.component(1)).collect();
    assert_eq!(ids, ["A1", "A2"]);
    assert_eq!(message.field("PID", 3).first().unwrap().subcomponent(2, 2).as_deref(), Some("C"));
    assert_eq!(message.field("PID", 5).code().as_deref(), Some("O@Neil"));
}

#[test]
fn the_fifth_delimiter_moves_no_field() {
    let message = read("MSH|^~\\&#|PAS|Z9H01|||20260101||ADT^A01|7|P|2.7");
    assert_eq!(message.field("MSH", 10).code().as_deref(), Some("7"));
}

#[test]
fn absent_deleted_and_set_are_three_states() {
    let message = read("MSH|^~\\&|X\rPV2|||\"\"|\"\"^|Walks & talks|  ");
    let update = |number| message.field("PV2", number).field_update(crate::Repetition::text);
    assert_eq!(update(1), FieldUpdate::Unchanged);
    assert_eq!((update(3), update(4)), (FieldUpdate::Deleted, FieldUpdate::Deleted));
    assert_eq!(update(5), FieldUpdate::Set("Walks & talks".to_owned()));
    assert_eq!((update(6), update(99)), (FieldUpdate::Unchanged, FieldUpdate::Unchanged));
}

#[test]
fn any_line_end_is_accepted() {
    for end in ["\r", "\n", "\r\n", "\r\n\r\n", "\n\r"] {
        let message = read(&format!("MSH|^~\\&|X{end}PID|1{end}PV1|1{end}"));
        assert_eq!(message.segments().map(Segment::name).collect::<Vec<_>>(), ["MSH", "PID", "PV1"]);
    }
}

#[test]
fn bytes_without_a_usable_header_are_refused() {
    let refused = |bytes: &[u8]| Message::read(bytes).unwrap_err();
    assert_eq!(refused(b" \r\n"), ReadError::Empty);
    assert_eq!(refused(b"PID|1"), ReadError::NoHeader);
    assert_eq!(refused(b"BHS|^~\\&|X"), ReadError::NoHeader);
    assert_eq!(refused(b"MSH"), ReadError::Delimiters);
    assert_eq!(refused(b"MSH|^^^^|X"), ReadError::Delimiters);
}

#[test]
fn a_line_that_is_not_a_segment_is_found() {
    assert_eq!(read("MSH|^~\\&|X\rPID|1\rand more words").first_malformed_line(), Some(3));
    assert_eq!(read("MSH|^~\\&|X\rZDP\rPV1|1").first_malformed_line(), None);
}

#[test]
fn a_line_feed_in_a_field_is_text_where_segments_end_with_a_carriage_return() {
    let report = "OBX|1|TX|c||No focal consolidation.\n  Heart size normal.\n\nConclusion: mass.||||||F";
    for end in ["\r", "\r\n"] {
        let message = read(&format!("MSH|^~\\&|X{end}{report}{end}NTE|1||one~~\tthree{end}"));
        assert_eq!(message.segments().count(), 3);
        let text = message.field("OBX", 5).text().unwrap();
        assert_eq!(text, "No focal consolidation.\n  Heart size normal.\n\nConclusion: mass.");
        assert_eq!(message.field("OBX", 11).code().as_deref(), Some("F"));
        assert_eq!(message.field("NTE", 3).text().as_deref(), Some("one\n\n\tthree"));
        assert_eq!(message.first_malformed_line(), None);
    }
}

#[test]
fn segments_are_counted_by_name() {
    let message = read("MSH|^~\\&|X\rPID|1\rNTE|1\rPID|2\rNTE|2\rNTE|3");
    let seen: Vec<_> = message.segments().map(|one| (one.name(), one.occurrence())).collect();
    assert_eq!(seen, [("MSH", 1), ("PID", 1), ("NTE", 1), ("PID", 2), ("NTE", 2), ("NTE", 3)]);
    let notes: Vec<_> = message.segments_named("NTE").filter_map(|one| one.field(1).code()).collect();
    assert_eq!(notes, ["1", "2", "3"]);
    assert!(message.first_segment("OBX").is_none() && message.first_segment("nonsense").is_none());
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        for bytes in [body.clone(), [&b"MSH|^~\\&|"[..], &body].concat()] {
            let Ok(message) = Message::read(&bytes) else { continue };
            for segment in message.segments() {
                for number in 0..30 {
                    let field = segment.field(number);
                    let _ = (field.text(), field.is_deleted(), field.first().map(|one| one.component_text(0)));
                }
            }
        }
    }

    /// Compares the reader with `er7`'s own tree, for messages with one kind of line end.
    #[test]
    fn every_value_is_where_er7_finds_it(
        lines in prop::collection::vec("Z[A-Z]{2}[|^~&\\\\a-z\" ]{0,40}", 0..6),
    ) {
        let text = format!("MSH|^~\\&|A|B\r{}", lines.join("\r"));
        let (ours, theirs) = (read(&text), er7::parse(&text).unwrap());
        prop_assert_eq!(ours.segments().count(), theirs.segments.len());
        for (one, other) in ours.segments().zip(&theirs.segments).skip(1) {
            for number in 1..45 {
                let values = other.field(number).into_iter().flat_map(|field| &field.repetitions);
                let values = values.map(|one| one.component(2).and_then(|part| part.subcomponent(2)));
                let theirs: Vec<_> = values.map(|leaf| leaf.map_or("", |leaf| leaf.raw.as_str())).collect();
                let ours: Vec<_> = one.field(number).all_raw(2, 2).collect();
                prop_assert_eq!(ours, theirs);
            }
        }
    }
}
