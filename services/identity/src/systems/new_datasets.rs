//! What the operator's row of a system newly gives begins switched off, as with a system of the portal. Pure. An agreement
//! that lapsed and was renewed must not take data away that was on.

use std::collections::BTreeSet;

use lcr_contracts::registry::System;
use lcr_model::Dataset;

use super::{draft::staged, fingerprint::agreed};

/// Switches off each dataset that `system` gives and `before`, the stored row, did not give. A resource that states its stages
/// decides itself. A row that gives nothing because its organisation's agreement is not in force keeps what it gave, which comes
/// back at the stages that it had. What is taken away while the agreement is in force was taken away on purpose.
pub fn switch_off_new(before: &System, system: &mut System, is_signed: bool) {
    let (now, gave) = (agreed(system), agreed(before));
    let known: BTreeSet<Dataset> = gave.union(&before.setup.lapsed).copied().collect();
    if now.is_empty() && !is_signed {
        system.setup.lapsed = known;
        return;
    }
    system.setup.lapsed = BTreeSet::new();
    if !system.setup.stages_by_operator {
        system.setup.stages = staged(std::mem::take(&mut system.setup.stages), &known, &now);
    }
}

#[cfg(test)]
#[path = "new_datasets_tests.rs"]
mod tests;
