//! Admissions, transfers, discharges and what is said of people beside them (`standards.md` section 3.5).

use lcr_contracts::spell::{SpellEvent, SpellMessage, Told};
use lcr_model::{LocalId, SourceIdentity};

use super::{
    Arrival, Mapped, Mapping, NotMapped, demographics,
    groups::{Group, groups, missing},
    identity, merges, renumber, spell,
    stays::StayKey,
};

/// What a trigger event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    Stay(SpellEvent),
    /// A08: the stay where it is named, the person in any case.
    Update,
    Person,
    /// A09, A10, A32, A33: where somebody is for a while. The bed that is theirs does not change.
    Whereabouts,
    /// A merge: the numbers in MRG are the person's in PID.
    Merge,
    /// A44, A45, A50: the account or visit in MRG is the person's in PID, under a new number where there is one.
    MovedVisit,
    /// The account or visit in MRG has the number in PID or PV1 from now on.
    Renumbered,
}

fn about(event: &str) -> Option<About> {
    use SpellEvent as E;
    Some(match event {
        "A01" => About::Stay(E::Admit),
        "A02" | "A17" => About::Stay(E::Transfer),
        "A03" => About::Stay(E::Discharge),
        "A04" => About::Stay(E::Register),
        "A05" | "A14" => About::Stay(E::PreAdmit),
        "A06" => About::Stay(E::ToInpatient),
        "A07" => About::Stay(E::ToOutpatient),
        // A54, A55, A61 and A62 tell of doctors.
        "A08" | "A54" | "A55" | "A61" | "A62" => About::Update,
        "A09" | "A10" | "A32" | "A33" => About::Whereabouts,
        "A11" => About::Stay(E::CancelAdmit),
        "A12" => About::Stay(E::CancelTransfer),
        "A13" => About::Stay(E::CancelDischarge),
        "A15" => About::Stay(E::PendingTransfer),
        "A16" => About::Stay(E::PendingDischarge),
        "A21" => About::Stay(E::LeaveOut),
        "A22" => About::Stay(E::LeaveReturn),
        "A25" => About::Stay(E::CancelPendingDischarge),
        "A26" => About::Stay(E::CancelPendingTransfer),
        "A27" | "A38" => About::Stay(E::CancelPreAdmit),
        "A52" => About::Stay(E::CancelLeaveOut),
        "A53" => About::Stay(E::CancelLeaveReturn),
        "A28" | "A31" | "A60" => About::Person,
        "A18" | "A30" | "A34" | "A36" | "A39" | "A40" | "A43" | "A47" => About::Merge,
        "A44" | "A45" | "A50" => About::MovedVisit,
        "A35" | "A41" | "A42" | "A46" | "A48" | "A49" | "A51" => About::Renumbered,
        _ => return None,
    })
}

pub fn map(arrival: &Arrival<'_>, event: &str) -> Mapping {
    let Some(about) = about(event) else {
        return Err(NotMapped::waits("messages of this trigger event are not read yet", "MSH-9"));
    };
    let groups = groups(arrival.message);
    if groups.is_empty() {
        return Err(missing("PID", "the patient is missing").into());
    }
    if event == "A17" && groups.len() != 2 {
        return Err(NotMapped::waits("a swap names two patients", "PID"));
    }
    let (mut mapped, mut merges) = (vec![], vec![]);
    for group in &groups {
        mapped.extend(of_group(arrival, group, about, &mut merges)?);
    }
    merges::check(&merges)?;
    Ok(mapped)
}

fn of_group(
    arrival: &Arrival<'_>,
    group: &Group<'_>,
    about: About,
    merges: &mut Vec<(SourceIdentity, Vec<LocalId>)>,
) -> Mapping {
    let named = identity::named(arrival, group)?;
    let mut told = demographics::told(arrival, group, &named);
    let identity = &named.identity;
    let stay = |event| {
        let message = spell::read(arrival, group, identity, event);
        let renumbered = renumber::by_visit(arrival, group, identity);
        let key = renumbered.unwrap_or_else(|| spell::key(arrival, group, identity, event));
        Mapped::Encounter(key, Box::new(message))
    };
    let encounter = match about {
        About::Stay(_) if group.first("PV1").is_none() => {
            return Err(missing("PV1", "the visit is missing").into());
        }
        About::Stay(event) => Some(stay(event)),
        About::Update => Some(stay(SpellEvent::Update)),
        About::Whereabouts => {
            let message = spell::read(arrival, group, identity, SpellEvent::Update);
            let key = spell::key(arrival, group, identity, SpellEvent::Update);
            let (place, prior_place) = (Told::Unchanged, Told::Unchanged);
            Some(Mapped::Encounter(key, Box::new(SpellMessage { place, prior_place, ..message })))
        }
        About::Person => None,
        About::Merge => {
            let discarded = merges::discarded(arrival, group, &named)?;
            let others = discarded.iter().map(|one| &one.id).filter(|id| **id != identity.local_id);
            told.replaces = others.cloned().collect();
            told.assigned.extend(discarded.into_iter().filter(|one| !one.in_clear.is_empty()));
            merges.push((identity.clone(), told.replaces.clone()));
            renumber::by_visit(arrival, group, identity)
                .map(|key| update(arrival, group, identity, key, false))
        }
        About::MovedVisit => {
            let (key, moves) = renumber::moved(arrival, group, identity)?;
            Some(update(arrival, group, identity, key, moves))
        }
        About::Renumbered => {
            let key = renumber::renumbered(arrival, group, identity)?;
            Some(update(arrival, group, identity, key, false))
        }
    };
    Ok([Some(Mapped::Demographics(told)), encounter].into_iter().flatten().collect())
}

/// What a message about numbers says of the stay besides.
fn update(
    arrival: &Arrival<'_>,
    group: &Group<'_>,
    identity: &SourceIdentity,
    key: StayKey,
    moves_visit: bool,
) -> Mapped {
    let message = spell::read(arrival, group, identity, SpellEvent::Update);
    Mapped::Encounter(key, Box::new(SpellMessage { moves_visit, ..message }))
}
