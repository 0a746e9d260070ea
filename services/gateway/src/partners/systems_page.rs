//! The source systems of an organisation, and the form of a new one.

use axum::response::{IntoResponse, Redirect, Response};
use lcr_contracts::partners::{
    PartnerChange,
    system::{SystemChange, SystemStatus},
};

use crate::{
    forms::{
        grid::{Grid, GridCell, Tag},
        page::Section,
        submission::FormSubmission,
    },
    partners::{
        check_report::report_words,
        kinds::system_kind_words,
        partner::{Partner, PartnerForm, PartnerPage},
        system_form::{read_system, system_fields},
        words::{credential_words, managed_by_words},
    },
};

/// The list of the systems, below the organisation.
pub(super) const LIST: &str = "/systems";
const NEW: &str = "/systems/new";

pub(crate) async fn list(PartnerPage { partner, submission }: PartnerPage) -> Response {
    let section = Section::new("", "")
        .text("Each system is set up, passes a check, goes live, and is then switched on dataset by dataset.")
        .grid(systems_grid(&partner))
        .form_link(partner.is_administrator(), "Connect a system", partner.path(NEW));
    partner.show(&title(&partner), vec![section], &submission)
}

pub(crate) async fn new_system(PartnerPage { partner, .. }: PartnerPage) -> Response {
    draw_new(&partner, &FormSubmission::default())
}

pub(crate) async fn make(PartnerForm { partner, form }: PartnerForm) -> Response {
    let draft = read_system(&form, None);
    let page = draft.as_ref().map(|draft| partner.path(&format!("{LIST}/{}?done=1", draft.id)));
    let page = page.unwrap_or_else(|_| partner.path(LIST));
    let change = draft.map(|draft| PartnerChange::System(SystemChange::Create(Box::new(draft))));
    match partner.change(form, change).await {
        Ok(_) => Redirect::to(&page).into_response(),
        Err(submission) => draw_new(&partner, &submission),
    }
}

/// "Systems of Beckside Surgery".
pub(super) fn title(partner: &Partner) -> String {
    format!("Systems of {}", partner.name())
}

fn draw_new(partner: &Partner, submission: &FormSubmission) -> Response {
    let form = system_fields(partner.form("new-system", "", NEW, submission), partner, None).button("Add the system");
    let section = Section::new("", "")
        .text("Nothing is asked of the system yet. Next you set its credentials and run the check.")
        .form(form);
    let back = (title(partner), partner.path(LIST));
    partner.show_below("Connect a system", back, vec![section], submission)
}

fn systems_grid(partner: &Partner) -> Grid {
    let row = |system: &SystemStatus| {
        let id = &system.draft.id;
        vec![
            GridCell::lines(vec![system.draft.name.clone(), id.to_string()])
                .with_link(partner.path(&format!("{LIST}/{id}"))),
            GridCell::text(system_kind_words(&system.draft.kind)),
            GridCell::tag(system_tag(system)),
            GridCell::text(credential_words(system.credentials)),
            GridCell::text(report_words(system.report.as_ref())),
            GridCell::text(managed_by_words(&system.managed_by)),
        ]
    };
    Grid {
        caption: "Systems",
        columns: vec!["System", "Kind", "State", "Credentials", "Check", "Managed by"],
        rows: partner.file.systems.iter().map(row).collect(),
        empty: "No system is connected yet.",
    }
}

pub(crate) fn system_tag(system: &SystemStatus) -> Tag {
    let (colour, words) = match (system.suspended, system.live) {
        (true, _) => ("red", "Suspended"),
        (false, true) => ("green", "Live"),
        (false, false) => ("blue", "Not live yet"),
    };
    Tag { colour, words }
}
