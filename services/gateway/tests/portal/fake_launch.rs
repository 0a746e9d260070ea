//! The launches of a fake identity. It knows a ticket `role.number.birth-date` or `role.record.id`; a role that begins with
//! `framed-` has a framed session, and one that begins with `earlier-` is another session of the same user.

use lcr_contracts::{
    Failure, Identity,
    identity::{Launch, LaunchPatient, LaunchTicket, RoleChoice, RoleChoices},
};
use lcr_model::*;

use crate::fakes::World;

pub const HOST_PAGE: &str = "https://emis.example.nhs.uk";

/// The role behind a secret, and who may frame its session.
pub fn frame_of(secret: &str) -> (&str, Vec<String>) {
    let secret = secret.strip_prefix("earlier-").unwrap_or(secret);
    match secret.strip_prefix("framed-") {
        Some(role) => (role, vec![HOST_PAGE.to_owned()]),
        None => (secret, vec![]),
    }
}

/// The choices of the fake identity: one sealed cookie is known.
pub fn choices_of(sealed: &str) -> Option<RoleChoices> {
    let choice = |choice: &str, role, organisation: &str, title: &str| RoleChoice {
        choice: choice.into(),
        role,
        organisation: organisation.into(),
        title: title.into(),
    };
    (sealed == "two-roles").then(|| RoleChoices {
        form_token: Phi::new("choice-token".into()),
        choices: vec![
            choice("0", Role::Gp, "Beckside Surgery", "General Medical Practitioner"),
            choice("1", Role::Pharmacist, "Kirkgate <Medical> Practice", ""),
        ],
    })
}

pub fn accept(token: &str) -> Result<LaunchTicket, Failure> {
    if token == "bad" {
        return Err(Failure::forbidden("Not accepted.").because("inward detail"));
    }
    Ok(LaunchTicket { sealed: Phi::new(token.to_owned()), framed: token.starts_with("framed-") })
}

pub async fn open(world: &World, ticket: &str) -> Result<Option<Launch>, Failure> {
    let parts: Vec<&str> = ticket.split('.').collect();
    let [secret, what, which] = parts[..] else { return Ok(None) };
    let patient = match what {
        "record" => LaunchPatient::Record(SourceIdentity {
            source: SourceId::new("st-hildas"),
            local_id: LocalId(which.to_owned()),
        }),
        number => LaunchPatient::Number {
            nhs_number: Phi::new(NhsNumber::parse(number).unwrap()),
            birth_date: Phi::new(which.parse().unwrap()),
        },
    };
    let secret = Phi::new(secret.to_owned());
    let signed_in = world.session(&secret, true).await?;
    Ok(signed_in.map(|signed_in| Launch { signed_in, secret, patient }))
}
