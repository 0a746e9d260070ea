//! A stand-in for a cluster's API server (`cluster.py`), for what the chart asks a cluster while it is rendered. It
//! ends with its value; nothing can be installed into it.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Stdio},
};

use lcr_testkit::Folder;
use serde_json::{Value, json};

use crate::{chart, documents, tools};

/// A running stand-in.
#[derive(Debug)]
pub struct Cluster {
    process: Child,
    folder: Folder,
}

impl Cluster {
    /// One that holds what `held` names: `GROUP/VERSION`, `namespaces/NAME`,
    /// `namespaces/NAME/secrets/NAME=KEY:VALUE`.
    pub fn start(held: &[&str]) -> Result<Self, String> {
        let folder = Folder::new("cluster").map_err(|error| error.to_string())?;
        let mut command = tools::python()?;
        command.arg("-B").arg(lcr_testkit::root().join("tests/charts/cluster.py")).args(held);
        let mut process = command.stdout(Stdio::piped()).spawn().map_err(|error| error.to_string())?;
        let mut port = String::new();
        let said = process.stdout.take().ok_or("the stand-in says nothing")?;
        BufReader::new(said).read_line(&mut port).map_err(|error| error.to_string())?;
        let access = access(port.trim()).to_string();
        let cluster = Self { process, folder };
        fs::write(cluster.access(), access).map_err(|error| error.to_string())?;
        Ok(cluster)
    }

    /// What the chart renders to in this cluster.
    pub fn objects(&self, values: &Path, set: &[&str]) -> Result<Vec<Value>, String> {
        let mut command = tools::helm()?;
        command.args(["template", "lcr", "--namespace", "lcr", "--dry-run=server"]);
        command.args(["--disable-openapi-validation", "--kubeconfig"]).arg(self.access());
        command.arg("--values").arg(values);
        for one in set {
            command.args(["--set-json", one]);
        }
        documents::parse(&tools::ask(command.arg(chart("")))?)
    }

    fn access(&self) -> std::path::PathBuf {
        self.folder.path().join("access.json")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // One that has ended already needs no ending.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// How helm reaches it.
fn access(port: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "stand-in",
        "clusters": [{"name": "stand-in", "cluster": {"server": format!("http://127.0.0.1:{port}")}}],
        "users": [{"name": "nobody", "user": {}}],
        "contexts": [{"name": "stand-in", "context": {"cluster": "stand-in", "user": "nobody"}}],
    })
}
