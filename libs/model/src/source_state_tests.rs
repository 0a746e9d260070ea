//! Tests of `source_state.rs`.

use super::*;

/// X-01, Q-05: while two versions run side by side, a record with a state of the later one still opens.
#[test]
fn a_state_of_a_later_version_is_read_as_withheld_and_every_known_state_as_itself() {
    for later in
        [r#"{"state":"of-a-later-version"}"#, r#"{"state":"of-a-later-version","as_of":"2026-11-30T12:00:00Z"}"#]
    {
        assert_eq!(serde_json::from_str::<SourceState>(later).unwrap(), SourceState::Withheld, "{later}");
    }
    for state in [
        SourceState::HasData,
        SourceState::NoData,
        SourceState::NoRecord,
        SourceState::NotConnected,
        SourceState::NotAgreed,
        SourceState::NotReceived,
        SourceState::NotYetOn,
        SourceState::Withheld,
        SourceState::OptedOut,
        SourceState::TimedOut,
        SourceState::Failed,
        SourceState::Stale { as_of: Timestamp::UNIX_EPOCH },
        SourceState::Asking,
    ] {
        let text = serde_json::to_string(&state).unwrap();
        assert!(text.contains(&format!(r#""state":"{}""#, state.name())), "{text}");
        assert_eq!(serde_json::from_str::<SourceState>(&text).unwrap(), state, "{text}");
    }
}
