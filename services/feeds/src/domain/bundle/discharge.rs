//! Evidence that a hospital discharged a person to an organisation: the destination of a finished Encounter. Any other
//! version of the Encounter must end what an earlier one said.

use lcr_fhir::{Item, read};
use lcr_model::SourceIdentity;

use super::{Bundle, BundleArrival, last_updated, link_resources::Reference, parse_instant, visit_number};
use crate::domain::{MappedEvent, discharges::Stay};

pub fn evidence(
    arrival: &BundleArrival<'_>,
    bundle: &Bundle,
    identity: &SourceIdentity,
    encounter: &Item,
) -> Option<MappedEvent> {
    let value = encounter.value();
    let numbers = read::list(value, "identifier").iter().find_map(|one| visit_number(arrival, one))?;
    let sent = last_updated(arrival, encounter);
    let is_finished = read::str_at(value, "status") == Some("finished");
    let destination = Reference::at(value, "hospitalization.destination").filter(|_| is_finished);
    let organisation = destination.and_then(|one| bundle.references.ods_code(read::list(value, "contained"), &one));
    let left = parse_instant(read::str_at(value, "period.end")).unwrap_or(sent);
    let stay = Stay { system: arrival.system, local_id_key: arrival.local_id_key, identity, numbers, sent };
    stay.evidence(organisation.map(|organisation| (organisation, left)))
}

#[cfg(test)]
#[path = "discharge_tests.rs"]
mod tests;
