//! The SMART on FHIR launch from a partner's record system: which provider signs its user in, and which record it has open.
//! The patient is known by the source and the source's own id alone: the source must never be asked for them here.

use lcr_contracts::{
    Failure, Identity as _,
    identity::{LaunchPatient, LaunchTicket},
};
use lcr_model::{LocalId, LocalIdKey, Role, SourceIdentity};

use super::{refused, ticket};
use crate::{
    domain,
    oidc::{
        callback::IdTokenClaims,
        launch_context::{LaunchQuery, SmartLaunch},
        provider::Provider,
    },
    service::{Service, SessionStart},
};

/// The longest value of a `launch` or `iss` parameter.
const MAX_LENGTH: usize = 1000;

/// The provider and source of a launch, if the address belongs to a registered source.
pub async fn find<'s>(service: &'s Service, query: &LaunchQuery) -> Result<(&'s Provider, SmartLaunch), Failure> {
    if query.launch.is_empty() || query.launch.len() > MAX_LENGTH || query.iss.len() > MAX_LENGTH {
        return Err(refused("the address or launch is missing or too long"));
    }
    let iss = query.iss.trim_end_matches('/');
    let registry = service.registry().await?;
    let system = registry.systems.iter().find(|system| system.base_url.trim_end_matches('/') == iss);
    let system = system.filter(|system| system.is_asked()).ok_or_else(|| refused("no source has this address"))?;
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
    if !claims.role.parse::<Role>().is_ok_and(domain::may_be_launched) {
        return Err(refused("a role that is never launched"));
    }
    let key = LocalIdKey::derived(&service.data_keys).map_err(Failure::internal)?;
    // Other services know an id that contains an NHS number by its hash.
    let local_id = key.hash(&launch.source, None, &patient).unwrap_or(LocalId(patient));
    let framed = launch.is_framed();
    let frame_ancestors = launch.frame_ancestors.join(" ");
    let start = SessionStart { started: service.clock.now(), authenticated_at: None, frame_ancestors };
    let (_, secret) = service.begin_session(claims, start).await?;
    ticket::seal(service, secret, LaunchPatient::Record(SourceIdentity { source: launch.source, local_id }), framed)
}
