//! Whose message it is. MSH-3 and MSH-4 name a row of the registry; a client over HTTP sends for its own
//! organisation only. The row that takes any sender is the demonstration's `sandbox`.

use lcr_contracts::identity::System;
use lcr_hl7::{Condition, Fault, Header};
use lcr_model::OdsCode;

/// Who is at the other end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sender {
    /// The listener: the network lets in only those who may.
    Listener,
    /// The names of a client certificate that an authority of ours has signed.
    Certificate { names: Vec<String> },
    /// A client with a token, of this organisation.
    Client { id: String, organisation: OdsCode },
}

impl Sender {
    fn may_send_for(&self, system: &System) -> bool {
        match self {
            Self::Listener => true,
            // No source that takes any sender: a certificate is for whom it names.
            Self::Certificate { names } => names.iter().any(|name| name == system.id.as_str()),
            Self::Client { organisation, .. } => system.organisation == *organisation || takes_any(system),
        }
    }
}

fn takes_any(system: &System) -> bool {
    system.feed.as_ref().is_some_and(|feed| feed.senders.is_empty())
}

/// The row that takes any sender, where the registry has one: also what nobody can read is its.
pub fn open_to_all(systems: &[System]) -> Option<&System> {
    systems.iter().find(|system| takes_any(system))
}

/// The source that MSH-3 and MSH-4 name.
pub fn source_of<'r>(systems: &'r [System], header: &Header, sender: &Sender) -> Result<&'r System, Fault> {
    let pair = (header.application.as_str(), header.facility.as_str());
    let names = |system: &&System| {
        let senders = system.feed.as_ref().map_or(&[][..], |feed| &feed.senders);
        senders.iter().any(|(application, facility)| (application.as_str(), facility.as_str()) == pair)
    };
    decide(systems, systems.iter().filter(names).collect(), sender, "MSH", 3)
}

/// The source that a FHIR sender names by id; without a name, the one that takes any.
pub fn named<'r>(systems: &'r [System], name: Option<&str>, sender: &Sender) -> Result<&'r System, Fault> {
    let known = systems.iter().filter(|system| system.feed.is_some());
    let found: Vec<&System> = known.filter(|system| Some(system.id.as_str()) == name).collect();
    decide(systems, found, sender, "MessageHeader", 1)
}

fn decide<'r>(
    systems: &'r [System],
    named: Vec<&'r System>,
    sender: &Sender,
    segment: &str,
    field: usize,
) -> Result<&'r System, Fault> {
    let refused = |words: &str| Fault::at(Condition::UnknownKey, segment, field, words);
    let found = if named.is_empty() { systems.iter().filter(|one| takes_any(one)).collect() } else { named };
    let system = match found[..] {
        [] => return Err(refused("this sender is not known")),
        [system] => system,
        _ => {
            tracing::error!(
                alarm = "sender-of-two-sources",
                "two sources of the registry take the same sender"
            );
            return Err(refused("this sender is registered twice"));
        }
    };
    if system.suspended {
        return Err(refused("this sender is suspended"));
    }
    if !sender.may_send_for(system) {
        return Err(refused("this client may not send for that sender"));
    }
    Ok(system)
}

#[cfg(test)]
mod tests {
    use lcr_contracts::identity::Feed;
    use lcr_model::SourceId;

    use super::*;

    fn system(id: &str, senders: Option<&[(&str, &str)]>) -> System {
        let pair = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
        System {
            id: SourceId::new(id),
            name: id.to_owned(),
            organisation: OdsCode::new("Z9H01"),
            base_url: String::new(),
            kind: "hospital".to_owned(),
            authority: false,
            discreet: false,
            datasets: std::collections::BTreeMap::new(),
            rhythm: "real-time".to_owned(),
            default_practice: None,
            suspended: false,
            feed: senders
                .map(|senders| Feed { senders: senders.iter().map(pair).collect(), ..Feed::default() }),
        }
    }

    fn header(application: &str, facility: &str) -> Header {
        Header { application: application.into(), facility: facility.into(), ..Header::default() }
    }

    #[test]
    fn a_sender_is_who_the_registry_says_and_else_nobody() {
        let rows = [system("hildas", Some(&[("PAS", "Z9H01")])), system("asked-only", None)];
        let of = |a, f| source_of(&rows, &header(a, f), &Sender::Listener).map(|system| system.id.0.clone());
        assert_eq!(of("PAS", "Z9H01").unwrap(), "hildas");
        assert_eq!(of("PAS", "Z9H02").unwrap_err().words, "this sender is not known");
        assert_eq!(of("", "").unwrap_err().condition, Condition::UnknownKey);
    }

    #[test]
    fn the_sandbox_takes_whom_nobody_else_names() {
        let rows = [system("hildas", Some(&[("PAS", "Z9H01")])), system("sandbox", Some(&[]))];
        let sender = Sender::Client { id: "x".into(), organisation: OdsCode::new("Z9K01") };
        let of = |a, f| source_of(&rows, &header(a, f), &sender).map(|system| system.id.0.clone());
        assert_eq!(of("ANY", "BODY").unwrap(), "sandbox");
        assert_eq!(of("PAS", "Z9H01").unwrap_err().words, "this client may not send for that sender");
    }

    #[test]
    fn suspended_and_doubly_registered_senders_are_refused() {
        let mut suspended = system("hildas", Some(&[("PAS", "Z9H01")]));
        suspended.suspended = true;
        let of = |rows: &[System]| {
            source_of(rows, &header("PAS", "Z9H01"), &Sender::Listener).map(|_| ()).unwrap_err()
        };
        assert_eq!(of(&[suspended]).words, "this sender is suspended");
        let twice = [system("a", Some(&[("PAS", "Z9H01")])), system("b", Some(&[("PAS", "Z9H01")]))];
        assert_eq!(of(&twice).words, "this sender is registered twice");
    }
}
