//! Tests of `partner.rs`.

use clap::Parser;
use lcr_contracts::registry::CredentialKind;

use super::*;

#[derive(Debug, Parser)]
struct Cli {
    #[command(flatten)]
    args: CheckArgs,
}

fn parse(more: &[&str]) -> Result<CheckArgs, String> {
    let words = ["check", "--fhir", "https://fhir.example/R4"].iter().chain(more);
    Cli::try_parse_from(words).map(|cli| cli.args).map_err(|error| error.to_string())
}

fn kind(more: &[&str]) -> Result<Option<CredentialKind>, String> {
    let variable = |name: &str| (name == SECRET).then(|| "s".to_owned());
    Ok(credentials(&parse(more)?, variable)?.map(|one| one.kind()))
}

#[test]
fn credentials_are_what_the_arguments_name() {
    let file = std::env::temp_dir().join(format!("lcr-partner-{}.pem", std::process::id()));
    fs::write(&file, "key").unwrap();
    let key = file.to_str().unwrap();
    let id = ["--client-id", "lcr", "--token-url", "https://id.example/token"];
    assert_eq!(kind(&[]), Ok(None));
    assert_eq!(kind(&id), Ok(Some(CredentialKind::OAuth2Secret)));
    assert_eq!(kind(&[&id[..], &["--key-file", key]].concat()), Ok(Some(CredentialKind::PrivateKeyJwt)));
    assert_eq!(kind(&["--certificate", key, "--key-file", key]), Ok(Some(CredentialKind::MutualTls)));
    assert_eq!(kind(&["--basic", "lcr"]), Err(format!("set {PASSWORD}")));
    fs::remove_file(&file).unwrap();
    for wrong in [&["--client-id", "lcr"][..], &["--certificate", key], &["--basic", "a", "--token", "t"]] {
        assert!(kind(wrong).is_err(), "{wrong:?}");
    }
    let with_token = format!("{:?}", parse(&["--token", "t0p", "--dataset", "results"]).unwrap());
    assert!(with_token.contains("Results") && !with_token.contains("t0p"), "{with_token}");
    assert!(parse(&["--dataset", "everything"]).unwrap_err().contains("no dataset has this name"));
}
