//! A test run of a hospital's profile: what its messages would do, in the order of the file. Nothing is stored or sent;
//! the rules are those of the service, and what is said of people and stays is remembered for the run alone.

use std::collections::HashMap;

use jiff::Timestamp;
use lcr_contracts::{events::SourcePatient, identity::System, spell::SpellMessage};
use lcr_hl7::{Condition, Fault, Header, Message};
use lcr_model::{LocalId, LocalIdKey, NhsNumber, SourceIdentity, SpellId};
use serde_json::Value;

use crate::{
    domain::{
        self, Arrival, Mapped, Mapping, Mentions, NotMapped, PatientTold, Resolved, StayBook, Unresolved,
        bundle, content, said,
    },
    service::{MERGE_OF_TWO_NUMBERS, unresolved},
};

/// Nothing of a run is stored or leaves it.
const KEY: LocalIdKey = LocalIdKey::new([0; 32]);

/// What would become of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Accepted,
    /// It would wait: why, and where in it.
    Waits {
        words: String,
        place: Option<String>,
    },
    /// Its sender would be told to correct it.
    Refused {
        words: String,
        place: Option<String>,
    },
}

/// One message of a file, as it would be read. It is about people: it prints nothing of them.
#[derive(Clone)]
pub struct Tried {
    pub control_id: String,
    /// `ADT^A01`, `Bundle`.
    pub kind: String,
    pub outcome: Outcome,
    /// What it says of stays.
    pub stays: Vec<(SpellId, SpellMessage)>,
    /// Numbers that it merges: which, into which, told when.
    pub merged: Vec<(SourceIdentity, LocalId, Timestamp)>,
    /// Results, documents, referrals and appointments.
    pub items: usize,
    /// It names a person or a stay, so that one that waits is seen beside them.
    pub names_somebody: bool,
}

impl std::fmt::Debug for Tried {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tried({} {:?}, {} stays)", self.kind, self.outcome, self.stays.len())
    }
}

/// A run over the files of one source.
#[derive(Debug)]
pub struct Run {
    system: System,
    book: StayBook,
    people: HashMap<SourceIdentity, SourcePatient>,
}

/// Tries the messages of one file: HL7 v2, one or many or a batch, or a Bundle in JSON.
pub fn try_out(bytes: &[u8], system: &System, received: Timestamp) -> Vec<Tried> {
    Run::of(system).file(bytes, received)
}

impl Run {
    pub fn of(system: &System) -> Self {
        Self { system: system.clone(), book: StayBook::default(), people: HashMap::new() }
    }

    /// Tries a file after those before it.
    pub fn file(&mut self, bytes: &[u8], received: Timestamp) -> Vec<Tried> {
        if bytes.trim_ascii_start().starts_with(b"{") {
            return vec![self.bundle(bytes, received)];
        }
        lcr_hl7::messages(bytes).into_iter().map(|message| self.hl7(message, received)).collect()
    }

