//! Reads a source's answer to one query: all pages of a search, or one Patient. If the rest fails, the pages that arrived are
//! kept. It must never keep an item about another patient.

use std::{
    collections::{BTreeSet, HashSet},
    sync::Mutex,
};

use jiff::Timestamp;
use lcr_contracts::record::{MissingReason, Partial};
use lcr_fhir::{BundleError, Item, Searchset, json};
use reqwest::Url;

use super::{
    FhirError,
    fhir_client::Exchange,
    links::{patient_url, rebase_link, url_below},
    medicine_names,
};
use crate::domain::{
    prepared_item::PreparedItem,
    resource_type::ResourceType,
    source_answer::{QueryOutcome, TypeAnswer},
    subject::{self, PersonIds, Subject},
};

/// Limits of one search.
const MAX_PAGES: usize = 200;
const MAX_ITEMS: usize = 2000;
const MAX_BYTES: usize = 64 << 20;
const MAX_WARNINGS: usize = 50;

/// The part of one query's answer that has arrived so far.
#[derive(Debug, Default)]
pub struct Progress(Mutex<PartialSearch>);

#[derive(Debug, Default)]
struct PartialSearch {
    at: Option<Timestamp>,
    items: Vec<PreparedItem>,
    /// Distinct matches, readable or not.
    matches: usize,
    unreadable: usize,
    warnings: Vec<String>,
    reports_error: bool,
    total: Option<u64>,
}

impl Progress {
    /// The answer so far: complete, or partial for `reason`. `None` before the first page.
    pub fn answer(&self, reason: Option<MissingReason>) -> Option<TypeAnswer> {
        let search = self.0.lock().ok()?;
        let mut answer = TypeAnswer::empty(QueryOutcome::Answered { at: search.at? });
        answer.items.clone_from(&search.items);
        answer.unreadable = to_u32(search.unreadable);
        answer.warnings.clone_from(&search.warnings);
        answer.reason = reason;
        answer.partial = reason.map(|_| Partial {
            came: to_u32(search.matches),
            // A total that has been reached does not tell how much is missing.
            total: search.total.map(to_u32).filter(|total| *total > to_u32(search.matches)),
        });
        Some(answer)
    }

    fn start(&self, at: Timestamp, total: Option<u64>) {
        if let Ok(mut search) = self.0.lock() {
            (search.at, search.total) = (Some(at), total);
        }
    }

    fn add(&self, page: Searchset, unnamed: usize) {
        if let Ok(mut search) = self.0.lock() {
            search.matches += page.keys.len();
            search.unreadable += page.unreadable.len() + unnamed;
            search.items.extend(page.items.into_iter().map(PreparedItem::from));
            search.reports_error |= page.reports_error;
            for warning in page.warnings {
                if search.warnings.len() < MAX_WARNINGS && !search.warnings.contains(&warning) {
                    search.warnings.push(warning);
                }
            }
        }
    }

    fn reset(&self) {
        if let Ok(mut search) = self.0.lock() {
            *search = PartialSearch::default();
        }
    }

    /// Why the answer is incomplete although its last page arrived.
    fn missing_reason(&self) -> Option<MissingReason> {
        let search = self.0.lock().ok()?;
        let matches = u64::try_from(search.matches).unwrap_or(u64::MAX);
        match search.total {
            _ if search.reports_error => Some(MissingReason::ReportsError),
            Some(total) if total > matches => Some(MissingReason::TotalNotReached),
            _ => None,
        }
    }

    fn has_total(&self) -> bool {
        self.0.lock().is_ok_and(|search| search.total.is_some())
    }

    fn items(&self) -> usize {
        self.0.lock().map_or(0, |search| search.items.len())
    }
}

fn to_u32(number: impl TryInto<u32>) -> u32 {
    number.try_into().unwrap_or(u32::MAX)
}

/// Fetches everything of one type about one person. An error means that nothing usable arrived.
pub async fn fetch_all(
    exchange: &Exchange<'_>,
    resource_type: ResourceType,
    who: &PersonIds,
    progress: &Progress,
) -> Result<TypeAnswer, FhirError> {
    let at = exchange.clock.now();
    if resource_type == ResourceType::Patient {
        let mut answer = TypeAnswer::empty(QueryOutcome::Answered { at });
        answer.items.push(read_patient(exchange, who).await?.into());
        return Ok(answer);
    }
    let outcome = read_pages(exchange, resource_type, who, at, progress).await;
    match outcome {
        Ok(reason) => {
            let mut answer = progress.answer(reason).ok_or(FhirError::NotFhir)?;
            medicine_names::fill_names(exchange, &mut answer.items).await;
            Ok(answer)
        }
        Err(error) => {
            progress.reset();
            Err(error)
        }
    }
}

