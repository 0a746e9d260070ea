//! Which stay each part of a message is about, by what the same source said before. Pure: whoever uses it loads the pages
//! that a message needs and stores those that it changed.

use std::collections::{BTreeMap, HashMap, HashSet};

use lcr_contracts::spell::SpellMessage;
use lcr_model::{LocalId, SourceId, SourceIdentity, SpellId};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    Item, KnownStays, Mapped, PatientTold, StayKey, Unresolved, Withdrawal, digest,
    numbers::{Authorities, Number, Numbers, Uses},
    values,
};

/// One row of what is remembered.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Page {
    /// The stays of a person.
    Person(SourceIdentity),
    /// The uses of a visit number.
    Visit(SourceId, String, String),
    /// The authorities that a sender names.
    Authorities(SourceId, String),
}

impl Page {
    /// A name that cannot be read back.
    pub fn id(&self) -> String {
        match self {
            Self::Person(identity) => digest(&["stays", identity.source.as_str(), &identity.local_id.0]),
            Self::Visit(source, space, number) => digest(&["visit-uses", source.as_str(), space, number]),
            Self::Authorities(source, space) => digest(&["visit-authorities", source.as_str(), space]),
        }
    }

    fn of_visit(source: &SourceId, number: &Number) -> [Self; 2] {
        [
            Self::Visit(source.clone(), number.space.clone(), number.digits.clone()),
            Self::Authorities(source.clone(), number.space.clone()),
        ]
    }
}

/// What a message says, each encounter and item with its stay.
pub enum Resolved {
    Demographics(PatientTold),
    Encounter(SpellId, Box<SpellMessage>),
    Item(Item, Option<SpellId>),
    Withdrawal(Withdrawal),
}

/// What is remembered, as far as it was loaded.
#[derive(Debug, Default)]
pub struct StayBook {
    people: HashMap<SourceIdentity, KnownStays>,
    visits: HashMap<Page, Uses>,
    authorities: HashMap<Page, Authorities>,
    loaded: HashSet<Page>,
    changed: HashSet<Page>,
}

