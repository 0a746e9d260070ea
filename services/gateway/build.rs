//! Embeds the built styles and scripts (`assets/dist`) under names with a digest of their content. It must never call npm
//! or the network: without `dist` it warns and embeds nothing, and pages still render.

use std::{env, fs, io, path::Path};

use sha2::{Digest, Sha256};

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=assets/dist");
    let mut rows = String::new();
    for name in ["portal.css", "record.js", "ward.js"] {
        let path = Path::new("assets/dist").join(name);
        let Ok(bytes) = fs::read(&path) else {
            println!(
                "cargo:warning=assets/dist/{name} is missing: pages will be plain. Run `npm ci && npm run build` in services/gateway/assets."
            );
            continue;
        };
        println!("cargo:rerun-if-changed={}", path.display());
        let digest = Sha256::digest(&bytes).iter().take(6).fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
        let (stem, extension) = name.split_once('.').unwrap_or((name, "bin"));
        let full = fs::canonicalize(&path)?.display().to_string();
        rows.push_str("    (");
        rows.push_str(
            &[
                format!("{name:?}"),
                format!("\"{stem}-{digest:012x}.{extension}\""),
                format!("include_bytes!({full:?})"),
            ]
            .join(", "),
        );
        rows.push_str("),\n");
    }
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    let text = format!("&[\n{rows}]\n");
    fs::write(Path::new(&out).join("assets.rs"), text)
}
