//! How we prove to a source who we are: checked, sealed and stored, never returned. The history says the kind alone.

use lcr_contracts::{
    Failure,
    partners::{ChangeResult, PartnerReceipt},
    registry::{CredentialKind, Credentials, System},
};
use lcr_model::{SourceId, seal::DataKeys};
use lcr_web::Outbound;
use rustls::{
    SignatureScheme,
    crypto::ring::sign::any_supported_type,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, pem::PemObject},
    sign::CertifiedKey,
};

use super::{
    address,
    draft::is_text,
    edit::{self, Edit},
    signing_key::{self, NewKey},
};
use crate::{partners::Author, service::Service};

/// The longest user name, client id, scope or key id.
const MAX_TEXT: usize = 500;
/// The longest password or secret.
const MAX_SECRET: usize = 2000;
/// The longest certificate chain or key.
const MAX_PEM: usize = 32 << 10;

/// Sets the credentials of a system, or removes them.
pub async fn set(
    service: &Service,
    author: Author,
    system: SourceId,
    credentials: Option<Credentials>,
) -> Result<PartnerReceipt, Failure> {
    author.require_administrator()?;
    if let Some(credentials) = &credentials {
        check(credentials, &service.outbound)?;
    }
    let keys = service.data_keys.clone();
    let work = move |system: &mut System, author: &Author| -> Result<Edit, Failure> {
        let what = if let Some(credentials) = &credentials {
            seal(system, credentials, &keys, author)?;
            format!("Set the credentials of the system {} ({})", system.id, words(credentials.kind()))
        } else {
            system.setup.credentials = None;
            format!("Removed the credentials of the system {}", system.id)
        };
        Ok(Edit { connection_changed: true, ..Edit::new(what) })
    };
    edit::edit(service, author, system, work).await
}

/// Makes a key of ours. The credentials before stay valid until the partner has registered it.
pub async fn make_key(
    service: &Service,
    author: Author,
    system: SourceId,
    new: NewKey,
) -> Result<PartnerReceipt, Failure> {
    author.require_administrator()?;
    let (credentials, public) = signing_key::make(new)?;
    check(&credentials, &service.outbound)?;
    let keys = service.data_keys.clone();
    let work = move |system: &mut System, author: &Author| -> Result<Edit, Failure> {
        seal(system, &credentials, &keys, author)?;
        let what = format!("Made a key for the system {} ({})", system.id, words(credentials.kind()));
        Ok(Edit { result: ChangeResult::PublicKeys(public), connection_changed: true, ..Edit::new(what) })
    };
    edit::edit(service, author, system, work).await
}

fn seal(system: &mut System, credentials: &Credentials, keys: &DataKeys, author: &Author) -> Result<(), Failure> {
    if system.base_url.is_empty() {
        let words =
            "This system is not asked, so it needs no credentials. Its machines send with a client of their own.";
        return Err(Failure::bad_request(words));
    }
    let before = system.setup.credentials.as_ref();
    let sealed = credentials.seal(&system.id, before, keys, author.now);
    system.setup.credentials = Some(sealed.ok_or_else(|| Failure::internal("credentials that do not seal"))?);
    Ok(())
}

/// The kind as the history names it.
fn words(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::Basic => "user name and password",
        CredentialKind::OAuth2Secret => "OAuth2 client secret",
        CredentialKind::PrivateKeyJwt => "OAuth2 with a private key",
        CredentialKind::MutualTls => "client certificate",
    }
}

