//! Finds the source of a message. MSH-3 and MSH-4 name a source in the registry; the demonstration's `sandbox` accepts
//! all other senders. A client must never send for another organisation's source, and nothing may be taken from a source
//! whose owner does not take part.

use lcr_contracts::registry::{PartnerState, Registry, System};
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
pub fn source_by_header<'r>(registry: &'r Registry, header: &Header, sender: &Sender) -> Result<&'r System, Fault> {
    let pair = (header.application.as_str(), header.facility.as_str());
    let names = |system: &&System| {
        let senders = system.feed.as_ref().map_or(&[][..], |feed| &feed.senders);
        senders.iter().any(|(application, facility)| (application.as_str(), facility.as_str()) == pair)
    };
    choose_source(registry, registry.systems.iter().filter(names).collect(), sender, "MSH", 3)
}

/// The source that a FHIR sender names by id. Without a name, the one that accepts any sender.
pub fn source_by_id<'r>(registry: &'r Registry, name: Option<&str>, sender: &Sender) -> Result<&'r System, Fault> {
    let known = registry.systems.iter().filter(|system| system.feed.is_some());
    let found: Vec<&System> = known.filter(|system| Some(system.id.as_str()) == name).collect();
    choose_source(registry, found, sender, "MessageHeader", 1)
}

/// Whether messages of the source are taken: it is neither suspended nor waiting to go live, and its owner takes part.
pub fn is_open(registry: &Registry, system: &System) -> bool {
    !system.is_stopped() && registry.owner_has_signed(system)
}

fn choose_source<'r>(
    registry: &'r Registry,
    named: Vec<&'r System>,
    sender: &Sender,
    segment: &str,
    field: usize,
) -> Result<&'r System, Fault> {
    let refused = |words: &str| Fault::at(Condition::UnknownKey, segment, field, words);
    let any_sender = || registry.systems.iter().filter(|one| accepts_any_sender(one)).collect();
    let mut found: Vec<&System> = if named.is_empty() { any_sender() } else { named };
    // Whoever registers a sender that another source has must not stop that source before a go-live has checked it.
    if found.iter().any(|system| system.setup.live) {
        found.retain(|system| system.setup.live);
    }
    let system = match found[..] {
        [] => return Err(refused("this sender is not known")),
        [system] => system,
        _ => {
            tracing::error!(alarm = "sender-of-two-sources", "two sources of the registry take the same sender");
            return Err(refused("this sender is registered twice"));
        }
    };
    if let Some(words) = closed_text(registry, system) {
        return Err(refused(words));
    }
    if !sender.can_send_for(system) {
        return Err(refused("this client may not send for that sender"));
    }
    Ok(system)
}

/// Why nothing is taken from the source, if nothing is.
fn closed_text(registry: &Registry, system: &System) -> Option<&'static str> {
    let owner = registry.organisation(&system.organisation);
    let is_joining = owner.is_some_and(|owner| owner.state < PartnerState::Live);
    match () {
        () if system.suspended => Some("this sender is suspended"),
        () if system.is_stopped() || is_joining => Some("this sender is not live yet"),
        () if !registry.owner_has_signed(system) => Some("this sender's organisation does not take part"),
        () => None,
    }
}

#[cfg(test)]
#[path = "source_tests.rs"]
mod tests;
