//! A caller or callee: a pod with namespace, labels, account and address, or a host outside the cluster, which has only an
//! address. It must never decide about access.

use std::{collections::BTreeMap, net::IpAddr};

/// A caller or callee.
#[derive(Debug, Clone)]
pub struct Actor {
    /// The name in messages.
    pub name: String,
    /// `None` outside the cluster.
    pub namespace: Option<String>,
    pub labels: BTreeMap<String, String>,
    /// The service account, which with the namespace is the identity in the mesh.
    pub account: String,
    pub address: IpAddr,
    pub in_mesh: bool,
}

impl Actor {
    /// The labels of the namespace. The model knows only the label with its name.
    pub fn namespace_labels(&self) -> BTreeMap<String, String> {
        let name = self.namespace.clone().map(|name| ("kubernetes.io/metadata.name".to_owned(), name));
        name.into_iter().collect()
    }

    /// The identity in the mesh; `None` for a pod outside the mesh.
    pub fn principal(&self) -> Option<String> {
        let namespace = self.namespace.as_ref().filter(|_| self.in_mesh)?;
        Some(format!("cluster.local/ns/{namespace}/sa/{}", self.account))
    }
}

/// A pod.
pub fn pod_actor(name: &str, namespace: &str, labels: &[(&str, &str)], address: [u8; 4], in_mesh: bool) -> Actor {
    Actor {
        name: name.to_owned(),
        namespace: Some(namespace.to_owned()),
        labels: labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        account: name.to_owned(),
        address: address.into(),
        in_mesh,
    }
}

/// A host outside the cluster.
pub fn external_actor(name: &str, address: [u8; 4]) -> Actor {
    Actor { namespace: None, ..pod_actor(name, "", &[], address, false) }
}
