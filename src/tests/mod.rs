//! The product through its own doors: a real server, a real database and the real simulator over loopback, per test and on both
//! databases.

mod accounts;
mod buyers;
mod callbacks;
mod codes;
mod conflicts;
mod guard;
mod harness;
mod payments;
mod reconciling;
mod safe;
mod schema;
mod simulation;
mod tips;
