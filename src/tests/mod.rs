//! The product through its own doors: a real server, a real database and the real simulator over loopback, per test and on both
//! databases.

mod accounts;
mod callbacks;
mod conflicts;
mod finding;
mod guard;
mod harness;
mod payments;
mod reconciling;
mod records;
mod schema;
mod simulation;
mod tips;
