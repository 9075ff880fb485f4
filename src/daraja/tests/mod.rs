//! Client and simulator together over real loopback HTTP, and the client against answers that only a stub gives.

mod bench;
mod control;
mod faults;
mod outcomes;
mod push;
mod stub;
mod token;
