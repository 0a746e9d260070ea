//! `check URL`: requests an address inside the platform, for health checks. It must never send a credential.

use std::time::Duration;

use lcr_web::{EgressRules, Outbound};
use tokio::time::Instant;

use super::{StartError, output::print, settings::BadSettings};

/// Request an address. Exits with 0 if it answers with success.
#[derive(Debug, clap::Args)]
pub struct Check {
    /// The address: `http://host/path`.
    url: String,
    /// Retry for so long until it answers with success.
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    within: u64,
}

impl Check {
    pub async fn run(&self) -> Result<(), StartError> {
        let ends = Instant::now() + Duration::from_secs(self.within);
        loop {
            match check_once(&self.url).await {
                Err(StartError::Unavailable(_)) if Instant::now() < ends => {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
                done => return done,
            }
        }
    }
}

async fn check_once(url: &str) -> Result<(), StartError> {
    let wrong = || BadSettings::wrong("the address", "is not `http://host/path`");
    let url = reqwest::Url::parse(url).map_err(|_| wrong())?;
    let outbound =
        Outbound::new(EgressRules { inside: true, ..EgressRules::default() }).map_err(StartError::unavailable)?;
    let answer = outbound.send(Outbound::get(url, Duration::from_secs(5))).await.map_err(StartError::unavailable)?;
    let output: String = String::from_utf8_lossy(&answer.body).chars().take(2000).collect();
    print(&format!("{} {output}\n", answer.status))?;
    if (200..300).contains(&answer.status) {
        Ok(())
    } else {
        Err(StartError::Unavailable(format!("answered {}", answer.status)))
    }
}
