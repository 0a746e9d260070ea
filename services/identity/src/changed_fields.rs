//! The names of the fields that a change of a stored thing changed, for the history. Pure. It must never hold a value: a field may
//! be a contact, a key or an address.

use lcr_contracts::{
    partners::{
        organisation::{DataFlowSchedule, OrganisationDetails},
        sign_in::ProviderDraft,
    },
    registrar::Client,
    registry::System,
};

/// The names of those that differ, in brackets, with a space before. Empty if no field with a name differs.
fn words(fields: &[(&'static str, bool)]) -> String {
    let changed: Vec<&str> = fields.iter().filter(|(_, differs)| *differs).map(|(name, _)| *name).collect();
    if changed.is_empty() { String::new() } else { format!(" ({})", changed.join(", ")) }
}

pub fn of_details(before: &OrganisationDetails, after: &OrganisationDetails) -> String {
    words(&[
        ("name", before.name != after.name),
        ("kind", before.kind != after.kind),
        ("neighbourhood team", before.part_of != after.part_of),
        ("practices that it serves", before.serves != after.serves),
        ("sites", before.sites != after.sites),
        ("contact", before.contact != after.contact),
    ])
}

pub fn of_schedule(before: &DataFlowSchedule, after: &DataFlowSchedule) -> String {
    words(&[
        ("what it gives", before.gives != after.gives),
        ("what it receives", before.receives != after.receives),
        ("lawful basis", before.lawful_basis != after.lawful_basis),
        ("retention", before.retention != after.retention),
    ])
}

pub fn of_provider(before: &ProviderDraft, after: &ProviderDraft) -> String {
    words(&[
        ("client id", before.client_id != after.client_id),
        ("kind", before.profile != after.profile),
        ("roles", before.roles != after.roles),
        ("e-mail domains", before.email_domains != after.email_domains),
        ("required level of sign-in", before.acr != after.acr),
        ("signing algorithm", before.algorithm != after.algorithm),
    ])
}

pub fn of_system(before: &System, after: &System) -> String {
    let credentials = |system: &System| system.setup.credentials.as_ref().map(|sealed| sealed.changed_at);
    let by_platform = |system: &System| (system.authority, system.discreet, system.default_practice.clone());
    let (was, is) = (&before.setup, &after.setup);
    words(&[
        ("name", before.name != after.name),
        ("kind", before.kind != after.kind),
        ("address", before.base_url != after.base_url),
        ("datasets", before.datasets != after.datasets),
        ("how old its data may be", before.rhythm != after.rhythm),
        ("messages that it sends", before.feed != after.feed),
        ("contact", was.contact != is.contact),
        ("credentials", credentials(before) != credentials(after)),
        ("who sees its datasets", was.stages != is.stages),
        ("who keeps its switch-on", was.stages_by_operator != is.stages_by_operator),
        ("datasets that lapsed with its agreement", was.lapsed != is.lapsed),
        ("suspension", before.suspended != after.suspended),
        ("whether the platform suspended it", was.suspended_by_platform != is.suspended_by_platform),
        ("whether it is live", was.live != is.live),
        // A system that stops being live also was live: that is one change.
        ("whether it was live before", was.live == is.live && was.was_live != is.was_live),
        ("whether it waits for a check", was.must_be_checked() != is.must_be_checked()),
        ("removal", was.removed != is.removed),
        ("organisation", before.organisation != after.organisation),
        ("what the platform decides of it", by_platform(before) != by_platform(after)),
    ])
}

pub fn of_client(before: &Client, after: &Client) -> String {
    words(&[
        ("name", before.name != after.name),
        ("role", before.role != after.role),
        ("scope", before.scope != after.scope),
        ("public keys", before.jwks != after.jwks),
        ("address of its keys", before.jwks_url != after.jwks_url),
        ("tokens a minute", before.per_minute != after.per_minute),
        ("requests a minute", before.requests_per_minute != after.requests_per_minute),
        ("roles that it launches", before.launch_roles != after.launch_roles),
        ("origins that frame it", before.frame_ancestors != after.frame_ancestors),
    ])
}

#[cfg(test)]
#[path = "changed_fields_tests.rs"]
mod tests;
