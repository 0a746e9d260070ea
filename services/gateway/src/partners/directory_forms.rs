//! The parts of the page of people: the directory, requests for access with their clock, and the settings of the directory. A
//! request must say who asks for what and which checks failed before anybody grants it.

use lcr_contracts::partners::{
    PartnerChange,
    people::{AccessRequest, Decision, DirectoryPerson, PeopleChange, PeopleList, PersonDraft, RequestCheck},
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
        kinds::organisation_roles,
        partner::{Partner, ReadForm},
        words::{role_list, staff_roles},
    },
};

pub(super) const PAGE: &str = "/people";
const PUT: &str = "put-person";
const END: &str = "end-access";
const RESTORE: &str = "restore-access";
const GRANT: &str = "grant";
const REFUSE: &str = "refuse";
const REQUIRE: &str = "require-directory";
const FREE: &str = "free-directory";
const SCIM: &str = "scim-token";

pub(super) fn request_sections(
    partner: &Partner,
    requests: &[AccessRequest],
    submission: &FormSubmission,
) -> Vec<Section> {
    let waiting = requests.iter().filter(|request| request.decision.is_none());
    waiting.map(|request| request_section(partner, request, submission)).collect()
}

fn request_section(partner: &Partner, request: &AccessRequest, submission: &FormSubmission) -> Section {
    let id = &request.id;
    let grant = partner
        .own_form(GRANT, id, PAGE, submission)
        .select("role", "Role", role_choices(partner, request.role), request.role.as_str())
        .button("Give access")
        .about(request.name.clone());
    let refuse = partner
        .own_form(REFUSE, id, PAGE, submission)
        .reason("Why you refuse it. The person reads this.")
        .button("Refuse")
        .about(request.name.clone())
        .secondary();
    Section::new(format!("request-{id}"), format!("{} asks for access", request.name))
        .fact("As", capitalise(request.role.words()))
        .fact("Why", request.reason.clone())
        .fact("Asked", format_moment(request.asked_at))
        .fact("To be decided by", format_moment(request.decide_by))
        .grid(request_checks(&request.checks))
        .form(grant)
        .form(refuse)
}

/// The roles that the organisation may give, and the one that was asked for: (value, words).
fn role_choices(partner: &Partner, asked: Role) -> Vec<(String, String)> {
    let mut roles = organisation_roles(&partner.file.organisation.kind);
    if !roles.contains(&asked) {
        roles.push(asked);
    }
    roles.into_iter().map(|role| (role.to_string(), capitalise(role.words()))).collect()
}

/// The automatic checks of a request.
pub(super) fn request_checks(checks: &[RequestCheck]) -> Grid {
    let row = |check: &RequestCheck| {
        let (colour, words) = if check.passed { ("green", "Passed") } else { ("red", "Failed") };
        vec![GridCell::text(&check.what), GridCell::tag(Tag { colour, words })]
    };
    Grid {
        caption: "Automatic checks",
        columns: vec!["Check", "Result"],
        rows: checks.iter().map(row).collect(),
        empty: "No check was made.",
    }
}

pub(super) fn people_section(partner: &Partner, list: &PeopleList, submission: &FormSubmission) -> Section {
    let mut section =
        Section::new("directory", "Who is in the directory").grid(people_grid(partner, &list.people, submission));
    if list.more {
        section = section.text("Only the first 1,000 are shown, by name.");
    }
    section
}

fn people_grid(partner: &Partner, people: &[DirectoryPerson], submission: &FormSubmission) -> Grid {
    let row = |person: &DirectoryPerson| {
        let (colour, words) = if person.active { ("green", "Has access") } else { ("grey", "Ended") };
        let user = person.user.as_ref().map(|user| format!("User id {user}"));
        vec![
            GridCell::lines(vec![person.name.clone(), person.user_name.clone(), user.unwrap_or_default()]),
            GridCell::or(Some(role_list(&person.roles)), "as their provider says"),
            GridCell::tag(Tag { colour, words }),
            GridCell::text(source_words(&person.source)),
            GridCell::or(person.last_signed_in_at.map(format_moment), "never"),
            GridCell::forms(vec![access_form(partner, person, submission)], "nothing to do"),
        ]
    };
    Grid {
        caption: "People",
        columns: vec!["Name", "Roles", "Access", "Known from", "Last signed in", "Change"],
        rows: people.iter().map(row).collect(),
        empty: "Nobody is in the directory yet. People who sign in are added by themselves.",
    }
}

