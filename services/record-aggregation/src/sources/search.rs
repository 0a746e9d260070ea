//! A source's whole answer to one question: all pages of a search, or one Patient. What came is kept when the rest
//! does not come; nothing about another patient is ever kept.

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
    fhir::Exchange,
    links::{below, patient_url, rewritten},
    medicine_names,
};
use crate::domain::{
    answer::{Ended, TypeAnswer},
    kind::Kind,
    subject::{self, Subject, Who},
};

/// The most pages, items and bytes of one search.
const PAGES: usize = 200;
const ITEMS: usize = 2000;
const BYTES: usize = 64 << 20;
/// The most warnings of one search.
const WARNINGS: usize = 50;

/// What came of one question so far.
#[derive(Debug, Default)]
pub struct Progress(Mutex<Gathered>);

#[derive(Debug, Default)]
struct Gathered {
    at: Option<Timestamp>,
    items: Vec<Item>,
    /// Different matches, readable or not.
    came: usize,
    not_readable: usize,
    warnings: Vec<String>,
    reports_error: bool,
    total: Option<u64>,
}

impl Progress {
    /// The answer as it stands: whole, or partial for `reason`; `None` while nothing came.
    pub fn answer(&self, reason: Option<MissingReason>) -> Option<TypeAnswer> {
        let gathered = self.0.lock().ok()?;
        let mut answer = TypeAnswer::empty(Ended::Answered { at: gathered.at? });
        answer.items.clone_from(&gathered.items);
        answer.not_readable = small(gathered.not_readable);
        answer.warnings.clone_from(&gathered.warnings);
        answer.reason = reason;
        answer.partial = reason.map(|_| Partial {
            came: small(gathered.came),
            // A total that has been reached says nothing of what is missing.
            total: gathered.total.map(small).filter(|total| *total > small(gathered.came)),
        });
        Some(answer)
    }

    fn start(&self, at: Timestamp, total: Option<u64>) {
        if let Ok(mut gathered) = self.0.lock() {
            (gathered.at, gathered.total) = (Some(at), total);
        }
    }

    fn add(&self, page: Searchset, unnamed: usize) {
        if let Ok(mut gathered) = self.0.lock() {
            gathered.came += page.keys.len();
            gathered.not_readable += page.not_readable.len() + unnamed;
            gathered.items.extend(page.items);
            gathered.reports_error |= page.reports_error;
            for words in page.warnings {
                if gathered.warnings.len() < WARNINGS && !gathered.warnings.contains(&words) {
                    gathered.warnings.push(words);
                }
            }
        }
    }

    fn forget(&self) {
        if let Ok(mut gathered) = self.0.lock() {
            *gathered = Gathered::default();
        }
    }

    /// Why the answer is not whole although its last page came.
    fn falls_short(&self) -> Option<MissingReason> {
        let gathered = self.0.lock().ok()?;
        let came = u64::try_from(gathered.came).unwrap_or(u64::MAX);
        match gathered.total {
            _ if gathered.reports_error => Some(MissingReason::ReportsError),
            Some(total) if total > came => Some(MissingReason::TotalNotReached),
            _ => None,
        }
    }

    fn has_total(&self) -> bool {
        self.0.lock().is_ok_and(|gathered| gathered.total.is_some())
    }

    fn items(&self) -> usize {
        self.0.lock().map_or(0, |gathered| gathered.items.len())
    }
}

fn small(number: impl TryInto<u32>) -> u32 {
    number.try_into().unwrap_or(u32::MAX)
}

/// All of one type about one person. An error means that nothing usable came; what came of a part is in the answer.
pub async fn ask(
    exchange: &Exchange<'_>,
    kind: Kind,
    who: &Who,
    progress: &Progress,
) -> Result<TypeAnswer, FhirError> {
    let at = exchange.clock.now();
    if kind == Kind::Patient {
        let mut answer = TypeAnswer::empty(Ended::Answered { at });
        answer.items.push(patient(exchange, who).await?);
        return Ok(answer);
    }
    let outcome = pages(exchange, kind, who, at, progress).await;
    match outcome {
        Ok(reason) => {
            let mut answer = progress.answer(reason).ok_or(FhirError::NotFhir)?;
            medicine_names::fill(exchange, &mut answer.items).await;
            Ok(answer)
        }
        Err(error) => {
            progress.forget();
            Err(error)
        }
    }
}

