//! Giving an approval, and using it up, each in the transaction of its caller.

use anyhow::bail;
use chrono::{DateTime, Utc};

use super::{ApprovalKind, Interests, LASTS, Matter, SECOND_LOOK_AFTER, may_approve, store};
use crate::audit::Member;
use crate::platform::db::{Db, Failure, Tx};
use crate::platform::random::Random;
use crate::types::{AppError, PersonId};

/// Gives an approval. One that has run out, or was of another amount or number, is given anew.
///
/// # Errors
/// [`AppError::Conflict`] with the reason why the member may not approve it, or if they have approved it
/// already; a database error.
pub async fn give(
    tx: &mut Tx,
    random: &Random,
    matter: &Matter,
    by: (&Member, &Interests),
    is_one_person: bool,
    now: DateTime<Utc>,
) -> Result<ApprovalKind, Failure> {
    let (member, interests) = by;
    let is_alone = is_one_person && store::acting_staff(tx).await? < 2;
    let kind = may_approve(member, interests, is_alone)?;
    let approval = store::NewApproval {
        id: random.uuid(now),
        person: member.id(),
        asked_by: interests.asked_by,
        kind,
        at: now,
        expires_at: now + LASTS,
    };
    if store::insert(tx, matter, &approval).await? {
        return Ok(kind);
    }
    Err(AppError::conflict("You have approved this already.").into())
}

/// Uses up one approval of this very matter, for what `person` does now. `used_for` says what that is.
///
/// # Errors
/// [`AppError::Conflict`] if there is none that counts; a database error.
pub async fn use_up(
    tx: &mut Tx,
    matter: &Matter,
    person: PersonId,
    used_for: &str,
    is_one_person: bool,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let is_alone = is_one_person && store::acting_staff(tx).await? < 2;
    let looked_before = is_alone.then_some(now - SECOND_LOOK_AFTER);
    if store::use_one(tx, matter, (person, used_for), looked_before, now).await? {
        return Ok(());
    }
    let wants = if is_alone {
        "This needs a second look: approve it, and do it 24 hours to 72 hours later."
    } else {
        "This needs the approval of a second person, of the last 72 hours."
    };
    Err(AppError::conflict(wants).into())
}

/// Refuses `ONE_PERSON=true` where two people could approve for each other.
///
/// # Errors
/// An error with what to do, or a database error.
pub async fn check_one_person(db: &Db, is_one_person: bool) -> anyhow::Result<()> {
    if !is_one_person {
        return Ok(());
    }
    let mut tx = db.begin_snapshot().await?;
    let count = store::acting_staff(&mut tx).await?;
    if count >= 2 {
        bail!("ONE_PERSON=true is for one person alone, and {count} are operators or admins: take it away");
    }
    Ok(())
}
