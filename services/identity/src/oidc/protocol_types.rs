//! The types of `OpenID` Connect with the claims and fields of our providers. A claim must never be believed before its token is
//! verified.

use lcr_model::Phi;
use openidconnect::{
    AdditionalClaims, AdditionalProviderMetadata, EndpointMaybeSet, EndpointNotSet, EndpointSet, ExtraTokenFields,
    IdTokenFields, ProviderMetadata, StandardErrorResponse, StandardTokenResponse,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreErrorResponseType,
        CoreGenderClaim, CoreGrantType, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm,
        CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm, CoreResponseMode, CoreResponseType, CoreRevocableToken,
        CoreRevocationErrorResponse, CoreSubjectIdentifierType, CoreTokenIntrospectionResponse, CoreTokenType,
    },
};
use serde::{Deserialize, Serialize};

/// The claims of an ID token beyond the standard ones.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LcrClaims {
    pub org_code: Option<String>,
    pub role: Option<String>,
    pub sid: Option<String>,
    pub nhs_number: Option<Phi<String>>,
    /// NHS login's proofing level. P9 is the highest, and only P9 links a patient.
    pub identity_proofing_level: Option<String>,
}
impl AdditionalClaims for LcrClaims {}

/// The fields of a provider's metadata beyond the standard ones.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct LcrMetadata {
    /// Whether it names itself in each callback (RFC 9207, section 3).
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}
impl AdditionalProviderMetadata for LcrMetadata {}

pub type Metadata = ProviderMetadata<
    LcrMetadata,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// The fields of a token answer beyond the standard ones.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct LaunchFields {
    /// The open patient, by the source's own id (SMART App Launch, "launch context").
    pub patient: Option<Phi<String>>,
}
impl ExtraTokenFields for LaunchFields {}

type ResponseFields =
    IdTokenFields<LcrClaims, LaunchFields, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;
pub type IdToken =
    openidconnect::IdToken<LcrClaims, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;
pub type IdClaims = openidconnect::IdTokenClaims<LcrClaims, CoreGenderClaim>;
pub type Client = openidconnect::Client<
    LcrClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<ResponseFields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;
