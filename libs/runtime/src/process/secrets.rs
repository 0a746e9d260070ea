//! A process's keys, from its settings: its signing key, all public keys, the data keys. In trials all are derived from
//! one key (HKDF, RFC 5869). No key may be printed.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hkdf::Hkdf;
use lcr_auth::KeyRing;
use lcr_model::{PublicKey, ServiceName, SigningKey, seal::DataKeys};
use sha2::Sha256;

use super::{
    service_settings::ServiceSpec,
    settings::{BadSettings, CommonSettings},
};

/// A shorter trial key would be a password.
const MIN_TRIAL_KEY_CHARS: usize = 32;

/// The keys of a process.
#[expect(missing_debug_implementations, reason = "it holds keys")]
pub struct Secrets {
    pub ring: KeyRing,
    pub data: Option<DataKeys>,
    /// Audit in a trial only: signs checkpoints.
    pub trial_log: Option<SigningKey>,
}

impl Secrets {
    pub fn read(settings: &CommonSettings, needs: &ServiceSpec) -> Result<Self, BadSettings> {
        match &settings.trial_key {
            // Refuse both: one would silently win, and anyone who knows the trial key can sign as any service.
            Some(_) if settings.signing_key.is_some() => {
                Err(BadSettings::wrong("trial_key", "does not go with `signing_key`: one or the other"))
            }
            Some(key) => Self::of_trial(key.as_ref(), needs.service),
            None => from_settings(settings, needs),
        }
    }

    /// The keys that `service` derives from the trial key.
    pub fn of_trial(key: &str, service: ServiceName) -> Result<Self, BadSettings> {
        from_trial_key(key, service)
    }
}

fn from_settings(settings: &CommonSettings, needs: &ServiceSpec) -> Result<Secrets, BadSettings> {
    let missing = |name: &str| BadSettings::Missing(name.to_owned());
    let own = settings.signing_key.as_ref().ok_or_else(|| missing("signing_key"))?;
    let own = parse_signing_key(own.as_ref(), "signing_key")?;
    let mut public = Vec::new();
    for (name, keys) in settings.public_keys.as_ref().ok_or_else(|| missing("public_keys"))? {
        let service: ServiceName =
            name.parse().map_err(|_| BadSettings::wrong("public_keys", format!("names no service of ours: {name}")))?;
        for key in keys {
            public.push((service, self::public(key)?));
        }
    }
    // Other services would reject its tokens without saying why.
    let known = |(service, key): &(ServiceName, PublicKey)| {
        *service == needs.service && key.kid == own.kid() && key.x == own.public().x
    };
    if !public.iter().any(known) {
        let why = format!("is none of `public_keys.{}`: its own is missing there", needs.service);
        return Err(BadSettings::wrong("signing_key", why));
    }
    let data = match &settings.data_key {
        Some(text) => {
            Some(DataKeys::parse(text.as_ref()).map_err(|error| BadSettings::wrong("data_key", error.to_string()))?)
        }
        None if needs.data_key => return Err(missing("data_key")),
        None => None,
    };
    Ok(Secrets { ring: KeyRing::new(own, public), data, trial_log: None })
}

/// Parses `kid:base64url` of 32 bytes.
pub(super) fn parse_signing_key(text: &str, name: &str) -> Result<SigningKey, BadSettings> {
    let wrong = || BadSettings::wrong(name, "is not `kid:base64url` of 32 bytes");
    let (kid, seed) = text.trim().split_once(':').ok_or_else(wrong)?;
    let seed = URL_SAFE_NO_PAD.decode(seed).ok().and_then(|bytes| bytes.try_into().ok()).ok_or_else(wrong)?;
    SigningKey::from_seed(kid, seed).map_err(|_| wrong())
}

fn public(text: &str) -> Result<PublicKey, BadSettings> {
    let read = text.trim().split_once(':').filter(|(_, x)| URL_SAFE_NO_PAD.decode(x).is_ok_and(|x| x.len() == 32));
    let (kid, x) =
        read.ok_or_else(|| BadSettings::wrong("public_keys", "holds a key that is not `kid:base64url` of 32 bytes"))?;
    Ok(PublicKey { kid: kid.to_owned(), x: x.to_owned() })
}

fn from_trial_key(key: &str, service: ServiceName) -> Result<Secrets, BadSettings> {
    if key.len() < MIN_TRIAL_KEY_CHARS {
        return Err(BadSettings::wrong("trial_key", "is shorter than 32 characters"));
    }
    let mut public = Vec::new();
    for service in ServiceName::ALL {
        public.push((*service, derive_signing_key(key, service.as_str())?.public().clone()));
    }
    let own = derive_signing_key(key, service.as_str())?;
    let trial_log = (service == ServiceName::Audit).then(|| derive_signing_key(key, "audit-log")).transpose()?;
    Ok(Secrets { ring: KeyRing::new(own, public), data: trial_data_keys(key, service)?, trial_log })
}

/// The data keys of services that open each other's data. The gateway has its own, for its cache only.
fn trial_data_keys(key: &str, service: ServiceName) -> Result<Option<DataKeys>, BadSettings> {
    let name = match service {
        ServiceName::Audit | ServiceName::Operator => return Ok(None),
        ServiceName::Gateway => "data/gateway",
        _ => "data",
    };
    let text = format!("trial:{}", URL_SAFE_NO_PAD.encode(derive_seed(key, name)?));
    let data = DataKeys::parse(&text).map_err(|error| BadSettings::wrong("trial_key", error.to_string()))?;
    Ok(Some(data))
}

fn derive_signing_key(key: &str, name: &str) -> Result<SigningKey, BadSettings> {
    let made = SigningKey::from_seed(format!("{name}-trial"), derive_seed(key, name)?);
    made.map_err(|error| BadSettings::wrong("trial_key", error.to_string()))
}

fn derive_seed(key: &str, name: &str) -> Result<[u8; 32], BadSettings> {
    let mut seed = [0; 32];
    Hkdf::<Sha256>::new(None, key.as_bytes())
        .expand(format!("leeds-care-record/{name}").as_bytes(), &mut seed)
        .map_err(|error| BadSettings::wrong("trial_key", error.to_string()))?;
    Ok(seed)
}

#[cfg(test)]
#[path = "secrets_tests.rs"]
mod tests;
