//! The addresses of partners' systems that we call. None may lead to this machine, to a private network that is not allowed, or
//! into the cluster (S-13). A name is also checked when it resolves, so that a changed DNS entry cannot lead there later.

use lcr_contracts::Failure;
use lcr_web::Outbound;
use reqwest::Url;

/// The longest address.
const MAX_LENGTH: usize = 500;

/// Names that exist only inside a cluster or a machine.
const INNER_NAMES: [&str; 4] = [".svc", ".cluster.local", ".localhost", ".internal"];

/// The base address of a FHIR interface, without a slash at its end.
pub fn base_address(text: &str, outbound: &Outbound) -> Result<String, Failure> {
    let url = callable(text, outbound)?;
    if url.query().is_some() {
        return Err(Failure::bad_request("The address of a FHIR interface has no query: remove the part from `?`."));
    }
    Ok(text.trim().trim_end_matches('/').to_owned())
}

/// Refuses an address that we may not call.
pub fn callable(text: &str, outbound: &Outbound) -> Result<Url, Failure> {
    let text = text.trim();
    if text.len() > MAX_LENGTH {
        return Err(Failure::bad_request("The address is longer than 500 characters."));
    }
    let url =
        Url::parse(text).map_err(|_| Failure::bad_request("The address is not a URL: it begins with https://."))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Failure::bad_request(
            "An address holds no user name and no password; credentials have a form of their own.",
        ));
    }
    if url.fragment().is_some() {
        return Err(Failure::bad_request("The address has a fragment: remove the part from `#`."));
    }
    if !matches!(url.scheme(), "https" | "http") {
        return Err(Failure::bad_request("The address does not begin with https://."));
    }
    if outbound.check(&url).is_err() || is_inner_name(&url, outbound) {
        let words = "This is not an address we may call: it must begin with https:// and must not be on this machine, \
                     in a private network that is not allowed, or inside the platform.";
        return Err(Failure::bad_request(words));
    }
    Ok(url)
}

/// Whether the host is a name that no partner has: a name without a dot, or one of the cluster or of this machine.
fn is_inner_name(url: &Url, outbound: &Outbound) -> bool {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase();
    if host == "localhost" {
        return !may_call_this_machine(outbound);
    }
    let is_address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok();
    let is_inner = !host.contains('.') || INNER_NAMES.iter().any(|end| host.ends_with(end));
    !is_address && is_inner
}

/// Only in a demonstration.
fn may_call_this_machine(outbound: &Outbound) -> bool {
    Url::parse("http://localhost/").is_ok_and(|url| outbound.check(&url).is_ok())
}

/// The scheme, host and port, which decide who receives what we send.
pub fn origin(address: &str) -> Option<String> {
    Url::parse(address).ok().map(|url| url.origin().ascii_serialization())
}

#[cfg(test)]
#[path = "address_tests.rs"]
mod tests;
