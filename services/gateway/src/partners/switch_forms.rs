//! The staged switch-on of a system: a table of datasets and their stages with the next step and the step back, and who tries
//! them first. A step forward names who signed it off; identity refuses one that skips a stage.

use lcr_contracts::{
    partners::{
        people::DirectoryPerson,
        system::{CheckReport, SwitchStep, SystemChange, SystemStatus},
    },
    registry::{Stage, StageRule},
};
use lcr_model::{Dataset, OdsCode, SourceId};

use crate::{
    forms::{
        form::Form,
        form_input::Values,
        grid::{Grid, GridCell},
        page::Section,
        submission::FormSubmission,
    },
    partners::{
        partner::Partner,
        tester_fields,
        words::{stage_before, stage_meaning, stage_named, stage_tag},
    },
};

const SWITCH: &str = "switch";
const BACK: &str = "switch-back";
const SPECIAL: &str = "switch-special";
const TESTERS: &str = "testers";
const USER_VIEW: &str = "What patients or service users said of it";

pub(crate) fn switch_section(partner: &Partner, system: &SystemStatus, submission: &FormSubmission) -> Section {
    let rules = shown_rules(system);
    let rows = rules.iter().map(|rule| row(partner, system, rule, submission)).collect();
    Section::new("switch-on", "Switch on, step by step")
        .text(
            "Each dataset opens first to the safety testers, then to the pilot teams, then to everybody. A \
            step back is in force at once.",
        )
        .grid(Grid {
            caption: "Datasets and who sees them",
            columns: vec!["Dataset", "For", "Who sees it now", "Next step", "Step back"],
            rows,
            empty: "This system gives no dataset yet.",
        })
}

/// The rule of each dataset for all, then the rules for one organisation or unit.
fn shown_rules(system: &SystemStatus) -> Vec<StageRule> {
    let rules = &system.stages.rules;
    let is_general = |rule: &&StageRule| rule.unit.is_none() && rule.receiver.is_none();
    let general = |dataset: &Dataset| {
        let stored = rules.iter().filter(is_general).find(|rule| rule.dataset == *dataset);
        let default = StageRule { dataset: *dataset, unit: None, receiver: None, stage: Stage::On };
        stored.cloned().unwrap_or(default)
    };
    let special = rules.iter().filter(|rule| !is_general(rule)).cloned();
    system.draft.datasets.iter().map(general).chain(special).collect()
}

fn row(partner: &Partner, system: &SystemStatus, rule: &StageRule, submission: &FormSubmission) -> Vec<GridCell> {
    let next = rule.stage.next().map(|stage| step_form(partner, system, rule, (SWITCH, stage), submission));
    let obstacle = next.as_ref().and_then(|_| step_obstacle(system));
    // A form that was refused comes back, whatever stands in its way.
    let next = next.filter(|form| obstacle.is_none() || form.problem.is_some());
    let back = stage_before(rule.stage).map(|stage| step_form(partner, system, rule, (BACK, stage), submission));
    vec![
        GridCell::text(rule.dataset.title()),
        GridCell::text(for_words(rule)),
        GridCell { lines: vec![stage_meaning(rule.stage).to_owned()], ..GridCell::tag(stage_tag(rule.stage)) },
        GridCell::forms(next.into_iter().collect(), obstacle.unwrap_or("none: it is on")),
        GridCell::forms(back.into_iter().collect(), "none: it is off"),
    ]
}

/// What stands in the way of a step forward, as identity decides it. Systems of the set-up are for trials and need no check.
fn step_obstacle(system: &SystemStatus) -> Option<&'static str> {
    if system.suspended {
        return Some("first its suspension ends");
    }
    if !system.live {
        return Some("first the system goes live");
    }
    let has_passed = system.managed_by == "seed" || system.report.as_ref().is_some_and(CheckReport::passed);
    (!has_passed).then_some("first the system passes its check")
}

fn for_words(rule: &StageRule) -> String {
    let whose = rule.unit.as_ref().map_or_else(|| "all of it".to_owned(), |unit| format!("the part of {unit}"));
    let reader = rule.receiver.as_ref().map_or_else(|| "everybody".to_owned(), |ods| format!("staff of {ods}"));
    format!("{whose}, for {reader}")
}

