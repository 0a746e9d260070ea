//! `MDM`: a document, its status, a correction, an addendum, a replacement or its withdrawal. Files come inline and
//! nothing is fetched: a document sent as a pointer shows its title.

mod content;
mod status;

use lcr_contracts::events::{Pushed, PushedItem};
use lcr_hl7::{Condition, Fault, Field, Segment};
use serde_json::{Value, json};

use super::{
    Arrival, Change, Item, Mapped, Mapping, NotMapped, demographics, files,
    groups::{Group, groups, missing},
    identity::{self, Named},
    notes::Notes,
    numbers::Numbers,
    pushed, r4, spell, times,
    values::digest,
};
use status::Standing;

/// What a trigger event does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    /// T01, T02: a document; T03, T04: its status.
    Tell,
    /// T05, T06.
    Addendum,
    /// T07, T08.
    Edit,
    /// T09, T10.
    Replacement,
    /// T11.
    Cancel,
}

fn act(event: &str) -> Option<Act> {
    Some(match event {
        "T01" | "T02" | "T03" | "T04" => Act::Tell,
        "T05" | "T06" => Act::Addendum,
        "T07" | "T08" => Act::Edit,
        "T09" | "T10" => Act::Replacement,
        "T11" => Act::Cancel,
        _ => return None,
    })
}

pub fn is_mapped(event: &str) -> bool {
    act(event).is_some()
}

/// One message about one document.
struct Document<'a, 'm> {
    arrival: &'a Arrival<'m>,
    named: Named,
    stay: Option<Numbers>,
    txa: Segment<'m>,
    act: Act,
    /// TXA-12.
    key: String,
    /// TXA-13, where it is another document.
    parent: Option<String>,
    standing: Standing,
}

pub fn map(arrival: &Arrival<'_>, event: &str) -> Mapping {
    let groups = groups(arrival.message);
    let group = groups.first().ok_or_else(|| missing("PID", "the patient is missing"))?;
    if groups.len() > 1 {
        return Err(NotMapped::waits("a document is of one patient, and the message names several", "PID"));
    }
    let named = identity::named(arrival, group)?;
    let txa = group.first("TXA").ok_or_else(|| missing("TXA", "the document's header is missing"))?;
    if group.all("TXA").nth(1).is_some() {
        return Err(NotMapped::waits("the message has more than one document header", "TXA"));
    }
    let key = number(txa.field(12));
    let key = key
        .ok_or_else(|| Fault::at(Condition::RequiredField, "TXA", 12, "the document has no unique number"))?;
    let act = act(event).unwrap_or(Act::Tell);
    let document = Document {
        arrival,
        stay: spell::numbers(arrival, group),
        txa,
        act,
        parent: number(txa.field(13)).filter(|parent| *parent != key),
        key,
        standing: status::of(txa, act == Act::Cancel),
        named,
    };
    let told = demographics::told(arrival, group, &document.named);
    let mut mapped = vec![Mapped::Demographics(told), Mapped::Item(document.item(group)?)];
    mapped.extend(document.replaced()?.map(Mapped::Item));
    Ok(mapped)
}

/// A document number: the id, else its namespace's universal one.
fn number(field: Field<'_>) -> Option<String> {
    field.first().and_then(|one| one.part(1).or_else(|| one.part(3)))
}

impl Document<'_, '_> {
    fn id(&self, key: &str) -> String {
        digest(&["document", self.arrival.system.id.as_str(), &self.named.identity.local_id.0, key])
    }

    fn name(&self) -> String {
        self.txa.field(2).first().and_then(r4::concept_words).unwrap_or_else(|| "Document".to_owned())
    }

