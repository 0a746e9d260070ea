//! Tests of `suspension.rs`.

use jiff::Timestamp;
use lcr_model::{OdsCode, Role};

use super::*;
use crate::systems::testing::{OWNER, actor};

const NONE: Suspension = Suspension { suspended: false, by_platform: false };
const OWN: Suspension = Suspension { suspended: true, by_platform: false };
const PLATFORMS: Suspension = Suspension { suspended: true, by_platform: true };

fn author(role: Role) -> Author {
    let (organisation, now) = (OdsCode::new(OWNER), Timestamp::UNIX_EPOCH);
    Author { actor: actor(OWNER, role), organisation, reason: "As agreed".into(), now }
}

#[test]
fn only_the_platform_ends_a_suspension_of_the_platform() {
    let (own, platform) = (author(Role::OrgAdmin), author(Role::PlatformAdmin));
    for (before, suspended, by, after) in [
        (NONE, true, &own, Some(OWN)),
        (NONE, true, &platform, Some(PLATFORMS)),
        (NONE, false, &own, None),
        (OWN, true, &own, None),
        (OWN, true, &platform, Some(PLATFORMS)),
        (OWN, false, &own, Some(NONE)),
        (OWN, false, &platform, Some(NONE)),
        (PLATFORMS, true, &own, None),
        (PLATFORMS, true, &platform, None),
        (PLATFORMS, false, &own, None),
        (PLATFORMS, false, &platform, Some(NONE)),
    ] {
        assert_eq!(before.changed(suspended, by).ok(), after, "{before:?} to {suspended}");
    }
    let refused = PLATFORMS.changed(false, &own).unwrap_err();
    assert!(refused.outward().contains("they alone end it"), "{refused:?}");
}
