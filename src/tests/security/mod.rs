//! Attacks by their kind. A test of a kind walks the thing itself (routes, pages, columns), so that what is
//! new is tried too.

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
mod stranger;
