//! Names are checked when they resolve: a changed DNS entry must lead nowhere (S-13).

use std::net::{IpAddr, TcpListener};

use reqwest::dns::Resolve;

use super::*;

/// The addresses that are left of a name. `None`: it is refused.
async fn permitted(rules: EgressRules, name: &str) -> Option<Vec<IpAddr>> {
    let resolver = CheckedResolver { rules: Arc::new(rules) };
    match resolver.resolve(name.parse().unwrap()).await {
        Ok(addresses) => Some(addresses.map(|address| address.ip()).collect()),
        Err(error) => {
            assert!(error.is::<OutboundError>(), "{name}: {error}");
            None
        }
    }
}

#[tokio::test]
async fn a_name_that_resolves_to_a_private_address_is_refused_at_connect() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("https://localhost:{}/R4/metadata", listener.local_addr().unwrap().port());
    let url = Url::parse(&url).unwrap();
    let outbound = Outbound::new(EgressRules::default()).unwrap();
    assert_eq!(outbound.check(&url), Ok(()), "the check before cannot know where a name leads");
    let answer = outbound.send(Outbound::get(url, Duration::from_secs(2))).await;
    assert_eq!(answer.unwrap_err(), OutboundError::Connect);
    assert!(listener.accept().is_err(), "nobody connected");
}

#[tokio::test]
async fn only_the_addresses_that_the_rules_allow_are_left_of_a_name() {
    // An address as a name resolves to itself, without DNS.
    for private in ["10.0.0.1", "127.0.0.1", "169.254.169.254", "192.168.1.1", "::1", "fd00::1", "::ffff:10.0.0.1"] {
        assert_eq!(permitted(EgressRules::default(), private).await, None, "{private}");
    }
    let hscn = EgressRules { allow: vec!["10.20.0.0/16".parse().unwrap()], ..EgressRules::default() };
    assert_eq!(permitted(hscn.clone(), "10.20.1.1").await, Some(vec!["10.20.1.1".parse().unwrap()]));
    assert_eq!(permitted(hscn, "10.21.1.1").await, None);
    assert_eq!(permitted(EgressRules::default(), "8.8.8.8").await, Some(vec!["8.8.8.8".parse().unwrap()]));
}
