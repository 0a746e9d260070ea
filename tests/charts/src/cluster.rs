//! A fake API server (`cluster.py`) for the chart's lookups during rendering. Nothing must ever be installed into it.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Stdio},
};

use lcr_testkit::Folder;
use serde_json::{Value, json};

use crate::{chart, documents, tools};

/// A running fake API server. Dropping it ends it.
#[derive(Debug)]
pub struct FakeCluster {
    process: Child,
    folder: Folder,
}

impl FakeCluster {
    /// Starts a server with the named objects: `GROUP/VERSION`, `namespaces/NAME`,
    /// `namespaces/NAME/secrets/NAME=KEY:VALUE`.
    pub fn start(existing: &[&str]) -> Result<Self, String> {
        let folder = Folder::new("cluster").map_err(|error| error.to_string())?;
        let mut command = tools::python()?;
        command.arg("-B").arg(lcr_testkit::root().join("tests/charts/cluster.py")).args(existing);
        let mut process = command.stdout(Stdio::piped()).spawn().map_err(|error| error.to_string())?;
        let mut port = String::new();
        let stdout = process.stdout.take().ok_or("the fake server has no output")?;
        BufReader::new(stdout).read_line(&mut port).map_err(|error| error.to_string())?;
        let kubeconfig = kubeconfig(port.trim()).to_string();
        let cluster = Self { process, folder };
        fs::write(cluster.kubeconfig_path(), kubeconfig).map_err(|error| error.to_string())?;
        Ok(cluster)
    }

    /// Renders the chart with lookups in this cluster.
    pub fn objects(&self, values: &Path, set: &[&str]) -> Result<Vec<Value>, String> {
        let mut command = tools::helm()?;
        command.args(["template", "lcr", "--namespace", "lcr", "--dry-run=server"]);
        command.args(["--disable-openapi-validation", "--kubeconfig"]).arg(self.kubeconfig_path());
        command.arg("--values").arg(values);
        for one in set {
            command.args(["--set-json", one]);
        }
        documents::parse(&tools::run(command.arg(chart("")))?)
    }

    fn kubeconfig_path(&self) -> std::path::PathBuf {
        self.folder.path().join("kubeconfig.json")
    }
}

impl Drop for FakeCluster {
    fn drop(&mut self) {
        // Fails only if the process has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The kubeconfig with which helm reaches the server.
fn kubeconfig(port: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "stand-in",
        "clusters": [{"name": "stand-in", "cluster": {"server": format!("http://127.0.0.1:{port}")}}],
        "users": [{"name": "nobody", "user": {}}],
        "contexts": [{"name": "stand-in", "context": {"cluster": "stand-in", "user": "nobody"}}],
    })
}
