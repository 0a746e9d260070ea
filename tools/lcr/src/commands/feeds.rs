//! `lcr feeds try`: shows what a hospital's messages would do with a profile: a line for each message, a row for each
//! stay. It prints personal data of the files, and must never store or send any.

mod rows;

use std::{collections::BTreeMap, fs, path::PathBuf};

use clap::{Args, Subcommand};
use lcr_contracts::{
    events::CareLink,
    registry::{Feed, System, SystemSetup},
};
use lcr_feeds::{DryRun, DryRunMessage, Outcome};
use lcr_model::{Clock, OdsCode, SourceId, SystemClock};
use serde_json::Value;

use rows::Row;

#[derive(Debug, Args)]
pub struct Feeds {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show what messages would do with a profile. Nothing is stored or sent.
    Try(TryArgs),
}

#[derive(Debug, Args)]
struct TryArgs {
    /// HL7 v2 (one message, many, or a batch; any line ends) or FHIR Bundles in JSON, in the order they were sent.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The profile: the feed of a registry row as JSON, such as {"profile": "itk", "wards": {"J27": "Ward J27"}}.
    #[arg(long, value_name = "PROFILE.json")]
    profile: Option<PathBuf>,
    /// The source's id in the registry.
    #[arg(long, default_value = "try", value_name = "SOURCE")]
    id: String,
}

pub fn run(feeds: Feeds) -> Result<(), String> {
    let Command::Try(try_) = feeds.command;
    let feed = try_.profile.as_ref().map_or_else(|| Ok(default_feed()), read_profile)?;
    let system = system(&try_.id, feed);
    let (mut run, now) = (DryRun::of(&system), SystemClock.now());
    let (mut stays, mut merged) = (vec![], vec![]);
    for file in &try_.files {
        let name = file.display();
        let bytes = fs::read(file).map_err(|error| format!("{name}: {error}"))?;
        let all = run.add_file(&bytes, now);
        if all.is_empty() {
            println!("{name}\tno message");
        }
        for tried in all {
            println!("{name}\t{}", format_line(&tried));
            tried.links.iter().for_each(|(key, link)| println!("\t{}", format_link(key, link)));
            stays.extend(tried.stays);
            merged.extend(tried.merged);
        }
    }
    println!();
    let fields = system.feed.map(|feed| feed.fields).unwrap_or_default();
    for row in lcr_virtual_ward::preview(stays, &merged, &fields, now) {
        println!("{}", Row(row));
    }
    Ok(())
}

/// The default profile, for messages of any sender and purpose.
fn default_feed() -> Feed {
    Feed { profile: "default".to_owned(), training: true, ..Feed::default() }
}

/// Reads a profile. Fields that it leaves out have the values of the default profile.
fn read_profile(path: &PathBuf) -> Result<Feed, String> {
    let name = path.display();
    let text = fs::read(path).map_err(|error| format!("{name}: {error}"))?;
    let given: Value = serde_json::from_slice(&text).map_err(|error| format!("{name}: {error}"))?;
    let mut merged = serde_json::to_value(default_feed()).map_err(|error| error.to_string())?;
    let fields = given.as_object().ok_or_else(|| format!("{name}: a profile is a JSON object"))?;
    if let Some(merged) = merged.as_object_mut() {
        merged.extend(fields.clone());
    }
    let feed: Feed = serde_json::from_value(merged).map_err(|error| format!("{name}: {error}"))?;
    feed.validate().map_err(|why| format!("{name}: {why}"))?;
    Ok(feed)
}

fn system(id: &str, feed: Feed) -> System {
    System {
        id: SourceId::new(id),
        name: id.to_owned(),
        organisation: OdsCode::new(""),
        base_url: String::new(),
        kind: "hospital".into(),
        authority: false,
        discreet: false,
        datasets: BTreeMap::new(),
        rhythm: "real-time".to_owned(),
        default_practice: None,
        suspended: false,
        setup: SystemSetup::default(),
        feed: Some(feed),
    }
}

/// The control id, the type and the outcome of a message.
fn format_line(tried: &DryRunMessage) -> String {
    let with_location = |reason: &str, location: &Option<String>| match location {
        Some(location) => format!("{reason} ({location})"),
        None => reason.to_owned(),
    };
    let outcome = match &tried.outcome {
        Outcome::Accepted => match (tried.stays.len(), tried.items) {
            (0, 0) if tried.links.is_empty() => "accepted, about the person alone".to_owned(),
            (0, _) => "accepted, not about a stay".to_owned(),
            _ => "accepted".to_owned(),
        },
        Outcome::Waits { reason, location } => format!("waits: {}", with_location(reason, location)),
        Outcome::Refused { reason, location } => format!("refused: {}", with_location(reason, location)),
    };
    let or_dash = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
    format!("{}\t{}\t{outcome}", or_dash(&tried.control_id), or_dash(&tried.kind))
}

/// Evidence that an organisation cares for somebody.
fn format_link(key: &str, link: &CareLink) -> String {
    let organisation = if link.organisation.as_str().is_empty() { "the sender" } else { link.organisation.as_str() };
    let team = link.team.as_ref().map_or(String::new(), |team| format!(" ({team})"));
    let from = link.from.map_or("its arrival".to_owned(), |from| from.to_string());
    let until = link.until.map_or("further notice".to_owned(), |until| until.to_string());
    let stands = if link.stands { "" } else { ", does not stand" };
    format!("evidence {key}\t{} for {organisation}{team}, from {from} until {until}{stands}", link.kind)
}

#[cfg(test)]
#[path = "feeds_tests.rs"]
mod tests;
