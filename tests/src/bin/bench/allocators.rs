//! Compares memory allocators under the same load: each is preloaded into the release build, so that one build serves for
//! all. `LCR_ALLOCATORS` names their libraries, separated by commas; the system's own is always measured first and last.

use std::path::Path;

use super::{load::Client, process::Platform, report::Report};

const ROUNDS: usize = 3;
const PORT: u16 = 19_400;
const SYSTEM: &str = "system";

/// Figures of one allocator: searches and records a second, resident memory in MB.
struct Figures {
    searches: f64,
    records: f64,
    memory: f64,
}

pub async fn measure(report: &mut Report) {
    let named = std::env::var("LCR_ALLOCATORS").unwrap_or_default();
    let libraries: Vec<&Path> = named.split(',').filter(|one| !one.is_empty()).map(Path::new).collect();
    let mut measured: Vec<(String, Vec<Figures>)> = vec![(SYSTEM.into(), vec![])];
    measured.extend(libraries.iter().map(|library| (name(library), vec![])));
    // Rounds alternate, so that a slow minute of the machine is nobody's alone.
    for _ in 0..ROUNDS {
        for (at, (_, rounds)) in measured.iter_mut().enumerate() {
            let library = at.checked_sub(1).map(|at| libraries[at]);
            rounds.push(under_load(library).await);
        }
    }
    for (allocator, rounds) in measured {
        let of = |pick: fn(&Figures) -> f64| median(rounds.iter().map(pick).collect());
        report.add(&format!("{allocator}: searches"), of(|one| one.searches), "/s", "16 askers, median of 3 rounds");
        report.add(&format!("{allocator}: records"), of(|one| one.records), "/s", "16 askers, median of 3 rounds");
        report.add(&format!("{allocator}: resident"), of(|one| one.memory), "MB", "after the load, 2,000 people");
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn name(library: &Path) -> String {
    library.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
}

async fn under_load(library: Option<&Path>) -> Figures {
    let platform = Platform::with_library(2_000, PORT, library);
    platform.wait_loaded(std::time::Duration::from_mins(2));
    let client = Client::new(Some(&platform.token("gp")));
    let base = format!("http://localhost:{}", platform.port);
    let found = client.json(&format!("{base}/api/patient-index/v1/people?nhs_number=9434765919")).await;
    let id = found["people"][0]["id"].as_str().unwrap();
    let search = format!("{base}/fhir/R4/Patient?identifier=https://fhir.nhs.uk/Id/nhs-number|9434765919");
    let record = format!("{base}/api/record-aggregation/v1/people/{id}/record");
    client.get(&record).await;
    let searches = client.rate(&search, 16, 5).await;
    let records = client.rate(&record, 16, 5).await;
    Figures { searches, records, memory: platform.memory_mb() }
}
