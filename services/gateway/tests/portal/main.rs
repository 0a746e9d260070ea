//! The gateway as browsers and machines meet it, over fakes of every seam.

#![allow(clippy::unwrap_used, clippy::wildcard_imports, clippy::pedantic, reason = "tests")]

mod browser;
mod choices;
mod fakes;
mod forms;
mod machines;
mod own;
mod pages;
mod privacy;
mod reviews;
mod sample;
mod seam_audit;
mod seam_consent;
mod seam_messages;
mod seam_ward;
mod stays;
mod streams;
mod trouble;
mod waiting;
mod ward;
mod ward_own;
mod whole;
