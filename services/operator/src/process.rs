//! The operator as a process of its own. It prints the definition of `PartnerSystem` when told `crd`, and does not start
//! in a cluster that has none.

use std::sync::Arc;

use axum::Router;
use kube::{Api, Client, api::ListParams, runtime::reflector};
use lcr_model::ServiceName;
use lcr_runtime::{
    admin::Check,
    process::{Frame, Needs, NoTables, Process, Running, StartError, settings::BadSettings},
};
use lcr_web::remote;
use tokio::sync::watch;

use crate::{
    Operator,
    crd::{self, PartnerSystem},
    domain::Places,
    lease::Lease,
    metrics::Metrics,
    probe::{Probes, Trust},
    reconcile::{Context, Parts},
};

/// The operator, alone: there is no other way to run it.
#[derive(Debug)]
pub struct Alone;

impl Process for Alone {
    const NEEDS: Needs = Needs {
        service: ServiceName::Operator,
        store: false,
        bus: false,
        cache: false,
        hears: &[],
        data_key: false,
        own: &["lease_namespace", "application_namespace", "service_account_prefix", "trust_domain"],
        optional: &["egress_namespace", "egress_allow"],
    };
    type Tables = NoTables;

    async fn start(frame: Frame) -> Result<Running, StartError> {
        let registrar = remote::registrar::Remote(frame.peer(ServiceName::Identity)?);
        let client = Client::try_default().await.map_err(StartError::away)?;
        is_defined(&client).await?;
        let prefix = told(frame.settings.service_account_prefix.as_ref(), "service_account_prefix")?;
        let namespace = told(frame.settings.lease_namespace.as_ref(), "lease_namespace")?;
        let me = std::env::var("HOSTNAME").unwrap_or_else(|_| uuid::Uuid::new_v4().to_string());
        let lease =
            Lease::new(client.clone(), &namespace, &format!("{prefix}operator"), &me, frame.clock.clone());
        let (leads, hears) = watch::channel(false);
        let (reader, writer) = reflector::store();
        let trust = Trust::of_the_system().map_err(StartError::away)?;
        let (context, again) = Context::new(Parts {
            client,
            places: places(&frame)?,
            clock: frame.clock.clone(),
            registrar: Arc::new(registrar),
            metrics: Metrics::new(frame.metrics.meter()).map_err(StartError::away)?,
            probes: Probes::new(frame.egress_rules(), trust, frame.clock.clone()),
            leads: hears,
            all: reader,
            me,
        });
        let mut running = Running::new(Router::new());
        running.checks.push(("cluster", knows_all(&context)));
        let operator = Operator { context, writer, again, lease, leads };
        running.beside.push(Box::pin(operator.run(frame.stop.clone())));
        Ok(running)
    }

    fn own_word(
        word: &str,
        _: impl FnOnce() -> Result<Frame, StartError>,
    ) -> Option<Result<String, StartError>> {
        (word == "crd").then(|| crd::yaml().map_err(StartError::Away))
    }
}

fn told(setting: Option<&String>, name: &str) -> Result<String, BadSettings> {
    setting.cloned().ok_or_else(|| BadSettings::Missing(name.to_owned()))
}

/// Where mesh objects go; none where there is no mesh.
fn places(frame: &Frame) -> Result<Option<Places>, BadSettings> {
    let settings = &frame.settings;
    let Some(egress_namespace) = settings.egress_namespace.clone() else { return Ok(None) };
    Ok(Some(Places {
        egress_namespace,
        trust_domain: told(settings.trust_domain.as_ref(), "trust_domain")?,
        application_namespace: told(settings.application_namespace.as_ref(), "application_namespace")?,
        service_account_prefix: told(settings.service_account_prefix.as_ref(), "service_account_prefix")?,
    }))
}

/// Without the definition there is nothing to watch, and nobody would say so.
pub async fn is_defined(client: &Client) -> Result<(), StartError> {
    let api: Api<PartnerSystem> = Api::all(client.clone());
    match api.list(&ListParams::default().limit(1)).await {
        Ok(_) => Ok(()),
        Err(kube::Error::Api(status)) if status.code == 404 => Err(StartError::Away(
            "the cluster has no PartnerSystem; install its definition: \
             `operator crd | kubectl apply --server-side -f -`"
                .to_owned(),
        )),
        Err(kube::Error::Api(status)) => {
            Err(StartError::Away(format!("the API server refuses to list PartnerSystems: {}", status.code)))
        }
        Err(_) => Err(StartError::Away("the API server does not answer".to_owned())),
    }
}

/// Ready when all systems were read: a replica that waits for the lease is ready to succeed.
fn knows_all(context: &Arc<Context>) -> Check {
    let context = context.clone();
    Arc::new(move || {
        let context = context.clone();
        Box::pin(async move {
            let soon =
                tokio::time::timeout(std::time::Duration::from_millis(500), context.all.wait_until_ready());
            match soon.await {
                Ok(Ok(())) => Ok(()),
                _ => Err("the PartnerSystems have not been read yet".to_owned()),
            }
        })
    })
}
