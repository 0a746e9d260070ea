//! One source system: its settings, credentials, check, state and switch-on. The credentials are never shown; the public part
//! of a key that we made is shown to be registered.

use axum::{
    extract::{Path, Query},
    response::Response,
};
use lcr_contracts::partners::{
    ChangeResult, PartnerChange,
    system::{SystemChange, SystemStatus},
};
use lcr_model::SourceId;

use crate::{
    layout::format::format_moment,
    partners::{
        check_report::{checks_grid, report_words},
        credentials_form::{credentials_sections, read_credentials},
        form_input::Values,
        kinds::system_kind_words,
        page::Section,
        partner::{Partner, ReadForm},
        posted::{DoneQuery, Posted},
        switch_forms::{read_switch, switch_section, switch_settings},
        system_form::{read_system, system_fields},
        systems_page::system_tag,
        words::{credential_words, dataset_list, managed_by_words},
    },
    record::person_page::no_such_page,
    web::{csrf::CsrfForm, error_page::ErrorPage, session::SignedInReader},
};

const PUT: &str = "put-system";
const CHECK: &str = "check";
const GO_LIVE: &str = "go-live";
const SUSPEND: &str = "suspend";
const RESUME: &str = "resume";

pub(crate) async fn page(
    reader: SignedInReader,
    Path((ods, id)): Path<(String, String)>,
    Query(query): Query<DoneQuery>,
) -> Result<Response, ErrorPage> {
    let partner = Partner::load(reader, &ods).await?;
    draw(&partner, &SourceId::new(id), None, &Posted::after(&query))
}

pub(crate) async fn change(
    Path((ods, id)): Path<(String, String)>,
    CsrfForm { reader, form }: CsrfForm<Values>,
) -> Result<Response, ErrorPage> {
    let partner = Partner::load(reader, &ods).await?;
    let id = SourceId::new(id);
    let change = read_change(&form, find(&partner, &id)?);
    match partner.change(form, change).await {
        Ok(receipt) => match receipt.result {
            ChangeResult::PublicKeys(keys) => draw(&partner, &id, Some(&keys), &Posted::default()),
            _ => Ok(partner.saved(&format!("/systems/{id}"))),
        },
        Err(posted) => draw(&partner, &id, None, &posted),
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
fn draw(
    partner: &Partner,
    id: &SourceId,
    made: Option<&serde_json::Value>,
    posted: &Posted,
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
    sections.push(check_section(partner, system, posted));
    sections.push(state_section(partner, system, posted));
    sections.push(switch_section(partner, system, posted));
    sections.extend(switch_settings(partner, system, posted));
    sections.push(settings_section(partner, system, posted));
    let text = "Only one kind is in use. New credentials are tried first, and those before until the source \
        accepts the new ones.";
    sections.push(Section::new("credentials", "Credentials").text(text));
    sections.extend(credentials_sections(partner, system, posted));
    let back = ("Your systems".to_owned(), partner.path("/systems"));
    Ok(partner.show_below(&system.draft.name, back, sections, posted))
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

fn check_section(partner: &Partner, system: &SystemStatus, posted: &Posted) -> Section {
    let page = format!("/systems/{}", system.draft.id);
    let checks = system.report.as_ref().map(|report| report.checks.as_slice()).unwrap_or_default();
    Section::new("check", "The check")
        .text(
            "The check asks the system as we would: can it be reached, does it know us, do its answers hold. \
            It takes up to 40 seconds and changes nothing.",
        )
        .form(partner.form(CHECK, "", &page, posted).button("Run the check"))
        .grid(checks_grid(checks))
}

fn state_section(partner: &Partner, system: &SystemStatus, posted: &Posted) -> Section {
    let page = format!("/systems/{}", system.draft.id);
    let form = |act, button| partner.form(act, "", &page, posted).button(button).about(system.draft.name.clone());
    let section = Section::new("live", "Live or not");
    match (system.suspended, system.live) {
        (true, _) => section
            .text("Suspended: nothing is asked of it, and its messages are refused.")
            .form(form(RESUME, "Resume").reason("Why (not required)")),
        (false, true) => section
            .text("Live: it is asked, and what is switched on is shown.")
            .form(form(SUSPEND, "Suspend").reason("Why you suspend it").secondary()),
        (false, false) => section
            .text("Not live yet. It needs a passed check of the connection as it is now, and a signed agreement.")
            .text("Suspend a system that you do not need, and it holds up nothing.")
            .form(form(GO_LIVE, "Go live"))
            .form(form(SUSPEND, "Suspend").reason("Why you suspend it").secondary()),
    }
}

fn settings_section(partner: &Partner, system: &SystemStatus, posted: &Posted) -> Section {
    let form = partner.form(PUT, "", &format!("/systems/{}", system.draft.id), posted);
    let form = system_fields(form, partner, Some(&system.draft));
    Section::new("settings", "Change the settings")
        .text("After a change of the address or the datasets the check must be run again.")
        .form(form)
        .folded(posted.is_about(PUT))
}
