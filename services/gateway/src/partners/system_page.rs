//! One source system: its settings, credentials, check, state and switch-on. The credentials are never shown; the public part
//! of a key that we made is shown to be registered.

use axum::{extract::Path, response::Response};
use lcr_contracts::{
    partners::{
        ChangeResult, PartnerChange,
        people::DirectoryPerson,
        system::{SystemChange, SystemStatus},
    },
    registry::PartnerState,
};
use lcr_model::SourceId;
use serde::Deserialize;

use crate::{
    forms::{form::Form, form_input::Values, page::Section, submission::FormSubmission},
    layout::format::format_moment,
    partners::{
        check_report::{checks_grid, report_words},
        credentials_form::{credentials_sections, read_credentials},
        kinds::system_kind_words,
        partner::{Partner, PartnerForm, PartnerPage, ReadForm},
        switch_forms::{read_switch, switch_section, switch_settings},
        system_form::{read_system, system_fields},
        systems_page::{self, LIST, system_tag},
        words::{credential_words, dataset_list, managed_by_words},
    },
    web::error_page::{ErrorPage, no_such_page},
};

const PUT: &str = "put-system";
const CHECK: &str = "check";
const GO_LIVE: &str = "go-live";
const SUSPEND: &str = "suspend";
const RESUME: &str = "resume";
const REMOVE: &str = "remove-system";

/// The system of an address.
#[derive(Deserialize)]
pub(crate) struct SystemPath {
    id: SourceId,
}

pub(crate) async fn page(
    Path(SystemPath { id }): Path<SystemPath>,
    PartnerPage { partner, submission }: PartnerPage,
) -> Result<Response, ErrorPage> {
    draw(&partner, &id, None, &submission).await
}

pub(crate) async fn change(
    Path(SystemPath { id }): Path<SystemPath>,
    PartnerForm { partner, form }: PartnerForm,
) -> Result<Response, ErrorPage> {
    let is_removal = form.act() == REMOVE;
    let change = read_change(&form, find(&partner, &id)?);
    match partner.change(form, change).await {
        Ok(receipt) => match receipt.result {
            ChangeResult::PublicKeys(keys) => {
                // The file was read before the change, without the new credentials.
                let ods = partner.ods().to_string();
                let partner = Partner::load(partner.reader, &ods).await?;
                draw(&partner, &id, Some(&keys), &FormSubmission::default()).await
            }
            _ if is_removal => Ok(partner.saved(LIST)),
            result => Ok(partner.saved_or_checked(&format!("{LIST}/{id}"), &result)),
        },
        Err(submission) => draw(&partner, &id, None, &submission).await,
    }
}

fn read_change(values: &Values, system: &SystemStatus) -> ReadForm {
    let id = system.draft.id.clone();
    let change = match values.act().as_str() {
        PUT => read_system(values, Some(&system.draft)).map(|draft| SystemChange::Put(Box::new(draft))),
        CHECK => Ok(SystemChange::Check { system: id }),
        GO_LIVE => Ok(SystemChange::GoLive { system: id }),
        SUSPEND => Ok(SystemChange::Suspend { system: id, suspended: true }),
        RESUME => Ok(SystemChange::Suspend { system: id, suspended: false }),
        REMOVE if values.text("reason").is_empty() => Err("Say why you remove the system.".to_owned()),
        REMOVE => Ok(SystemChange::Remove { system: id }),
        _ => read_credentials(values, &id)
            .or_else(|| read_switch(values, &id))
            .unwrap_or_else(|| Err("Choose what to change.".to_owned())),
    };
    change.map(PartnerChange::System)
}

fn find<'a>(partner: &'a Partner, id: &SourceId) -> Result<&'a SystemStatus, ErrorPage> {
    let system = partner.file.systems.iter().find(|system| system.draft.id == *id);
    system.ok_or_else(|| partner.reader.error_page(&no_such_page()))
}

/// The page. `made` are the public keys of a key that was made just now.
async fn draw(
    partner: &Partner,
    id: &SourceId,
    made: Option<&serde_json::Value>,
    submission: &FormSubmission,
) -> Result<Response, ErrorPage> {
    let system = find(partner, id)?;
    let mut sections = Vec::new();
    if let Some(keys) = made {
        let text = serde_json::to_string_pretty(keys).unwrap_or_default();
        let section = Section::new("new-key", "The key is made");
        sections.push(
            section
                .text(
                    "Register this public key set with the source, then run the check. The private key stays \
                    here, sealed.",
                )
                .code("Public key set (JWKS)", text),
        );
    }
    sections.push(facts_section(system));
    sections.push(check_section(partner, system, submission));
    sections.push(state_section(partner, system, submission));
    sections.push(switch_section(partner, system, submission));
    sections.extend(switch_settings(partner, system, &own_people(partner).await, submission));
    sections.push(settings_section(partner, system, submission));
    let text = "Only one kind is in use. New credentials are tried first, and those before until the source \
        accepts the new ones.";
    sections.push(Section::new("credentials", "Credentials").text(text));
    sections.extend(credentials_sections(partner, system, submission));
    sections.extend(removal_section(partner, system, submission));
    let back = (systems_page::title(partner), partner.path(LIST));
    Ok(partner.show_below(&system.draft.name, back, sections, submission))
}

