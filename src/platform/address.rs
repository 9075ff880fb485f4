//! The address from which a request really comes: the peer's, or what a trusted proxy says of it.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::HeaderMap;
use ipnet::{IpNet, Ipv6Net};

/// The client's address as the server worked it out. The server puts it on the extensions of each request.
#[derive(Debug, Clone, Copy)]
pub struct ClientAddress(pub IpAddr);

/// The client's address. `X-Forwarded-For` counts only as far as proxies that we trust wrote it: it is read
/// from the right, and the first address that is not a trusted proxy's is the client's.
pub fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let peer = peer.to_canonical();
    let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
    if !is_trusted(&peer) {
        return peer;
    }
    // Split as bytes, because text that is not UTF-8, written by a visitor on the left, must not spoil what a
    // proxy wrote on the right.
    let hops: Vec<&[u8]> = headers
        .get_all("x-forwarded-for")
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .collect();
    let mut client = peer;
    for hop in hops.into_iter().rev().map(<[u8]>::trim_ascii).filter(|hop| !hop.is_empty()) {
        let Some(address) = read_hop(hop) else { break };
        client = address;
        if !is_trusted(&address) {
            break;
        }
    }
    client
}

/// Reads one entry: `203.0.113.9`, `203.0.113.9:40123`, `2001:db8::1`, `[2001:db8::1]` or
/// `[2001:db8::1]:443`, with or without quotes. The word `unknown` is no address.
fn read_hop(hop: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(hop).ok()?.trim_matches('"').trim();
    let with_port = || text.parse::<SocketAddr>().map(|address| address.ip()).ok();
    let in_brackets = || text.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().map(IpAddr::V6).ok();
    text.parse::<IpAddr>().ok().or_else(with_port).or_else(in_brackets).map(|address| address.to_canonical())
}

/// The networks to which an address belongs, the narrowest first, each with the factor by which its limits
/// are larger. A customer has a whole IPv6 network (of 64 bits at home, of up to 48 with a hosting company or
/// a tunnel), so all of these are counted.
pub fn networks_around(address: IpAddr) -> Vec<(IpNet, u8)> {
    match address.to_canonical() {
        address @ IpAddr::V4(_) => vec![(IpNet::from(address), 1)],
        IpAddr::V6(address) => [(64, 1), (56, 2), (48, 4)]
            .map(|(length, times)| (IpNet::from(Ipv6Net::new_assert(address, length).trunc()), times))
            .into(),
    }
}

/// The same networks as [`networks_around`], by the names under which the rate limits count them.
pub fn networks(address: IpAddr) -> Vec<(String, i64)> {
    let name = |network: IpNet| match network {
        IpNet::V4(network) => network.addr().to_string(),
        IpNet::V6(network) => network.to_string(),
    };
    networks_around(address).into_iter().map(|(network, times)| (name(network), i64::from(times))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn client(peer: &str, forwarded: &str, trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", HeaderValue::from_bytes(forwarded.as_bytes()).expect("a header"));
        let trusted: Vec<IpNet> = trusted.iter().map(|net| net.parse().expect("a network")).collect();
        client_address(peer.parse().expect("an address"), &headers, &trusted).to_string()
    }

    #[test]
    fn an_ipv6_address_is_counted_in_three_networks() {
        let networks = |address: &str| networks(address.parse().expect("an address"));
        assert_eq!(networks("203.0.113.9"), [("203.0.113.9".to_owned(), 1)]);
        assert_eq!(networks("::ffff:203.0.113.9"), networks("203.0.113.9"));
        let found = networks("2001:db8:1:2345::9");
        assert_eq!(
            found,
            [("2001:db8:1:2345::/64", 1), ("2001:db8:1:2300::/56", 2), ("2001:db8:1::/48", 4)]
                .map(|(net, times)| (net.to_owned(), times))
        );
    }

    #[test]
    fn only_trusted_hops_count() {
        assert_eq!(client("203.0.113.9", "196.201.214.200", &[]), "203.0.113.9");
        assert_eq!(client("10.0.0.1", "196.201.214.200, 203.0.113.9", &["10.0.0.0/8"]), "203.0.113.9");
        assert_eq!(client("10.0.0.1", "203.0.113.9, 10.0.0.2", &["10.0.0.0/8"]), "203.0.113.9");
        assert_eq!(client("10.0.0.1", "not an address", &["10.0.0.0/8"]), "10.0.0.1");
    }

    #[test]
    fn a_hop_is_read_in_every_form_that_proxies_write() {
        let proxy = &["10.0.0.0/8", "2001:db8:ffff::/48"];
        for (forwarded, wanted) in [
            ("203.0.113.61:40123", "203.0.113.61"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("\"[2001:db8::1]:443\"", "2001:db8::1"),
            ("\"203.0.113.61\"", "203.0.113.61"),
            ("[::ffff:203.0.113.61]:80", "203.0.113.61"),
            ("  203.0.113.61\t", "203.0.113.61"),
            ("203.0.113.61, ", "203.0.113.61"),
            (",203.0.113.61:1,, 10.0.0.2:8080 , [2001:db8:ffff::9]:1", "203.0.113.61"),
            ("198.51.100.1, 203.0.113.61:40123", "203.0.113.61"),
            // What the visitor claims is left of what the proxy knows.
            ("caf\u{e9}, 203.0.113.61", "203.0.113.61"),
        ] {
            assert_eq!(client("10.0.0.1", forwarded, proxy), wanted, "{forwarded}");
        }
        for unknown in [
            "unknown",
            "_hidden",
            "203.0.113.61:port",
            "[2001:db8::1",
            "203.0.113.61:70000",
            "203.0.113.61, unknown",
            "",
        ] {
            assert_eq!(client("10.0.0.1", unknown, proxy), "10.0.0.1", "{unknown}");
        }
    }
}
