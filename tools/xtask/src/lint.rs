//! Checks format, clippy, licences and bans, unused dependencies, the page of requirements and cited documents. All checks must run even if one
//! fails, so that one run reports everything.

use crate::{
    citations, requirements,
    step::{Step, StepError},
    tools,
    workspace::Workspace,
};

/// Runs every lint; an error names those that failed.
pub fn lint(workspace: &Workspace) -> Result<(), StepError> {
    let steps = [
        format(workspace).run(),
        clippy(workspace).run(),
        licences(workspace),
        unused_dependencies(workspace),
        requirements::check(workspace),
        citations::check(workspace),
    ];
    let failed: Vec<String> = steps.into_iter().filter_map(Result::err).map(|error| error.to_string()).collect();
    if failed.is_empty() { Ok(()) } else { Err(StepError::Failed(failed.join("\n       "))) }
}

fn format(workspace: &Workspace) -> Step {
    workspace.cargo("format", &["fmt", "--all", "--check"])
}

fn clippy(workspace: &Workspace) -> Step {
    workspace.cargo("clippy", &["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"])
}

/// Runs the checks that need no list of vulnerabilities, so that the same commit always gives the same result.
fn licences(workspace: &Workspace) -> Result<(), StepError> {
    let Some(deny) = tools::install_deny(workspace) else { return Ok(()) };
    Step::new("licences, bans and sources", deny)
        .args(["--config", ".deny.toml", "--log-level", "error", "check", "licenses", "bans", "sources"])
        .in_folder(&workspace.root)
        .run()
}

/// The fuzz targets include code of other crates by path, which the checker cannot see.
fn unused_dependencies(workspace: &Workspace) -> Result<(), StepError> {
    let Some(machete) = tools::install_machete(workspace) else { return Ok(()) };
    Step::new("unused dependencies", machete)
        .args(["libs", "services", "tools", "tests"])
        .in_folder(&workspace.root)
        .run()
}
