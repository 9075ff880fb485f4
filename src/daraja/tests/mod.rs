//! Client and simulator together over real loopback HTTP, and the client against answers that only a stub
//! gives.

mod bench;
mod c2b;
mod control;
mod faults;
mod fire;
mod inspector;
mod outcomes;
mod push;
mod stub;
mod token;
mod twisted;
