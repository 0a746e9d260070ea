//! Checks `tests/requirements.md`: each requirement has a verdict, and each test that is named there exists. It must never
//! run a test.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::Path,
};

use crate::{step::StepError, workspace::Workspace};

const PAGE: &str = "tests/requirements.md";
/// The number of requirements of each kind: demands of the city (S), unique features (X), complaints of users (Q).
const KINDS: [(&str, u32); 3] = [("S", 98), ("X", 20), ("Q", 36)];
const VERDICTS: [&str; 3] = ["yes", "partial: ", "no"];

/// Fails with a list of all faults of the page.
pub fn check(workspace: &Workspace) -> Result<(), StepError> {
    let unread = |error: io::Error| StepError::Failed(format!("{PAGE}: {error}"));
    let page = fs::read_to_string(workspace.path(PAGE)).map_err(unread)?;
    let mut functions = BTreeSet::new();
    for folder in ["libs", "services", "tests", "tools"] {
        collect_functions(&workspace.path(folder), &mut functions).map_err(unread)?;
    }
    let faults = faults(&page, &KINDS, &functions);
    if faults.is_empty() { Ok(()) } else { Err(StepError::Failed(format!("{PAGE}: {}", faults.join("; ")))) }
}

/// Collects the names of all functions in the Rust files of a folder.
fn collect_functions(folder: &Path, functions: &mut BTreeSet<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_generated = ["target", "node_modules"].iter().any(|name| path.ends_with(name));
        if path.is_dir() && !is_generated {
            collect_functions(&path, functions)?;
        } else if path.extension().is_some_and(|end| end == "rs") {
            functions.extend(function_names(&fs::read_to_string(&path)?));
        }
    }
    Ok(())
}

fn function_names(code: &str) -> impl Iterator<Item = String> {
    let after = code.split("fn ").skip(1);
    after.map(|text| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
}

/// The faults of the page's rows, which are `| id | demand | verdict | shown by |`.
fn faults(page: &str, kinds: &[(&str, u32)], functions: &BTreeSet<String>) -> Vec<String> {
    let mut faults = vec![];
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for line in page.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, id, _, verdict, shown, _] = cells.as_slice() else { continue };
        if !kinds.iter().any(|(kind, _)| id.strip_prefix(kind).is_some_and(|rest| rest.starts_with('-'))) {
            continue;
        }
        *seen.entry((*id).to_owned()).or_default() += 1;
        if !VERDICTS.iter().any(|known| verdict == known || (known.ends_with(' ') && verdict.starts_with(known))) {
            faults.push(format!("{id} has no verdict"));
        }
        let tests: Vec<&str> = shown.split('`').skip(1).step_by(2).collect();
        if *verdict == "yes" && tests.is_empty() {
            faults.push(format!("{id} is `yes` and names no test"));
        }
        let name = |test: &&str| test.rsplit("::").next().unwrap_or_default().to_owned();
        faults.extend(
            tests.iter().filter(|test| !functions.contains(&name(test))).map(|test| format!("{id}: no test {test}")),
        );
    }
    for (kind, count) in kinds {
        let ids = (1..=*count).map(|at| format!("{kind}-{at:02}"));
        faults.extend(ids.filter(|id| seen.get(id) != Some(&1)).map(|id| format!("{id} must have exactly one row")));
    }
    faults
}

#[cfg(test)]
#[path = "requirements_tests.rs"]
mod tests;
