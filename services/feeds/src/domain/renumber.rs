//! Stays whose number or person changes: MRG says how they were named before, PID and PV1 how they are named now.
//! A message that does not say both waits with the reason.

use lcr_model::{LocalId, SourceIdentity};

use super::{
    Arrival, NotMapped,
    groups::Group,
    identity, merges,
    numbers::{Number, Numbers},
    spell,
    stays::StayKey,
};

fn of_visit(number: Number) -> Numbers {
    Numbers { visit: Some(number), account: None }
}

fn of_account(number: Number) -> Numbers {
    Numbers { visit: None, account: Some(number) }
}

/// The visit of MRG-5 under the number in PV1-19, in any message that gives both and that differ.
pub fn by_visit(arrival: &Arrival<'_>, group: &Group<'_>, identity: &SourceIdentity) -> Option<StayKey> {
    let before = spell::number(arrival, group.field("MRG", 5))?;
    let visit = spell::number(arrival, group.field("PV1", 19)).filter(|now| !now.is_same(&before))?;
    let account = spell::number(arrival, group.field("PID", 18));
    let now = Numbers { visit: Some(visit), account };
    Some(StayKey::Renumbered { now, formerly: of_visit(before), from: former(arrival, group, identity) })
}

/// The account of MRG-3 under the number in PID-18, where both are given and differ.
fn by_account(arrival: &Arrival<'_>, group: &Group<'_>, identity: &SourceIdentity) -> Option<StayKey> {
    let before = spell::number(arrival, group.field("MRG", 3))?;
    let now = spell::number(arrival, group.field("PID", 18)).filter(|now| !now.is_same(&before))?;
    let from = former(arrival, group, identity);
    Some(StayKey::Renumbered { now: of_account(now), formerly: of_account(before), from })
}

/// A stay of one person under another number (A35, A41, A42, A46, A48, A49, A51).
pub fn renumbered(
    arrival: &Arrival<'_>,
    group: &Group<'_>,
    identity: &SourceIdentity,
) -> Result<StayKey, NotMapped> {
    if is_of_another(arrival, group).unwrap_or(false) {
        let words = "the account or visit whose number changes is of another patient";
        return Err(NotMapped::waits(words, "MRG-1"));
    }
    let key = by_visit(arrival, group, identity).or_else(|| by_account(arrival, group, identity));
    key.ok_or_else(|| {
        let words = "neither a visit (MRG-5 and PV1-19) nor an account (MRG-3 and PID-18) is named by its old and new number";
        NotMapped::waits(words, "MRG")
    })
}

/// A stay that is the person's in PID from now on (A44, A45, A50), and whether it was another's before.
pub fn moved(
    arrival: &Arrival<'_>,
    group: &Group<'_>,
    identity: &SourceIdentity,
) -> Result<(StayKey, bool), NotMapped> {
    let number = |segment, field| spell::number(arrival, group.field(segment, field));
    let another = is_of_another(arrival, group);
    if arrival.header.event == "A50" {
        let key = by_visit(arrival, group, identity);
        let key = key.ok_or_else(|| {
            let words = "the visit number that changes (MRG-5) or its new number (PV1-19) is not named";
            NotMapped::waits(words, "MRG-5")
        })?;
        return Ok((key, another.unwrap_or(false)));
    }
    let moves = another.unwrap_or(true);
    let from = former(arrival, group, identity);
    if let Some(key) = by_visit(arrival, group, identity) {
        return Ok((key, moves));
    }
    let account = number("PID", 18);
    if let Some(visit) = number("MRG", 5).or_else(|| number("PV1", 19)) {
        let now = account.map_or_else(Numbers::default, of_account);
        return Ok((StayKey::Renumbered { now, formerly: of_visit(visit), from }, moves));
    }
    let Some(before) = number("MRG", 3).filter(|_| another.is_some()) else {
        let words = "neither the visit (MRG-5) nor the account (MRG-3) that moves is named";
        return Err(NotMapped::waits(words, "MRG-5"));
    };
    let now = account.map_or_else(Numbers::default, of_account);
    Ok((StayKey::Renumbered { now, formerly: of_account(before), from }, moves))
}

/// Whose the stay was: the person in MRG-1, else the one in PID.
pub fn former(arrival: &Arrival<'_>, group: &Group<'_>, identity: &SourceIdentity) -> LocalId {
    let own = identity.local_id.clone();
    if is_of_another(arrival, group) != Some(true) {
        return own;
    }
    merges::former_numbers(arrival, group).into_iter().next().unwrap_or(own)
}

/// Whether MRG-1 names another person than PID; `None` when it names nobody.
fn is_of_another(arrival: &Arrival<'_>, group: &Group<'_>) -> Option<bool> {
    let before = merges::former_numbers(arrival, group);
    let ids = identity::of_person(arrival, group);
    let is_own = |number: &LocalId| ids.iter().any(|id| id.local_id(arrival).id == *number);
    (!before.is_empty()).then(|| !before.iter().any(is_own))
}

#[cfg(test)]
#[path = "renumber_tests.rs"]
mod tests;
