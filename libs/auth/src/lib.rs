//! Tokens in, caller out (design section 6). User tokens are identity's word on who is signed in; a service
//! token is a service's own word on who calls. Neither stands in for the other. Nothing here decides what
//! may be seen.

pub mod compact;
pub mod keyring;
pub mod token;

pub use keyring::KeyRing;
pub use token::{
    ServiceClaims, TokenError, UserClaims, sign_service, sign_user, verify_service, verify_user,
};
