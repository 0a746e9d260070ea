//! What other organisations switch on or off for this one, and the choice not to be shown a dataset yet. Only the receiving
//! organisation decides that; identity checks it.

use axum::response::Response;
use lcr_contracts::partners::{
    PartnerChange,
    system::{Notice, SystemChange},
};
use lcr_model::SourceId;

use crate::{
    forms::{
        form_input::Values,
        grid::{Grid, GridCell},
        page::Section,
        submission::FormSubmission,
    },
    layout::format::format_moment,
    partners::{
        partner::{Partner, PartnerForm, PartnerPage, ReadForm},
        words::stage_meaning,
    },
};

const PAGE: &str = "/notices";
const DECLINE: &str = "decline";
const ACCEPT: &str = "accept";
/// No schedule limits what an organisation reads of its own trust.
const BEYOND_AGREEMENT: &str =
    "Your agreement does not include this dataset. Your staff see it only from your own organisation and its trust.";

pub(crate) async fn page(PartnerPage { partner, submission }: PartnerPage) -> Response {
    draw(&partner, &submission)
}

pub(crate) async fn change(PartnerForm { partner, form }: PartnerForm) -> Response {
    let change = read_change(&form);
    match partner.change(form, change).await {
        Ok(_) => partner.saved(PAGE),
        Err(submission) => draw(&partner, &submission),
    }
}

fn read_change(values: &Values) -> ReadForm {
    let system = values.optional("system").ok_or_else(|| "Choose the system.".to_owned())?;
    let dataset = values.one_of("dataset", "Choose the dataset.")?;
    let declined = values.act() == DECLINE;
    Ok(PartnerChange::System(SystemChange::Decline { system: SourceId::new(system), dataset, declined }))
}

fn draw(partner: &Partner, submission: &FormSubmission) -> Response {
    let text = "Each line is a step of another organisation that reaches your staff, with who signed it off. You \
        may say that your staff are not ready for it.";
    let section = Section::new("", "").text(text).grid(notices_grid(partner, submission));
    partner.show("What others switch on for you", vec![section], submission)
}

fn notices_grid(partner: &Partner, submission: &FormSubmission) -> Grid {
    let row = |notice: &Notice| {
        let unit = notice.unit.as_ref().map(|unit| format!("the part of {unit}")).unwrap_or_default();
        let sign_off = Some(notice.signed_off_by.clone()).filter(|by| !by.is_empty());
        let sign_off = sign_off.map(|by| format!("Signed off by {by}")).unwrap_or_default();
        let view = Some(notice.user_view.clone()).filter(|view| !view.is_empty());
        let view = view.map(|view| format!("Service users said: {view}")).unwrap_or_default();
        vec![
            GridCell::text(format_moment(notice.at)),
            GridCell::lines(vec![notice.source.clone(), notice.dataset.title().to_owned(), unit]),
            GridCell::lines(vec![
                format!("Now for {}", stage_meaning(notice.to)),
                format!("Before for {}", stage_meaning(notice.from)),
            ]),
            GridCell::lines(vec![notice.by.clone(), sign_off, view]),
            choice_cell(partner, notice, submission),
        ]
    };
    Grid {
        caption: "Notices, the newest first",
        columns: vec!["When", "Source and dataset", "Who sees it", "By whom", "Your choice"],
        rows: partner.file.notices.iter().map(row).collect(),
        empty: "No other organisation has switched anything on or off for you yet.",
    }
}

/// What the organisation chose, and the choice that would change it.
fn choice_cell(partner: &Partner, notice: &Notice, submission: &FormSubmission) -> GridCell {
    let receives = partner.file.organisation.receives.as_ref();
    let (state, act, button) = if notice.declined {
        ("Not shown to your staff, because you declined it.", ACCEPT, "Show it to us as it is switched on")
    } else if receives.is_some_and(|receives| !receives.contains(&notice.dataset)) {
        (BEYOND_AGREEMENT, DECLINE, "Do not show this dataset to us yet")
    } else {
        ("Shown to your staff as far as it is switched on.", DECLINE, "Do not show this dataset to us yet")
    };
    let form = partner
        .own_form(act, &notice.id.to_string(), PAGE, submission)
        .hidden("system", notice.system.as_str())
        .hidden("dataset", notice.dataset.as_str())
        .button(button)
        .about(format!("{}, {}, {}", notice.source, notice.dataset.title(), format_moment(notice.at)))
        .secondary();
    let mut cell = GridCell::forms(vec![form], "");
    cell.lines.insert(0, state.to_owned());
    cell
}
