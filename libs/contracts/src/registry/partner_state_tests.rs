//! Tests of `partner_state.rs`.

use super::*;

#[test]
fn an_organisation_goes_live_only_by_every_step() {
    let mut state = PartnerState::Draft;
    for next in [PartnerState::Agreed, PartnerState::Connecting, PartnerState::Conformant, PartnerState::Live] {
        assert!(!PartnerState::Draft.may_become(PartnerState::Live));
        assert!(state.may_become(next), "{state} to {next}");
        state = next;
    }
    assert!(state.may_become(PartnerState::Suspended) && PartnerState::Suspended.may_become(PartnerState::Live));
}

#[test]
fn who_has_left_comes_back_only_as_a_draft() {
    for state in PartnerState::ALL {
        assert_eq!(PartnerState::Left.may_become(state), state == PartnerState::Draft, "{state}");
    }
}
