//! Attacks by their kind. A test of a kind walks the thing itself (routes, pages, columns), so that what is new is tried too.

mod closing;
mod names;
mod rights;
mod routes;
mod sessions;
