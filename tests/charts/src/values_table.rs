//! Generates the table of values in the chart's README from `values.yaml`, with a row for each key with a comment. A value
//! must be described in `values.yaml` only.

/// The lines before and after the table in the README.
pub const TABLE_MARKERS: (&str, &str) = ("<!-- values: made from values.yaml -->\n", "\n<!-- end of values -->");

/// One key with its path, default and comment.
#[derive(Debug, PartialEq)]
pub struct Row {
    pub key: String,
    pub default: String,
    pub remark: String,
}

/// The rows of a values file. The error names a key without a comment.
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

/// Returns the README with `table` between its markers.
pub fn insert_table(readme: &str, table: &str) -> Result<String, String> {
    let (before, rest) = readme.split_once(TABLE_MARKERS.0).ok_or("the README has no place for the table of values")?;
    let (_, after) = rest.split_once(TABLE_MARKERS.1).ok_or("the table of values in the README has no end")?;
    Ok(format!("{before}{}{table}{}{after}", TABLE_MARKERS.0, TABLE_MARKERS.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_named_by_its_whole_path() {
        let rows = rows("# what\na:\n  b: 1   # one\n  c: {d: x}  # two\ne: \"\"  # three\n").unwrap();
        let given: Vec<(&str, &str)> = rows.iter().map(|row| (row.key.as_str(), row.default.as_str())).collect();
        assert_eq!(given, [("a.b", "1"), ("a.c", "{d: x}"), ("e", "\"\"")]);
    }

    #[test]
    fn a_key_without_a_remark_is_named() {
        assert!(rows("a:\n  b: 1\n").unwrap_err().contains("a.b"));
    }
}