    fn item(&self, group: &Group<'_>) -> Result<Item, NotMapped> {
        let name = self.name();
        let content::Content { content, labels } = content::of(group, &name);
        let content = content.filter(|_| self.standing != Standing::Withdrawn);
        let change = match (self.standing, &content) {
            (Standing::Withdrawn, _) => Change::Withdrawn,
            (_, None) if self.act == Act::Edit => {
                Change::HeaderOfCorrection(pushed::day(times::told_at(self.arrival)))
            }
            (_, None) => Change::HeaderOnly,
            (_, Some(_)) => Change::Whole,
        };
        let letter = self.standing == Standing::Current && self.is_discharge(&name);
        let mut made = self.header(&self.key, self.standing, labels);
        let is_edit = self.act == Act::Edit;
        made.put("docStatus", status::doc_status(self.txa, self.standing, is_edit).map(|code| json!(code)))
            .put("date", r4::instant(self.txa.field(6)).or_else(|| r4::instant(self.txa.field(4))))
            .put("author", self.txa.field(9).first().and_then(r4::clinician).map(|one| json!([one])))
            .put("authenticator", self.txa.field(22).first().and_then(r4::clinician))
            .put("description", self.description(group))
            .put("relatesTo", self.relates_to())
            .put("content", content.unwrap_or_else(|| self.without_content()));
        Ok(self.filed(self.key.clone(), r4::checked(vec![made.done()], name, false, letter, "TXA")?, change))
    }

    /// The document that this one replaces, as replaced.
    fn replaced(&self) -> Result<Option<Item>, NotMapped> {
        let counts = self.act == Act::Replacement && self.standing == Standing::Current;
        let Some(parent) = self.parent.as_ref().filter(|_| counts) else { return Ok(None) };
        let mut made = self.header(parent, Standing::Superseded, vec![]);
        made.put("content", files::only_words("This document was replaced by a later one"));
        let pushed = r4::checked(vec![made.done()], self.name(), false, false, "TXA")?;
        Ok(Some(self.filed(parent.clone(), pushed, Change::Superseded)))
    }

    /// `labels` are those of the content.
    fn header(&self, key: &str, standing: Standing, labels: Vec<Value>) -> r4::Resource {
        let mut made = r4::Resource::new("DocumentReference", &self.id(key), &self.named.identity);
        let label = r4::confidentiality(self.txa.field(18));
        made.put("meta", status::meta(self.txa, label.as_ref(), labels))
            .put("status", json!(standing.code()))
            .put("identifier", json!([{ "value": key }]))
            .put("type", self.txa.field(2).first().and_then(r4::concept))
            .put("securityLabel", label.map(|label| json!([label])));
        made
    }

    fn filed(&self, key: String, pushed: PushedItem, change: Change) -> Item {
        Item {
            identity: self.named.identity.clone(),
            kind: Pushed::Document,
            stay: self.stay.clone(),
            pushed,
            key,
            names: vec![],
            sent: times::told_at(self.arrival),
            change,
        }
    }

    /// TXA-2: a discharge summary by its code or its words.
    fn is_discharge(&self, name: &str) -> bool {
        self.txa.field(2).code().as_deref() == Some("DS") || name.to_lowercase().contains("discharge")
    }

    /// The title (TXA-25), the comments, and what the sender leaves open.
    fn description(&self, group: &Group<'_>) -> Option<Value> {
        let mut notes = Notes::default();
        group.all("NTE").for_each(|note| notes.push(note));
        let unnamed = (self.act == Act::Replacement && self.txa.field(13).first().is_none())
            .then(|| "Replaces an earlier document, which the sender did not name".to_owned());
        let parts: Vec<String> =
            [self.txa.field(25).words(), notes.text(), unnamed].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| json!(parts.join("\n")))
    }

    fn relates_to(&self) -> Option<Value> {
        let parent = self.parent.as_ref()?;
        let code = if self.act == Act::Replacement { "replaces" } else { "appends" };
        let reference = format!("DocumentReference/{}", self.id(parent));
        Some(
            json!([{ "code": code, "target": { "reference": reference, "identifier": { "value": parent } } }]),
        )
    }

    fn without_content(&self) -> Value {
        files::only_words(match self.standing {
            Standing::Withdrawn => "The sender has withdrawn this document",
            _ => "The content of this document was not sent",
        })
    }
}

#[cfg(test)]
#[path = "documents_tests.rs"]
mod tests;
