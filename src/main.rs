//! The program `ligisoo`: its commands, and the server among them.

mod app;
mod approvals;
mod audit;
mod books;
mod commands;
mod context;
mod daraja;
mod demo;
mod desk;
mod follows;
mod jobs;
mod ledger;
mod mpesa;
mod notices;
mod outbox;
mod payments;
mod people;
mod platform;
mod purchases;
mod refunds;
mod server;
mod tips;
mod types;
mod wallet;

#[cfg(test)]
mod tests;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// At least four threads: one slow page must not keep the others waiting (leptos #4647).
const WORKERS: usize = 4;

fn main() -> ExitCode {
    let workers = std::thread::available_parallelism().map_or(WORKERS, |cores| cores.get().max(WORKERS));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build();
    let done = runtime.map_err(anyhow::Error::from).and_then(|runtime| {
        let done = runtime.block_on(commands::run());
        // Work that has not ended by now is not waited for, such as a picture that is being read.
        runtime.shutdown_background();
        done
    });
    let exit = done.unwrap_or_else(|error| {
        eprintln!("ligisoo: {error:#}");
        commands::Exit::of(&error)
    });
    exit.into()
}
