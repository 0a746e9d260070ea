//! The clients of an organisation: its computers that send messages or read, each with a key of its own. Only public keys are
//! taken; identity refuses a private one.

use axum::response::Response;
use lcr_contracts::partners::{
    PartnerChange,
    system::{ClientDraft, ClientStatus, SystemChange},
};
use lcr_model::Role;

use crate::{
    forms::{
        form::Form,
        form_input::Values,
        grid::{Grid, GridCell, Tag},
        page::Section,
        submission::FormSubmission,
    },
    layout::format::{capitalise, format_moment},
    partners::{
        partner::{Partner, PartnerForm, PartnerPage, ReadForm},
        words::{managed_by_words, role_list, staff_roles},
    },
};

const PAGE: &str = "/clients";
const PUT: &str = "put-client";
const SUSPEND: &str = "suspend-client";
const RESUME: &str = "resume-client";
const REMOVE: &str = "remove-client";
const SCOPES: [(&str, &str); 3] = [
    ("feeds.write", "Send messages (feeds.write)"),
    ("fhir.read", "Read records over FHIR (fhir.read)"),
    ("people.write", "Manage your people by SCIM (people.write)"),
];

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
    let change = match values.act().as_str() {
        // The form of a new client has no row. An id that is in use is then refused, and its client stays as it is.
        PUT if values.row().is_empty() => SystemChange::CreateClient(Box::new(read_client(values)?)),
        PUT => SystemChange::PutClient(Box::new(read_client(values)?)),
        SUSPEND => SystemChange::SuspendClient { client: values.row(), suspended: true },
        RESUME => SystemChange::SuspendClient { client: values.row(), suspended: false },
        REMOVE if values.text("reason").is_empty() => return Err("Say why you remove the client.".to_owned()),
        REMOVE => SystemChange::RemoveClient { client: values.row() },
        _ => return Err("Choose what to change.".to_owned()),
    };
    Ok(PartnerChange::System(change))
}

fn read_client(values: &Values) -> Result<ClientDraft, String> {
    let id = Some(values.row()).filter(|id| !id.is_empty()).or_else(|| values.optional("id"));
    let jwks = values.optional("jwks").map(|text| serde_json::from_str::<serde_json::Value>(&text)).transpose();
    let per_minute = values.optional("per_minute").map(|text| text.parse::<u32>()).transpose();
    let requests = values.optional("requests_per_minute").map(|text| text.parse::<u32>()).transpose();
    let scopes: Vec<&str> = SCOPES.iter().map(|(scope, _)| *scope).filter(|scope| values.has(scope)).collect();
    Ok(ClientDraft {
        id: id.ok_or_else(|| "Enter a short name.".to_owned())?,
        name: values.optional("name").ok_or_else(|| "Enter a name.".to_owned())?,
        role: values.one_of("role", "Choose what the client does.")?,
        scope: scopes.join(" "),
        jwks: jwks.map_err(|_| "The public key set is not JSON.".to_owned())?,
        jwks_url: values.optional("jwks_url"),
        per_minute: per_minute.map_err(|_| "Enter the tokens a minute as a whole number.".to_owned())?.unwrap_or(0),
        requests_per_minute: requests.map_err(|_| "Enter the requests a minute as a whole number.".to_owned())?,
        launch_roles: values.ticked("launch", &staff_roles()),
        frame_ancestors: values.lines("frame_ancestors"),
    })
}

fn draw(partner: &Partner, submission: &FormSubmission) -> Response {
    let list = Section::new("", "")
        .text(
            "A client is a computer of yours that sends messages or reads records. It proves who it is with a \
            key: you keep the private part, and register the public part here.",
        )
        .grid(clients_grid(partner, submission));
    let new = client_fields(partner.own_form(PUT, "", PAGE, submission), None).button("Register the client");
    let mut sections = vec![list, Section::new("new-client", "Register a client").form(new)];
    for client in &partner.file.clients {
        let id = &client.draft.id;
        let form = client_fields(partner.own_form(PUT, id, PAGE, submission), Some(&client.draft))
            .about(client.draft.name.clone());
        let is_open = submission.refused(&form.id).is_some();
        let heading = format!("Change {}", client.draft.name);
        sections.push(Section::new(format!("client-{id}"), heading).form(form).folded(is_open));
    }
    partner.show(&format!("Clients of {}", partner.name()), sections, submission)
}

