//! The forms that set how we prove to a source who we are. Passwords, secrets and private keys are sent once, and are never
//! shown or filled in again.

use lcr_contracts::{
    partners::system::{SystemChange, SystemStatus},
    registry::Credentials,
};
use lcr_model::{Phi, SourceId};

use crate::{
    forms::{form::Form, form_input::Values, page::Section, submission::FormSubmission},
    partners::partner::Partner,
};

const BASIC: &str = "credentials-basic";
const SECRET: &str = "credentials-secret";
const KEY: &str = "credentials-key";
const CERTIFICATE: &str = "credentials-certificate";
const NONE: &str = "credentials-none";
const MAKE_KEY: &str = "make-key";
/// The one algorithm that identity makes keys for.
const MADE_ALGORITHM: &str = "ES384";
/// Those that partners use (SMART backend services ask for one of the first two).
const ALGORITHMS: [&str; 5] = ["ES384", "RS384", "RS512", "PS256", "EdDSA"];

/// A folded section for each kind. The section of a refused form is open.
pub(crate) fn credentials_sections(
    partner: &Partner,
    system: &SystemStatus,
    submission: &FormSubmission,
) -> Vec<Section> {
    let page = format!("/systems/{}", system.draft.id);
    let form = |act| partner.form(act, "", &page, submission).button("Store these credentials");
    let section = |act: &'static str, heading: &str, form: Form| {
        Section::new(format!("set-{act}"), heading).form(form).folded(submission.is_about(act))
    };
    let token = |form: Form| {
        form.line("token_url", "Token address", "The token endpoint of their authorisation server.", "")
            .line("client_id", "Client id", "As they registered us.", "")
            .line("scope", "Scope (not required)", "Such as: system/*.read", "")
    };
    let made = token(partner.form(MAKE_KEY, "", &page, submission)).hidden("algorithm", MADE_ALGORITHM);
    let mut sections = vec![
        section(
            BASIC,
            "User name and password",
            form(BASIC).line("user", "User name", "", "").password("password", "Password", "It is not shown again."),
        ),
        section(
            SECRET,
            "OAuth 2 with a client secret",
            token(form(SECRET)).password("client_secret", "Client secret", "It is not shown again."),
        ),
        section(MAKE_KEY, "OAuth 2 with a key that we make", made.button("Make a key"))
            .text("We make a key that signs with ES384, and keep its private part sealed. You register its public part with the source."),
        section(
            KEY,
            "OAuth 2 with a key of yours",
            token(form(KEY))
                .line("key_id", "Key id", "The kid by which they know the key.", "")
                .select("algorithm", "Signature", algorithms(), "ES384")
                .long_secret("private_key", "Private key", "PKCS #8 as PEM. It is not shown again."),
        ),
        section(
            CERTIFICATE,
            "Client certificate (mutual TLS)",
            form(CERTIFICATE)
                .long("certificate", "Certificate", "PEM, with those between it and its root.", "")
                .long_secret("private_key", "Private key", "PKCS #8 as PEM. It is not shown again."),
        ),
    ];
    if system.credentials.is_some() {
        let form = partner.form(NONE, "", &page, submission).button("Remove the credentials").secondary();
        sections.push(section(NONE, "No credentials", form));
    }
    sections
}

fn algorithms() -> Vec<(String, String)> {
    ALGORITHMS.map(|name| (name.to_owned(), name.to_owned())).to_vec()
}

/// The change of a form of this file. `None`: the form is another's.
pub(crate) fn read_credentials(values: &Values, system: &SourceId) -> Option<Result<SystemChange, String>> {
    let set = |credentials| SystemChange::SetCredentials { system: system.clone(), credentials };
    let read = match values.act().as_str() {
        BASIC => read_basic(values).map(|credentials| set(Some(credentials))),
        SECRET => read_secret(values).map(|credentials| set(Some(credentials))),
        KEY => read_key(values).map(|credentials| set(Some(credentials))),
        CERTIFICATE => read_certificate(values).map(|credentials| set(Some(credentials))),
        NONE => Ok(set(None)),
        MAKE_KEY => read_make_key(values, system),
        _ => return None,
    };
    Some(read)
}

fn needed(values: &Values, name: &str, problem: &str) -> Result<String, String> {
    values.optional(name).ok_or_else(|| problem.to_owned())
}

/// A secret as it was typed.
fn secret(values: &Values, name: &str, problem: &str) -> Result<Phi<String>, String> {
    let typed = values.unchanged(name);
    if typed.trim().is_empty() { Err(problem.to_owned()) } else { Ok(Phi::new(typed.to_owned())) }
}

/// A key or certificate with the line breaks of a file. Browsers send two characters for each.
fn pem(values: &Values, name: &str, problem: &str) -> Result<String, String> {
    needed(values, name, problem).map(|text| text + "\n")
}

fn read_basic(values: &Values) -> Result<Credentials, String> {
    Ok(Credentials::Basic {
        user: needed(values, "user", "Enter the user name.")?,
        password: secret(values, "password", "Enter the password.")?,
    })
}

fn read_secret(values: &Values) -> Result<Credentials, String> {
    Ok(Credentials::OAuth2Secret {
        token_url: needed(values, "token_url", "Enter the token address.")?,
        client_id: needed(values, "client_id", "Enter the client id.")?,
        client_secret: secret(values, "client_secret", "Enter the client secret.")?,
        scope: values.optional("scope"),
    })
}

fn read_key(values: &Values) -> Result<Credentials, String> {
    Ok(Credentials::PrivateKeyJwt {
        token_url: needed(values, "token_url", "Enter the token address.")?,
        client_id: needed(values, "client_id", "Enter the client id.")?,
        scope: values.optional("scope"),
        key_id: needed(values, "key_id", "Enter the key id.")?,
        algorithm: needed(values, "algorithm", "Choose the signature.")?,
        private_key: pem(values, "private_key", "Paste the private key.").map(Phi::new)?,
    })
}

fn read_certificate(values: &Values) -> Result<Credentials, String> {
    Ok(Credentials::MutualTls {
        certificate: pem(values, "certificate", "Paste the certificate.")?,
        private_key: pem(values, "private_key", "Paste the private key.").map(Phi::new)?,
    })
}

fn read_make_key(values: &Values, system: &SourceId) -> Result<SystemChange, String> {
    Ok(SystemChange::MakeKey {
        system: system.clone(),
        token_url: needed(values, "token_url", "Enter the token address.")?,
        client_id: needed(values, "client_id", "Enter the client id.")?,
        scope: values.optional("scope"),
        algorithm: needed(values, "algorithm", "Choose the signature.")?,
    })
}

#[cfg(test)]
#[path = "credentials_form_tests.rs"]
mod tests;
