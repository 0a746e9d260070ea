//! Maps ADT messages (HL7 v2.5.1, chapter 3): demographics, stays, merges and changes of numbers. Must never guess the
//! meaning of an unknown trigger event.

use lcr_contracts::spell::{FieldUpdate, SpellEvent, SpellMessage};
use lcr_model::{LocalId, SourceIdentity};

use super::{
    Arrival, MappedEvent, MappingError, MappingResult, demographics, discharges, identity, merges, renumber,
    segment_groups::{SegmentGroup, missing_segment, segment_groups},
    spell,
    stays::StayKey,
};

/// The kind of change that a trigger event reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TriggerKind {
    Stay(SpellEvent),
    /// A08 and similar: updates the person, and the stay if the message names one.
    Update,
    Person,
    /// A09, A10, A32, A33: a temporary location. The assigned bed does not change.
    Whereabouts,
    /// The person in PID takes over the numbers in MRG.
    Merge,
    /// A44, A45, A50: the account or visit in MRG moves to the person in PID, and may get a new number.
    MovedVisit,
    /// The account or visit in MRG gets the number in PID or PV1.
    Renumbered,
}

fn trigger_kind(event: &str) -> Option<TriggerKind> {
    use SpellEvent as E;
    Some(match event {
        "A01" => TriggerKind::Stay(E::Admit),
        "A02" | "A17" => TriggerKind::Stay(E::Transfer),
        "A03" => TriggerKind::Stay(E::Discharge),
        "A04" => TriggerKind::Stay(E::Register),
        "A05" | "A14" => TriggerKind::Stay(E::PreAdmit),
        "A06" => TriggerKind::Stay(E::ToInpatient),
        "A07" => TriggerKind::Stay(E::ToOutpatient),
        // A54, A55, A61 and A62 report doctors.
        "A08" | "A54" | "A55" | "A61" | "A62" => TriggerKind::Update,
        "A09" | "A10" | "A32" | "A33" => TriggerKind::Whereabouts,
        "A11" => TriggerKind::Stay(E::CancelAdmit),
        "A12" => TriggerKind::Stay(E::CancelTransfer),
        "A13" => TriggerKind::Stay(E::CancelDischarge),
        "A15" => TriggerKind::Stay(E::PendingTransfer),
        "A16" => TriggerKind::Stay(E::PendingDischarge),
        "A21" => TriggerKind::Stay(E::LeaveOut),
        "A22" => TriggerKind::Stay(E::LeaveReturn),
        "A25" => TriggerKind::Stay(E::CancelPendingDischarge),
        "A26" => TriggerKind::Stay(E::CancelPendingTransfer),
        "A27" | "A38" => TriggerKind::Stay(E::CancelPreAdmit),
        "A52" => TriggerKind::Stay(E::CancelLeaveOut),
        "A53" => TriggerKind::Stay(E::CancelLeaveReturn),
        "A28" | "A31" | "A60" => TriggerKind::Person,
        "A18" | "A30" | "A34" | "A36" | "A39" | "A40" | "A43" | "A47" => TriggerKind::Merge,
        "A44" | "A45" | "A50" => TriggerKind::MovedVisit,
        "A35" | "A41" | "A42" | "A46" | "A48" | "A49" | "A51" => TriggerKind::Renumbered,
        _ => return None,
    })
}

pub fn map(arrival: &Arrival<'_>, event: &str) -> MappingResult {
    let Some(kind) = trigger_kind(event) else {
        return Err(MappingError::waiting("messages of this trigger event are not read yet", "MSH-9"));
    };
    let groups = segment_groups(arrival.message);
    if groups.is_empty() {
        return Err(missing_segment("PID", "the patient is missing").into());
    }
    if event == "A17" && groups.len() != 2 {
        return Err(MappingError::waiting("a swap names two patients", "PID"));
    }
    let (mut mapped, mut merges) = (vec![], vec![]);
    for group in &groups {
        mapped.extend(map_group(arrival, group, kind, &mut merges)?);
    }
    merges::check_merges(&merges)?;
    Ok(mapped)
}

fn map_group(
    arrival: &Arrival<'_>,
    group: &SegmentGroup<'_>,
    kind: TriggerKind,
    merges: &mut Vec<(SourceIdentity, Vec<LocalId>)>,
) -> MappingResult {
    let patient = identity::identify(arrival, group)?;
    let mut update = demographics::read(arrival, group, &patient);
    let identity = &patient.identity;
    let stay = |event| {
        let message = spell::read(arrival, group, identity, event);
        let renumbered = renumber::renumbered_visit(arrival, group, identity);
        let key = renumbered.unwrap_or_else(|| spell::stay_key(arrival, group, identity, event));
        MappedEvent::Encounter(key, Box::new(message))
    };
    let evidence = match kind {
        TriggerKind::Stay(event) => discharges::read(arrival, group, identity, event),
        TriggerKind::Update => discharges::read(arrival, group, identity, SpellEvent::Update),
        _ => None,
    };
    let encounter = match kind {
        TriggerKind::Stay(_) if group.first("PV1").is_none() => {
            return Err(missing_segment("PV1", "the visit is missing").into());
        }
        TriggerKind::Stay(event) => Some(stay(event)),
        TriggerKind::Update => Some(stay(SpellEvent::Update)),
        TriggerKind::Whereabouts => {
            let message = spell::read(arrival, group, identity, SpellEvent::Update);
            let key = spell::stay_key(arrival, group, identity, SpellEvent::Update);
            let (place, prior_place) = (FieldUpdate::Unchanged, FieldUpdate::Unchanged);
            Some(MappedEvent::Encounter(key, Box::new(SpellMessage { place, prior_place, ..message })))
        }
        TriggerKind::Person => None,
        TriggerKind::Merge => {
            let discarded = merges::discarded_ids(arrival, group, &patient)?;
            let others = discarded.iter().map(|one| &one.id).filter(|id| **id != identity.local_id);
            update.replaces = others.cloned().collect();
            update.assigned.extend(discarded.into_iter().filter(|one| !one.in_clear.is_empty()));
            merges.push((identity.clone(), update.replaces.clone()));
            renumber::renumbered_visit(arrival, group, identity)
                .map(|key| stay_update(arrival, group, identity, key, false))
        }
        TriggerKind::MovedVisit => {
            let (key, moves) = renumber::moved_stay(arrival, group, identity)?;
            Some(stay_update(arrival, group, identity, key, moves))
        }
        TriggerKind::Renumbered => {
            let key = renumber::renumbered_stay(arrival, group, identity)?;
            Some(stay_update(arrival, group, identity, key, false))
        }
    };
    Ok([Some(MappedEvent::Demographics(update)), encounter, evidence].into_iter().flatten().collect())
}

/// The update of the stay in a message about its numbers.
fn stay_update(
    arrival: &Arrival<'_>,
    group: &SegmentGroup<'_>,
    identity: &SourceIdentity,
    key: StayKey,
    moves_visit: bool,
) -> MappedEvent {
    let message = spell::read(arrival, group, identity, SpellEvent::Update);
    MappedEvent::Encounter(key, Box::new(SpellMessage { moves_visit, ..message }))
}
