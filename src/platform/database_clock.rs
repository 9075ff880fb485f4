//! The database's clock. What several servers must agree on goes by it: until when a lease is held, until
//! when a request may leave, and whether a day is over (MONEY §3). No other SQL names the time.
//!
//! All else goes by the process's clock, which is set by the database's each time somebody has asked that.
//! With SQLite there is one machine, and its clock is the process's.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::clock::{Clock, Offset, own_now};
use super::db::{Db, Pools, Tx, TxConnection};

/// How often a server compares the clocks.
const EVERY: Duration = Duration::from_secs(10);
/// A comparison that has not ended by then is given up.
const GIVEN_UP_AFTER: Duration = Duration::from_secs(8);

/// The database's time in this transaction, at this moment and not at its beginning. A clock that a test
/// holds in its hand is the database's, too.
///
/// # Errors
/// A database error.
pub async fn database_now(tx: &mut Tx, clock: &Clock) -> Result<DateTime<Utc>, sqlx::Error> {
    match (clock, &mut tx.connection) {
        (Clock::System(offset), TxConnection::Postgres(transaction)) => ask(transaction, offset).await,
        _ => Ok(clock.now()),
    }
}

/// Compares the clock with the database's, once. If that fails the clock is in doubt, unless an earlier
/// comparison is young enough.
///
/// # Errors
/// A database error.
pub async fn compare(db: &Db, clock: &Clock) -> Result<(), sqlx::Error> {
    if let (Clock::System(offset), Pools::Postgres(pool)) = (clock, &db.pools) {
        offset.ask_for();
        ask(&mut *pool.acquire().await?, offset).await?;
    }
    Ok(())
}

async fn ask(connection: &mut PgConnection, offset: &Offset) -> Result<DateTime<Utc>, sqlx::Error> {
    let asked_at = own_now();
    let said = sqlx::query_scalar("SELECT clock_timestamp()").fetch_one(connection).await?;
    offset.measure(asked_at, said, own_now());
    Ok(said)
}

/// Compares the clocks every ten seconds until it is told to stop, and raises an alarm when the clock falls
/// into doubt.
pub async fn run(db: Db, clock: Clock, stop: CancellationToken) {
    let mut was_doubtful = false;
    loop {
        let is_doubtful = clock.is_doubtful();
        if is_doubtful && !was_doubtful {
            tracing::error!(
                alarm = true,
                "the clock cannot be relied on: it is over 2 s from the database's, or was not compared for \
                a minute; nothing is sent to Safaricom until that is mended"
            );
        } else if was_doubtful && !is_doubtful {
            tracing::info!("the clock can be relied on again");
        }
        was_doubtful = is_doubtful;
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
        match timeout(GIVEN_UP_AFTER, compare(&db, &clock)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the clock could not be compared with the database's"),
            Err(_) => tracing::warn!("the database took too long to say what time it is"),
        }
    }
}
