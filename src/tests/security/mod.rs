//! Attacks by their kind. A test of a kind goes through all routes, pages or columns, so that new ones are
//! attacked too. `README.md` lists the attacks.

mod addresses;
mod append_only;
mod bodies;
mod closing;
mod codes;
mod customers;
mod disk;
mod forms;
mod headers;
mod keys;
mod locks;
mod market;
mod messages;
mod names;
mod output;
mod paying;
mod proxy;
mod redirects;
mod rights;
mod routes;
mod secrets;
mod senders;
mod sessions;
mod shapes;
mod simulator_hosts;
pub mod stranger;

use std::fs::{read_dir, read_to_string};
use std::path::Path;

/// The text of all sources below a folder.
fn sources(folder: &Path) -> String {
    let entries = read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let text = |path: &Path| {
        if path.extension().is_some_and(|kind| kind == "rs") {
            read_to_string(path).expect("text")
        } else {
            String::new()
        }
    };
    entries.map(|path| if path.is_dir() { sources(&path) } else { text(&path) }).collect()
}

/// `README.md` names only tests that exist, because a reader would believe it otherwise.
#[test]
fn every_try_of_the_list_has_its_test() {
    let is_name = |word: &&str| {
        word.contains('_')
            && word.chars().all(|sign| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '_')
    };
    let named: Vec<&str> = include_str!("README.md").split('`').filter(is_name).collect();
    assert!(named.len() > 60, "{named:?}");
    let all = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    for name in named {
        assert!(all.contains(&format!("fn {name}(")), "{name}");
    }
}
