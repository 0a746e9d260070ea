//! Who a PID is about: the NHS number among its identifiers, and the sender's own number.
//!
//! The NHS number is the repetition of PID-3 whose assigning authority or type says so and whose check digit
//! holds. The local id is the first other repetition, one marked as a hospital number before one that is not; an
//! unchecked or lone NHS number is the local id where there is nothing else. The source is the namespace of local
//! ids: numbers of another authority in the same feed carry its name (`RXX:40800000`), and in the sandbox, which
//! takes any sender, all do.

use lcr_hl7::{Condition, Fault, Repetition};
use lcr_model::{LocalId, NhsNumber, SourceIdentity};

use super::{Arrival, groups::Group};

/// Assigning authorities (CX.4) and types (CX.5) that mean the NHS number, as seen in the field.
const NHS_AUTHORITIES: [&str; 5] = ["NHS", "NHSNBR", "NHSNO", "NHSNUMBER", "NHS NUMBER"];
const NHS_TYPES: [&str; 4] = ["NH", "NHS", "NHSNMBR", "NHSNO"];
/// Types that mean the hospital's own number.
const MRN_TYPES: [&str; 6] = ["MR", "MRN", "MEDREC", "PI", "PT", "HOSP"];

/// A person as one source names them.
#[derive(Debug, Clone)]
pub struct Named {
    pub identity: SourceIdentity,
    pub nhs_number: Option<NhsNumber>,
}

/// One identifier of a list.
struct Identifier {
    number: String,
    authority: Option<String>,
    kind: Option<String>,
}

impl Identifier {
    fn of(repetition: Repetition<'_>) -> Option<Self> {
        let authority = repetition.part(4).or_else(|| repetition.sub(4, 2));
        Some(Self { number: repetition.part(1)?, authority, kind: repetition.part(5) })
    }

    fn says_nhs(&self) -> bool {
        is_one(self.authority.as_ref(), &NHS_AUTHORITIES) || is_one(self.kind.as_ref(), &NHS_TYPES)
    }

    fn nhs_number(&self) -> Option<NhsNumber> {
        if self.says_nhs() { NhsNumber::parse(&self.number).ok() } else { None }
    }

    fn local_id(&self, arrival: &Arrival<'_>) -> LocalId {
        local_id(arrival, &self.number, self.authority.as_deref())
    }
}

fn is_one(text: Option<&String>, of: &[&str]) -> bool {
    text.is_some_and(|text| of.iter().any(|one| one.eq_ignore_ascii_case(text)))
}

/// Names the person of a group; a PID without any identifier is the sender's to correct.
pub fn named(arrival: &Arrival<'_>, group: &Group<'_>) -> Result<Named, Fault> {
    let ids: Vec<Identifier> = identifiers(group);
    let nhs_number = ids.iter().find_map(Identifier::nhs_number);
    let local = || ids.iter().filter(|id| !id.says_nhs());
    let own = local().find(|id| is_one(id.kind.as_ref(), &MRN_TYPES)).or_else(|| local().next());
    let local_id = match (own, &nhs_number, ids.first()) {
        (Some(id), ..) => id.local_id(arrival),
        (None, Some(number), _) => LocalId(number.as_str().to_owned()),
        (None, None, Some(unchecked)) => unchecked.local_id(arrival),
        (None, None, None) => {
            let fault = Fault::at(Condition::RequiredField, "PID", 3, "the patient has no identifier");
            return Err(Fault { occurrence: group.occurrence(), ..fault });
        }
    };
    let identity = SourceIdentity { source: arrival.system.id.clone(), local_id };
    Ok(Named { identity, nhs_number })
}

/// PID-3; in versions before 2.4, where a sender may know only the older field, PID-2.
fn identifiers(group: &Group<'_>) -> Vec<Identifier> {
    let of = |field| group.field("PID", field).repetitions().filter_map(Identifier::of).collect::<Vec<_>>();
    let ids = of(3);
    if ids.is_empty() { of(2) } else { ids }
}

/// The numbers a merge discards (MRG-1), as far as they are of an authority that names the survivor too: another
/// authority's number says nothing of who survives.
pub fn discarded(arrival: &Arrival<'_>, group: &Group<'_>, survivor: &SourceIdentity) -> Vec<LocalId> {
    let held = identifiers(group);
    let same = |id: &Identifier| held.iter().any(|one| one.authority == id.authority);
    let merged = group.field("MRG", 1).repetitions().filter_map(Identifier::of);
    merged
        .filter(|id| !id.says_nhs() && same(id))
        .map(|id| id.local_id(arrival))
        .filter(|id| *id != survivor.local_id)
        .collect()
}

/// A number of the sender's, in the source's namespace.
pub fn local_id(arrival: &Arrival<'_>, number: &str, authority: Option<&str>) -> LocalId {
    LocalId(scoped(arrival, number, authority))
}

/// `number`, with the name of its authority where the source alone does not say whose it is. A slash would end
/// the id in a FHIR reference.
pub fn scoped(arrival: &Arrival<'_>, number: &str, authority: Option<&str>) -> String {
    let number = number.replace('/', "%2F");
    let anybody = arrival.system.feed.as_ref().is_some_and(|feed| feed.senders.is_empty());
    let header = arrival.header;
    let facility = || [&header.facility, &header.application].into_iter().find(|name| !name.is_empty());
    let scope = match authority {
        None if anybody => facility().map(String::as_str),
        Some(name)
            if !anybody && (name == header.facility || name == arrival.system.organisation.as_str()) =>
        {
            None
        }
        authority => authority,
    };
    scope.map_or(number.clone(), |scope| format!("{}:{number}", scope.replace('/', "%2F")))
}
