//! A FHIR R4 Bundle as `PROFILE.md` describes it: one Patient, and what is told of them. Each resource is checked
//! before it is believed; one that is about another patient spoils the whole Bundle.

mod encounter;
mod entries;
mod items;
mod keys;
mod left_aside;
mod linked;
mod person;
mod plan;

use std::collections::HashSet;

use jiff::Timestamp;
use lcr_contracts::{Moment, identity::System};
use lcr_fhir::{Item, read};
use lcr_hl7::{Condition, Fault};
use lcr_model::{LocalIdKey, SourceIdentity};
use serde_json::Value;

use super::{
    Mapped, Mapping, Mentions, NotMapped,
    assigned::AssignedId,
    numbers::{Number, Numbers},
};
pub use left_aside::words as left_aside;
use linked::Linked;

/// A Bundle with what is known of its coming.
#[derive(Debug, Clone, Copy)]
pub struct Coming<'a> {
    pub system: &'a System,
    pub received: Timestamp,
    pub content: &'a str,
    pub control_id: &'a str,
    pub local_ids: &'a LocalIdKey,
}

/// A Bundle whose resources read.
pub struct Bundle {
    patient: Item,
    /// References that mean the patient: `Patient/<id>` and the entry's full URL.
    names: Vec<String>,
    others: Vec<Item>,
    /// `Type/id` of resources whose id is not their sender's own: it is another in the next Bundle.
    made_ids: HashSet<String>,
    /// Files and names that the others refer to.
    linked: Linked,
}

impl Bundle {
    pub fn of(&self, kind: &str) -> impl Iterator<Item = &Item> {
        self.others.iter().filter(move |item| item.resource_type() == kind)
    }

    /// Whether an identifier can be the Bundle's own patient's: one that is no NHS number, or theirs.
    fn is_number(&self, identifier: &Value) -> bool {
        let number = read::str_at(identifier, "value").filter(|_| person::is_nhs(identifier));
        let number = number.and_then(|text| lcr_model::NhsNumber::parse(text).ok());
        let own = read::list(self.patient.value(), "identifier").iter().filter(|one| person::is_nhs(one));
        let mut own = own.filter_map(|one| lcr_model::NhsNumber::parse(read::str_at(one, "value")?).ok());
        number.is_none_or(|number| own.any(|one| one == number))
    }

    /// Whether a reference means the Bundle's own patient.
    fn is_patient(&self, reference: &str) -> bool {
        self.names.iter().any(|name| reference == name || reference.ends_with(&format!("/{name}")))
    }
}

/// What a Bundle says of itself, for finding it again: its identifier or id, else the message header's id.
pub fn control_id(bundle: &Value) -> Option<String> {
    let own = read::text(bundle, "identifier.value").or_else(|| read::text(bundle, "id"));
    own.or_else(|| read::text(header(bundle)?, "id")).filter(|id| id.chars().count() <= 199)
}

/// The source a Bundle names: `MessageHeader.source`, else `meta.source`; the last part of a URL.
pub fn source(bundle: &Value) -> Option<String> {
    let named = header(bundle).and_then(|header| {
        read::text(header, "source.name").or_else(|| read::text(header, "source.endpoint"))
    });
    let named = named.or_else(|| read::text(bundle, "meta.source"))?;
    named.trim_end_matches('/').rsplit(['/', ':']).next().map(str::to_owned)
}

fn header(bundle: &Value) -> Option<&Value> {
    let mut resources = read::list(bundle, "entry").iter().filter_map(|entry| entry.get("resource"));
    resources.find(|resource| read::str_at(resource, "resourceType") == Some("MessageHeader"))
}

/// Whether it is a Bundle at all, of a kind that is taken.
pub fn is_taken(bundle: &Value) -> bool {
    let kind = read::str_at(bundle, "type");
    read::str_at(bundle, "resourceType") == Some("Bundle")
        && matches!(kind, Some("collection" | "message" | "batch" | "transaction"))
}

pub fn map(coming: &Coming<'_>, bundle: &Value) -> Mapping {
    let deleted = entries::deleted(bundle)?;
    if !deleted.is_empty() && !entries::all(bundle).any(|(.., kind)| entries::is_read(kind)) {
        return Ok(deleted.into_iter().map(|one| one.withdrawal(coming, None)).collect());
    }
    let left_aside = left_aside::types(bundle);
    let bundle = entries::open(bundle)?;
    let person::Identified { identity, in_clear } = person::identity(coming, &bundle.patient);
    for item in &bundle.others {
        about_the_patient(&bundle, item)?;
    }
    understood(&bundle)?;
    let mut mapped =
        vec![Mapped::Demographics(person::told(coming, &bundle.patient, &identity).known_in_clear(in_clear))];
    let plan = plan::read(&bundle);
    let encounters: Vec<&Item> = bundle.of("Encounter").collect();
    if encounters.is_empty() && bundle.of("CarePlan").next().is_some() {
        return Err(NotMapped::waits("a plan without the Encounter it belongs to", "CarePlan"));
    }
    for encounter in encounters {
        mapped.push(encounter::read(coming, &identity, encounter, plan.clone())?);
    }
    mapped.extend(items::read(coming, &bundle, &identity));
    mapped.extend(deleted.into_iter().map(|one| one.withdrawal(coming, Some(&identity))));
    if mapped.len() == 1 && !left_aside.is_empty() {
        return Err(left_aside::nothing_else(&left_aside));
    }
    Ok(mapped)
}

