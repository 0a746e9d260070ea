//! The metrics that the platform has, as dashboards and alerts may use them: the golden list that is made from what the
//! code registers. A name or label that is not there would leave a panel empty and an alert silent.

use std::{collections::BTreeMap, fs};

use lcr_testkit::golden;

/// What is measured beside the list: by the operator, which runs in a process of its own kind, and by
/// kube-state-metrics, since what a pod may use is not ours to know.
const BESIDE: [(&str, &str); 3] = [
    ("lcr_partner_systems", "condition,status"),
    ("lcr_reconcile_failures_total", "reason"),
    ("kube_pod_container_resource_limits", "resource"),
];
/// Labels that are added on the way: by Prometheus, by the scrape, by histograms.
const ADDED: [&str; 3] = ["namespace", "pod", "le"];

/// The labels of each metric.
fn ours() -> BTreeMap<String, String> {
    let list = fs::read_to_string(golden::path("metrics.txt")).unwrap_or_default();
    let lines = list.lines().filter_map(|line| {
        let mut words = line.split(' ');
        Some((words.next()?.to_owned(), words.nth(1).unwrap_or_default().to_owned()))
    });
    lines.chain(BESIDE.map(|(name, labels)| (name.to_owned(), labels.to_owned()))).collect()
}

/// The metrics an expression uses that nobody registers, and the labels that they do not have.
pub fn unknown(expression: &str) -> Vec<String> {
    let part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == ':';
    let all = ours();
    let mut unknown = vec![];
    let mut rest = expression;
    while let Some(at) = rest.find(part) {
        let end = rest[at..].find(|letter| !part(letter)).map_or(rest.len(), |length| at + length);
        let name = &rest[at..end];
        rest = &rest[end..];
        let measured = ["lcr_", "lcr:", "kube_", "container_", "node_", "istio_"];
        if !measured.iter().any(|start| name.starts_with(start))
            || name.starts_with("lcr:reads:error_ratio_rate")
        {
            continue;
        }
        match all.get(base(name)) {
            None => unknown.push(name.to_owned()),
            Some(labels) => {
                let labels: Vec<&str> = labels.split(',').chain(ADDED).collect();
                let other = matched(rest).into_iter().filter(|label| !labels.contains(label));
                unknown.extend(other.map(|label| format!("{name}{{{label}}}")));
            }
        }
    }
    unknown
}

/// A histogram's name, of one of its series.
fn base(name: &str) -> &str {
    ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name)
}

/// The labels that the selector at the beginning of `rest` names. No value of ours holds a comma or a brace.
fn matched(rest: &str) -> Vec<&str> {
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
    fn a_metric_nobody_registers_is_told_and_so_is_a_label() {
        let used = "sum(rate(lcr_views_total[5m])) / sum(lcr_view_total) + lcr_choice_seconds_bucket";
        assert_eq!(unknown(used), ["lcr_view_total"]);
        let used =
            r#"lcr_views_total{namespace="$namespace",outcome!~"a|b",person="x"} > lcr_bus_lag{stream='S'}"#;
        assert_eq!(unknown(used), ["lcr_views_total{person}"]);
    }
}
