//! Tests of `meter.rs`.

use super::*;

#[test]
fn services_of_one_process_share_a_name_and_are_told_apart() {
    let meter = Meter::new();
    for (service, count) in [("consent", 1), ("feeds", 2)] {
        meter.of("service", service).gauge("lcr_dead_letters", "Put aside.").unwrap().set(count);
    }
    let text = meter.text();
    assert!(text.contains(r#"lcr_dead_letters{service="consent"} 1"#), "{text}");
    assert!(text.contains(r#"lcr_dead_letters{service="feeds"} 2"#), "{text}");
    assert_eq!(meter.described(), ["lcr_dead_letters gauge service"]);
}

#[test]
fn a_label_that_is_not_agreed_is_refused_and_so_is_a_number_made_twice() {
    let meter = Meter::new();
    let refused = meter.counters("lcr_views_total", "Views.", &["person"]).unwrap_err();
    assert!(refused.to_string().contains("`person`"), "{refused}");
    assert!(meter.of("user", "x").counter("lcr_x_total", "X.").is_err());
    meter.counter("lcr_sessions_started_total", "Sign-ins.").unwrap();
    assert!(meter.counter("lcr_sessions_started_total", "Sign-ins.").is_err());
}