fn access_form(partner: &Partner, person: &DirectoryPerson, submission: &FormSubmission) -> Form {
    let form = if person.active {
        partner.form(END, &person.id, PAGE, submission).reason("Why you end it").button("End access")
    } else {
        let form = partner.own_form(RESTORE, &person.id, PAGE, submission);
        form.reason("Why you restore it").button("Restore access")
    };
    form.about(person.name.clone()).secondary()
}

fn source_words(source: &str) -> String {
    match source {
        "sign-in" => "their sign-in".into(),
        "scim" => "your directory (SCIM)".into(),
        "portal" => "this page".into(),
        "request" => "a request for access".into(),
        other => other.into(),
    }
}

/// Adds a person, or changes the roles of one who is there.
pub(super) fn add_section(partner: &Partner, submission: &FormSubmission) -> Section {
    let roles = organisation_roles(&partner.file.organisation.kind).into_iter();
    let roles = roles.map(|role| (format!("role-{role}"), capitalise(role.words()), false));
    let form = partner
        .own_form(PUT, "", PAGE, submission)
        .line("user_name", "The name that they sign in with", "Often their e-mail address.", "")
        .line("name", "Name", "As others read it.", "")
        .checks("roles", "Roles", "None: as their provider says.", roles.collect())
        .button("Add or change");
    Section::new("add", "Add a person, or change their roles")
        .text(
            "A new starter works as soon as they are here. If the sign-in name is in the list already, its \
            name and roles are replaced.",
        )
        .form(form)
}

pub(super) fn settings_sections(partner: &Partner, list: &PeopleList, submission: &FormSubmission) -> Vec<Section> {
    let rule = if list.directory_required {
        let form =
            partner.own_form(FREE, "", PAGE, submission).button("Let everybody of your provider sign in").secondary();
        Section::new("rule", "Who may sign in").fact("Now", "Only people in this directory may sign in.").form(form)
    } else {
        let form = partner.own_form(REQUIRE, "", PAGE, submission).button("Only people in this directory").secondary();
        let text = "Everybody whom your provider vouches for with a role that we know may sign in.";
        Section::new("rule", "Who may sign in").fact("Now", text).form(form)
    };
    let token = partner.own_form(SCIM, "", PAGE, submission).button("Make a new token").secondary();
    let address = format!("{}/scim/v2", partner.reader.app.deps.settings.public_origin);
    let scim = Section::new("scim", "Your directory (SCIM 2.0)")
        .text("Your own directory can add and end people here by itself. A new token ends the one before.")
        .code("Address", address)
        .form(token);
    vec![rule, scim]
}

pub(super) fn read_change(values: &Values) -> ReadForm {
    let row = values.row();
    let change = match values.act().as_str() {
        PUT => PeopleChange::Put(read_person(values)?),
        END => PeopleChange::SetActive { person: row, active: false },
        RESTORE => PeopleChange::SetActive { person: row, active: true },
        GRANT => {
            let role = Some(values.one_of("role", "Choose the role.")?);
            PeopleChange::DecideRequest { request: row, decision: Decision::Granted, role }
        }
        REFUSE => PeopleChange::DecideRequest { request: row, decision: Decision::Refused, role: None },
        REQUIRE => PeopleChange::RequireDirectory { required: true },
        FREE => PeopleChange::RequireDirectory { required: false },
        SCIM => PeopleChange::MakeScimToken,
        _ => return Err("Choose what to change.".to_owned()),
    };
    Ok(PartnerChange::People(change))
}

fn read_person(values: &Values) -> Result<PersonDraft, String> {
    Ok(PersonDraft {
        user_name: values.optional("user_name").ok_or_else(|| "Enter the name that they sign in with.".to_owned())?,
        name: values.optional("name").ok_or_else(|| "Enter their name.".to_owned())?,
        roles: values.ticked("role", &staff_roles()),
    })
}
