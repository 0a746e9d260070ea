//! Admissions, transfers, discharges and what is said of people beside them (`standards.md` section 3.5).

use lcr_contracts::spell::SpellEvent;
use lcr_model::{LocalId, SourceIdentity};

use super::{
    Arrival, Mapped, Mapping, NotMapped, demographics,
    groups::{Group, groups, missing},
    identity, merges, spell,
    stays::StayKey,
    values,
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
    /// A44, A45: the account or visit in MRG is the person's in PID.
    MovedVisit,
}

/// What waits, and why: events that would move or join what is kept under other numbers than a person's.
fn unread(event: &str) -> &'static str {
    match event {
        "A35" | "A41" | "A42" => "merges of accounts and visits are not read yet",
        "A43" => "moving numbers of a patient to another patient is not read yet",
        "A46" | "A48" | "A49" | "A50" | "A51" => {
            "changes of external, alternate, account and visit numbers are not read yet"
        }
        _ => "messages of this trigger event are not read yet",
    }
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
        "A28" | "A31" | "A60" => About::Person,
        "A18" | "A30" | "A34" | "A36" | "A39" | "A40" | "A47" => About::Merge,
        "A44" | "A45" => About::MovedVisit,
        _ => return None,
    })
}

pub fn map(arrival: &Arrival<'_>, event: &str) -> Mapping {
    let Some(about) = about(event) else {
        return Err(NotMapped::waits(unread(event), "MSH-9"));
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
        let key = spell::key(arrival, group, identity, event);
        Mapped::Encounter(key, Box::new(spell::read(arrival, group, identity, event)))
    };
    let encounter = match about {
        About::Stay(_) if group.first("PV1").is_none() => {
            return Err(missing("PV1", "the visit is missing").into());
        }
        About::Stay(event) => Some(stay(event)),
        About::Update => Some(stay(SpellEvent::Update)),
        About::Person => None,
        About::Merge => {
            told.replaces = merges::discarded(arrival, group, identity)?;
            merges.push((identity.clone(), told.replaces.clone()));
            None
        }
        About::MovedVisit => Some(moved(arrival, group, &named)?),
    };
    Ok([Some(Mapped::Demographics(told)), encounter].into_iter().flatten().collect())
}

/// The visit of MRG-5 or the account of MRG-3, told again as this person's; nothing else of it changes. An account
/// is the stay of the person it is taken from.
fn moved(arrival: &Arrival<'_>, group: &Group<'_>, named: &identity::Named) -> Result<Mapped, NotMapped> {
    let mrg = |number| group.field("MRG", number);
    let visit = spell::visit(arrival, mrg(5)).or_else(|| spell::visit(arrival, group.field("PV1", 19)));
    let mut message = spell::read(arrival, group, &named.identity, SpellEvent::Update);
    message.visit = mrg(5).code().or(message.visit);
    let source = &arrival.system.id;
    let spell = if let Some(visit) = visit {
        values::spell_by_visit(source, &visit)
    } else {
        let account = spell::visit(arrival, mrg(3));
        let from = identity::list(arrival, mrg(1)).into_iter().find(|id| !id.says_nhs());
        let (Some(account), Some(from)) = (account, from) else {
            let words = "neither the visit (MRG-5) nor the account (MRG-3) that moves is named";
            return Err(NotMapped::waits(words, "MRG-5"));
        };
        values::spell_by_account(source, &from.local_id(arrival), &account)
    };
    Ok(Mapped::Encounter(StayKey::Numbered(spell), Box::new(message)))
}
