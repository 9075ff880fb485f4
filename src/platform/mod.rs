//! What every feature builds on: settings, the database, the clock, randomness, sessions, and the person who
//! asks.

pub mod address;
pub mod body;
pub mod clock;
pub mod cookies;
pub mod cursor;
pub mod database_clock;
pub mod db;
pub mod error_response;
pub mod files;
pub mod forms;
pub mod hosts;
pub mod lease;
pub mod money_mode;
pub mod paths;
pub mod picture;
pub mod private;
pub mod random;
pub mod redirect;
pub mod secret_key;
pub mod sessions;
pub mod settings;
pub mod spool;
pub mod telemetry;
pub mod uploads;
pub mod viewer;
