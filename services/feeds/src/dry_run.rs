//! Dry run of a feed profile: shows what messages would do, by the rules of the service. It must never store or send
//! anything; people and stays are remembered only for the run.

use std::collections::HashMap;

use jiff::Timestamp;
use lcr_contracts::{
    events::{CareLink, SourcePatient},
    registry::System,
    spell::SpellMessage,
};
use lcr_hl7::{Condition, Fault, Header, Message};
use lcr_model::{LocalId, LocalIdKey, NhsNumber, SourceIdentity, SpellId};
use serde_json::Value;

use crate::{
    domain::{
        self, Arrival, CareLinkUpdate, CareList, ListState, MappedEvent, MappingError, MappingResult, Mentions,
        PatientUpdate, ResolvedEvent, StayResolver, bundle, content_hash, patient_details,
    },
    service::{TWO_NHS_NUMBERS_REASON, stay_not_found},
};

/// A constant key is safe here, because no hash leaves the run.
const HASH_KEY: LocalIdKey = LocalIdKey::new([0; 32]);

/// What the service would do with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Accepted,
    /// It would wait as a dead letter.
    Waits {
        reason: String,
        location: Option<String>,
    },
    /// Its sender would have to correct it.
    Refused {
        reason: String,
        location: Option<String>,
    },
}

/// The result for one message. Its `Debug` output must never show a person's data.
#[derive(Clone)]
pub struct DryRunMessage {
    pub control_id: String,
    /// `ADT^A01`, `Bundle`.
    pub kind: String,
    pub outcome: Outcome,
    /// The messages it would add to stays.
    pub stays: Vec<(SpellId, SpellMessage)>,
    /// Merged ids: the replaced identity, the surviving id, and when the message was sent.
    pub merged: Vec<(SourceIdentity, LocalId, Timestamp)>,
    /// The number of results, documents, referrals and appointments.
    pub items: usize,
    /// The evidence it would give that an organisation cares for somebody, by the source's key.
    pub links: Vec<(String, CareLink)>,
    /// Whether it names a person or stay. Only then a waiting message is shown beside them.
    pub names_somebody: bool,
}

impl std::fmt::Debug for DryRunMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DryRunMessage({} {:?}, {} stays)", self.kind, self.outcome, self.stays.len())
    }
}

/// A dry run over the files of one source.
#[derive(Debug)]
pub struct DryRun {
    system: System,
    stays: StayResolver,
    people: HashMap<SourceIdentity, SourcePatient>,
    lists: HashMap<String, ListState>,
}

/// Runs the messages of one file: HL7 v2 messages, a batch, or a Bundle in JSON.
pub fn dry_run(bytes: &[u8], system: &System, received: Timestamp) -> Vec<DryRunMessage> {
    DryRun::of(system).add_file(bytes, received)
}

impl DryRun {
    pub fn of(system: &System) -> Self {
        let (people, lists) = (HashMap::new(), HashMap::new());
        Self { system: system.clone(), stays: StayResolver::default(), people, lists }
    }

    /// Runs the messages of a further file.
    pub fn add_file(&mut self, bytes: &[u8], received: Timestamp) -> Vec<DryRunMessage> {
        if bytes.trim_ascii_start().starts_with(b"{") {
            return vec![self.run_bundle(bytes, received)];
        }
        lcr_hl7::split_messages(bytes).into_iter().map(|message| self.run_hl7(message, received)).collect()
    }

    fn run_hl7(&mut self, bytes: &[u8], received: Timestamp) -> DryRunMessage {
        let message = match Message::read(bytes) {
            Ok(message) => message,
            Err(error) => return unreadable(&error.to_string()),
        };
        let (header, content, mut system) = (Header::of(&message), content_hash(bytes), self.system.clone());
        let sender = (header.application.clone(), header.facility.clone());
        if let Some(feed) = &mut system.feed {
            // A profile without senders accepts the senders of the file.
            if feed.senders.is_empty() {
                feed.senders.push(sender);
            } else if !feed.senders.contains(&sender) {
                let fault = Fault::at(Condition::UnknownKey, "MSH", 3, "this sender is not one of the profile's");
                return self.apply_mapping(
                    header.control_id.clone(),
                    header.message_type(),
                    Err(fault.into()),
                    &Mentions::default(),
                );
            }
        }
        let arrival = Arrival {
            message: &message,
            header: &header,
            system: &system,
            received,
            content: &content,
            local_id_key: &HASH_KEY,
        };
        let mentions = Mentions::of_message(&arrival);
        self.apply_mapping(header.control_id.clone(), header.message_type(), domain::map(&arrival), &mentions)
    }

