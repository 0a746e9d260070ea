//! Tests of `step.rs`.

use super::*;

#[test]
fn a_step_is_ended_at_its_limit() {
    let started = Instant::now();
    let step = Step::new("sleeper", "sleep").args(["60"]).limit(Duration::from_millis(50));
    let error = step.run().expect_err("it takes longer than its limit").to_string();
    assert!(error.contains("ended after its limit"), "{error}");
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[test]
fn the_error_of_a_step_names_it() {
    let error = |step: Step| step.run().expect_err("it fails").to_string();
    assert!(error(Step::new("liar", "false")).starts_with("liar failed (exit status: 1"));
    assert!(error(Step::new("ghost", "no-such-program-anywhere")).starts_with("ghost: `no-such-program-anywhere`"));
    assert!(Step::new("honest", "true").succeeds());
}

#[test]
fn a_missing_program_is_named_with_the_command_that_installs_it() {
    let error = StepError::missing("node", "apt-get install nodejs");
    assert!(error.to_string().contains("node is missing"));
    assert!(error.to_string().contains("    apt-get install nodejs"));
}