/// The Patient of this id. One answered under another id must say that it is the same person.
async fn patient(exchange: &Exchange<'_>, who: &Who) -> Result<Item, FhirError> {
    let body = exchange.get(&patient_url(exchange.base, &who.local_id)?).await?;
    let value = json::parse(&body).ok_or(FhirError::NotFhir)?;
    let item = Item::read(value).map_err(|_| FhirError::NotFhir)?;
    if item.resource_type() != "Patient" {
        return Err(FhirError::NotFhir);
    }
    let ours = subject::subject_of(&item, who) == Subject::Person;
    if ours || subject::is_same_person(item.value(), who) { Ok(item) } else { Err(FhirError::OtherPatient) }
}

/// Reads page after page into `progress`. Answers why it stopped before the end, if it did.
async fn pages(
    exchange: &Exchange<'_>,
    kind: Kind,
    who: &Who,
    at: Timestamp,
    progress: &Progress,
) -> Result<Option<MissingReason>, FhirError> {
    let mut url = below(exchange.base, kind.fhir());
    url.query_pairs_mut().append_pair("patient", &who.local_id).append_pair("_count", "200");
    let (mut seen, mut visited, mut bytes) = (HashSet::new(), HashSet::<Url>::new(), 0);
    let mut person = who.clone();
    loop {
        let first = visited.is_empty();
        visited.insert(url.clone());
        let page = match page(exchange, &url, kind, &mut seen, &mut bytes).await {
            Err(error) if first => return Err(error),
            Err(error) => return Ok(Some(error.reason())),
            Ok(page) => page,
        };
        let (page, unnamed) = match of_the_person(exchange, page, &mut person).await {
            // What came before is the person's: only that this page is theirs could not be confirmed in time.
            Err(error @ (FhirError::TimedOut | FhirError::Busy(_))) if !first => {
                return Ok(Some(error.reason()));
            }
            other => other?,
        };
        if first {
            progress.start(at, page.total);
        }
        let next = page.next.clone();
        progress.add(page, unnamed);
        let Some(next) = next else { return Ok(progress.falls_short()) };
        url = match rewritten(exchange.base, &next, kind.fhir()) {
            Ok(url) => url,
            Err(_) => return Ok(Some(MissingReason::LinkElsewhere)),
        };
        if visited.contains(&url) {
            // A server that names its last page again has sent everything where its total says so.
            let whole = progress.has_total().then(|| progress.falls_short());
            return Ok(whole.unwrap_or(Some(MissingReason::PageRepeated)));
        }
        if visited.len() >= PAGES || progress.items() >= ITEMS || bytes >= BYTES {
            return Ok(Some(MissingReason::TooLarge));
        }
    }
}

async fn page(
    exchange: &Exchange<'_>,
    url: &Url,
    kind: Kind,
    seen: &mut HashSet<String>,
    bytes: &mut usize,
) -> Result<Searchset, FhirError> {
    let body = exchange.get(url).await?;
    *bytes += body.len();
    Searchset::read_new(&body, kind.fhir(), seen).map_err(|error| match error {
        BundleError::Outcome(_) => FhirError::ReportsError,
        BundleError::NotJson | BundleError::NotABundle => FhirError::NotFhir,
    })
}

/// The page's items that are the person's, and how many do not say whose they are. One about somebody else refuses
/// the whole type, unless the source gives the person a new id.
async fn of_the_person(
    exchange: &Exchange<'_>,
    mut page: Searchset,
    who: &mut Who,
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
        let now = patient(exchange, who).await.map_err(|error| match error {
            FhirError::TimedOut | FhirError::Busy(_) => error,
            _ => FhirError::OtherPatient,
        })?;
        who.local_ids.insert(now.id().to_owned());
    }
    let mut unnamed = 0;
    let mut kept = Vec::with_capacity(page.items.len());
    for item in std::mem::take(&mut page.items) {
        match subject::subject_of(&item, who) {
            Subject::Person => kept.push(item),
            // An NHS number of somebody else costs that item alone: the source may have mistyped it.
            Subject::NotNamed | Subject::OtherNumber => unnamed += 1,
            Subject::OtherPatient(_) => return Err(FhirError::OtherPatient),
        }
    }
    page.items = kept;
    Ok((page, unnamed))
}
