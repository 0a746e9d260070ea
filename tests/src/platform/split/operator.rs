//! The operator beside a split platform, on an API server of the test. Only a test that asks for it starts it. It must find no
//! rows of its own that no resource names: it would suspend them.

use std::path::Path;

use lcr_model::ServiceName;

use super::Split;

/// The rows that a demonstration has from its seed. A split platform takes them from the operator, because no other program may
/// write them.
const KEEP_AS_SEED: &str =
    "UPDATE identity.registry SET managed_by = 'seed'; UPDATE identity.client SET kept_by = 'seed'";

impl Split {
    /// Starts the operator on the API server that this kubeconfig names, and waits until it has read the resources. The rows with
    /// which the platform was started are a seed's from now on, as in the demonstration.
    pub async fn start_operator(&self, kubeconfig: &Path) {
        self.postgres.sql_in(&self.database_url(), KEEP_AS_SEED);
        let child = self.command(ServiceName::Operator, 0).env("KUBECONFIG", kubeconfig).spawn();
        self.children().insert((ServiceName::Operator, 0), child.expect("the operator's program"));
        self.wait_until_replica_ready(ServiceName::Operator, 0).await;
    }
}
