//! The operator as a process. `crd` prints the definition of `PartnerSystem`. The process must not start in a cluster
//! without that definition.

use std::sync::Arc;

use axum::Router;
use kube::{Api, Client, api::ListParams, runtime::reflector};
use lcr_model::ServiceName;
use lcr_runtime::{
    admin::Check,
    process::{NoTables, Process, RunningService, ServiceContext, ServiceSpec, StartError, settings::BadSettings},
};
use lcr_web::remote;
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
        settings: &["lease_namespace", "application_namespace", "service_account_prefix", "trust_domain"],
        optional: &["egress_namespace", "egress_allow"],
    };
    type Tables = NoTables;

    async fn start(service: ServiceContext) -> Result<RunningService, StartError> {
        let registrar = remote::registrar::Remote(service.peer(ServiceName::Identity)?);
        let client = Client::try_default().await.map_err(StartError::unavailable)?;
        check_definition_installed(&client).await?;
        let prefix = require(service.settings.service_account_prefix.as_ref(), "service_account_prefix")?;
        let namespace = require(service.settings.lease_namespace.as_ref(), "lease_namespace")?;
        let identity = std::env::var("HOSTNAME").unwrap_or_else(|_| uuid::Uuid::new_v4().to_string());
        let lease =
            Lease::new(client.clone(), &namespace, &format!("{prefix}operator"), &identity, service.clock.clone());
        let (leader_sender, leader) = watch::channel(false);
        let (systems, writer) = reflector::store();
        let trust = TrustRoots::from_system().map_err(StartError::unavailable)?;
        let (context, requeue) = Context::new(ContextParts {
            client,
            mesh_scope: mesh_scope(&service)?,
            clock: service.clock.clone(),
            registrar: Arc::new(registrar),
            metrics: Metrics::new(service.metrics.meter()).map_err(StartError::unavailable)?,
            probes: Probes::new(service.egress_rules(), trust, service.clock.clone()),
            leader,
            systems,
            identity,
        });
        let mut running = RunningService::new(Router::new());
        running.checks.push(("cluster", systems_read_check(&context)));
        let operator = Operator { context, writer, requeue, lease, leader: leader_sender };
        running.beside.push(Box::pin(operator.run(service.stop.clone())));
        Ok(running)
    }

    fn extra_command(
        command: &str,
        _: impl FnOnce() -> Result<ServiceContext, StartError>,
    ) -> Option<Result<String, StartError>> {
        (command == "crd").then(|| crd::definition_yaml().map_err(StartError::Unavailable))
    }
}

fn require(setting: Option<&String>, name: &str) -> Result<String, BadSettings> {
    setting.cloned().ok_or_else(|| BadSettings::Missing(name.to_owned()))
}

/// The namespaces and trust domain of the mesh, or none if the cluster has no mesh.
fn mesh_scope(service: &ServiceContext) -> Result<Option<MeshScope>, BadSettings> {
    let settings = &service.settings;
    let Some(egress_namespace) = settings.egress_namespace.clone() else { return Ok(None) };
    Ok(Some(MeshScope {
        egress_namespace,
        trust_domain: require(settings.trust_domain.as_ref(), "trust_domain")?,
        application_namespace: require(settings.application_namespace.as_ref(), "application_namespace")?,
        service_account_prefix: require(settings.service_account_prefix.as_ref(), "service_account_prefix")?,
    }))
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
