//! Checks that every document cited in the repository is in it. A comment must never lead to a page that a reader cannot open.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use crate::{step::StepError, workspace::Workspace};

/// Files whose text is checked.
const TEXT: [&str; 10] = ["rs", "md", "yaml", "yml", "toml", "html", "cedar", "css", "js", "txt"];
/// Written by the benchmarks, so never tracked.
const GENERATED: &str = "report.md";

/// Fails with every citation of an untracked document.
pub fn check(workspace: &Workspace) -> Result<(), StepError> {
    println!("\n== citations");
    let tracked = tracked(workspace)?;
    let mut wrong = vec![];
    for file in tracked.iter().filter(|file| is_text(file)) {
        let Ok(text) = fs::read_to_string(workspace.path(file)) else { continue };
        for (number, line) in text.lines().enumerate() {
            let missing = citations(line).into_iter().filter(|cited| !is_tracked(&tracked, file, cited));
            wrong.extend(missing.map(|cited| format!("{file}:{}: {cited} is not in the repository", number + 1)));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(StepError::Failed(wrong.join("\n       "))) }
}

/// Tracked files and new ones that are not ignored.
fn tracked(workspace: &Workspace) -> Result<BTreeSet<String>, StepError> {
    let failed = |why: String| StepError::Failed(format!("git ls-files: {why}"));
    let args = ["ls-files", "--cached", "--others", "--exclude-standard"];
    let output = Command::new("git").args(args).current_dir(&workspace.root).output();
    let output = output.map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(output.status.to_string()));
    }
    let files = String::from_utf8_lossy(&output.stdout);
    Ok(files.lines().filter(|file| workspace.path(file).is_file()).map(str::to_owned).collect())
}

fn is_text(file: &str) -> bool {
    let extension = Path::new(file).extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| TEXT.contains(&extension))
}

/// The names of documents in a line, without those in the address of another site.
fn citations(line: &str) -> Vec<&str> {
    let is_path = |letter: char| letter.is_ascii_alphanumeric() || "/._-".contains(letter);
    let words = line.split(|letter: char| !is_path(letter) && letter != ':');
    let words = words.filter(|word| !word.contains("://")).flat_map(|word| word.split(':'));
    words
        .map(|word| word.trim_end_matches('.'))
        .filter(|word| Path::new(word).extension().is_some_and(|end| end == "md"))
        .collect()
}

/// Whether `cited` is tracked: beside `file`, or anywhere if it ends with those folders and that name.
fn is_tracked(tracked: &BTreeSet<String>, file: &str, cited: &str) -> bool {
    let name = cited.trim_start_matches("../").trim_start_matches("./");
    if name.ends_with(GENERATED) {
        return true;
    }
    let suffix = format!("/{name}");
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    tracked.contains(&format!("{folder}/{name}"))
        || tracked.iter().any(|known| known == name || known.ends_with(&suffix))
}

#[cfg(test)]
#[path = "citations_tests.rs"]
mod tests;
