//! A cluster as far as the operator sees it: the fake API server over HTTP on this machine, and what `kubectl apply` does there.
//! It must never write what only the operator writes: a status, an object of the mesh, a Lease.

use std::{
    fs,
    path::{Path, PathBuf},
};

use axum::{Router, body::to_bytes, extract::Request};
use lcr_testkit::{Folder, eventually_ok};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{LIMIT, fake_api_server::FakeApiServer, resources::NAME};

pub const SYSTEMS: &str = "apis/leedscarerecord.uk/v1/partnersystems";
pub const SECRETS: &str = "api/v1/namespaces/lcr-partners/secrets";
pub const POLICIES: &str = "apis/security.istio.io/v1/namespaces/lcr-egress/authorizationpolicies";
/// More than any request of the operator.
const MAX_BYTES: usize = 1 << 20;

/// A running API server. It ends with the test.
pub struct Cluster {
    api: FakeApiServer,
    folder: Folder,
}

impl Cluster {
    /// `authority` is any certificate authority in PEM: the client of the cluster reads one, also for plain HTTP.
    pub async fn start(authority: &Path) -> Self {
        let (api, folder) = (FakeApiServer::default(), Folder::new("cluster").unwrap());
        let address = serve(api.clone()).await;
        let kubeconfig = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "here",
            "clusters": [{"name": "here", "cluster": {"server": address, "certificate-authority": authority}}],
            "users": [{"name": "me", "user": {}}],
            "contexts": [{"name": "here", "context": {"cluster": "here", "user": "me"}}],
        });
        let cluster = Self { api, folder };
        fs::write(cluster.kubeconfig(), kubeconfig.to_string()).unwrap();
        cluster
    }

    pub fn kubeconfig(&self) -> PathBuf {
        self.folder.path().join("config")
    }

    /// Writes an object as `kubectl apply` does.
    pub fn apply(&self, collection: &str, object: Value) {
        self.api.put(collection, object);
    }

    pub fn has(&self, collection: &str, name: &str) -> bool {
        self.api.get(collection, name).is_some()
    }

    /// Waits until a condition of the applied generation is true with this reason, and its message contains these words.
    pub async fn wait_for_condition(&self, condition: &str, reason: &str, words: &str) {
        eventually_ok(LIMIT, condition, async || {
            let system = self.api.get(SYSTEMS, NAME).unwrap_or_default();
            let conditions = system["status"]["conditions"].as_array().cloned().unwrap_or_default();
            let found = conditions.into_iter().find(|one| one["type"] == condition).unwrap_or_default();
            let is_current = found["observedGeneration"] == system["metadata"]["generation"];
            let is_true = found["status"] == "True" && found["reason"] == reason;
            let says = found["message"].as_str().is_some_and(|message| message.contains(words));
            if is_current && is_true && says { Ok(()) } else { Err(system["status"].to_string()) }
        })
        .await;
    }

    /// Whether this text is in anything that the operator wrote.
    pub fn shows_outside_secrets(&self, text: &str) -> bool {
        self.api.writes().iter().any(|write| write.body.to_string().contains(text))
    }
}

/// Serves the API server on a free port. Returns its address.
async fn serve(api: FakeApiServer) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let answer = move |request: Request| {
        let api = api.clone();
        async move {
            let (parts, body) = request.into_parts();
            let body = to_bytes(body, MAX_BYTES).await.unwrap();
            api.answer(axum::http::Request::from_parts(parts, body)).await
        }
    };
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    address
}
