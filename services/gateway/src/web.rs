//! What every page needs: session, CSRF token, security headers, refusals, the error page, assets. It must never hold a page of its own.

pub(crate) mod assets;
pub(crate) mod csrf;
pub(crate) mod error_page;
pub(crate) mod rejections;
pub(crate) mod revalidated;
pub(crate) mod security_headers;
pub(crate) mod session;
