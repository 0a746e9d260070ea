//! Partners: what an organisation's administrators and officers read and change on the way to live data. Each change passes
//! `change`, which checks the author and keeps who, when and why. No patient data.

use async_trait::async_trait;
use lcr_model::{OdsCode, Phi};

use crate::{
    Caller, Failure,
    partners::{
        PartnerFile, PartnerReceipt, PartnerRequest, PartnerSummary,
        agreement::AgreementText,
        people::{AccessRequest, Applicant, NewAccessRequest, OpenSession, PeopleList, SignInCounts},
        sharing_register::SharingRegister,
    },
};

/// Offered by identity, used by the gateway.
#[async_trait]
pub trait Partners: Send + Sync {
    /// Makes a change. A change that is refused stores nothing.
    async fn change(&self, caller: &Caller, request: PartnerRequest) -> Result<PartnerReceipt, Failure>;
    /// The organisations that the caller may manage: their own, or all for the platform's administrators.
    async fn partners(&self, caller: &Caller) -> Result<Vec<PartnerSummary>, Failure>;
    /// Everything about one organisation. Not found if the caller may not know it.
    async fn partner(&self, caller: &Caller, ods: &OdsCode) -> Result<PartnerFile, Failure>;
    /// The documents as the organisation signs them.
    async fn agreement_text(&self, caller: &Caller, ods: &OdsCode) -> Result<AgreementText, Failure>;
    async fn people(&self, caller: &Caller, ods: &OdsCode) -> Result<PeopleList, Failure>;
    /// The open sessions of an organisation, or the caller's own.
    async fn sessions(&self, caller: &Caller, ods: Option<&OdsCode>) -> Result<Vec<OpenSession>, Failure>;
    async fn sign_in_counts(&self, caller: &Caller, ods: &OdsCode) -> Result<SignInCounts, Failure>;
    /// For anybody.
    async fn sharing_register(&self) -> Result<SharingRegister, Failure>;
    /// Who holds this sealed cookie. `None` if it is not ours or too old.
    async fn applicant(&self, sealed: &Phi<String>) -> Result<Option<Applicant>, Failure>;
    async fn request_access(&self, sealed: &Phi<String>, request: NewAccessRequest) -> Result<AccessRequest, Failure>;
}
