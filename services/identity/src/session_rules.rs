//! Who may begin a session: by the state and the kind of their organisation, and by the stored row of the provider that vouches for
//! them. An organisation must never give a role that its kind does not have, and a provider that was changed or removed a moment
//! ago must vouch for nobody.

use lcr_contracts::registry::{Organisation, PartnerState};
use lcr_model::Role;
use sea_orm::{DatabaseTransaction, DbErr};

use crate::{
    domain,
    oidc::{
        callback::{ClaimsOrigin, IdTokenClaims},
        refusal::SignInRefusal,
    },
    people,
    store::{provider, registry},
};

/// Checks verified claims in the write that begins the session. Returns the user's organisation; patients have none.
pub async fn check(
    tx: &DatabaseTransaction,
    claims: &IdTokenClaims,
) -> Result<Result<Option<Organisation>, SignInRefusal>, DbErr> {
    if !is_provider_unchanged(tx, claims).await? {
        return Ok(Err(SignInRefusal::ProviderChanged));
    }
    if claims.role.is_some_and(domain::is_patient) {
        return Ok(Ok(None));
    }
    let organisation = registry::find_organisation(tx, &claims.org).await?;
    let checked = match claims.role {
        Some(role) => check_role(organisation.as_ref(), claims.origin, role),
        // Their organisation's directory may know the role.
        None if organisation.is_some() => Ok(()),
        None => Err(SignInRefusal::NotRegistered),
    };
    Ok(checked.map(|()| organisation))
}

/// Whether an organisation's own provider is stored as it was when its token was read. Another replica may have changed it.
async fn is_provider_unchanged(tx: &DatabaseTransaction, claims: &IdTokenClaims) -> Result<bool, DbErr> {
    let ClaimsOrigin::OwnProvider { version } = claims.origin else { return Ok(true) };
    let row = provider::find(tx, &claims.issuer).await?;
    Ok(row.is_some_and(|row| row.version == version && row.organisation.as_str() == claims.org))
}

/// Refuses a role that the organisation may not give, and everybody but administrators of an organisation that is suspended or has
/// left. They may sign in to resume it or to register it again; their sessions open no record.
pub fn check_role(organisation: Option<&Organisation>, origin: ClaimsOrigin, role: Role) -> Result<(), SignInRefusal> {
    let Some(organisation) = organisation else {
        return if role == Role::OrgAdmin { Ok(()) } else { Err(SignInRefusal::NotRegistered) };
    };
    if origin != ClaimsOrigin::Operators && !people::roles_of(&organisation.kind).contains(&role) {
        return Err(SignInRefusal::NoRole);
    }
    // Only the operators' provider makes a platform administrator, who must be able to undo a suspension.
    let administers = matches!(role, Role::OrgAdmin | Role::PlatformAdmin);
    match organisation.state {
        PartnerState::Suspended if !administers => Err(SignInRefusal::Suspended),
        PartnerState::Left if !administers => Err(SignInRefusal::Left),
        _ => Ok(()),
    }
}

#[cfg(test)]
#[path = "session_rules_tests.rs"]
mod tests;
