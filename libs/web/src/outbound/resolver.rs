//! Looks up names for requests. It must never return an address that the rules forbid.

use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::{EgressRules, error::OutboundError};

/// Resolves names and drops every address that the rules forbid, so that the checked address is the one connected to.
pub(super) struct CheckedResolver {
    pub(super) rules: Arc<EgressRules>,
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let rules = self.rules.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let permitted: Vec<_> = found.filter(|address| rules.permits(address.ip())).collect();
            if permitted.is_empty() {
                return Err(Box::from(OutboundError::Refused));
            }
            Ok(Box::new(permitted.into_iter()) as Addrs)
        })
    }
}
