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
mod tests {
    use lcr_web::EgressRules;

    use super::*;

    fn outbound(loopback: bool) -> Outbound {
        Outbound::new(EgressRules { loopback, ..EgressRules::default() }).unwrap()
    }

    #[test]
    fn an_address_that_leads_to_ourselves_is_refused() {
        let outbound = outbound(false);
        for inner in [
            "https://127.0.0.1/fhir",
            "https://10.1.2.3/fhir",
            "https://169.254.169.254/latest",
            "https://[::1]/fhir",
            "https://[fd00::1]/fhir",
            "https://consent.lcr.svc/fhir",
            "https://consent.lcr.svc.cluster.local./fhir",
            "https://identity:8443/fhir",
            "https://localhost/fhir",
            "https://Metadata.internal/fhir",
            "http://fhir.example.nhs.uk/R4",
        ] {
            assert!(base_address(inner, &outbound).is_err(), "{inner}");
        }
    }

    #[test]
    fn an_address_is_a_plain_https_url() {
        let outbound = outbound(false);
        for wrong in [
            "",
            "fhir.example.nhs.uk/R4",
            "ftp://fhir.example.nhs.uk/R4",
            "https://user:secret@fhir.example.nhs.uk/R4",
            "https://fhir.example.nhs.uk/R4?tenant=1",
            "https://fhir.example.nhs.uk/R4#part",
        ] {
            let refused = base_address(wrong, &outbound).unwrap_err();
            assert!(!refused.outward().contains("secret"), "an address is never repeated");
        }
        let long = format!("https://fhir.example.nhs.uk/{}", "a".repeat(500));
        assert!(base_address(&long, &outbound).is_err());
        assert_eq!(
            base_address(" https://fhir.example.nhs.uk/R4/ ", &outbound).unwrap(),
            "https://fhir.example.nhs.uk/R4"
        );
        assert!(callable("https://login.example.nhs.uk/token?tenant=1", &outbound).is_ok());
    }

    #[test]
    fn plain_http_is_only_for_this_machine_in_a_demonstration() {
        assert!(base_address("http://127.0.0.1:8080/fhir", &outbound(true)).is_ok());
        assert!(base_address("http://127.0.0.1:8080/fhir", &outbound(false)).is_err());
        assert!(base_address("http://fhir.example.nhs.uk", &outbound(true)).is_err());
    }

    #[test]
    fn another_port_is_another_receiver() {
        assert_ne!(origin("https://a.example/R4"), origin("https://a.example:8443/R4"));
        assert_eq!(origin("https://a.example/R4"), origin("https://a.example:443/STU3"));
    }
}
