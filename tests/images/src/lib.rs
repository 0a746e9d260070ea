//! The images as they are released: what is in them, and how they are run here as a cluster would run them. It must never
//! build one: `cargo xtask images` does, and lists them in `target/images/images.txt`.

pub mod api;
pub mod ask;
pub mod built;
pub mod podman;
pub mod scene;