/// Whom and which stays a Bundle names, as far as it reads.
pub fn mentions(coming: &Coming<'_>, bundle: &Value) -> Mentions {
    let mut mentions = Mentions::default();
    let Ok(bundle) = entries::open(bundle) else { return mentions };
    let identity = person::identity(coming, &bundle.patient).identity;
    mentions.add_person(&identity.local_id);
    for encounter in bundle.of("Encounter") {
        for identifier in read::list(encounter.value(), "identifier") {
            mentions.add_stay(&identity, visit(coming, identifier).as_ref());
        }
    }
    mentions
}

/// A person, a stay or a plan that is changed by a rule we do not know waits. Other items are shown as left out.
fn understood(bundle: &Bundle) -> Result<(), NotMapped> {
    let of_the_list = |item: &&Item| matches!(item.resource_type(), "Encounter" | "CarePlan" | "Task");
    let mut all = bundle.others.iter().filter(of_the_list).chain([&bundle.patient]);
    let changed = all.find(|item| lcr_fhir::has_unknown_modifier(item.value()));
    changed.map_or(Ok(()), |item| {
        let words = "a modifierExtension or implicitRules that is not known may turn its meaning round";
        Err(NotMapped::waits(words, item.resource_type()))
    })
}

fn about_the_patient(bundle: &Bundle, item: &Item) -> Result<(), Fault> {
    let direct = ["subject.reference", "patient.reference", "for.reference"];
    let named = direct.iter().filter_map(|path| read::str_at(item.value(), path));
    let participants = read::list(item.value(), "participant");
    let actors = participants.iter().filter_map(|one| read::str_at(one, "actor.reference"));
    let actors = actors.filter(|reference| reference.contains("Patient/"));
    let by_number = ["subject.identifier", "patient.identifier", "for.identifier"];
    let mut by_number = by_number.iter().filter_map(|path| read::at(item.value(), path));
    if named.chain(actors).all(|reference| bundle.is_patient(reference))
        && by_number.all(|identifier| bundle.is_number(identifier))
    {
        return Ok(());
    }
    let words = "the resource is about another patient than the Bundle's";
    Err(Fault::in_segment(Condition::DataType, item.resource_type(), 1, words))
}

/// A person's id in the source's namespace.
fn assigned(coming: &Coming<'_>, value: &str, authority: Option<&str>) -> AssignedId {
    let anybody = coming.system.feed.as_ref().is_some_and(|feed| feed.senders.is_empty());
    AssignedId::of(coming.local_ids, &coming.system.id, authority.filter(|_| anybody), value)
}

/// The stay that an identifier names (FHIR knows no account numbers here).
fn visit(coming: &Coming<'_>, identifier: &Value) -> Option<Numbers> {
    let number = read::text(identifier, "value")?;
    let anybody = coming.system.feed.as_ref().is_some_and(|feed| feed.senders.is_empty());
    let scope = read::text(identifier, "system").filter(|_| anybody);
    let visit = Number { named: scope.is_some(), digits: number, scope, space: String::new() };
    Some(Numbers { visit: Some(visit), account: None })
}

/// A date-time as precisely as it is written.
fn moment(text: Option<&str>) -> Option<Moment> {
    let text = text?;
    if let Ok(day) = text.parse::<jiff::civil::Date>()
        && !text.contains('T')
    {
        return lcr_hl7::time::moment(&day.strftime("%Y%m%d").to_string());
    }
    text.parse().ok().map(Moment::exact)
}

/// The first instant of a date-time.
fn instant(text: Option<&str>) -> Option<Timestamp> {
    moment(text).map(|moment| moment.at)
}

/// When a resource was last changed at its source; never after it came, so that a clock ahead of ours shuts out
/// nothing that follows.
fn updated(coming: &Coming<'_>, item: &Item) -> Timestamp {
    instant(read::str_at(item.value(), "meta.lastUpdated")).unwrap_or(coming.received).min(coming.received)
}

/// The extension whose URL ends so.
fn extension<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    let mut all = read::list(value, "extension").iter();
    all.find(|one| read::str_at(one, "url").is_some_and(|url| url.rsplit('/').next() == Some(name)))
}

impl std::fmt::Debug for Bundle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bundle({} resources)", self.others.len() + 1)
    }
}

/// The patient, as every resource of this source names them.
fn reference(identity: &SourceIdentity) -> Value {
    super::r4::patient(identity)
}
