//! Finds the source of a message. MSH-3 and MSH-4 name a source in the registry; the demonstration's `sandbox` accepts
//! all other senders. A client must never send for another organisation's source.

use lcr_contracts::registry::System;
use lcr_hl7::{Condition, Fault, Header};
use lcr_model::OdsCode;

/// The authenticated sender of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sender {
    /// MLLP without TLS. The network admits only permitted hosts.
    Listener,
    /// MLLP with mutual TLS: the names in the verified client certificate.
    Certificate { names: Vec<String> },
    /// An HTTP client of this organisation, with a token.
    Client { id: String, organisation: OdsCode },
}

impl Sender {
    fn can_send_for(&self, system: &System) -> bool {
        match self {
            Self::Listener => true,
            // Not for the sandbox: a certificate is valid only for the sources it names.
            Self::Certificate { names } => names.iter().any(|name| name == system.id.as_str()),
            Self::Client { organisation, .. } => system.organisation == *organisation || accepts_any_sender(system),
        }
    }
}

fn accepts_any_sender(system: &System) -> bool {
    system.feed.as_ref().is_some_and(|feed| feed.senders.is_empty())
}

/// The source that accepts any sender, if the registry has one. It also gets unreadable messages.
pub fn catch_all_source(systems: &[System]) -> Option<&System> {
    systems.iter().find(|system| accepts_any_sender(system))
}

/// The source that MSH-3 and MSH-4 name.
pub fn source_by_header<'r>(systems: &'r [System], header: &Header, sender: &Sender) -> Result<&'r System, Fault> {
    let pair = (header.application.as_str(), header.facility.as_str());
    let names = |system: &&System| {
        let senders = system.feed.as_ref().map_or(&[][..], |feed| &feed.senders);
        senders.iter().any(|(application, facility)| (application.as_str(), facility.as_str()) == pair)
    };
    choose_source(systems, systems.iter().filter(names).collect(), sender, "MSH", 3)
}

/// The source that a FHIR sender names by id. Without a name, the one that accepts any sender.
pub fn source_by_id<'r>(systems: &'r [System], name: Option<&str>, sender: &Sender) -> Result<&'r System, Fault> {
    let known = systems.iter().filter(|system| system.feed.is_some());
    let found: Vec<&System> = known.filter(|system| Some(system.id.as_str()) == name).collect();
    choose_source(systems, found, sender, "MessageHeader", 1)
}

fn choose_source<'r>(
    systems: &'r [System],
    named: Vec<&'r System>,
    sender: &Sender,
    segment: &str,
    field: usize,
) -> Result<&'r System, Fault> {
    let refused = |words: &str| Fault::at(Condition::UnknownKey, segment, field, words);
    let found = if named.is_empty() { systems.iter().filter(|one| accepts_any_sender(one)).collect() } else { named };
    let system = match found[..] {
        [] => return Err(refused("this sender is not known")),
        [system] => system,
        _ => {
            tracing::error!(alarm = "sender-of-two-sources", "two sources of the registry take the same sender");
            return Err(refused("this sender is registered twice"));
        }
    };
    if system.suspended {
        return Err(refused("this sender is suspended"));
    }
    if !sender.can_send_for(system) {
        return Err(refused("this client may not send for that sender"));
    }
    Ok(system)
}

#[cfg(test)]
mod tests {
    use lcr_contracts::registry::Feed;
    use lcr_model::SourceId;

    use super::*;

    fn system(id: &str, senders: Option<&[(&str, &str)]>) -> System {
        let pair = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
        System {
            id: SourceId::new(id),
            name: id.to_owned(),
            organisation: OdsCode::new("Z9H01"),
            base_url: String::new(),
            kind: "hospital".into(),
            authority: false,
            discreet: false,
            datasets: std::collections::BTreeMap::new(),
            rhythm: "real-time".to_owned(),
            default_practice: None,
            suspended: false,
            feed: senders.map(|senders| Feed { senders: senders.iter().map(pair).collect(), ..Feed::default() }),
        }
    }

    fn header(application: &str, facility: &str) -> Header {
        Header { application: application.into(), facility: facility.into(), ..Header::default() }
    }

    #[test]
    fn only_senders_in_the_registry_are_accepted() {
        let rows = [system("hildas", Some(&[("PAS", "Z9H01")])), system("asked-only", None)];
        let of = |a, f| source_by_header(&rows, &header(a, f), &Sender::Listener).map(|system| system.id.0.clone());
        assert_eq!(of("PAS", "Z9H01").unwrap(), "hildas");
        assert_eq!(of("PAS", "Z9H02").unwrap_err().text, "this sender is not known");
        assert_eq!(of("", "").unwrap_err().condition, Condition::UnknownKey);
    }

    #[test]
    fn the_sandbox_accepts_senders_that_no_source_names() {
        let rows = [system("hildas", Some(&[("PAS", "Z9H01")])), system("sandbox", Some(&[]))];
        let sender = Sender::Client { id: "x".into(), organisation: OdsCode::new("Z9K01") };
        let of = |a, f| source_by_header(&rows, &header(a, f), &sender).map(|system| system.id.0.clone());
        assert_eq!(of("ANY", "BODY").unwrap(), "sandbox");
        assert_eq!(of("PAS", "Z9H01").unwrap_err().text, "this client may not send for that sender");
    }

    #[test]
    fn suspended_and_doubly_registered_senders_are_refused() {
        let mut suspended = system("hildas", Some(&[("PAS", "Z9H01")]));
        suspended.suspended = true;
        let of = |rows: &[System]| {
            source_by_header(rows, &header("PAS", "Z9H01"), &Sender::Listener).map(|_| ()).unwrap_err()
        };
        assert_eq!(of(&[suspended]).text, "this sender is suspended");
        let twice = [system("a", Some(&[("PAS", "Z9H01")])), system("b", Some(&[("PAS", "Z9H01")]))];
        assert_eq!(of(&twice).text, "this sender is registered twice");
    }
}
