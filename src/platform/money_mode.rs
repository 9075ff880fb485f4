//! Facts that a database remembers about itself, in the table `facts`. It knows from its first payment or its
//! demo data on which kind of money it holds and which short codes that money came to (MONEY §5). It
//! recognises the secret key of its installation, and it remembers which one-time work was done.

use std::fmt;

use anyhow::bail;

use super::db::{Db, Failure, ReadFrom, Tx, execute, on, read, read_from, transaction};
use super::secret_key::SecretKey;
use super::settings::{Environment, Money};
use crate::types::text_enum;

text_enum! {
    /// A kind of money. The three never stand in one database.
    pub enum MoneyKind {
        /// Play money, through the simulator.
        Simulated = "simulated",
        /// The money of Safaricom's sandbox, which nobody has paid.
        Sandbox = "sandbox",
        /// Real money.
        Live = "live",
    }
}

/// Which money an installation moves, or a database holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoneyMode {
    /// Its kind.
    pub kind: MoneyKind,
    /// The short codes to which it is paid; of play money they do not matter.
    pub short_codes: Vec<String>,
}

impl From<&Money> for MoneyMode {
    fn from(money: &Money) -> Self {
        match money {
            Money::Simulated(_) => Self { kind: MoneyKind::Simulated, short_codes: Vec::new() },
            Money::Live(live) => Self {
                kind: match live.environment {
                    Environment::Sandbox => MoneyKind::Sandbox,
                    Environment::Production => MoneyKind::Live,
                },
                short_codes: live.account.short_codes(),
            },
        }
    }
}

impl fmt::Display for MoneyMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} money", self.kind)?;
        if self.short_codes.is_empty() {
            return Ok(());
        }
        write!(f, " of short code {}", self.short_codes.join(" and "))
    }
}

/// What a database remembers of its money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remembered {
    /// Nothing: it had no payment yet.
    Nothing,
    /// An older version called real money and the sandbox's the same word, and kept no short code.
    Unclear,
    /// This money.
    Known(MoneyMode),
}

impl Remembered {
    /// Whether an installation that moves this money may use the database.
    fn fits(&self, mode: &MoneyMode) -> bool {
        match self {
            Self::Nothing => true,
            Self::Unclear => false,
            Self::Known(known) => {
                known.kind == mode.kind
                    && mode.short_codes.iter().all(|code| known.short_codes.contains(code))
            }
        }
    }

    /// Whether money was paid to this short code before.
    pub fn has_seen(&self, short_code: &str) -> bool {
        matches!(self, Self::Known(known) if known.short_codes.iter().any(|code| code == short_code))
    }

    /// What to remember once somebody said that this is the money: its short codes beside those of the same
    /// kind from before.
    pub fn with(&self, mode: &MoneyMode) -> MoneyMode {
        let mut short_codes = match self {
            Self::Known(known) if known.kind == mode.kind => known.short_codes.clone(),
            _ => Vec::new(),
        };
        for code in &mode.short_codes {
            if !short_codes.contains(code) {
                short_codes.push(code.clone());
            }
        }
        MoneyMode { kind: mode.kind, short_codes }
    }
}

impl fmt::Display for Remembered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("no money yet"),
            Self::Unclear => f.write_str(
                "live or sandbox money (an older version did not remember which, nor its short code)",
            ),
            Self::Known(mode) => mode.fmt(f),
        }
    }
}

/// What the database remembers of its money.
///
/// # Errors
/// A database error.
pub async fn remembered<'a>(from: impl Into<ReadFrom<'a>>) -> Result<Remembered, sqlx::Error> {
    const READ: &str = "SELECT name, value FROM facts WHERE name IN ('money', 'short_codes')";
    let facts: Vec<(String, String)> = read_from!(from, |c| sqlx::query_as(READ).fetch_all(c).await)?;
    let fact = |wanted: &str| facts.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    let Some(kind) = fact("money") else { return Ok(Remembered::Nothing) };
    let kind = MoneyKind::read(kind).ok_or_else(|| sqlx::Error::Decode(format!("money {kind:?}").into()))?;
    let short_codes = fact("short_codes").map(|codes| codes.split_whitespace().map(str::to_owned).collect());
    Ok(match (kind, short_codes) {
        (MoneyKind::Simulated, _) => Remembered::Known(MoneyMode { kind, short_codes: Vec::new() }),
        (_, Some(short_codes)) => Remembered::Known(MoneyMode { kind, short_codes }),
        (_, None) => Remembered::Unclear,
    })
}

/// Lets the database remember this money, unless it remembers any. `true` means that it may be used with this
/// money, `false` that it holds other money.
///
/// # Errors
/// A database error.
pub async fn stamp_money(tx: &mut Tx, mode: &MoneyMode) -> Result<bool, sqlx::Error> {
    const STAMP: &str =
        "INSERT INTO facts (name, value) VALUES ('money', $1), ('short_codes', $2) ON CONFLICT DO NOTHING";
    let mut found = remembered(&mut *tx).await?;
    if found == Remembered::Nothing {
        execute!(tx, sqlx::query(STAMP).bind(mode.kind).bind(mode.short_codes.join(" ")))?;
        found = remembered(&mut *tx).await?;
    }
    Ok(found.fits(mode))
}

