//! Admissions, transfers, discharges and what is said of people beside them (`standards.md` section 3.5).

use lcr_contracts::spell::SpellEvent;

use super::{
    Arrival, Mapped, Mapping, NotMapped, demographics,
    groups::{Group, groups, missing},
    identity, spell, values,
};

/// What a trigger event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    Stay(SpellEvent),
    /// A08: the stay where it is named, the person in any case.
    Update,
    Person,
    /// A merge: the numbers in MRG are the person's in PID.
    Merge,
    /// A45: the visit in MRG is the person's in PID.
    MovedVisit,
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
        "A08" => About::Update,
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
        "A28" | "A31" | "A44" | "A60" => About::Person,
        "A34" | "A40" | "A47" => About::Merge,
        "A45" => About::MovedVisit,
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
    let mut mapped = vec![];
    for group in &groups {
        mapped.extend(of_group(arrival, group, about)?);
    }
    Ok(mapped)
}

fn of_group(arrival: &Arrival<'_>, group: &Group<'_>, about: About) -> Mapping {
    let named = identity::named(arrival, group)?;
    let mut told = demographics::told(arrival, group, &named);
    let identity = &named.identity;
    let stay = |event| {
        let key = spell::key(arrival, group, identity)?;
        Some(Mapped::Encounter(key, Box::new(spell::read(arrival, group, identity, event))))
    };
    let encounter = match about {
        About::Stay(_) if group.first("PV1").is_none() => {
            return Err(missing("PV1", "the visit is missing").into());
        }
        About::Stay(event) => Some(stay(event).ok_or_else(no_key)?),
        About::Update => stay(SpellEvent::Update),
        About::Person => None,
        About::Merge => {
            told.replaces = identity::discarded(arrival, group, identity);
            None
        }
        About::MovedVisit => Some(moved(arrival, group, &named)?),
    };
    Ok([Some(Mapped::Demographics(told)), encounter].into_iter().flatten().collect())
}

fn no_key() -> NotMapped {
    let words = "the stay is not named: neither a visit number (PV1-19) nor a time of admission (PV1-44)";
    NotMapped::waits(words, "PV1-19")
}

/// The visit of MRG-5, told again as this person's; nothing else of it changes.
fn moved(arrival: &Arrival<'_>, group: &Group<'_>, named: &identity::Named) -> Result<Mapped, NotMapped> {
    let from_mrg = spell::visit(arrival, group.field("MRG", 5));
    let visit = from_mrg.or_else(|| spell::visit(arrival, group.field("PV1", 19)));
    let visit = visit.ok_or_else(|| NotMapped::waits("the visit that moves is not named", "MRG-5"))?;
    let mut message = spell::read(arrival, group, &named.identity, SpellEvent::Update);
    message.visit = group.field("MRG", 5).code().or(message.visit);
    Ok(Mapped::Encounter(values::spell_by_visit(&arrival.system.id, &visit), Box::new(message)))
}
