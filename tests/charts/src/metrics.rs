//! The metrics that dashboards and alerts may use: the golden list of what the code registers. An unknown name or label
//! must be an error, because it leaves a panel empty and an alert silent.

use std::{collections::BTreeMap, fs};

use lcr_testkit::golden;

/// Metrics that are not in the list: those of the operator and of kube-state-metrics.
const UNLISTED: [(&str, &str); 3] = [
    ("lcr_partner_systems", "condition,status"),
    ("lcr_reconcile_failures_total", "reason"),
    ("kube_pod_container_resource_limits", "resource"),
];
/// Labels that Prometheus, the scrape or a histogram adds.
const ADDED_LABELS: [&str; 3] = ["namespace", "pod", "le"];

/// The labels of each metric.
fn known_metrics() -> BTreeMap<String, String> {
    let list = fs::read_to_string(golden::path("metrics.txt")).unwrap_or_default();
    let lines = list.lines().filter_map(|line| {
        let mut words = line.split(' ');
        Some((words.next()?.to_owned(), words.nth(1).unwrap_or_default().to_owned()))
    });
    lines.chain(UNLISTED.map(|(name, labels)| (name.to_owned(), labels.to_owned()))).collect()
}

/// The metrics and labels in an expression that the platform does not have.
pub fn unknown_names(expression: &str) -> Vec<String> {
    let part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == ':';
    let all = known_metrics();
    let mut unknown = vec![];
    let mut rest = expression;
    while let Some(at) = rest.find(part) {
        let end = rest[at..].find(|letter| !part(letter)).map_or(rest.len(), |length| at + length);
        let name = &rest[at..end];
        rest = &rest[end..];
        let measured = ["lcr_", "lcr:", "kube_", "container_", "node_", "istio_"];
        if !measured.iter().any(|start| name.starts_with(start)) || name.starts_with("lcr:reads:error_ratio_rate") {
            continue;
        }
        match all.get(histogram_name(name)) {
            None => unknown.push(name.to_owned()),
            Some(labels) => {
                let labels: Vec<&str> = labels.split(',').chain(ADDED_LABELS).collect();
                let other = selector_labels(rest).into_iter().filter(|label| !labels.contains(label));
                unknown.extend(other.map(|label| format!("{name}{{{label}}}")));
            }
        }
    }
    unknown
}

/// The name of a histogram from the name of one of its series.
fn histogram_name(name: &str) -> &str {
    ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name)
}

/// The labels in the selector at the beginning of `rest`. Our label values contain no comma and no brace.
fn selector_labels(rest: &str) -> Vec<&str> {
    let Some(selector) = rest.strip_prefix('{').and_then(|rest| rest.split('}').next()) else {
        return vec![];
    };
    let matchers = selector.split(',').map(str::trim).filter(|matcher| !matcher.is_empty());
    matchers.map(|matcher| matcher.split(['=', '!']).next().unwrap_or_default().trim()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_metrics_and_labels_are_reported() {
        let used = "sum(rate(lcr_views_total[5m])) / sum(lcr_view_total) + lcr_choice_seconds_bucket";
        assert_eq!(unknown_names(used), ["lcr_view_total"]);
        let used = r#"lcr_views_total{namespace="$namespace",outcome!~"a|b",person="x"} > lcr_bus_lag{stream='S'}"#;
        assert_eq!(unknown_names(used), ["lcr_views_total{person}"]);
    }
}