    fn hl7(&mut self, bytes: &[u8], received: Timestamp) -> Tried {
        let message = match Message::read(bytes) {
            Ok(message) => message,
            Err(why) => return not_readable(&why.to_string()),
        };
        let (header, content, mut system) = (Header::of(&message), content(bytes), self.system.clone());
        let sender = (header.application.clone(), header.facility.clone());
        if let Some(feed) = &mut system.feed {
            // A profile without senders is tried on those of the file, as a source of their own.
            if feed.senders.is_empty() {
                feed.senders.push(sender);
            } else if !feed.senders.contains(&sender) {
                let fault =
                    Fault::at(Condition::UnknownKey, "MSH", 3, "this sender is not one of the profile's");
                return self.tried(
                    header.control_id.clone(),
                    header.kind(),
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
            local_ids: &KEY,
        };
        let mentions = Mentions::of_message(&arrival);
        self.tried(header.control_id.clone(), header.kind(), domain::map(&arrival), &mentions)
    }

    fn bundle(&mut self, bytes: &[u8], received: Timestamp) -> Tried {
        let Some(value) = serde_json::from_slice::<Value>(bytes).ok().filter(bundle::is_taken) else {
            return not_readable("this is no FHIR R4 Bundle of a type that is taken");
        };
        let (content, system) = (content(bytes), self.system.clone());
        let control_id = bundle::control_id(&value).unwrap_or_default();
        let coming = bundle::Coming {
            system: &system,
            received,
            content: &content,
            control_id: &control_id,
            local_ids: &KEY,
        };
        let mentions = bundle::mentions(&coming, &value);
        self.tried(control_id.clone(), "Bundle".to_owned(), bundle::map(&coming, &value), &mentions)
    }

    fn tried(&mut self, control_id: String, kind: String, mapping: Mapping, mentions: &Mentions) -> Tried {
        let names_somebody = !mentions.people.is_empty() || !mentions.stays.is_empty();
        let nothing = Tried {
            control_id,
            kind,
            outcome: Outcome::Accepted,
            stays: vec![],
            merged: vec![],
            items: 0,
            names_somebody,
        };
        match mapping.and_then(|mapped| self.resolved(mapped)) {
            Ok(resolved) => self.told(nothing, resolved),
            Err(why) => Tried { outcome: outcome(why), ..nothing },
        }
    }

    fn resolved(&mut self, mapped: Vec<Mapped>) -> Result<Vec<Resolved>, NotMapped> {
        let two_numbers =
            |one: &Mapped| matches!(one, Mapped::Demographics(told) if self.joins_two_numbers(told));
        if mapped.iter().any(two_numbers) {
            return Err(NotMapped::waits(MERGE_OF_TWO_NUMBERS, "MRG-1"));
        }
        self.book.resolve(mapped).map_err(|why: Unresolved| unresolved(why))
    }

    fn joins_two_numbers(&self, told: &PatientTold) -> bool {
        let number = |patient: &SourcePatient| NhsNumber::parse(patient.nhs_number.as_ref()?).ok();
        let own = number(&told.clone().over(self.people.get(&told.identity).cloned()));
        let others = told.replaces.iter().filter_map(|local_id| {
            let source = told.identity.source.clone();
            number(self.people.get(&SourceIdentity { source, local_id: local_id.clone() })?)
        });
        own.is_some_and(|own| others.into_iter().any(|other| other != own))
    }

    fn told(&mut self, mut tried: Tried, resolved: Vec<Resolved>) -> Tried {
        for one in resolved {
            match one {
                Resolved::Demographics(told) => {
                    let gone =
                        |id: &LocalId| SourceIdentity { local_id: id.clone(), ..told.identity.clone() };
                    let into = &told.identity.local_id;
                    tried.merged.extend(told.replaces.iter().map(|id| (gone(id), into.clone(), told.sent)));
                    let before = self.people.get(&told.identity).cloned();
                    self.people.insert(told.identity.clone(), told.over(before));
                }
                Resolved::Encounter(stay, mut message) => {
                    if let Some(patient) = self.people.get(&message.identity) {
                        message.patient = said(patient);
                    }
                    tried.stays.push((stay, *message));
                }
                Resolved::Item(..) | Resolved::Withdrawal(_) => tried.items += 1,
            }
        }
        tried
    }
}

fn outcome(why: NotMapped) -> Outcome {
    match why {
        NotMapped::Waits { words, place } => Outcome::Waits { words, place },
        NotMapped::Fault(fault) => Outcome::Refused { place: Some(fault.place()), words: fault.words },
    }
}

fn not_readable(words: &str) -> Tried {
    Tried {
        control_id: String::new(),
        kind: String::new(),
        outcome: Outcome::Refused { words: words.to_owned(), place: None },
        stays: vec![],
        merged: vec![],
        items: 0,
        names_somebody: false,
    }
}
