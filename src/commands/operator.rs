//! Who types a command: a member of staff who gives their own password, or else the shell's word (MONEY §9).

use std::fs::File;
use std::io::{IsTerminal, Read, stdin};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::Context;

use super::exit::Exit;
use crate::approvals;
use crate::audit::{Member, Operator};
use crate::context::Foundation;
use crate::platform::money_mode;
use crate::types::Msisdn;

/// Group and others.
const OTHERS: u32 = 0o077;

/// The member of staff with this number, who acts for this reason. Their password is read from the file of
/// `STAFF_PASSWORD_FILE`, or asked on the terminal; without one it is the shell's word that it is they.
///
/// # Errors
/// `Exit::Usage` if nobody of staff has this number, the file cannot be used, or the reason is empty; an
/// `AppError` if the password is wrong or the member is an auditor; a database error.
pub async fn operator(foundation: &Foundation, by: &Msisdn, reason: &str) -> anyhow::Result<Operator> {
    let Some(named) = Member::named(&foundation.db, by).await? else {
        return Err(Exit::Usage.because(format!("nobody of staff has the number {}", by.local())));
    };
    let member = match password(foundation.settings.desk.password_file.as_deref(), named.name())? {
        Some(password) => prove(foundation, named, &password).await?,
        None => named,
    };
    Ok(member.acting(reason)?)
}

/// The member after they gave their password. Failures are counted under the secret key, so another key than
/// the servers' would begin to count anew.
async fn prove(on: &Foundation, named: Member, password: &str) -> anyhow::Result<Member> {
    if money_mode::knows_secret_key(&on.db, &on.secret_key).await? == Some(false) {
        return Err(Exit::Usage.because("this is another SECRET_KEY than that of the servers"));
    }
    let msisdn = named.msisdn().clone();
    on.people()?.prove(named, password).await?;
    // They may have been dismissed while they typed.
    let member = Member::named(&on.db, &msisdn).await?;
    Ok(member.context("they are not of staff any more")?.with_password())
}

/// Refuses who may not say what somebody may do at the desk: as soon as there is an admin, only an admin who
/// gave their own password may. So nobody makes their own second person.
///
/// # Errors
/// `Exit::Usage` for everybody else, or a database error.
pub async fn check_may_make_staff(foundation: &Foundation, by: Option<&Operator>) -> anyhow::Result<()> {
    let mut tx = foundation.db.begin_snapshot().await?;
    let is_admin = by.is_some_and(|operator| operator.person().is_proven_admin());
    if !is_admin && approvals::store::is_any_admin(&mut tx).await? {
        return Err(
            Exit::Usage.because("only an admin, who gives their own password, makes and changes staff")
        );
    }
    Ok(())
}

/// The same for what the shell may do by itself while there is nobody yet who could: `None` then.
///
/// # Errors
/// `Exit::Usage` if nobody is named though somebody is there; otherwise the errors of `operator`.
pub async fn operator_or_first(
    foundation: &Foundation,
    by: Option<&Msisdn>,
    reason: &str,
) -> anyhow::Result<Option<Operator>> {
    if let Some(by) = by {
        return operator(foundation, by, reason).await.map(Some);
    }
    let mut tx = foundation.db.begin_snapshot().await?;
    if approvals::store::acting_staff(&mut tx).await? > 0 {
        return Err(Exit::Usage.because("say who you are: --by with the number of a member of staff"));
    }
    Ok(None)
}

fn password(file: Option<&Path>, name: &str) -> anyhow::Result<Option<String>> {
    if let Some(file) = file {
        return read_file(file).map(Some);
    }
    if !stdin().is_terminal() {
        return Ok(None);
    }
    let asked = format!("The password of {name} (without it, only the shell says that it is they): ");
    let typed = rpassword::prompt_password(asked).context("the terminal")?;
    Ok(Some(typed).filter(|typed| !typed.is_empty()))
}

/// The first line of a file that nobody else may read.
fn read_file(path: &Path) -> anyhow::Result<String> {
    let unfit = |why: &str| Exit::Usage.because(format!("STAFF_PASSWORD_FILE, {}: {why}", path.display()));
    let mut file = File::open(path).map_err(|error| unfit(&error.to_string()))?;
    let mode = file.metadata().map_err(|error| unfit(&error.to_string()))?.permissions().mode();
    if mode & OTHERS != 0 {
        return Err(unfit("others may read it; `chmod 600` keeps them out"));
    }
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(|error| unfit(&error.to_string()))?;
    let line = text.lines().next().filter(|line| !line.is_empty());
    line.map(str::to_owned).ok_or_else(|| unfit("it is empty"))
}

#[cfg(test)]
mod tests {
    use std::fs::{Permissions, set_permissions, write};

    use super::*;

    #[test]
    fn a_password_file_is_its_owners_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("password");
        assert!(read_file(&path).is_err(), "it is not there");
        for (text, mode, read) in [
            ("correct horse\n", 0o600, Some("correct horse")),
            ("correct horse\nmore", 0o400, Some("correct horse")),
            ("correct horse\n", 0o640, None),
            ("correct horse\n", 0o604, None),
            ("", 0o600, None),
        ] {
            // It may be there from the time before, when its owner could only read it.
            let _ = std::fs::remove_file(&path);
            write(&path, text).expect("written");
            set_permissions(&path, Permissions::from_mode(mode)).expect("set");
            assert_eq!(read_file(&path).ok().as_deref(), read, "{mode:o}");
        }
    }
}
