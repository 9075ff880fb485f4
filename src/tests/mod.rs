//! The product through its own doors: a real server, a real database and the real simulator over loopback, per test and on both
//! databases.

mod accounts;
mod buyers;
mod caching;
mod callbacks;
mod closings;
mod codes;
mod conflicts;
mod desk;
mod finding;
mod guard;
mod harness;
mod language;
mod load;
mod payments;
mod plans;
mod portraits;
mod reconciling;
mod records;
mod safe;
mod schema;
mod selling;
mod servers;
mod simulation;
mod tips;
mod watching;