/// Refuses credentials that cannot work. A refusal never repeats them.
pub fn check(credentials: &Credentials, outbound: &Outbound) -> Result<(), Failure> {
    match credentials {
        Credentials::Basic { user, password } => {
            // RFC 7617: the first colon ends the user name.
            if user.contains(':') {
                return Err(Failure::bad_request("A user name has no colon."));
            }
            check_text(user, "user name")?;
            check_secret(password.as_ref(), "password")
        }
        Credentials::OAuth2Secret { token_url, client_id, client_secret, scope } => {
            address::callable(token_url, outbound)?;
            check_text(client_id, "client id")?;
            check_scope(scope.as_deref())?;
            check_secret(client_secret.as_ref(), "client secret")
        }
        Credentials::PrivateKeyJwt { token_url, client_id, scope, key_id, algorithm, private_key } => {
            address::callable(token_url, outbound)?;
            check_text(client_id, "client id")?;
            check_text(key_id, "key id")?;
            check_scope(scope.as_deref())?;
            check_private_key(private_key.as_ref(), algorithm)
        }
        Credentials::MutualTls { certificate, private_key } => check_certificate(certificate, private_key.as_ref()),
    }
}

fn check_text(text: &str, name: &str) -> Result<(), Failure> {
    if is_text(text, 1, MAX_TEXT) {
        return Ok(());
    }
    Err(Failure::bad_request(format!("The {name} is empty, longer than 500 characters, or has a control character.")))
}

fn check_scope(scope: Option<&str>) -> Result<(), Failure> {
    scope.map_or(Ok(()), |scope| check_text(scope, "scope"))
}

fn check_secret(secret: &str, name: &str) -> Result<(), Failure> {
    if (1..=MAX_SECRET).contains(&secret.len()) && !secret.contains(char::is_control) {
        return Ok(());
    }
    Err(Failure::bad_request(format!("The {name} is empty, longer than 2000 characters, or has a control character.")))
}

/// Checks that a private key reads, and that it can sign with this algorithm.
pub fn check_private_key(pem: &str, algorithm: &str) -> Result<(), Failure> {
    let scheme = match algorithm {
        "ES384" => SignatureScheme::ECDSA_NISTP384_SHA384,
        "RS384" => SignatureScheme::RSA_PKCS1_SHA384,
        "RS512" => SignatureScheme::RSA_PKCS1_SHA512,
        "PS256" => SignatureScheme::RSA_PSS_SHA256,
        "EdDSA" => SignatureScheme::ED25519,
        _ => return Err(Failure::bad_request("The algorithm is ES384, RS384, RS512, PS256 or EdDSA.")),
    };
    if pem.len() > MAX_PEM {
        return Err(Failure::bad_request("The private key is longer than 32 KB."));
    }
    let unreadable =
        "The private key does not read: send it as PKCS #8 in PEM (BEGIN PRIVATE KEY), without a passphrase.";
    let key = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| Failure::bad_request(unreadable))?;
    let key = any_supported_type(&PrivateKeyDer::Pkcs8(key)).map_err(|_| Failure::bad_request(unreadable))?;
    if key.choose_scheme(&[scheme]).is_none() {
        return Err(Failure::bad_request(format!("This private key cannot sign with {algorithm}.")));
    }
    Ok(())
}

/// Checks that a certificate and its key read and belong together.
fn check_certificate(certificate: &str, private_key: &str) -> Result<(), Failure> {
    if certificate.len().max(private_key.len()) > MAX_PEM {
        return Err(Failure::bad_request("The certificate or its key is longer than 32 KB."));
    }
    let chain: Result<Vec<CertificateDer<'static>>, _> =
        CertificateDer::pem_slice_iter(certificate.as_bytes()).collect();
    let chain = chain.ok().filter(|chain| !chain.is_empty());
    let chain = chain.ok_or_else(|| Failure::bad_request("The certificate does not read: send it in PEM."))?;
    let unreadable = || Failure::bad_request("The private key does not read: send it in PEM, without a passphrase.");
    let key = PrivateKeyDer::from_pem_slice(private_key.as_bytes()).map_err(|_| unreadable())?;
    let key = any_supported_type(&key).map_err(|_| unreadable())?;
    let matches = CertifiedKey::new(chain, key).keys_match();
    matches.map_err(|_| Failure::bad_request("The private key is not the one of the certificate."))
}

#[cfg(test)]
#[path = "credentials_tests.rs"]
mod tests;