impl StayBook {
    /// The pages that `mapped` needs and that are not loaded.
    pub fn missing<'m>(&self, mapped: impl IntoIterator<Item = &'m Mapped>) -> Vec<Page> {
        let mut pages: Vec<Page> =
            mapped.into_iter().flat_map(pages).filter(|page| !self.is_loaded(page)).collect();
        pages.sort_unstable();
        pages.dedup();
        pages
    }

    /// The pages of numbers that a message only names.
    pub fn pages_of(identity: &SourceIdentity, numbers: &Numbers) -> Vec<Page> {
        let visit = numbers.visit.iter().flat_map(|visit| Page::of_visit(&identity.source, visit));
        visit.chain([Page::Person(identity.clone())]).collect()
    }

    pub fn is_loaded(&self, page: &Page) -> bool {
        self.loaded.contains(page)
    }

    /// Takes a page as it was stored; one that does not read is empty.
    pub fn load(&mut self, page: Page, json: Option<&[u8]>) {
        fn read<T: DeserializeOwned + Default>(json: Option<&[u8]>) -> T {
            json.and_then(|json| serde_json::from_slice(json).ok()).unwrap_or_default()
        }
        match &page {
            Page::Person(identity) => drop(self.people.insert(identity.clone(), read(json))),
            Page::Visit(..) => drop(self.visits.insert(page.clone(), read(json))),
            Page::Authorities(..) => drop(self.authorities.insert(page.clone(), read(json))),
        }
        self.loaded.insert(page);
    }

    /// The pages that changed, as they are to be stored.
    pub fn changes(&mut self) -> Result<BTreeMap<Page, Vec<u8>>, serde_json::Error> {
        fn write(page: Option<&impl Serialize>) -> Result<Vec<u8>, serde_json::Error> {
            page.map_or(Ok(vec![]), serde_json::to_vec)
        }
        let changed = std::mem::take(&mut self.changed);
        let written = changed.into_iter().map(|page| {
            let json = match &page {
                Page::Person(identity) => write(self.people.get(identity)),
                Page::Visit(..) => write(self.visits.get(&page)),
                Page::Authorities(..) => write(self.authorities.get(&page)),
            };
            Ok((page, json?))
        });
        written.collect()
    }

    /// Names the stay of every encounter and item, and remembers what the message makes of the stays. An update that
    /// names none, of somebody who has no open one, is about the person alone.
    pub fn resolve(&mut self, mapped: Vec<Mapped>) -> Result<Vec<Resolved>, Unresolved> {
        let mut resolved = vec![];
        for one in mapped {
            match one {
                Mapped::Demographics(patient) => {
                    self.merge(&patient);
                    resolved.push(Resolved::Demographics(patient));
                }
                Mapped::Item(item) => {
                    let stay = item.stay.clone().map(|numbers| self.item(&item.identity, &numbers));
                    resolved.push(Resolved::Item(item, stay.flatten()));
                }
                Mapped::Withdrawal(one) => resolved.push(Resolved::Withdrawal(one)),
                Mapped::Encounter(key, mut message) => match self.encounter(&key, &mut message) {
                    Ok(stay) => resolved.push(Resolved::Encounter(stay, message)),
                    Err(Unresolved::PersonOnly) => {}
                    Err(why) => return Err(why),
                },
            }
        }
        Ok(resolved)
    }

    fn encounter(&mut self, key: &StayKey, message: &mut SpellMessage) -> Result<SpellId, Unresolved> {
        let identity = message.identity.clone();
        let (stay, numbers) = match key {
            StayKey::Numbered(numbers) => (self.numbered(&identity, numbers, message), numbers.clone()),
            StayKey::Renumbered { now, formerly, from } => {
                let from = SourceIdentity { source: identity.source.clone(), local_id: from.clone() };
                let visit = now.visit.clone().or_else(|| formerly.visit.clone());
                let numbers = Numbers { visit, account: now.account.clone() };
                (self.renumbered(&from, formerly, now, message), numbers)
            }
            StayKey::Admitted(_) | StayKey::Unnamed => {
                (self.person(&identity).unnumbered(key, message)?, Numbers::default())
            }
        };
        if self.person(&identity).note(&stay, &numbers, message) {
            self.changed.insert(Page::Person(identity));
        }
        Ok(stay)
    }

    /// The stay of a visit number, else of an account number of that person.
    fn numbered(&mut self, identity: &SourceIdentity, numbers: &Numbers, message: &SpellMessage) -> SpellId {
        if let Some(visit) = &numbers.visit {
            let used = self.used(&identity.source, visit);
            let stay = used.or_else(|| self.person(identity).before_its_number(numbers, message).cloned());
            let stay = stay.unwrap_or_else(|| self.first_use(&identity.source, visit));
            self.note_use(&identity.source, visit, &stay);
            return stay;
        }
        let by_account =
            numbers.account.as_ref().and_then(|account| self.person(identity).by_account(account).cloned());
        let stay = by_account.or_else(|| self.person(identity).without_account(message).cloned());
        stay.unwrap_or_else(|| new_account(identity, numbers))
    }

    /// The stay under its new number. `message.formerly` becomes the stay of the number it had, when that is another.
    fn renumbered(
        &mut self,
        from: &SourceIdentity,
        formerly: &Numbers,
        now: &Numbers,
        message: &mut SpellMessage,
    ) -> SpellId {
        let identity = message.identity.clone();
        let before = self.item(from, formerly).unwrap_or_else(|| new_account(from, formerly));
        let stay = match (&now.visit, &now.account) {
            (Some(visit), _) => {
                let used = self.used(&identity.source, visit);
                let stay = used.unwrap_or_else(|| self.first_use(&identity.source, visit));
                self.note_use(&identity.source, visit, &stay);
                stay
            }
            // Another account number is a name more for a stay that has a visit number, or that is another person's now.
            (None, Some(account)) => {
                let has_visit = formerly.visit.is_some() || self.person(from).has_visit_number(&before);
                let keeps = *from != identity || has_visit;
                let known = self.person(&identity).by_account(account).cloned().filter(|_| !keeps);
                known.unwrap_or_else(|| if keeps { before.clone() } else { new_account(&identity, now) })
            }
            (None, None) => before.clone(),
        };
        message.formerly = (before != stay).then(|| before.clone());
        // A merge in the same message may have taken it over already.
        let of_both = [self.person(from).take(&before), self.person(&identity).take(&before)];
        if let Some(known) = of_both.into_iter().flatten().next() {
            self.person(&identity).put(known, &stay);
            self.changed.extend([Page::Person(from.clone()), Page::Person(identity)]);
        }
        stay
    }

    /// The stay that numbers name, without an event that would open one.
    pub fn item(&mut self, identity: &SourceIdentity, numbers: &Numbers) -> Option<SpellId> {
        if let Some(visit) = &numbers.visit {
            let used = self.used(&identity.source, visit);
            return Some(used.unwrap_or_else(|| self.first_use(&identity.source, visit)));
        }
        let account = numbers.account.as_ref()?;
        let known = self.person(identity).by_account(account).cloned();
        Some(known.unwrap_or_else(|| new_account(identity, numbers)))
    }

    fn used(&self, source: &SourceId, visit: &Number) -> Option<SpellId> {
        let [page, _] = Page::of_visit(source, visit);
        self.visits.get(&page)?.find(visit).cloned()
    }

    fn first_use(&self, source: &SourceId, visit: &Number) -> SpellId {
        let [_, page] = Page::of_visit(source, visit);
        let known = self.authorities.get(&page).cloned().unwrap_or_default();
        known.first_use(source, visit)
    }

    fn note_use(&mut self, source: &SourceId, visit: &Number, stay: &SpellId) {
        let [of_number, of_sender] = Page::of_visit(source, visit);
        let uses = self.visits.entry(of_number.clone()).or_default();
        let before = uses.clone();
        uses.note(visit, stay);
        if *uses != before {
            self.changed.insert(of_number);
        }
        let authorities = self.authorities.entry(of_sender.clone()).or_default();
        let before = authorities.clone();
        authorities.note(visit);
        if *authorities != before {
            self.changed.insert(of_sender);
        }
    }

    /// The stays of the numbers that a person's number replaces become its own.
    fn merge(&mut self, patient: &PatientTold) {
        for local_id in &patient.replaces {
            let source = patient.identity.source.clone();
            let stays = self.person(&SourceIdentity { source, local_id: local_id.clone() }).clone();
            if self.person(&patient.identity).take_over(stays) {
                self.changed.insert(Page::Person(patient.identity.clone()));
            }
        }
    }

    fn person(&mut self, identity: &SourceIdentity) -> &mut KnownStays {
        self.people.entry(identity.clone()).or_default()
    }
}

