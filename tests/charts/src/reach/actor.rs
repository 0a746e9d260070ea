//! Whoever calls or is called: a pod with its namespace, labels, account and address, or somebody outside the cluster, who
//! has an address and nothing else.

use std::{collections::BTreeMap, net::IpAddr};

/// One of them.
#[derive(Debug, Clone)]
pub struct Actor {
    /// As failures name it.
    pub name: String,
    /// None: outside the cluster.
    pub namespace: Option<String>,
    pub labels: BTreeMap<String, String>,
    /// Its service account: with the namespace, its identity in the mesh.
    pub account: String,
    pub address: IpAddr,
    pub in_mesh: bool,
}

impl Actor {
    /// The namespace's labels that the model knows: its name.
    pub fn namespace_labels(&self) -> BTreeMap<String, String> {
        let name = self.namespace.clone().map(|name| ("kubernetes.io/metadata.name".to_owned(), name));
        name.into_iter().collect()
    }

    /// Its identity, which only a pod of the mesh has.
    pub fn principal(&self) -> Option<String> {
        let namespace = self.namespace.as_ref().filter(|_| self.in_mesh)?;
        Some(format!("cluster.local/ns/{namespace}/sa/{}", self.account))
    }
}

/// A pod.
pub fn inside(
    name: &str,
    namespace: &str,
    labels: &[(&str, &str)],
    address: [u8; 4],
    in_mesh: bool,
) -> Actor {
    Actor {
        name: name.to_owned(),
        namespace: Some(namespace.to_owned()),
        labels: labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        account: name.to_owned(),
        address: address.into(),
        in_mesh,
    }
}

/// Somebody outside the cluster.
pub fn outside(name: &str, address: [u8; 4]) -> Actor {
    Actor { namespace: None, ..inside(name, "", &[], address, false) }
}
