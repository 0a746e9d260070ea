//! `lcr`, the command line of the Leeds Care Record. It is the only program that links the demo city and the demo
//! identity provider into the platform. No image must ever be built from it.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use lcr_cli::commands;

#[derive(Debug, Parser)]
#[command(name = "lcr", version, about = "The Leeds Care Record")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the whole platform in one process, with the demo city.
    Up(commands::up::UpArgs),
    /// Print a bearer token from the running demo platform.
    Token(commands::token::Token),
    /// Send HL7 v2 and FHIR files, and print each answer.
    Send(commands::send::SendArgs),
    /// Show what a hospital's messages would do with a profile.
    Feeds(commands::feeds::Feeds),
    /// Check a partner's source before it is connected.
    Partner(commands::partner::Partner),
    /// Show what the access policies permit.
    Consent(commands::consent::ConsentArgs),
    /// Verify the audit log.
    Audit(commands::audit::Audit),
    /// Check what is reachable and healthy, and give advice about the rest.
    Doctor(commands::doctor::Doctor),
}

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Up(up) => commands::up::run(up).await,
        Command::Token(token) => commands::token::run(token).await,
        Command::Send(send) => commands::send::run(send).await,
        Command::Feeds(feeds) => commands::feeds::run(feeds),
        Command::Partner(partner) => match commands::partner::run(partner).await {
            Ok(false) => return ExitCode::FAILURE,
            other => other.map(|_| ()),
        },
        Command::Consent(consent) => commands::consent::run(consent),
        Command::Audit(audit) => commands::audit::run(audit).await,
        Command::Doctor(doctor) => commands::doctor::run(doctor).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}
