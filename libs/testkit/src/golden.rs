//! Golden files: agreed output as text for review. `LCR_GOLDEN=update` rewrites them; read the difference before you
//! commit it.

use std::{fs, path::PathBuf};

/// Compares `text` with `tests/golden/<name>`. The error shows the differing lines and how to update the file.
pub fn compare(name: &str, text: &str) -> Result<(), String> {
    let path = path(name);
    let text = format!("{}\n", text.trim_end());
    if std::env::var("LCR_GOLDEN").is_ok_and(|word| word == "update") {
        let parent = path.parent().ok_or("a golden file has a folder")?;
        fs::create_dir_all(parent).map_err(|error| format!("{}: {error}", parent.display()))?;
        return fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()));
    }
    let expected = fs::read_to_string(&path).map_err(|_| format!("tests/golden/{name} is missing; {HOW}"))?;
    if expected == text {
        return Ok(());
    }
    Err(format!("tests/golden/{name} says otherwise; {HOW}\n{}", differences(&expected, &text)))
}

const HOW: &str = "if the change is meant, run the test with LCR_GOLDEN=update and read the difference";

/// The path of a golden file.
pub fn path(name: &str) -> PathBuf {
    super::root().join("tests/golden").join(name)
}

/// The first lines that differ, at most a dozen: `-` for the file, `+` for the new text.
fn differences(expected: &str, now: &str) -> String {
    let (expected, now): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), now.lines().collect());
    let mut lines = Vec::new();
    for at in 0..expected.len().max(now.len()) {
        if expected.get(at) != now.get(at) {
            lines.extend(expected.get(at).map(|line| format!("{:>5} - {line}", at + 1)));
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
    fn the_first_lines_that_differ_are_shown() {
        assert_eq!(differences("a\nb\n", "a\nc\nd\n"), "    2 - b\n    2 + c\n    3 + d");
        // `generate` writes a missing file, so this test covers the other half.
        if std::env::var_os("LCR_GOLDEN").is_none() {
            assert!(compare("no-such-file.txt", "x").unwrap_err().contains("is missing"));
        }
    }
}