fn step_form(
    partner: &Partner,
    system: &SystemStatus,
    rule: &StageRule,
    (act, stage): (&'static str, Stage),
    submission: &FormSubmission,
) -> Form {
    let code = |ods: &Option<OdsCode>| ods.as_ref().map(ToString::to_string).unwrap_or_default();
    let (unit, receiver) = (code(&rule.unit), code(&rule.receiver));
    let row = [rule.dataset.as_str(), &unit, &receiver].join("-");
    let page = format!("/systems/{}", system.draft.id);
    let form = partner
        .own_form(act, row.trim_end_matches('-'), &page, submission)
        .hidden("dataset", rule.dataset.as_str())
        .hidden("unit", unit)
        .hidden("receiver", receiver)
        .hidden("stage", stage.as_str())
        .about(format!("{}, {}", rule.dataset.title(), for_words(rule)));
    if act == BACK {
        return form.button(back_button(stage)).secondary();
    }
    let form = form.line("signed_off_by", "Signed off by", "Name and role.", "");
    let form = if stage == Stage::On { form.long("user_view", USER_VIEW, "", "") } else { form };
    form.button(next_button(stage))
}

fn next_button(stage: Stage) -> &'static str {
    match stage {
        Stage::Off | Stage::SafetyTesters => "Open to safety testers",
        Stage::PilotTeams => "Open to pilot teams",
        Stage::On => "Switch on for everybody",
    }
}

fn back_button(stage: Stage) -> &'static str {
    match stage {
        Stage::Off => "Switch off",
        Stage::SafetyTesters => "Back to safety testers",
        Stage::PilotTeams | Stage::On => "Back to pilot teams",
    }
}

/// The testers and pilots, and a rule for one organisation or unit. `people` are those of the organisation.
pub(crate) fn switch_settings(
    partner: &Partner,
    system: &SystemStatus,
    people: &[DirectoryPerson],
    submission: &FormSubmission,
) -> Vec<Section> {
    let page = format!("/systems/{}", system.draft.id);
    let stages = &system.stages;
    let pilots: Vec<&str> = stages.pilots.iter().map(OdsCode::as_str).collect();
    let first = partner.own_form(TESTERS, "", &page, submission);
    let first = tester_fields::tester_fields(first, people, &stages.testers)
        .long("pilots", "Pilot teams", "ODS codes, one a line.", pilots.join("\n"))
        .line(
            "signed_off_by",
            "Signed off by",
            "Name and role. Needed to add somebody who then sees data at once.",
            "",
        );
    let datasets = system.draft.datasets.iter().map(|one| (one.to_string(), one.title().to_owned())).collect();
    let offered = [Stage::Off, Stage::SafetyTesters, Stage::PilotTeams, Stage::On];
    let offered = offered.map(|stage| (stage.as_str().to_owned(), stage_tag(stage).words.to_owned())).to_vec();
    let special = partner
        .own_form(SPECIAL, "", &page, submission)
        .select("dataset", "Dataset", datasets, "")
        .line("receiver", "For the staff of (not required)", "The ODS code of one organisation.", "")
        .line("unit", "For the part of (not required)", "The ODS code of one unit, such as one practice of many.", "")
        .radios("stage", "Who sees it", offered, "off")
        .line("signed_off_by", "Signed off by", "Name and role. A step back needs none.", "")
        .long("user_view", USER_VIEW, "The step to everybody needs it.", "");
    vec![
        Section::new("tried-first", "Who tries it first").form(first).folded(submission.is_about(TESTERS)),
        Section::new("one-organisation", "A step for one organisation or one unit")
            .form(special)
            .folded(submission.is_about(SPECIAL)),
    ]
}

/// The change of a form of this file. `None`: the form is another's.
pub(crate) fn read_switch(values: &Values, system: &SourceId) -> Option<Result<SystemChange, String>> {
    match values.act().as_str() {
        TESTERS => Some(read_testers(values, system)),
        SWITCH | BACK | SPECIAL => Some(read_step(values, system)),
        _ => None,
    }
}

fn read_testers(values: &Values, system: &SourceId) -> Result<SystemChange, String> {
    let testers = tester_fields::read_testers(values);
    let pilots = values.ods_codes("pilots", "Pilot teams")?;
    let signed_off_by = values.text("signed_off_by");
    Ok(SystemChange::SetTesters { system: system.clone(), testers, pilots, signed_off_by })
}

fn read_step(values: &Values, system: &SourceId) -> Result<SystemChange, String> {
    let rule = StageRule {
        dataset: values.one_of("dataset", "Choose the dataset.")?,
        unit: values.optional_ods("unit", "For the part of")?,
        receiver: values.optional_ods("receiver", "For the staff of")?,
        stage: stage_named(&values.text("stage")).ok_or_else(|| "Choose who sees it.".to_owned())?,
    };
    let (signed_off_by, user_view) = (values.text("signed_off_by"), values.text("user_view"));
    Ok(SystemChange::Switch(Box::new(SwitchStep { system: system.clone(), rule, signed_off_by, user_view })))
}

#[cfg(test)]
#[path = "switch_forms_tests.rs"]
mod tests;
