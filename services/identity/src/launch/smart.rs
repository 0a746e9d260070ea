//! The SMART on FHIR launch from a partner's record system: which provider signs its user in, and which record it has open.
//! The patient is known by the source and the source's own id alone: the source must never be asked for them here.

use std::sync::Arc;

use lcr_contracts::{
    Failure, Identity as _,
    identity::{LaunchPatient, LaunchTicket},
    registry::{Registry, System},
};
use lcr_model::{LocalId, LocalIdKey, SourceIdentity};

use super::{refused, ticket};
use crate::{
    domain,
    oidc::{
        callback::{IdTokenClaims, VerifiedUser},
        claims::Candidate,
        launch_context::{LaunchQuery, SmartLaunch},
        provider::Provider,
    },
    service::{Service, SessionStart},
};

/// The longest value of a `launch` or `iss` parameter.
const MAX_LENGTH: usize = 1000;

/// The provider and source of a launch, if the address belongs to a registered source.
pub async fn find(service: &Service, query: &LaunchQuery) -> Result<(Arc<Provider>, SmartLaunch), Failure> {
    if query.launch.is_empty() || query.launch.len() > MAX_LENGTH || query.iss.len() > MAX_LENGTH {
        return Err(refused("the address or launch is missing or too long"));
    }
    let iss = query.iss.trim_end_matches('/');
    let registry = service.registry().await?;
    let system = system_at(&registry, iss).ok_or_else(|| refused("no source has this address"))?;
    let provider = service.oidc.for_launch(iss).ok_or_else(|| refused("no provider is for this address"))?;
    if !provider.serves_organisation(system.organisation.as_str()) {
        return Err(refused("the provider is not for the source's organisation"));
    }
    let frame_ancestors = if query.framed { provider.frame_ancestors().to_vec() } else { vec![] };
    if query.framed && frame_ancestors.is_empty() {
        return Err(refused("the partner may not frame"));
    }
    Ok((
        provider,
        SmartLaunch { source: system.id.clone(), organisation: system.organisation.clone(), frame_ancestors },
    ))
}

/// The source at an address. One that is stopped, or whose organisation does not take part, must not stand in the way of another
/// with the same address.
fn system_at<'r>(registry: &'r Registry, address: &str) -> Option<&'r System> {
    let is_open = |system: &&System| system.is_asked() && registry.owner_has_signed(system);
    registry.systems.iter().filter(is_open).find(|system| system.base_url.trim_end_matches('/') == address)
}

/// The user in a role that may be launched at the source's organisation, if their provider states one.
pub fn in_launched_role(user: VerifiedUser, launch: &SmartLaunch) -> Option<IdTokenClaims> {
    let is_launched = |one: &&Candidate| one.org == launch.organisation.as_str() && domain::may_be_launched(one.role);
    let candidate = user.candidates.iter().find(is_launched).cloned()?;
    Some(user.in_role(candidate))
}

/// Begins the session of a user who came back from the partner's provider with an open patient.
pub async fn finish(
    service: &Service,
    launch: SmartLaunch,
    claims: IdTokenClaims,
    patient: Option<String>,
) -> Result<LaunchTicket, Failure> {
    let patient = patient.filter(|id| !id.is_empty()).ok_or_else(|| refused("no patient is open"))?;
    if claims.org != launch.organisation.as_str() {
        return Err(refused("a user of another organisation"));
    }
    if !claims.role.is_some_and(domain::may_be_launched) {
        return Err(refused("a role that is never launched"));
    }
    let key = LocalIdKey::derived(&service.data_keys).map_err(Failure::internal)?;
    // Other services know an id that contains an NHS number by its hash.
    let local_id = key.hash(&launch.source, None, &patient).unwrap_or(LocalId(patient));
    let framed = launch.is_framed();
    let frame_ancestors = launch.frame_ancestors.join(" ");
    let start = SessionStart { started: service.clock.now(), authenticated_at: None, frame_ancestors };
    let (_, secret) = service.begin_session(claims, start).await.map_err(super::refused_user)?;
    ticket::seal(service, secret, LaunchPatient::Record(SourceIdentity { source: launch.source, local_id }), framed)
}

#[cfg(test)]
#[path = "smart_tests.rs"]
mod tests;
