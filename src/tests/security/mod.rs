//! Attacks by their kind. A test of a kind walks the thing itself (routes, pages, columns), so that what is new is tried too.

mod addresses;
mod append_only;
mod bodies;
mod closing;
mod codes;
mod disk;
mod forms;
mod headers;
mod keys;
mod locks;
mod market;
mod names;
mod output;
mod proxy;
mod redirects;
mod rights;
mod routes;
mod secrets;
mod senders;
mod sessions;
mod simulator_hosts;
mod stranger;
