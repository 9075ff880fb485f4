//! The proxy's configuration names the same routes as the router.

use std::collections::BTreeSet;

use crate::server;

/// The text between two others.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("no {before:?}"));
    rest.split_once(after).unwrap_or_else(|| panic!("no {after:?} behind {before:?}")).0
}

#[test]
fn the_proxy_takes_pictures_where_the_server_does() {
    let configuration = std::fs::read_to_string(".nginx/ligisoo.conf").expect(".nginx/ligisoo.conf");
    let large: Vec<&str> = configuration
        .split("location ")
        .filter(|block| block.contains("client_max_body_size 24m;"))
        .collect();
    assert_eq!(large.len(), 1, "one list of them");
    let of_the_proxy: BTreeSet<String> =
        between(large[0], "~ ^(", ")$ {").split('|').map(str::to_owned).collect();
    let uploads = server::routes().into_iter().filter(|route| route.is_upload);
    let of_the_server: BTreeSet<String> = uploads
        .map(|route| {
            route
                .path
                .split('/')
                .map(|part| if part.starts_with('{') { "[^/]+" } else { part })
                .collect::<Vec<_>>()
                .join("/")
        })
        .collect();
    assert!(of_the_server.len() >= 2);
    assert_eq!(of_the_proxy, of_the_server);
}

#[test]
fn nothing_is_counted_before_what_safaricom_posts() {
    let configuration = std::fs::read_to_string(".nginx/ligisoo.conf").expect(".nginx/ligisoo.conf");
    let uncounted = between(between(&configuration, "map $uri $ligisoo_asker {", "}"), "~^", " \"\";");
    let prefixes =
        between(uncounted, "(", ")").split('|').map(|name| format!("{}{name}/", between(uncounted, "", "(")));
    let prefixes: Vec<String> = prefixes.collect();
    for route in server::routes() {
        let is_uncounted = prefixes.iter().any(|prefix| route.path.starts_with(prefix));
        let is_safaricoms = route.who == crate::server::Access::Safaricom;
        assert_eq!(
            (is_uncounted, server::is_from_safaricom(route.path)),
            (is_safaricoms, is_safaricoms),
            "{}",
            route.path
        );
    }
    // Every zone takes its key from that map, so that a request with an empty key is in no zone.
    let zones: Vec<&str> =
        configuration.lines().filter(|line| line.starts_with("limit_") && line.contains("_zone ")).collect();
    assert!(zones.len() >= 2 && zones.iter().all(|zone| zone.contains(" $ligisoo_asker ")), "{zones:?}");
}