/// The organisation's people, for its own administrator. Without the directory the page still serves everything else.
async fn own_people(partner: &Partner) -> Vec<DirectoryPerson> {
    if !partner.is_own_administrator() {
        return vec![];
    }
    let list = partner.reader.app.deps.partners.people(&partner.reader.caller(), partner.ods()).await;
    list.map(|list| list.people).unwrap_or_default()
}

fn facts_section(system: &SystemStatus) -> Section {
    let changed = system.credentials_changed_at.map_or_else(String::new, |at| format!(", since {}", format_moment(at)));
    let address = Some(system.draft.base_url.clone()).filter(|url| !url.is_empty());
    Section::new("", "")
        .fact("State", system_tag(system).words)
        .fact("Kind", system_kind_words(&system.draft.kind))
        .fact("Address", address.unwrap_or_else(|| "none: it only sends messages".to_owned()))
        .fact("Gives", dataset_list(&system.draft.datasets))
        .fact("Credentials", format!("{}{changed}", credential_words(system.credentials)))
        .fact("Last check", report_words(system.report.as_ref()))
        .fact("Contact", system.draft.contact.clone())
        .fact("Managed by", managed_by_words(&system.managed_by))
}

fn check_section(partner: &Partner, system: &SystemStatus, submission: &FormSubmission) -> Section {
    let page = format!("{LIST}/{}", system.draft.id);
    let checks = system.report.as_ref().map(|report| report.checks.as_slice()).unwrap_or_default();
    Section::new("check", "The check")
        .text(
            "The check asks the system as we would: can it be reached, does it know us, do its answers hold. \
            It takes up to 40 seconds and changes nothing.",
        )
        .form(partner.form(CHECK, "", &page, submission).button("Run the check"))
        .grid(checks_grid(checks))
}

fn state_section(partner: &Partner, system: &SystemStatus, submission: &FormSubmission) -> Section {
    let page = format!("{LIST}/{}", system.draft.id);
    let form = |act, button| partner.form(act, "", &page, submission).button(button).about(system.draft.name.clone());
    let section = Section::new("live", "Live or not").fact("Now", live_words(system));
    match (system.suspended, system.live) {
        (true, _) => section.form(form(RESUME, "Resume").reason("Why (not required)")),
        (false, true) => section.form(form(SUSPEND, "Suspend").reason("Why you suspend it").secondary()),
        (false, false) => go_live(section, partner, system, form(GO_LIVE, "Go live"))
            .text("Suspend a system that you do not need, and it holds up nothing.")
            .form(form(SUSPEND, "Suspend").reason("Why you suspend it").secondary()),
    }
}

/// The section with the form that takes the system live, or with what is missing. A form that was refused comes back.
fn go_live(section: Section, partner: &Partner, system: &SystemStatus, form: Form) -> Section {
    match live_obstacle(partner, system).filter(|_| form.problem.is_none()) {
        Some(missing) => section.text(missing),
        None => section.form(form),
    }
}

/// What is missing before the system goes live. Identity decides it again.
fn live_obstacle(partner: &Partner, system: &SystemStatus) -> Option<&'static str> {
    let is_ready = matches!(partner.file.organisation.state, PartnerState::Conformant | PartnerState::Live);
    match &system.report {
        _ if !partner.file.agreement.in_force => {
            Some("It can go live once the agreement is in force: everybody who must sign it signs first.")
        }
        None => Some("It can go live once it has passed the check of the connection as it is now. Run the check."),
        Some(report) if !report.passed() => {
            Some("It can go live once it passes the check. The report of the last one says what to do.")
        }
        Some(_) if !is_ready => {
            Some("It can go live once everything that your organisation has set up passes its check.")
        }
        Some(_) => None,
    }
}

fn live_words(system: &SystemStatus) -> &'static str {
    match (system.suspended, system.live) {
        (true, _) => "Suspended: nothing is asked of it, and its messages are refused.",
        (false, true) => "Live: it is asked, and what is switched on is shown.",
        (false, false) => "Not live yet: nothing is asked of it.",
    }
}

/// The form that removes a system that is suspended or was never live. `None` for a system that is live, or that the operator
/// manages.
fn removal_section(partner: &Partner, system: &SystemStatus, submission: &FormSubmission) -> Option<Section> {
    let is_removable = (!system.live || system.suspended) && system.managed_by != "operator";
    let form = partner
        .form(REMOVE, "", &format!("{LIST}/{}", system.draft.id), submission)
        .reason("Why you remove it")
        .button("Remove this system")
        .about(system.draft.name.clone())
        .secondary();
    let section = Section::new("remove", "Remove this system")
        .text(
            "Its credentials and stages are removed, and it is asked no more. What it has sent stays, and so does the history. \
            Your organisation may set up a system of the same short name again.",
        )
        .form(form);
    is_removable.then_some(section)
}

fn settings_section(partner: &Partner, system: &SystemStatus, submission: &FormSubmission) -> Section {
    let form = partner.form(PUT, "", &format!("{LIST}/{}", system.draft.id), submission);
    let form = system_fields(form, partner, Some(&system.draft));
    Section::new("settings", "Change the settings")
        .text("After a change of the address or the datasets the check must be run again.")
        .form(form)
        .folded(submission.is_about(PUT))
}
