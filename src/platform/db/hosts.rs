//! PostgreSQL on several machines: `postgres://…@one:5432,two:5432/…` names the machine that takes writes and
//! its standbys, in any order. We work on the machine that takes writes, and follow when a standby is
//! promoted.

use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, bail};
use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool};

/// How often we look whether the same machine still takes writes.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How long a machine may take to answer before the next one is asked.
const ANSWERS_WITHIN: Duration = Duration::from_secs(2);
/// How often the start of the program looks before it gives up, because databases and servers are often
/// started at the same time.
const START_TRIES: usize = 10;

/// All machines of `DATABASE_URL`, each with how to connect to it.
pub struct PostgresHosts {
    hosts: Vec<PgConnectOptions>,
}

/// The machine that takes writes.
pub struct Primary {
    pub options: PgConnectOptions,
    connection: PgConnection,
}

impl PostgresHosts {
    /// Reads the address into one set of options for each host.
    ///
    /// # Errors
    /// The address cannot be read.
    pub fn parse(url: &str) -> anyhow::Result<Self> {
        let parse = |url: String| Ok(PgConnectOptions::from_str(&url)?.disable_statement_logging());
        Ok(Self { hosts: urls(url).into_iter().map(parse).collect::<Result<_, sqlx::Error>>()? })
    }

    /// The machine that takes writes. It is looked for again and again for some seconds.
    ///
    /// # Errors
    /// No machine takes writes; the error has each one's reason.
    pub async fn wait_for_primary(&self) -> anyhow::Result<Primary> {
        for _ in 1..START_TRIES {
            if let Ok(primary) = self.find_primary().await {
                return Ok(primary);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        self.find_primary().await
    }

    /// Asks the machines one after the other.
    async fn find_primary(&self) -> anyhow::Result<Primary> {
        let mut reasons = Vec::new();
        for options in &self.hosts {
            match ask(options).await {
                Ok(connection) => return Ok(Primary { options: options.clone(), connection }),
                Err(error) => {
                    reasons.push(format!("{}:{}: {error:#}", options.get_host(), options.get_port()));
                }
            }
        }
        bail!("{}", reasons.join("; "))
    }

    /// Watches until the pool closes, and makes new connections go to the machine that takes writes. The pool
    /// itself drops connections to a machine that died when it tests them. With one host it returns at once.
    pub async fn follow(self, pool: PgPool, mut primary: Primary) {
        if self.hosts.len() < 2 {
            return;
        }
        loop {
            tokio::select! {
                () = pool.close_event() => return,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            if takes_writes(&mut primary.connection).await.is_ok() {
                continue;
            }
            match self.find_primary().await {
                Ok(found) => {
                    tracing::warn!(
                        host = found.options.get_host(),
                        port = found.options.get_port(),
                        "the database takes writes here now"
                    );
                    pool.set_connect_options(found.options.clone());
                    primary = found;
                }
                Err(error) => tracing::warn!(%error, "no host of DATABASE_URL takes writes"),
            }
        }
    }
}

async fn ask(options: &PgConnectOptions) -> anyhow::Result<PgConnection> {
    let mut connection =
        tokio::time::timeout(ANSWERS_WITHIN, options.connect()).await.context("no answer in time")??;
    takes_writes(&mut connection).await?;
    Ok(connection)
}

/// Succeeds if the machine takes writes.
///
/// # Errors
/// It is a standby, does not answer within two seconds, or fails.
pub async fn takes_writes(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let ask = sqlx::query_scalar("SELECT pg_is_in_recovery()").fetch_one(connection);
    match tokio::time::timeout(ANSWERS_WITHIN, ask).await {
        Ok(Ok(false)) => Ok(()),
        Ok(Ok(true)) => Err(sqlx::Error::Protocol("it is a standby, which takes no writes".to_owned())),
        Ok(Err(error)) => Err(error),
        Err(_) => Err(sqlx::Error::Protocol("it did not answer in time".to_owned())),
    }
}

/// One address for each host. An address that cannot be divided is returned as it is, so that sqlx refuses
/// it.
fn urls(url: &str) -> Vec<String> {
    let Some((scheme, rest)) = url.split_once("://") else { return vec![url.to_owned()] };
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let (user, hosts) = authority.split_at(authority.rfind('@').map_or(0, |at| at + 1));
    hosts.split(',').map(|host| format!("{scheme}://{user}{host}{path}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_host_has_the_rest_of_the_address() {
        for (url, wanted) in [
            ("postgres://localhost/ligisoo", vec!["postgres://localhost/ligisoo"]),
            (
                "postgres://me:a,b@one:5433,two/ligisoo?sslmode=require",
                vec![
                    "postgres://me:a,b@one:5433/ligisoo?sslmode=require",
                    "postgres://me:a,b@two/ligisoo?sslmode=require",
                ],
            ),
            ("postgres://[::1]:1,[::2]:2", vec!["postgres://[::1]:1", "postgres://[::2]:2"]),
            ("nonsense", vec!["nonsense"]),
        ] {
            assert_eq!(urls(url), wanted);
        }
    }

    #[test]
    fn a_host_that_cannot_be_read_is_refused() {
        assert!(PostgresHosts::parse("postgres://one,two:x/ligisoo").is_err());
        assert_eq!(
            PostgresHosts::parse("postgres://one:1,two:2/ligisoo").expect("two").hosts[1].get_port(),
            2
        );
    }
}