fn client_fields(form: Form, draft: Option<&ClientDraft>) -> Form {
    let text = |of: fn(&ClientDraft) -> String| draft.map(of).unwrap_or_default();
    let form = match draft {
        Some(_) => form,
        None => form.line("id", "Short name", "Small letters, digits and hyphens, at most 60. It never changes.", ""),
    };
    let role = draft.map_or(Role::FeedsClient, |one| one.role);
    let roles =
        [(Role::FeedsClient, "Sends messages"), (Role::FhirClient, "Reads records for people who are signed in to it")];
    let has_scope = |scope: &str| draft.is_some_and(|one| one.scope.split(' ').any(|own| own == scope));
    let scopes = SCOPES.map(|(scope, words)| (scope.to_owned(), words.to_owned(), has_scope(scope))).to_vec();
    let launches = |role: Role| draft.is_some_and(|one| one.launch_roles.contains(&role));
    let launch = staff_roles().into_iter();
    let launch = launch.map(|role| (format!("launch-{role}"), capitalise(role.words()), launches(role))).collect();
    form.line("name", "Name", "", text(|one| one.name.clone()))
        .radios(
            "role",
            "What it does",
            roles.map(|(role, words)| (role.to_string(), words.to_owned())).to_vec(),
            role.as_str(),
        )
        .checks("scopes", "What it may ask for", "", scopes)
        .line(
            "jwks_url",
            "Address of its public key set",
            "Best: a new key then needs no change here.",
            text(|one| one.jwks_url.clone().unwrap_or_default()),
        )
        .long(
            "jwks",
            "Or its public key set (JWKS)",
            "Public keys alone, as JSON.",
            text(|one| one.jwks.as_ref().map(pretty).unwrap_or_default()),
        )
        .line(
            "per_minute",
            "Tokens a minute (not required)",
            "0 is the usual number.",
            draft.map_or(0, |one| one.per_minute).to_string(),
        )
        .line(
            "requests_per_minute",
            "Requests a minute (not required)",
            "Leave it empty for the usual number.",
            draft.and_then(|one| one.requests_per_minute).map(|number| number.to_string()).unwrap_or_default(),
        )
        .checks(
            "launch-roles",
            "Roles whose users it opens records for",
            "Only for a system that opens records by a launch.",
            launch,
        )
        .long(
            "frame_ancestors",
            "Origins that may frame a record",
            "One a line, such as https://ehr.example.nhs.uk. Only for a launch in a frame.",
            text(|one| one.frame_ancestors.join("\n")),
        )
}

fn pretty(value: &serde_json::Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn clients_grid(partner: &Partner, submission: &FormSubmission) -> Grid {
    let row = |client: &ClientStatus| {
        let draft = &client.draft;
        let (act, button, why) = if client.suspended {
            (RESUME, "Resume", "Why you resume it")
        } else {
            (SUSPEND, "Suspend", "Why you suspend it")
        };
        let form = |act, button, why| {
            let form = partner.form(act, &draft.id, PAGE, submission).reason(why);
            form.button(button).about(draft.name.clone()).secondary()
        };
        let remove = client.suspended.then(|| form(REMOVE, "Remove", "Why you remove it"));
        let (colour, words) = if client.suspended { ("red", "Suspended") } else { ("green", "In use") };
        vec![
            GridCell::lines(vec![draft.name.clone(), draft.id.clone()]),
            GridCell::or(Some(draft.scope.clone()), "nothing"),
            GridCell::or(Some(role_list(&draft.launch_roles)), "no launch"),
            GridCell::tag(Tag { colour, words }),
            GridCell::or(client.last_used_at.map(format_moment), "never"),
            GridCell::text(managed_by_words(&client.managed_by)),
            GridCell::forms([form(act, button, why)].into_iter().chain(remove).collect(), "nothing to do"),
        ]
    };
    Grid {
        caption: "Clients",
        columns: vec!["Client", "May ask for", "Launches for", "State", "Last used", "Managed by", "Change"],
        rows: partner.file.clients.iter().map(row).collect(),
        empty: "No client is registered yet.",
    }
}

#[cfg(test)]
#[path = "clients_page_tests.rs"]
mod tests;
