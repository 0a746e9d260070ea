//! Partners: an organisation on its way to live data, its people and systems, and the public register. Identity checks and
//! stores each change; these pages show its answers. They must never show a secret again, and never decide who may change what.

mod access_request_form;
pub(crate) mod access_request_page;
pub(crate) mod adoption_page;
mod agreement_documents;
pub(crate) mod agreement_page;
mod check_report;
pub(crate) mod clients_page;
mod credentials_form;
pub(crate) mod details_page;
mod directory_forms;
pub(crate) mod file_page;
pub(crate) mod home_note;
mod kinds;
pub(crate) mod list_page;
pub(crate) mod notices_page;
mod partner;
pub(crate) mod people_page;
mod provider_form;
pub(crate) mod providers_page;
pub(crate) mod register_page;
pub(crate) mod schedule_page;
pub(crate) mod sessions_page;
mod switch_forms;
mod system_form;
pub(crate) mod system_page;
pub(crate) mod systems_page;
mod tester_fields;
mod words;
