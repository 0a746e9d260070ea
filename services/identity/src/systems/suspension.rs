//! Who may end the suspension of a system or a client. Pure. An organisation must never end one of the platform's administrators.

use lcr_contracts::Failure;

use super::edit::conflict;
use crate::partners::Author;

/// Whether something is suspended, and by whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suspension {
    pub suspended: bool,
    /// By the platform's administrators, who alone end it.
    pub by_platform: bool,
}

impl Suspension {
    /// The suspension after a change by this author.
    pub fn changed(self, suspended: bool, author: &Author) -> Result<Self, Failure> {
        let is_platform = author.is_platform_administrator();
        if self.suspended && self.by_platform && !suspended && !is_platform {
            return Err(Failure::forbidden("The platform's administrators suspended this; they alone end it."));
        }
        let by_platform = suspended && is_platform;
        match (self.suspended, suspended) {
            (false, false) => Err(conflict("This is not suspended.")),
            (true, true) if self.by_platform || !by_platform => Err(conflict("This is suspended already.")),
            _ => Ok(Self { suspended, by_platform }),
        }
    }
}

#[cfg(test)]
mod tests {
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
}
