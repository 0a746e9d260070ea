//! The operator as a process. `crd` prints the definition of `PartnerSystem`. The process must not start in a cluster
//! without that definition.

use std::sync::Arc;

use axum::Router;
use ipnet::IpNet;
use kube::{Api, Client, api::ListParams, runtime::reflector};
use lcr_model::ServiceName;
use lcr_runtime::{
    admin::Check,
    process::{NoTables, Process, RunningService, ServiceCommand, ServiceContext, ServiceSpec, StartError},
};
use lcr_web::remote;
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::sync::watch;

use crate::{
    Operator,
    crd::{self, PartnerSystem},
    domain::MeshScope,
    lease::Lease,
    metrics::Metrics,
    probe::{Probes, TrustRoots},
    reconcile::{Context, ContextParts},
};

/// The settings of the operator's own.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Settings {
    /// Where the leader's lease is.
    pub lease_namespace: String,
    /// Whose service accounts may leave.
    pub application_namespace: String,
    /// What their names begin with: `lcr-`.
    pub service_account_prefix: String,
    /// The mesh's: `cluster.local`.
    pub trust_domain: String,
    /// Where partners' egress objects are written.
    pub egress_namespace: Option<String>,
    /// Where the Secrets with partners' credentials are. Never the services' own namespace.
    pub credentials_namespace: Option<String>,
    /// Private ranges partners may be in.
    #[schemars(with = "Option<Vec<String>>")]
    pub egress_allow: Option<Vec<IpNet>>,
}

/// The commands that only the operator has.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Print the definition of `PartnerSystem`, for `kubectl apply`.
    Crd,
}

impl ServiceCommand<Settings> for Command {
    fn run(self, _: impl FnOnce() -> Result<(ServiceContext, Settings), StartError>) -> Result<String, StartError> {
        let Self::Crd = self;
        crd::definition_yaml().map_err(StartError::Unavailable)
    }
}

/// The operator as a process. It has no other form.
#[derive(Debug)]
pub struct OperatorProcess;

impl Process for OperatorProcess {
    const SPEC: ServiceSpec = ServiceSpec {
        service: ServiceName::Operator,
        store: false,
        bus: false,
        cache: false,
        subscribes_to: &[],
        data_key: false,
    };
    type Settings = Settings;
    type Command = Command;
    type Tables = NoTables;

    async fn start(service: ServiceContext, settings: Settings) -> Result<RunningService, StartError> {
        let registrar = remote::registrar::Remote(service.peer(ServiceName::Identity)?);
        let client = Client::try_default().await.map_err(StartError::unavailable)?;
        check_definition_installed(&client).await?;
        let prefix = &settings.service_account_prefix;
        let identity = std::env::var("HOSTNAME").unwrap_or_else(|_| uuid::Uuid::new_v4().to_string());
        let lease = Lease::new(
            client.clone(),
            &settings.lease_namespace,
            &format!("{prefix}operator"),
            &identity,
            service.clock.clone(),
        );
        let (leader_sender, leader) = watch::channel(false);
        let (systems, writer) = reflector::store();
        let trust = TrustRoots::from_system().map_err(StartError::unavailable)?;
        let (context, requeue) = Context::new(ContextParts {
            client,
            mesh_scope: mesh_scope(&settings),
            clock: service.clock.clone(),
            registrar: Arc::new(registrar),
            metrics: Metrics::new(service.metrics.meter()).map_err(StartError::unavailable)?,
            probes: Probes::new(service.egress_rules(settings.egress_allow), trust, service.clock.clone()),
            leader,
            systems,
            identity,
            credentials_namespace: settings.credentials_namespace.clone(),
        });
        let mut running = RunningService::new(Router::new());
        running.checks.push(("cluster", systems_read_check(&context)));
        let operator = Operator { context, writer, requeue, lease, leader: leader_sender };
        running.beside.push(Box::pin(operator.run(service.stop.clone())));
        Ok(running)
    }
}

/// The namespaces and trust domain of the mesh, or none if the cluster has no mesh.
fn mesh_scope(settings: &Settings) -> Option<MeshScope> {
    Some(MeshScope {
        egress_namespace: settings.egress_namespace.clone()?,
        trust_domain: settings.trust_domain.clone(),
        application_namespace: settings.application_namespace.clone(),
        service_account_prefix: settings.service_account_prefix.clone(),
    })
}

/// Fails if the cluster lacks the definition: a watch of it would wait in silence.
pub async fn check_definition_installed(client: &Client) -> Result<(), StartError> {
    let api: Api<PartnerSystem> = Api::all(client.clone());
    match api.list(&ListParams::default().limit(1)).await {
        Ok(_) => Ok(()),
        Err(kube::Error::Api(status)) if status.code == 404 => Err(StartError::Unavailable(
            "the cluster has no PartnerSystem; install its definition: \
             `operator crd | kubectl apply --server-side -f -`"
                .to_owned(),
        )),
        Err(kube::Error::Api(status)) => {
            Err(StartError::Unavailable(format!("the API server refuses to list PartnerSystems: {}", status.code)))
        }
        Err(_) => Err(StartError::Unavailable("the API server does not answer".to_owned())),
    }
}

/// Ready when all systems are read. A replica that waits for the lease is ready too.
fn systems_read_check(context: &Arc<Context>) -> Check {
    let context = context.clone();
    Arc::new(move || {
        let context = context.clone();
        Box::pin(async move {
            let wait = tokio::time::timeout(std::time::Duration::from_millis(500), context.systems.wait_until_ready());
            match wait.await {
                Ok(Ok(())) => Ok(()),
                _ => Err("the PartnerSystems have not been read yet".to_owned()),
            }
        })
    })
}
