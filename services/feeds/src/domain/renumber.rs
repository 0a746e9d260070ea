//! Reads messages that change a stay's number or person: MRG holds the old numbers, PID and PV1 the new ones. A message
//! without both must become a dead letter, never a guess.

use lcr_model::{LocalId, SourceIdentity};

use super::{
    Arrival, MappingError, identity, merges,
    segment_groups::SegmentGroup,
    spell,
    stay_numbers::{StayNumber, StayNumbers},
    stays::StayKey,
};

fn visit_only(number: StayNumber) -> StayNumbers {
    StayNumbers { visit: Some(number), account: None }
}

fn account_only(number: StayNumber) -> StayNumbers {
    StayNumbers { visit: None, account: Some(number) }
}

/// The visit in MRG-5 gets the number in PV1-19, if both are sent and differ.
pub fn renumbered_visit(arrival: &Arrival<'_>, group: &SegmentGroup<'_>, identity: &SourceIdentity) -> Option<StayKey> {
    let before = spell::read_number(arrival, group.field("MRG", 5))?;
    let visit = spell::read_number(arrival, group.field("PV1", 19)).filter(|now| !now.can_be_same(&before))?;
    let account = spell::read_number(arrival, group.field("PID", 18));
    let now = StayNumbers { visit: Some(visit), account };
    Some(StayKey::Renumbered { now, formerly: visit_only(before), from: former_person(arrival, group, identity) })
}

/// The account in MRG-3 gets the number in PID-18, if both are sent and differ.
fn renumbered_account(arrival: &Arrival<'_>, group: &SegmentGroup<'_>, identity: &SourceIdentity) -> Option<StayKey> {
    let before = spell::read_number(arrival, group.field("MRG", 3))?;
    let now = spell::read_number(arrival, group.field("PID", 18)).filter(|now| !now.can_be_same(&before))?;
    let from = former_person(arrival, group, identity);
    Some(StayKey::Renumbered { now: account_only(now), formerly: account_only(before), from })
}

/// A stay of the same person gets another number (A35, A41, A42, A46, A48, A49, A51).
pub fn renumbered_stay(
    arrival: &Arrival<'_>,
    group: &SegmentGroup<'_>,
    identity: &SourceIdentity,
) -> Result<StayKey, MappingError> {
    if names_another_person(arrival, group).unwrap_or(false) {
        let words = "the account or visit whose number changes belongs to another patient";
        return Err(MappingError::waiting(words, "MRG-1"));
    }
    let key = renumbered_visit(arrival, group, identity).or_else(|| renumbered_account(arrival, group, identity));
    key.ok_or_else(|| {
        let words =
            "neither a visit (MRG-5 and PV1-19) nor an account (MRG-3 and PID-18) is named by its old and new number";
        MappingError::waiting(words, "MRG")
    })
}

/// A stay moves to the person in PID (A44, A45, A50). Also returns whether it was another person's before.
pub fn moved_stay(
    arrival: &Arrival<'_>,
    group: &SegmentGroup<'_>,
    identity: &SourceIdentity,
) -> Result<(StayKey, bool), MappingError> {
    let number = |segment, field| spell::read_number(arrival, group.field(segment, field));
    let another = names_another_person(arrival, group);
    if arrival.header.event == "A50" {
        let key = renumbered_visit(arrival, group, identity);
        let key = key.ok_or_else(|| {
            let words = "the visit number that changes (MRG-5) or its new number (PV1-19) is not named";
            MappingError::waiting(words, "MRG-5")
        })?;
        return Ok((key, another.unwrap_or(false)));
    }
    let moves = another.unwrap_or(true);
    let from = former_person(arrival, group, identity);
    if let Some(key) = renumbered_visit(arrival, group, identity) {
        return Ok((key, moves));
    }
    let account = number("PID", 18);
    if let Some(visit) = number("MRG", 5).or_else(|| number("PV1", 19)) {
        let now = account.map_or_else(StayNumbers::default, account_only);
        return Ok((StayKey::Renumbered { now, formerly: visit_only(visit), from }, moves));
    }
    let Some(before) = number("MRG", 3).filter(|_| another.is_some()) else {
        let words = "neither the visit (MRG-5) nor the account (MRG-3) that moves is named";
        return Err(MappingError::waiting(words, "MRG-5"));
    };
    let now = account.map_or_else(StayNumbers::default, account_only);
    Ok((StayKey::Renumbered { now, formerly: account_only(before), from }, moves))
}

/// The person who had the stay before: the one in MRG-1, else the one in PID.
pub fn former_person(arrival: &Arrival<'_>, group: &SegmentGroup<'_>, identity: &SourceIdentity) -> LocalId {
    let own = identity.local_id.clone();
    if names_another_person(arrival, group) != Some(true) {
        return own;
    }
    merges::former_ids(arrival, group).into_iter().next().unwrap_or(own)
}

/// Whether MRG-1 names another person than PID. `None` if MRG-1 is empty.
fn names_another_person(arrival: &Arrival<'_>, group: &SegmentGroup<'_>) -> Option<bool> {
    let before = merges::former_ids(arrival, group);
    let ids = identity::patient_identifiers(arrival, group);
    let is_own = |number: &LocalId| ids.iter().any(|id| id.local_id(arrival).id == *number);
    (!before.is_empty()).then(|| !before.iter().any(is_own))
}

#[cfg(test)]
#[path = "renumber_tests.rs"]
mod tests;
