//! Who asks: the address of a client, through proxies whose word is believed.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    str::FromStr,
};

use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};

/// The header in which a proxy names whom it speaks for, the nearest last.
const FORWARDED: &str = "x-forwarded-for";

/// Bits of an IPv6 address that one customer of a provider has in common.
const OF_ONE_CUSTOMER: u32 = 64;

/// The address of the other end of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// An address, or those that begin as one does: `10.0.0.1`, `10.0.0.0/8`, `fd00::/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network {
    address: IpAddr,
    bits: u32,
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no address, and no network like `10.0.0.0/8`");
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u32>().map_err(|_| wrong())?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        if bits > most { Err(wrong()) } else { Ok(Network { address, bits }) }
    }
}

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Network> for String {
    fn from(network: Network) -> Self {
        network.to_string()
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

impl Network {
    fn holds(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let differs = u32::from(own) ^ u32::from(other);
                differs.leading_zeros() >= self.bits
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let differs = u128::from(own) ^ u128::from(other);
                differs.leading_zeros() >= self.bits
            }
            _ => false,
        }
    }
}

/// Whether an address lies in one of some networks.
pub(super) fn is_of(address: IpAddr, networks: &[Network]) -> bool {
    networks.iter().any(|network| network.holds(address.to_canonical()))
}

/// The client's address: the nearest one that is no proxy of ours. What stands before it in the
/// header anybody may have written.
pub(super) fn client(peer: IpAddr, headers: &HeaderMap, proxies: &[Network]) -> IpAddr {
    let is_proxy = |address| is_of(address, proxies);
    let mut nearest = peer.to_canonical();
    if !is_proxy(nearest) {
        return nearest;
    }
    let lines: Vec<_> = headers.get_all(FORWARDED).iter().collect();
    let named = lines.iter().rev().flat_map(|line| line.to_str().unwrap_or("?").rsplit(','));
    for name in named {
        let name = name.trim();
        let with_port = || name.parse::<SocketAddr>().map(|address| address.ip());
        let Ok(address) = name.parse::<IpAddr>().or_else(|_| with_port()) else { break };
        nearest = address.to_canonical();
        if !is_proxy(nearest) {
            break;
        }
    }
    nearest
}

/// The address by which a client is counted: one customer has a whole network of IPv6.
pub(super) fn counted(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(long) => {
            let mask = u128::MAX << (Ipv6Addr::BITS - OF_ONE_CUSTOMER);
            IpAddr::V6(Ipv6Addr::from(u128::from(long) & mask))
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn ask(peer: &str, forwarded: &[&'static str], proxies: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(FORWARDED, axum::http::HeaderValue::from_static(line));
        }
        let proxies: Vec<_> = proxies.iter().map(|text| text.parse().unwrap()).collect();
        client(peer.parse().unwrap(), &headers, &proxies).to_string()
    }

    #[test]
    fn only_a_proxy_that_is_trusted_is_believed() {
        assert_eq!(ask("192.0.2.1", &["198.51.100.9"], &[]), "192.0.2.1");
        assert_eq!(ask("192.0.2.1", &["198.51.100.9"], &["10.0.0.0/8"]), "192.0.2.1");
        assert_eq!(ask("10.1.2.3", &["198.51.100.9"], &["10.0.0.0/8"]), "198.51.100.9");
        assert_eq!(ask("::ffff:10.1.2.3", &["198.51.100.9"], &["10.0.0.0/8"]), "198.51.100.9");
        assert_eq!(ask("10.1.2.3", &[], &["10.0.0.0/8"]), "10.1.2.3");
    }

    #[test]
    fn what_a_client_wrote_before_the_nearest_address_is_not_believed() {
        let proxies = &["10.0.0.0/8", "fd00::/8"];
        assert_eq!(ask("10.0.0.1", &["1.1.1.1, 198.51.100.9, 10.0.0.2"], proxies), "198.51.100.9");
        assert_eq!(ask("10.0.0.1", &["1.1.1.1", "198.51.100.9"], proxies), "198.51.100.9");
        assert_eq!(ask("fd00::1", &["198.51.100.9:4711"], proxies), "198.51.100.9");
        assert_eq!(ask("fd00::1", &["[2001:db8::1]:80"], proxies), "2001:db8::1");
        assert_eq!(ask("10.0.0.1", &["198.51.100.9, nonsense"], proxies), "10.0.0.1");
    }

    #[test]
    fn networks_are_read_and_others_refused() {
        for text in ["10.0.0.0/8", "192.0.2.1/32", "fd00::/8", "0.0.0.0/0"] {
            assert_eq!(text.parse::<Network>().unwrap().to_string(), text);
        }
        for text in ["10.0.0.0/33", "fd00::/129", "example.com", "10.0.0.0/", "", "10.0.0/8"] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
        assert!("0.0.0.0/0".parse::<Network>().unwrap().holds("1.2.3.4".parse().unwrap()));
    }

    #[test]
    fn a_customer_with_a_network_of_ipv6_is_one_client() {
        let of = |text: &str| counted(text.parse().unwrap());
        assert_eq!(of("2001:db8:0:1::5"), of("2001:db8:0:1:ffff::9"));
        assert_ne!(of("2001:db8:0:1::5"), of("2001:db8:0:2::5"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
