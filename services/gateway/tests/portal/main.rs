//! The gateway as browsers and machines meet it, over fakes of every seam.

#![allow(clippy::unwrap_used, clippy::wildcard_imports, clippy::pedantic, reason = "tests")]

mod browser;
mod fakes;
mod forms;
mod machines;
mod pages;
mod sample;
mod streams;
mod trouble;
mod whole;
