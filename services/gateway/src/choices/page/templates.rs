//! The templates of the pages about choices, and what the page adds to them.

use askama::Template;

use crate::{
    choices::{choice_list::ChoiceLine, form::ChoiceForm},
    layout::Layout,
    record::banner::Banner,
};

#[derive(Template)]
#[template(path = "choices.html")]
pub(super) struct ListPage {
    pub(super) layout: Layout,
    pub(super) banner: Option<Banner>,
    pub(super) base: String,
    /// The page that staff return to.
    pub(super) back: String,
    pub(super) form_token: String,
    pub(super) lines: Vec<ChoiceLine>,
    pub(super) may_change: bool,
    /// An objection to all sharing is in force, so no wider one can be made.
    pub(super) closed: bool,
    pub(super) organisations: Vec<(String, String)>,
    pub(super) input: ChoiceForm,
    pub(super) problem: Option<String>,
    pub(super) all: Vec<String>,
}

#[derive(Template)]
#[template(path = "choice_confirm.html")]
pub(super) struct ConfirmPage {
    pub(super) layout: Layout,
    pub(super) banner: Option<Banner>,
    pub(super) base: String,
    pub(super) form_token: String,
    pub(super) what: String,
    pub(super) stops: Vec<String>,
    /// The choice to withdraw, or `None` when one is made.
    pub(super) withdraw: Option<String>,
    pub(super) input: ChoiceForm,
}

#[derive(Template)]
#[template(path = "choice_receipt.html")]
pub(super) struct ReceiptPage {
    pub(super) layout: Layout,
    pub(super) banner: Option<Banner>,
    pub(super) base: String,
    pub(super) line: ChoiceLine,
    pub(super) from: String,
    pub(super) stops: Vec<String>,
}

impl ListPage {
    pub(super) fn for_patient(&self) -> bool {
        self.banner.is_none()
    }
}

impl ConfirmPage {
    pub(super) fn for_patient(&self) -> bool {
        self.banner.is_none()
    }

    /// If there is a banner, its name is the `h1`.
    fn level(&self) -> &'static str {
        if self.for_patient() { "h1" } else { "h2" }
    }
}

impl ReceiptPage {
    pub(super) fn for_patient(&self) -> bool {
        self.banner.is_none()
    }

    /// If there is a banner, its name is the `h1`.
    fn level(&self) -> &'static str {
        if self.for_patient() { "h1" } else { "h2" }
    }

    fn sublevel(&self) -> &'static str {
        if self.for_patient() { "h2" } else { "h3" }
    }
}
