//! Which organisations belong to one trust, and what of others the staff of one may read by its agreement. Pure. It must not take a
//! practice for its neighbourhood team, or for another practice of that team.

use lcr_model::{Dataset, OdsCode};

use super::Organisation;
use crate::vocabulary::OrganisationKind;

/// Unit, division, site and trust.
const MOST_LEVELS: usize = 4;

impl Organisation {
    pub fn is_part_of(&self, whole: &Self) -> bool {
        self.part_of.as_ref() == Some(&whole.ods)
    }

    /// Whether its agreement lets its staff read a dataset of a system of `owner`. No schedule limits what is its own. `all` are the
    /// organisations of the registry.
    pub fn receives_from(&self, owner: &OdsCode, dataset: Dataset, all: &[Self]) -> bool {
        let is_included = self.receives.as_ref().is_none_or(|receives| receives.contains(&dataset));
        is_included || self.is_one_with(owner, all)
    }

    /// Whether what `owner` holds is its own: they are one organisation, or belong to one trust.
    pub fn is_one_with(&self, owner: &OdsCode, all: &[Self]) -> bool {
        let same_trust = |owner: &Self| owner.trust(all).ods == self.trust(all).ods;
        *owner == self.ods || all.iter().find(|one| one.ods == *owner).is_some_and(same_trust)
    }

    /// The highest organisation that it is a site of, or a part of the same kind. Otherwise it is its own.
    fn trust<'a>(&'a self, all: &'a [Self]) -> &'a Self {
        let mut part = self;
        // A ring of parts must end too.
        for _ in 0..MOST_LEVELS {
            let Some(whole) = all.iter().find(|whole| part.is_site_of(whole)) else { break };
            part = whole;
        }
        part
    }

    fn is_site_of(&self, whole: &Self) -> bool {
        let is_site = self.kind == OrganisationKind::HospitalSite && whole.kind == OrganisationKind::Acute;
        self.is_part_of(whole) && (is_site || self.kind == whole.kind)
    }
}

#[cfg(test)]
#[path = "trust_tests.rs"]
mod tests;
