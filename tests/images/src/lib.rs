//! Reads and runs the released images as a cluster would run them. It must never build one: `cargo xtask images` builds
//! them and lists them in `target/images/images.txt`.

pub mod http;
pub mod image;
pub mod kube_api;
pub mod podman;
pub mod scene;
