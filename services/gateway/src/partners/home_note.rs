//! What the home page says of the reader's own organisation: a step that waits for them. It must never fail the page, and says
//! nothing if identity does not answer.

use lcr_contracts::{FailureKind, partners::PartnerFile, registry::PartnerState};
use lcr_model::{Role, UserId};

use crate::{roles::PARTNER_ROLES, web::session::SignedInReader};

/// A sentence, and the link to the page where the step is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HomeNote {
    pub words: &'static str,
    pub label: &'static str,
    pub href: String,
}

pub(crate) async fn home_note(reader: &SignedInReader) -> Option<HomeNote> {
    if !reader.has_role(&PARTNER_ROLES) || reader.has_role(&[Role::PlatformAdmin]) {
        return None;
    }
    let actor = &reader.signed_in.actor;
    match reader.app.deps.partners.partner(&reader.caller(), &actor.org).await {
        Ok(file) => signature_waits(&file, &actor.user).then(|| HomeNote {
            words: "The agreement waits for your signature.",
            label: "Read and sign it",
            href: format!("/partners/{}/agreement", actor.org),
        }),
        Err(failure) if failure.kind == FailureKind::NotFound && actor.role == Role::OrgAdmin => Some(HomeNote {
            words: "Your organisation is not registered yet. That is the first step on its way to live data.",
            label: "Register it",
            href: "/partners".to_owned(),
        }),
        Err(_) => None,
    }
}

/// Whether the user is appointed to sign and has not signed. Nobody signs for an organisation that has left.
fn signature_waits(file: &PartnerFile, user: &UserId) -> bool {
    let mut signatories = file.agreement.signatories.iter();
    let waits = signatories.any(|one| one.user.as_ref() == Some(user) && one.signed_at.is_none());
    waits && file.organisation.state != PartnerState::Left
}
