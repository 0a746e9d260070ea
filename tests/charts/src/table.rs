//! The table of values in the chart's README, made from `values.yaml`: a row for each key that has a remark behind it.
//! `values.yaml` stays the one place where a value is described.

/// The lines between which the table stands in the README.
pub const MARKS: (&str, &str) = ("<!-- values: made from values.yaml -->\n", "\n<!-- end of values -->");

/// One key: where it is, what it is when nobody says, and what it is for.
#[derive(Debug, PartialEq)]
pub struct Row {
    pub key: String,
    pub default: String,
    pub remark: String,
}

/// The rows of a values file; the error names a key that says nothing of itself.
pub fn rows(values: &str) -> Result<Vec<Row>, String> {
    let mut above: Vec<(usize, String)> = vec![];
    let mut rows = vec![];
    for line in values.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#')) {
        let indent = line.len() - line.trim_start().len();
        above.retain(|(of, _)| *of < indent);
        let (key, rest) = line.trim().split_once(':').ok_or_else(|| format!("not a key: {line}"))?;
        let (default, remark) = rest.split_once(" # ").unwrap_or((rest, ""));
        let path: Vec<&str> = above.iter().map(|(_, name)| name.as_str()).chain([key]).collect();
        let row = Row { key: path.join("."), default: default.trim().into(), remark: remark.trim().into() };
        let listed = row.key.starts_with("services.");
        if row.remark.is_empty() && !row.default.is_empty() && !listed {
            return Err(format!("values.yaml: {} has no remark behind it", row.key));
        }
        if !row.remark.is_empty() || listed {
            rows.push(row);
        }
        above.push((indent, key.to_owned()));
    }
    Ok(rows)
}

/// The table, as Markdown.
pub fn markdown(rows: &[Row]) -> String {
    let line = |row: &Row| {
        let default = if row.default.is_empty() { String::new() } else { format!("`{}`", row.default) };
        format!("| `{}` | {default} | {} |", row.key, row.remark)
    };
    let lines: Vec<String> = rows.iter().map(line).collect();
    format!("| key | default | meaning |\n|---|---|---|\n{}", lines.join("\n"))
}

/// A README with `table` in its place.
pub fn placed(readme: &str, table: &str) -> Result<String, String> {
    let (before, rest) =
        readme.split_once(MARKS.0).ok_or("the README has no place for the table of values")?;
    let (_, after) = rest.split_once(MARKS.1).ok_or("the table of values in the README has no end")?;
    Ok(format!("{before}{}{table}{}{after}", MARKS.0, MARKS.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_named_by_its_whole_path() {
        let rows = rows("# what\na:\n  b: 1   # one\n  c: {d: x}  # two\ne: \"\"  # three\n").unwrap();
        let told: Vec<(&str, &str)> =
            rows.iter().map(|row| (row.key.as_str(), row.default.as_str())).collect();
        assert_eq!(told, [("a.b", "1"), ("a.c", "{d: x}"), ("e", "\"\"")]);
    }

    #[test]
    fn a_key_without_a_remark_is_named() {
        assert!(rows("a:\n  b: 1\n").unwrap_err().contains("a.b"));
    }
}
