//! Attacks, played as an attacker would: what they try must fail.

mod secrets;
