//! The product through its own doors: a real server, a real database and the real simulator over loopback,
//! per test and on both databases.

mod architecture;
mod buyers;
mod caching;
mod callbacks;
mod closings;
mod conflicts;
mod contention;
mod desk;
mod finding;
mod first_release;
mod guard;
mod harness;
mod language;
mod live;
mod load;
mod otp;
mod payments;
mod people;
mod plans;
mod portraits;
mod reconciling;
mod records;
mod references;
mod refusals;
mod schema;
mod security;
mod selling;
mod servers;
mod simulation;
mod spending_limits;
mod states;
mod tips;
