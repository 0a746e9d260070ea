//! The registry rows of a demonstration: the city's organisations and systems, the sources added by hand and the demo
//! clients. It must never start or ask anything.

mod sandbox;

use std::collections::{BTreeMap, BTreeSet};

use lcr_all_in_one::{ClientSeed, ProviderSettings, Seed};
use lcr_city::{City, PlanFeed, PlanOrganisation, PlanSystem};
use lcr_contracts::registry::{DatasetSwitch, Feed, Organisation, PartnerState, System, SystemSetup};
use lcr_demo_idp::{DemoIdp, partners, personas};
use lcr_model::{Dataset, OdsCode, Role, SourceId};
use reqwest::Url;
use sandbox::{sandbox, sandbox_owner};

/// The persona whose practice counts as the registered practice of people from an added source.
const GP_PERSONA: &str = "gp";

/// `--source NAME=FHIR-URL`.
#[derive(Debug, Clone)]
pub struct AddedSource {
    pub name: String,
    pub url: Url,
}

impl AddedSource {
    pub fn is_on_loopback(&self) -> bool {
        let host = self.url.host_str().unwrap_or_default();
        let ip: Option<std::net::IpAddr> = host.trim_matches(['[', ']']).parse().ok();
        host == "localhost" || ip.is_some_and(|ip| ip.is_loopback())
    }

    fn id(&self) -> String {
        let lower = self.name.to_lowercase();
        let plain: String = lower.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        plain.trim_matches('-').to_owned()
    }
}

pub fn parse_source(text: &str) -> Result<AddedSource, String> {
    let (name, url) = text.split_once('=').ok_or("write it as NAME=FHIR-URL")?;
    let url = Url::parse(url).map_err(|_| "the part after = is not a URL")?;
    let added = AddedSource { name: name.trim().to_owned(), url };
    let usable = matches!(added.url.scheme(), "http" | "https") && !added.id().is_empty();
    usable.then_some(added).ok_or_else(|| "give a name with letters and an http or https URL".to_owned())
}

pub fn build_seed(city: Option<&City>, provider: &DemoIdp, added: &[AddedSource]) -> Result<Seed, String> {
    let mut seed = Seed::default();
    let plan = city.map(City::plan);
    let organisations = plan.map_or_else(lcr_city::organisations, |plan| plan.organisations.clone());
    seed.organisations = organisations.into_iter().map(organisation).collect();
    for system in plan.map_or(&[][..], |plan| &plan.systems) {
        seed.systems.push(planned_system(system)?);
    }
    seed.organisations.push(sandbox_owner());
    seed.systems.push(sandbox());
    for source in added {
        seed.organisations.push(Organisation {
            ods: OdsCode::new(source.id()),
            name: source.name.clone(),
            kind: "added".into(),
            agreement_signed: true,
            part_of: None,
            serves: vec![],
            state: PartnerState::Live,
            receives: None,
        });
        seed.systems.push(added_system(source));
    }
    for persona in personas().iter().chain(partners()).filter(|persona| persona.kind == "client") {
        let jwks = provider.client_jwks(persona.name).ok_or("a demo client has no key")?;
        let scope = if persona.role == "feeds-client" { "feeds.write" } else { "fhir.read" };
        seed.clients.push(ClientSeed {
            id: persona.name.to_owned(),
            name: persona.display_name.to_owned(),
            org: OdsCode::new(persona.org),
            role: persona.role.parse().map_err(|_| "a demo client has an unknown role")?,
            scope: scope.to_owned(),
            jwks,
            jwks_url: None,
            per_minute: 0,
            requests_per_minute: None,
            launch_roles: launch_roles(persona.role),
            frame_ancestors: frame_ancestors(),
        });
    }
    Ok(seed)
}

/// The demo's reader of records is a practice's system that opens the portal for its GPs.
fn launch_roles(client_role: &str) -> Vec<Role> {
    if client_role == "fhir-client" { vec![Role::Gp] } else { vec![] }
}

/// Pages on this machine, such as the sample host application's.
fn frame_ancestors() -> Vec<String> {
    vec!["http://127.0.0.1:*".to_owned(), "http://localhost:*".to_owned()]
}

/// The demo provider: it signs in everybody, and users of every source's own system for a launch.
pub fn provider_settings(provider: &DemoIdp, seed: &Seed, patients: bool) -> ProviderSettings {
    let addresses = seed.systems.iter().map(|system| &system.base_url).filter(|address| !address.is_empty());
    let addresses: BTreeSet<&str> = addresses.map(|address| address.trim_end_matches('/')).collect();
    ProviderSettings {
        issuer: provider.issuer(),
        client_id: "leeds-care-record".to_owned(),
        patients,
        launch_issuers: addresses.into_iter().map(str::to_owned).collect(),
        frame_ancestors: frame_ancestors(),
        ..ProviderSettings::default()
    }
}

fn organisation(row: PlanOrganisation) -> Organisation {
    Organisation {
        ods: OdsCode::new(row.ods),
        name: row.name,
        kind: row.kind.into(),
        agreement_signed: row.agreement_signed,
        part_of: row.part_of.map(OdsCode::new),
        serves: row.serves.into_iter().map(OdsCode::new).collect(),
        state: PartnerState::Live,
        receives: None,
    }
}

fn planned_system(row: &PlanSystem) -> Result<System, String> {
    let switch = |(dataset, state): (&String, &String)| {
        let dataset: Dataset = dataset.parse().map_err(|_| format!("the plan names no dataset {dataset}"))?;
        let state = match state.as_str() {
            "on" => DatasetSwitch::On,
            "not-agreed" => DatasetSwitch::NotAgreed,
            _ => DatasetSwitch::NotConnected,
        };
        Ok::<_, String>((dataset, state))
    };
    Ok(System {
        id: SourceId::new(row.id.clone()),
        name: row.name.clone(),
        organisation: OdsCode::new(row.organisation.clone()),
        base_url: row.base_url.clone(),
        kind: row.kind.as_str().into(),
        authority: row.authority,
        discreet: row.discreet,
        datasets: row.datasets.iter().map(switch).collect::<Result<BTreeMap<_, _>, _>>()?,
        rhythm: row.rhythm.clone(),
        default_practice: None,
        suspended: false,
        setup: SystemSetup::default(),
        feed: row.feed.as_ref().map(feed),
    })
}

fn feed(row: &PlanFeed) -> Feed {
    Feed { senders: row.senders.clone(), profile: row.profile.clone(), training: row.training, ..Feed::default() }
}

fn added_system(source: &AddedSource) -> System {
    let gp = personas().iter().find(|persona| persona.name == GP_PERSONA).map(|persona| OdsCode::new(persona.org));
    System {
        id: SourceId::new(source.id()),
        name: source.name.clone(),
        organisation: OdsCode::new(source.id()),
        base_url: source.url.as_str().trim_end_matches('/').to_owned(),
        kind: "added".into(),
        authority: false,
        discreet: false,
        datasets: Dataset::ALL.iter().map(|dataset| (*dataset, DatasetSwitch::On)).collect(),
        rhythm: "real-time".to_owned(),
        default_practice: gp,
        suspended: false,
        setup: SystemSetup::default(),
        feed: None,
    }
}