/// The stay of an account number that leads to none yet.
fn new_account(identity: &SourceIdentity, numbers: &Numbers) -> SpellId {
    let account = numbers.account.as_ref().or(numbers.visit.as_ref()).map(Number::full).unwrap_or_default();
    values::spell_by_account(&identity.source, &identity.local_id, &account)
}

/// The pages that one part of a message needs.
fn pages(one: &Mapped) -> Vec<Page> {
    let other = |identity: &SourceIdentity, local_id: &LocalId| SourceIdentity {
        source: identity.source.clone(),
        local_id: local_id.clone(),
    };
    match one {
        Mapped::Demographics(told) if told.replaces.is_empty() => vec![],
        Mapped::Demographics(told) => {
            let replaced = told.replaces.iter().map(|id| Page::Person(other(&told.identity, id)));
            replaced.chain([Page::Person(told.identity.clone())]).collect()
        }
        Mapped::Item(item) => {
            item.stay.as_ref().map_or(vec![], |stay| StayBook::pages_of(&item.identity, stay))
        }
        Mapped::Withdrawal(_) => vec![],
        Mapped::Encounter(key, message) => match key {
            StayKey::Numbered(numbers) => StayBook::pages_of(&message.identity, numbers),
            StayKey::Renumbered { now, formerly, from } => {
                let now = StayBook::pages_of(&message.identity, now);
                [now, StayBook::pages_of(&other(&message.identity, from), formerly)].concat()
            }
            StayKey::Admitted(_) | StayKey::Unnamed => vec![Page::Person(message.identity.clone())],
        },
    }
}

#[cfg(test)]
#[path = "stay_book_tests.rs"]
mod tests;