/// Lets the database remember this money, whatever it remembered before.
///
/// # Errors
/// A database error.
pub async fn set_money(tx: &mut Tx, mode: &MoneyMode) -> Result<(), sqlx::Error> {
    const SET: &str = "INSERT INTO facts (name, value) VALUES ('money', $1), ('short_codes', $2)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    execute!(tx, sqlx::query(SET).bind(mode.kind).bind(mode.short_codes.join(" ")))
}

/// Refuses a database that holds other money. One that remembers none is accepted and goes on remembering
/// none.
///
/// # Errors
/// It holds other money, with the command that accepts this if one does; or a database error.
pub async fn check_money(db: &Db, mode: &MoneyMode) -> anyhow::Result<()> {
    let found = remembered(db).await?;
    if found.fits(mode) { Ok(()) } else { refuse(&found, mode) }
}

/// Lets the database remember this money, or refuses one that holds other money.
///
/// # Errors
/// Those of [`check_money`].
pub async fn claim_money(db: &Db, mode: &MoneyMode) -> anyhow::Result<()> {
    let stamped: Result<bool, Failure> = transaction!(db, |tx| Ok(stamp_money(tx, mode).await?));
    if stamped? { Ok(()) } else { refuse(&remembered(db).await?, mode) }
}

fn refuse(found: &Remembered, mode: &MoneyMode) -> anyhow::Result<()> {
    let is_played = |kind| kind == MoneyKind::Simulated;
    if is_played(mode.kind) || matches!(found, Remembered::Known(known) if is_played(known.kind)) {
        bail!(
            "this database holds {found} and the settings say {mode}: use another database, \
             or the settings it was made with"
        );
    }
    let codes: String = mode.short_codes.iter().flat_map(|code| [" --short-code ", code]).collect();
    bail!(
        "this database holds {found} and the settings say {mode}: use another database, or the settings it was \
         made with. If it is meant to go on with this money, run: \
         ligisoo money accept --kind {}{codes} --by PHONE --reason WHY",
        mode.kind
    )
}

/// Whether [`mark_done`] was called with this name.
///
/// # Errors
/// A database error.
pub async fn is_done(db: &Db, name: &str) -> Result<bool, sqlx::Error> {
    const READ: &str = "SELECT EXISTS (SELECT 1 FROM facts WHERE name = $1)";
    read!(db, |c| sqlx::query_scalar(READ).bind(name).fetch_one(c).await)
}

/// Remembers that the one-time work of this name was done. A second call changes nothing.
///
/// # Errors
/// A database error.
pub async fn mark_done(db: &Db, name: &str) -> anyhow::Result<()> {
    const MARK: &str = "INSERT INTO facts (name, value) VALUES ($1, 'done') ON CONFLICT DO NOTHING";
    let marked: Result<(), Failure> = transaction!(db, |tx| Ok(execute!(tx, sqlx::query(MARK).bind(name))?));
    Ok(marked?)
}

/// The key's hash of a text that everybody knows. It tells whether two keys are the same, and nothing else
/// about them.
fn mark_of(key: &SecretKey) -> String {
    key.hash("mark", "ligisoo")
}

/// Whether the database was last used with this key. `None` means that it was never used with any.
///
/// # Errors
/// A database error.
pub async fn knows_secret_key(db: &Db, key: &SecretKey) -> anyhow::Result<Option<bool>> {
    const READ: &str = "SELECT value FROM facts WHERE name = 'secret_key'";
    let mark: Option<String> = read!(db, |c| sqlx::query_scalar(READ).fetch_optional(c).await)?;
    Ok(mark.map(|mark| mark == mark_of(key)))
}

/// Marks the database with the key. `false` means that it was marked with another key, whose hashes count no
/// more from now on.
///
/// # Errors
/// A database error.
pub async fn claim_secret_key(db: &Db, key: &SecretKey) -> anyhow::Result<bool> {
    const FIRST: &str = "INSERT INTO facts (name, value) VALUES ('secret_key', $1) ON CONFLICT DO NOTHING";
    const READ: &str = "SELECT value FROM facts WHERE name = 'secret_key'";
    const MARK: &str = "UPDATE facts SET value = $1 WHERE name = 'secret_key'";
    let mark = mark_of(key);
    // Of two servers that start at once with different keys, the second one finds the mark of the first.
    let is_known: Result<bool, Failure> = transaction!(db, |tx| {
        execute!(tx, sqlx::query(FIRST).bind(&mark))?;
        let found: String = on!(tx, |c| sqlx::query_scalar(READ).fetch_one(c).await)?;
        if found != mark {
            execute!(tx, sqlx::query(MARK).bind(&mark))?;
        }
        Ok(found == mark)
    });
    Ok(is_known?)
}
