//! Verifies tokens and returns the caller. Identity issues user tokens; each service issues its own service tokens.
//! Neither replaces the other. Nothing here may decide what a caller may see.

pub mod compact;
pub mod keyring;
pub mod token;
mod verified;

pub use keyring::KeyRing;
pub use token::{ServiceClaims, TokenError, UserClaims, sign_service, sign_user, verify_service, verify_user};
