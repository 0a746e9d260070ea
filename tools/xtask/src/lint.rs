//! Format, clippy, licences and bans, and the page of requirements. All of them run even when one fails, so that one round tells everything.

use crate::{
    place::Place,
    requirements,
    step::{Step, Stop},
    tools,
};

/// Runs every lint; an error names those that failed.
pub fn lint(place: &Place) -> Result<(), Stop> {
    let steps = [format(place).run(), clippy(place).run(), licences(place), requirements::check(place)];
    let failed: Vec<String> =
        steps.into_iter().filter_map(Result::err).map(|stop| stop.to_string()).collect();
    if failed.is_empty() { Ok(()) } else { Err(Stop::Failed(failed.join("\n       "))) }
}

fn format(place: &Place) -> Step {
    place.cargo("format", &["fmt", "--all", "--check"])
}

fn clippy(place: &Place) -> Step {
    place.cargo("clippy", &["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"])
}

/// The checks that need no list of vulnerabilities, so that the same commit always gives the same answer.
fn licences(place: &Place) -> Result<(), Stop> {
    let Some(deny) = tools::deny(place) else { return Ok(()) };
    Step::new("licences, bans and sources", deny)
        .args(["--config", ".deny.toml", "--log-level", "error", "check", "licenses", "bans", "sources"])
        .within(&place.root)
        .run()
}
