//! Golden files: what is agreed, as text that a reviewer reads. `LCR_GOLDEN=update` writes them anew; the
//! difference is then read before it is committed.

use std::{fs, path::PathBuf};

/// Compares `text` with `tests/golden/<name>`; the error says the first line that differs and how to go on.
pub fn compare(name: &str, text: &str) -> Result<(), String> {
    let path = path(name);
    let text = format!("{}\n", text.trim_end());
    if std::env::var("LCR_GOLDEN").is_ok_and(|word| word == "update") {
        let parent = path.parent().ok_or("a golden file has a folder")?;
        fs::create_dir_all(parent).map_err(|error| format!("{}: {error}", parent.display()))?;
        return fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()));
    }
    let held = fs::read_to_string(&path).map_err(|_| format!("tests/golden/{name} is missing; {HOW}"))?;
    if held == text {
        return Ok(());
    }
    Err(format!("tests/golden/{name} says otherwise; {HOW}\n{}", differences(&held, &text)))
}

const HOW: &str = "if the change is meant, run the test with LCR_GOLDEN=update and read the difference";

/// Where a golden file lies.
pub fn path(name: &str) -> PathBuf {
    super::root().join("tests/golden").join(name)
}

/// The first lines that differ, at most a dozen: `-` as it is held, `+` as it is now.
fn differences(held: &str, now: &str) -> String {
    let (held, now): (Vec<&str>, Vec<&str>) = (held.lines().collect(), now.lines().collect());
    let mut lines = Vec::new();
    for at in 0..held.len().max(now.len()) {
        if held.get(at) != now.get(at) {
            lines.extend(held.get(at).map(|line| format!("{:>5} - {line}", at + 1)));
            lines.extend(now.get(at).map(|line| format!("{:>5} + {line}", at + 1)));
        }
    }
    lines.truncate(24);
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_lines_that_differ_are_told() {
        assert_eq!(differences("a\nb\n", "a\nc\nd\n"), "    2 - b\n    2 + c\n    3 + d");
        // Under `generate` a missing file is written, which is the other half of this module.
        if std::env::var_os("LCR_GOLDEN").is_none() {
            assert!(compare("no-such-file.txt", "x").unwrap_err().contains("is missing"));
        }
    }
}