    fn run_bundle(&mut self, bytes: &[u8], received: Timestamp) -> DryRunMessage {
        let Some(value) = serde_json::from_slice::<Value>(bytes).ok().filter(bundle::is_supported) else {
            return unreadable("this is no FHIR R4 Bundle of a type that is taken");
        };
        let (content, system) = (content_hash(bytes), self.system.clone());
        let control_id = bundle::control_id(&value).unwrap_or_default();
        let arrival = bundle::BundleArrival {
            system: &system,
            received,
            content: &content,
            control_id: &control_id,
            local_id_key: &HASH_KEY,
        };
        let mentions = bundle::mentions(&arrival, &value);
        self.apply_mapping(control_id.clone(), "Bundle".to_owned(), bundle::map(&arrival, &value), &mentions)
    }

    fn apply_mapping(
        &mut self,
        control_id: String,
        kind: String,
        mapping: MappingResult,
        mentions: &Mentions,
    ) -> DryRunMessage {
        let names_somebody = !mentions.people.is_empty() || !mentions.stays.is_empty();
        let empty = DryRunMessage {
            control_id,
            kind,
            outcome: Outcome::Accepted,
            stays: vec![],
            merged: vec![],
            items: 0,
            links: vec![],
            names_somebody,
        };
        match mapping.and_then(|mapped| self.resolve(mapped)) {
            Ok(resolved) => self.apply_events(empty, resolved),
            Err(error) => DryRunMessage { outcome: to_outcome(error), ..empty },
        }
    }

    fn resolve(&mut self, mapped: Vec<MappedEvent>) -> Result<Vec<ResolvedEvent>, MappingError> {
        let two_numbers = |event: &MappedEvent| matches!(event, MappedEvent::Demographics(patient) if self.joins_two_numbers(patient));
        if mapped.iter().any(two_numbers) {
            return Err(MappingError::waiting(TWO_NHS_NUMBERS_REASON, "MRG-1"));
        }
        self.stays.resolve(mapped).map_err(stay_not_found)
    }

    fn joins_two_numbers(&self, patient: &PatientUpdate) -> bool {
        let number = |patient: &SourcePatient| NhsNumber::parse(patient.nhs_number.as_ref()?).ok();
        let own = number(&patient.clone().apply_to(self.people.get(&patient.identity).cloned()));
        let others = patient.replaces.iter().filter_map(|local_id| {
            let source = patient.identity.source.clone();
            number(self.people.get(&SourceIdentity { source, local_id: local_id.clone() })?)
        });
        own.is_some_and(|own| others.into_iter().any(|other| other != own))
    }

    fn apply_events(&mut self, mut result: DryRunMessage, resolved: Vec<ResolvedEvent>) -> DryRunMessage {
        for event in resolved {
            match event {
                ResolvedEvent::Demographics(patient) => {
                    let replaced = |id: &LocalId| SourceIdentity { local_id: id.clone(), ..patient.identity.clone() };
                    let survivor = &patient.identity.local_id;
                    let merges = patient.replaces.iter().map(|id| (replaced(id), survivor.clone(), patient.sent));
                    result.merged.extend(merges);
                    let before = self.people.get(&patient.identity).cloned();
                    self.people.insert(patient.identity.clone(), patient.apply_to(before));
                }
                ResolvedEvent::Encounter(stay, mut message) => {
                    if let Some(patient) = self.people.get(&message.identity) {
                        message.patient = patient_details(patient);
                    }
                    result.stays.push((stay, *message));
                }
                ResolvedEvent::Item(..) | ResolvedEvent::Withdrawal(_) => result.items += 1,
                ResolvedEvent::CareLink(update) => result.links.push((update.key, update.link)),
                ResolvedEvent::CareList(list) => result.links.extend(self.apply_list(list)),
                ResolvedEvent::CareLinkDeletion(deletion) => {
                    let emptied = self.lists.get(&deletion.key).map(|known| known.emptied(deletion));
                    result.links.extend(emptied.map(|list| self.apply_list(list)).unwrap_or_default());
                }
            }
        }
        result
    }

    /// What a list changes since the one before it in this run.
    fn apply_list(&mut self, list: CareList) -> Vec<(String, CareLink)> {
        let key = list.key.clone();
        let (links, now) = list.changes(self.lists.get(&key));
        self.lists.insert(key, now);
        links.into_iter().map(|CareLinkUpdate { key, link, .. }| (key, link)).collect()
    }
}

fn to_outcome(error: MappingError) -> Outcome {
    match error {
        MappingError::Waiting { reason: words, location: place } => Outcome::Waits { reason: words, location: place },
        MappingError::Fault(fault) => Outcome::Refused { location: Some(fault.location()), reason: fault.text },
    }
}

fn unreadable(reason: &str) -> DryRunMessage {
    DryRunMessage {
        control_id: String::new(),
        kind: String::new(),
        outcome: Outcome::Refused { reason: reason.to_owned(), location: None },
        stays: vec![],
        merged: vec![],
        items: 0,
        links: vec![],
        names_somebody: false,
    }
}
