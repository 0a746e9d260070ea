//! Where outbound calls may go. No rule may let a partner's address reach our own network.

use std::{net::IpAddr, sync::LazyLock};

use ipnet::IpNet;
use reqwest::Url;

use super::OutboundError;

/// Where calls may go.
#[derive(Debug, Clone, Default)]
pub struct EgressRules {
    /// Plain http to loopback, for the demo's sources.
    pub loopback: bool,
    /// Private ranges that partners may be in (`LCR_EGRESS_ALLOW`; HSCN is private).
    pub allow: Vec<IpNet>,
    /// For calls to our own services, whose addresses are configuration: any address, plain http.
    pub inside: bool,
}

impl EgressRules {
    /// Checks the scheme, and the address if the URL holds one. Names are checked when they resolve.
    pub(super) fn check(&self, url: &Url) -> Result<(), OutboundError> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err(OutboundError::Refused);
        }
        let host = url.host_str().ok_or(OutboundError::Refused)?;
        let literal: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
        let loopback = literal.is_some_and(|ip| ip.is_loopback()) || host == "localhost";
        let plain_ok = self.inside || (self.loopback && loopback);
        let scheme_ok = url.scheme() == "https" || (url.scheme() == "http" && plain_ok);
        let address_ok = literal.is_none_or(|ip| self.permits(ip));
        if scheme_ok && address_ok { Ok(()) } else { Err(OutboundError::Refused) }
    }

    /// Whether this address may be connected to.
    pub fn permits(&self, ip: IpAddr) -> bool {
        if self.inside {
            return true;
        }
        let ip = ip.to_canonical();
        if ip.is_loopback() {
            return self.loopback;
        }
        is_public(ip) || self.allow.iter().any(|range| range.contains(&ip))
    }
}

/// Ranges that no partner is in: private, local, reserved and for documentation (RFC 6890 and the IANA registries), and
/// IPv6 ranges that embed an IPv4 address, through which a gateway would reach the others.
const NEVER_PUBLIC: [&str; 29] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    // Unspecified, loopback and IPv4-compatible.
    "::/96",
    // IPv4-translated and NAT64.
    "::ffff:0:0:0/96",
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "100::/64",
    // Teredo, ORCHID, benchmarking and the rest of the protocol assignments.
    "2001::/23",
    "2001:db8::/32",
    // 6to4.
    "2002::/16",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
];

static RESERVED: LazyLock<Vec<IpNet>> =
    LazyLock::new(|| NEVER_PUBLIC.iter().filter_map(|range| range.parse().ok()).collect());

/// Whether the address is public. The caller has mapped IPv4-mapped addresses to IPv4.
fn is_public(ip: IpAddr) -> bool {
    !RESERVED.iter().any(|range| range.contains(&ip))
}

#[cfg(test)]
#[path = "egress_tests.rs"]
mod tests;
