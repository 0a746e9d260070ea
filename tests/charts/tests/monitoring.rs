//! Alerts, their unit tests and runbooks, and dashboards: every alert has a runbook, and every expression must use metrics
//! that the platform has.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use lcr_charts_tests::{
    chart, documents, helm, metrics,
    objects::{list, of_kind, text},
    read, tools,
};
use serde_json::{Value, json};

fn rules() -> Vec<Value> {
    let file = documents::parse_single(&chart("files/alerts.yaml")).unwrap();
    list(&file, "/groups").iter().flat_map(|group| list(group, "/rules")).cloned().collect()
}

fn alerts() -> BTreeMap<String, Value> {
    let named = rules().into_iter().map(|rule| (text(&rule, "/alert").to_owned(), rule));
    named.filter(|(name, _)| !name.is_empty()).collect()
}

#[test]
fn prometheus_accepts_the_rules() {
    tools::run(tools::promtool().unwrap().args(["check", "rules"]).arg(chart("files/alerts.yaml"))).unwrap();
}

#[test]
fn every_alert_fires_on_its_fault_and_none_without_a_fault() {
    let mut command = tools::promtool().unwrap();
    command.args(["test", "rules", "alerts_test.yaml"]).current_dir(chart("files"));
    tools::run(&mut command).unwrap();
    let tests = documents::parse_single(&chart("files/alerts_test.yaml")).unwrap();
    let fired: BTreeSet<String> = list(&tests, "/tests")
        .iter()
        .flat_map(|test| list(test, "/alert_rule_test"))
        .filter(|case| !list(case, "/exp_alerts").is_empty())
        .map(|case| text(case, "/alertname").to_owned())
        .collect();
    assert_eq!(fired, alerts().into_keys().collect(), "every alert has a test in which it fires");
}

#[test]
fn every_alert_has_a_runbook_and_every_runbook_an_alert() {
    let alerts = alerts();
    for (name, rule) in &alerts {
        assert_eq!(text(rule, "/annotations/runbook_url"), format!("runbooks/{name}.md"));
        assert!(["page", "ticket"].contains(&text(rule, "/labels/severity")), "{name}");
        let page = read(&chart(&format!("runbooks/{name}.md"))).unwrap();
        for part in ["**What it means.**", "**What people see.**", "**First look**", "**Fix**"] {
            assert!(page.contains(part), "{name}: {part}");
        }
    }
    let pages = lcr_testkit::data::files(&chart("runbooks")).unwrap();
    let named: BTreeSet<String> =
        pages.iter().map(|page| page.file_stem().unwrap().to_string_lossy().into_owned()).collect();
    assert_eq!(named, alerts.into_keys().collect());
}

#[test]
fn installed_alerts_point_to_where_runbooks_really_are() {
    let set = [r#"monitoring.runbooks="https://wiki.example.nhs.uk/lcr/""#];
    let objects = helm::objects_with(&helm::values("production"), &set).unwrap();
    let installed = of_kind(&objects, "PrometheusRule").next().unwrap();
    let groups = list(installed, "/spec/groups");
    let urls: Vec<&str> = groups
        .iter()
        .flat_map(|group| list(group, "/rules"))
        .map(|rule| text(rule, "/annotations/runbook_url"))
        .filter(|url| !url.is_empty())
        .collect();
    assert_eq!(urls.len(), alerts().len());
    assert!(urls.iter().all(|url| url.starts_with("https://wiki.example.nhs.uk/lcr/Lcr")), "{urls:?}");
}

#[test]
fn alerts_use_only_what_is_measured() {
    for rule in rules() {
        assert_eq!(metrics::unknown_names(text(&rule, "/expr")), [] as [&str; 0], "{rule}");
    }
}

/// The dashboard, the panel and the expression of every panel target.
fn panels() -> Vec<(String, String)> {
    let mut found = vec![];
    for file in lcr_testkit::data::files(&chart("files/dashboards")).unwrap() {
        let board: Value = serde_json::from_str(&read(&file).unwrap()).unwrap();
        for panel in list(&board, "/panels") {
            let place = format!("{}, {}", text(&board, "/title"), text(panel, "/title"));
            let targets = list(panel, "/targets").iter();
            found.extend(targets.map(|target| (place.clone(), text(target, "/expr").to_owned())));
        }
    }
    found
}

#[test]
fn dashboards_show_only_what_is_measured_in_expressions_that_prometheus_reads() {
    let panels = panels();
    assert!(panels.len() > 30, "{} expressions", panels.len());
    for (place, expression) in &panels {
        assert_eq!(metrics::unknown_names(expression), [] as [&str; 0], "{place}");
        assert!(expression.contains("namespace=\"$namespace\""), "{place}: of one platform, not of all");
    }
    let plain = |text: &str| text.replace("$__rate_interval", "5m").replace("$namespace", "lcr");
    let rules: Vec<Value> = panels
        .iter()
        .enumerate()
        .map(|(at, (_, expression))| json!({"record": format!("panel:{at}"), "expr": plain(expression)}))
        .collect();
    // JSON is valid YAML.
    let folder = lcr_testkit::Folder::new("panels").unwrap();
    let file = folder.path().join("panels.yaml");
    fs::write(&file, json!({"groups": [{"name": "panels", "rules": rules}]}).to_string()).unwrap();
    tools::run(tools::promtool().unwrap().args(["check", "rules"]).arg(&file)).unwrap();
}

#[test]
fn every_dashboard_is_installed() {
    let objects = helm::objects(&helm::values("production")).unwrap();
    let boards: Vec<&Value> =
        of_kind(&objects, "ConfigMap").filter(|one| text(one, "/metadata/labels/grafana_dashboard") == "1").collect();
    assert_eq!(boards.len(), lcr_testkit::data::files(&chart("files/dashboards")).unwrap().len());
    for board in boards {
        for (name, text) in board.pointer("/data").unwrap().as_object().unwrap() {
            serde_json::from_str::<Value>(text.as_str().unwrap()).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }
}
