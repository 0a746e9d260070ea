//! The time from a launch by the practice's own system until the whole first page of the record is here, each of another
//! patient, so that no answer is cached. The first bytes come before the whole page.

use std::time::Duration;

use lcr_tests::Platform;

use crate::{report::Report, traffic::percentile};

const LAUNCHES: usize = 60;
/// More patients than launches, because a number in doubt opens nobody.
const PATIENTS: &str = "_count=100";
const LIMIT_MS: f64 = 3000.0;

pub async fn measure(platform: &Platform, form: &str, report: &mut Report) {
    let mut times = launch_all(platform).await;
    let name = |percent: u8| format!("launch: record on screen, {form}, p{percent}");
    let note = "from the post of the token through both redirects; 60 patients";
    report.add(&name(50), percentile(&mut times, 50), "ms", note);
    report.add(&name(95), percentile(&mut times, 95), "ms", "limit: 3 s");
    report.limit(&name(95), LIMIT_MS);
}

async fn launch_all(platform: &Platform) -> Vec<Duration> {
    let host = platform.host_system();
    let practice_system = platform.city().plan().systems.iter().find(|one| one.id == "gp-east").unwrap();
    let patients = host.patients(&practice_system.base_url, PATIENTS).await;
    let mut times = vec![];
    for patient in &patients {
        if times.len() == LAUNCHES {
            break;
        }
        let token = host.sign(&host.claims(&patient.nhs_number, &patient.birth_date)).await;
        let (_, opened) = platform.new_browser().launch(&token).await;
        if opened.status == 404 {
            continue;
        }
        assert_eq!(opened.status, 200, "{}", opened.text());
        let family = patient.name.to_uppercase().replace('\'', "&#39;");
        assert!(opened.text().contains(&family), "the record of the launched patient");
        times.push(opened.took);
    }
    assert_eq!(times.len(), LAUNCHES, "enough patients");
    times
}
