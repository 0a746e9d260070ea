//! The code blocks in the Markdown pages of `k8s/` and `charts/`. A shell runs each block of commands with fake programs
//! that only record their calls; no real program of a page must ever run.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::Command,
};

use crate::{helm, read, tools};

/// A code block of a page.
#[derive(Debug, Clone)]
pub struct Block {
    pub page: PathBuf,
    /// The language after the opening fence; empty for commands.
    pub language: String,
    pub text: String,
}

/// One call of a program: its name and arguments.
pub type Call = Vec<String>;

/// Records its name and arguments, one on each line, with an empty line at the end. It writes them at once, because two
/// programs of a pipe run together.
const RECORDER: &str = "#!/bin/sh\ntold=$(basename \"$0\"; for one; do printf '%s\\n' \"$one\"; done)\nprintf '%s\\n\\n' \"$told\" >>\"$LCR_CALLS\"\n";
/// The programs that are replaced by recorders.
pub const PROGRAMS: [&str; 12] =
    ["kubectl", "helm", "kind", "k3d", "tilt", "podman", "sudo", "cargo", "buildah", "cosign", "lcr", "yq"];

/// Every page.
pub fn pages() -> Result<Vec<PathBuf>, String> {
    let root = lcr_testkit::root();
    let mut all = vec![];
    for folder in ["k8s", "charts"] {
        all.extend(lcr_testkit::data::files(&root.join(folder)).map_err(|error| error.to_string())?);
    }
    Ok(all.into_iter().filter(|path| path.extension().is_some_and(|end| end == "md")).collect())
}

/// Every block of a page, without its indentation.
pub fn blocks(page: &Path) -> Result<Vec<Block>, String> {
    let text = read(page)?;
    let (mut all, mut open): (Vec<Block>, Option<(usize, Block)>) = (vec![], None);
    for line in text.lines() {
        let fence = line.trim_start().strip_prefix("```");
        match (fence, open.take()) {
            (Some(language), None) => {
                let block = Block { page: page.to_owned(), language: language.trim().into(), text: String::new() };
                open = Some((line.len() - line.trim_start().len(), block));
            }
            (Some(_), Some((_, block))) => all.push(block),
            (None, Some((indent, mut block))) => {
                block.text.push_str(line.get(indent..).unwrap_or_default());
                block.text.push('\n');
                open = Some((indent, block));
            }
            (None, None) => {}
        }
    }
    match open {
        Some(_) => Err(format!("{}: a block has no end", page.display())),
        None => Ok(all),
    }
}

/// Creates a folder as the pages assume it, with a site's own files.
pub fn create_site_folder() -> Result<lcr_testkit::Folder, String> {
    let folder = lcr_testkit::Folder::new("page").map_err(|error| error.to_string())?;
    let at = folder.path();
    let fail = |error: std::io::Error| error.to_string();
    for name in ["k8s", "charts"] {
        symlink(lcr_testkit::root().join(name), at.join(name)).map_err(fail)?;
    }
    symlink(helm::values("production"), at.join("production.yaml")).map_err(fail)?;
    fs::create_dir_all(at.join("target/images")).map_err(fail)?;
    fs::write(at.join("target/images/images.txt"), "consent localhost/leeds-care-record/consent:built\n")
        .map_err(fail)?;
    for own in ["bundle.pem", "consent.env", "checkpoint", "tls.crt", "tls.key", "ca.crt"] {
        fs::write(at.join(own), "").map_err(fail)?;
    }
    fs::create_dir_all(at.join("bin")).map_err(fail)?;
    for name in PROGRAMS {
        let path = at.join("bin").join(name);
        fs::write(&path, RECORDER).map_err(fail)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).map_err(fail)?;
    }
    Ok(folder)
}

/// Runs a block of commands in the folder `place` and returns the recorded calls. A placeholder in angle brackets is
/// replaced by its own name.
pub fn record_calls(block: &Block, place: &Path) -> Result<Vec<Call>, String> {
    let calls = place.join("calls");
    fs::write(&calls, "").map_err(|error| error.to_string())?;
    let mut shell = Command::new("sh");
    shell.args(["-euc", &fill_placeholders(&block.text)]).current_dir(place).env("LCR_CALLS", &calls);
    shell.env("PATH", format!("{}:/usr/bin:/bin", place.join("bin").display()));
    for (name, value) in [("service", "consent"), ("VERSION", "1"), ("REGISTRY", "registry"), ("DIGEST", "sha256:0")] {
        shell.env(name, value);
    }
    tools::run(&mut shell).map_err(|error| format!("{}:\n{}{error}", block.page.display(), block.text))?;
    let recorded = read(&calls)?;
    let all = recorded.split("\n\n").map(|call| call.lines().map(str::to_owned).collect::<Call>());
    Ok(all.filter(|call| !call.is_empty()).collect())
}

/// Replaces `<word>` by `word`.
fn fill_placeholders(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        let word =
            after.split_once('>').filter(|(word, _)| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase()));
        if let Some((word, behind)) = word {
            out.push_str(word);
            rest = behind;
        } else {
            out.push('<');
            rest = after;
        }
    }
    out + rest
}
