//! One organisation's file for a page, and the way of a change to identity. A change that is refused must come back with what
//! was typed.

use axum::response::{IntoResponse, Redirect, Response};
use lcr_contracts::{
    Failure, FailureKind,
    partners::{PartnerChange, PartnerFile, PartnerReceipt, PartnerRequest},
};
use lcr_model::{OdsCode, Role};

use crate::{
    layout::Nav,
    partners::{
        form::Form,
        form_input::Values,
        page::{Section, failure_page, show},
        posted::Posted,
    },
    record::person_page::no_such_page,
    web::{error_page::ErrorPage, session::SignedInReader},
};

/// A change, or what is wrong with the form.
pub(crate) type ReadForm = Result<PartnerChange, String>;

/// An organisation whose file the reader may see.
pub(crate) struct Partner {
    pub reader: SignedInReader,
    pub file: PartnerFile,
}

impl Partner {
    /// # Errors
    /// An error page, which is the same for an organisation that does not exist and for another's.
    pub async fn load(reader: SignedInReader, ods: &str) -> Result<Self, ErrorPage> {
        let Some(ods) = OdsCode::parse(ods) else { return Err(reader.error_page(&no_such_page())) };
        let file = reader.app.deps.partners.partner(&reader.caller(), &ods).await;
        let file = file.map_err(|failure| failure_page(&reader, &failure))?;
        Ok(Self { reader, file })
    }

    pub fn ods(&self) -> &OdsCode {
        &self.file.organisation.ods
    }

    pub fn name(&self) -> &str {
        &self.file.organisation.name
    }

    /// The address of one of its pages, such as `/details`; its own for an empty text.
    pub fn path(&self, page: &str) -> String {
        format!("/partners/{}{page}", self.ods())
    }

    pub fn is_administrator(&self) -> bool {
        self.reader.has_role(&[Role::OrgAdmin, Role::PlatformAdmin])
    }

    /// A form that is sent to `page`.
    pub fn form(&self, act: &'static str, row: &str, page: &str, posted: &Posted) -> Form {
        Form::new(act, row, &self.path(page), self.reader.signed_in.form_token.as_ref(), posted)
    }

    /// Makes the change.
    ///
    /// # Errors
    /// The form with what was typed and why it was refused.
    pub async fn change(&self, values: Values, change: ReadForm) -> Result<PartnerReceipt, Posted> {
        submit(&self.reader, self.ods(), values, change).await
    }

    /// The page to show after a change that says enough by itself.
    pub fn saved(&self, page: &str) -> Response {
        Redirect::to(&format!("{}?done=1", self.path(page))).into_response()
    }

    /// A page below the steps.
    pub fn show(&self, title: &str, sections: Vec<Section>, posted: &Posted) -> Response {
        let back = (format!("Steps of {}", self.name()), self.path(""));
        self.show_below(title, back, sections, posted)
    }

    pub fn show_below(&self, title: &str, back: (String, String), sections: Vec<Section>, posted: &Posted) -> Response {
        show(self.reader.layout(title, Nav::Partners), title, Some(back), sections, posted)
    }
}

/// Sends a change to identity.
///
/// # Errors
/// The form with what was typed and why it was refused.
pub(crate) async fn submit(
    reader: &SignedInReader,
    organisation: &OdsCode,
    values: Values,
    change: ReadForm,
) -> Result<PartnerReceipt, Posted> {
    let change = match change {
        Ok(change) => change,
        Err(problem) => return Err(Posted::refused_because(values, problem)),
    };
    let request = PartnerRequest { organisation: organisation.clone(), reason: values.text("reason"), change };
    match reader.app.deps.partners.change(&reader.caller(), request).await {
        Ok(receipt) => Ok(receipt),
        Err(failure) if failure.kind == FailureKind::NotFound => {
            let text = "This is not there any more. Reload the page and try again.";
            Err(Posted::failed(values, &Failure::bad_request(text)))
        }
        Err(failure) => Err(Posted::failed(values, &failure)),
    }
}
