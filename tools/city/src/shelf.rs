//! What a source serves, whatever it is made of: the city's people or a folder of files. It has no way to
//! write, so no route could offer one.

use std::sync::Arc;

use serde_json::Value;

use crate::chart::{Chart, KINDS};
use crate::plan::Source;
use crate::world::World;

/// A page of a source's register of patients.
pub(crate) struct Page {
    pub(crate) patients: Vec<Value>,
    pub(crate) next: Option<u64>,
}

pub(crate) trait Shelf: Send + Sync + 'static {
    fn name(&self) -> &str;
    /// Kinds of resource beside Patient.
    fn kinds(&self) -> Vec<String>;
    fn register(&self, from: u64, count: usize) -> Page;
    fn by_identifier(&self, system: &str, value: &str) -> Vec<Value>;
    /// Everything of a kind about a patient; nothing for a patient this source does not know.
    fn about(&self, kind: &str, patient: &str) -> Vec<Value>;
    fn read(&self, kind: &str, id: &str) -> Option<Value>;
    /// Media type and content of an attachment.
    fn binary(&self, id: &str) -> Option<(String, Vec<u8>)>;
    /// The id of another patient of this source, for the fault that answers about the wrong one.
    fn another(&self, patient: &str) -> Option<String>;
}

/// One source of the city.
pub(crate) struct CityShelf {
    pub(crate) world: Arc<World>,
    pub(crate) source: Source,
}

impl CityShelf {
    fn chart(&self, index: u32) -> Chart<'_> {
        Chart::of(&self.world, self.source, index)
    }

    /// Local ids hold no dash, so the part before the first one says whose resource it is.
    fn owner(&self, id: &str) -> Option<Chart<'_>> {
        let local = id.split('-').next()?;
        Some(self.chart(self.world.by_local_id(self.source, local)?))
    }
}

impl Shelf for CityShelf {
    fn name(&self) -> &str {
        self.source.id()
    }

    fn kinds(&self) -> Vec<String> {
        let kinds: &[&str] = if self.source == Source::Authority { &[] } else { &KINDS };
        kinds.iter().map(|kind| (*kind).to_owned()).collect()
    }

    fn register(&self, from: u64, count: usize) -> Page {
        let from = u32::try_from(from).unwrap_or(u32::MAX);
        let (found, next) = self.world.register(self.source, from, count);
        Page {
            patients: found.into_iter().map(|one| self.chart(one).patient()).collect(),
            next: next.map(u64::from),
        }
    }

    fn by_identifier(&self, system: &str, value: &str) -> Vec<Value> {
        let index = if system.ends_with("/nhs-number") {
            self.world.by_nhs_number(self.source, value)
        } else {
            self.world.by_local_id(self.source, value)
        };
        index.map(|one| self.chart(one).patient()).into_iter().collect()
    }

    fn about(&self, kind: &str, patient: &str) -> Vec<Value> {
        let Some(index) = self.world.by_local_id(self.source, patient) else { return Vec::new() };
        self.chart(index).entries(kind).unwrap_or_default()
    }

    fn read(&self, kind: &str, id: &str) -> Option<Value> {
        let chart = self.owner(id)?;
        if kind == "Patient" {
            let patient = chart.patient();
            return (patient["id"] == id).then_some(patient);
        }
        chart.entries(kind)?.into_iter().find(|one| one["id"] == id)
    }

    fn binary(&self, id: &str) -> Option<(String, Vec<u8>)> {
        let text = self.owner(id)?.text(id)?;
        Some(("text/plain; charset=utf-8".to_owned(), text.into_bytes()))
    }

    fn another(&self, patient: &str) -> Option<String> {
        let index = self.world.by_local_id(self.source, patient)?;
        let (mut found, _) = self.world.register(self.source, index + 1, 1);
        if found.is_empty() {
            found = self.world.register(self.source, 0, 1).0;
        }
        Some(self.world.local_id(self.source, *found.first()?))
    }
}