/// Reads the Patient with this id. A Patient with another id must link to this one.
async fn read_patient(exchange: &Exchange<'_>, who: &PersonIds) -> Result<Item, FhirError> {
    let body = exchange.get(&patient_url(exchange.base, &who.local_id)?).await?;
    let value = json::parse(&body).ok_or(FhirError::NotFhir)?;
    let item = Item::read(value).map_err(|_| FhirError::NotFhir)?;
    if item.resource_type() != "Patient" {
        return Err(FhirError::NotFhir);
    }
    let is_theirs = subject::subject_of(&item, who) == Subject::Person;
    if is_theirs || subject::is_same_person(item.value(), who) { Ok(item) } else { Err(FhirError::OtherPatient) }
}

/// Reads page after page into `progress`. Returns why it stopped before the end, if it did.
async fn read_pages(
    exchange: &Exchange<'_>,
    resource_type: ResourceType,
    who: &PersonIds,
    at: Timestamp,
    progress: &Progress,
) -> Result<Option<MissingReason>, FhirError> {
    let mut url = url_below(exchange.base, resource_type.as_str());
    url.query_pairs_mut().append_pair("patient", &who.local_id).append_pair("_count", "200");
    let (mut seen, mut visited, mut bytes) = (HashSet::new(), HashSet::<Url>::new(), 0);
    let mut person = who.clone();
    loop {
        let is_first = visited.is_empty();
        visited.insert(url.clone());
        let page = match read_page(exchange, &url, resource_type, &mut seen, &mut bytes).await {
            Err(error) if is_first => return Err(error),
            Err(error) => return Ok(Some(error.reason())),
            Ok(page) => page,
        };
        let (page, unnamed) = match filter_to_person(exchange, page, &mut person).await {
            // The earlier pages are the person's. Only this page could not be checked in time.
            Err(error @ (FhirError::TimedOut | FhirError::Busy(_))) if !is_first => {
                return Ok(Some(error.reason()));
            }
            other => other?,
        };
        if is_first {
            progress.start(at, page.total);
        }
        let next = page.next.clone();
        progress.add(page, unnamed);
        let Some(next) = next else { return Ok(progress.missing_reason()) };
        url = match rebase_link(exchange.base, &next, resource_type.as_str()) {
            Ok(url) => url,
            Err(_) => return Ok(Some(MissingReason::LinkElsewhere)),
        };
        if visited.contains(&url) {
            // Some servers name their last page again. The answer is complete if its total is reached.
            let checked = progress.has_total().then(|| progress.missing_reason());
            return Ok(checked.unwrap_or(Some(MissingReason::PageRepeated)));
        }
        if visited.len() >= MAX_PAGES || progress.items() >= MAX_ITEMS || bytes >= MAX_BYTES {
            return Ok(Some(MissingReason::TooLarge));
        }
    }
}

async fn read_page(
    exchange: &Exchange<'_>,
    url: &Url,
    resource_type: ResourceType,
    seen: &mut HashSet<String>,
    bytes: &mut usize,
) -> Result<Searchset, FhirError> {
    let body = exchange.get(url).await?;
    *bytes += body.len();
    Searchset::read_unseen(&body, resource_type.as_str(), seen).map_err(|error| match error {
        BundleError::Outcome(_) => FhirError::ReportsError,
        BundleError::NotJson | BundleError::NotABundle => FhirError::NotFhir,
    })
}

/// Keeps the page's items about the person, and counts the items that name nobody. An item about another patient fails the
/// whole type, unless the source has given the person a new id.
async fn filter_to_person(
    exchange: &Exchange<'_>,
    mut page: Searchset,
    who: &mut PersonIds,
) -> Result<(Searchset, usize), FhirError> {
    let others: BTreeSet<String> = page
        .items
        .iter()
        .filter_map(|item| match subject::subject_of(item, who) {
            Subject::OtherPatient(id) => Some(id),
            _ => None,
        })
        .collect();
    if !others.is_empty() {
        let now = read_patient(exchange, who).await.map_err(|error| match error {
            FhirError::TimedOut | FhirError::Busy(_) => error,
            _ => FhirError::OtherPatient,
        })?;
        who.local_ids.insert(now.id().to_owned());
    }
    let mut unnamed = 0;
    let mut own_items = Vec::with_capacity(page.items.len());
    for item in std::mem::take(&mut page.items) {
        match subject::subject_of(&item, who) {
            Subject::Person => own_items.push(item),
            // Another NHS number excludes only that item, because the source may have mistyped it.
            Subject::NotNamed | Subject::OtherNumber => unnamed += 1,
            Subject::OtherPatient(_) => return Err(FhirError::OtherPatient),
        }
    }
    page.items = own_items;
    Ok((page, unnamed))
}
