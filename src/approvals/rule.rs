//! Who may approve what: a pure function.

use super::ApprovalKind;
use crate::audit::Member;
use crate::types::{AppError, Msisdn, PersonId};

/// Who has something to do with a matter, and so is no second person for it.
#[derive(Debug, Clone)]
pub struct Interests {
    /// Who gets the money, if we know them, and on which number if that is known.
    pub payee: Option<PersonId>,
    pub payee_msisdn: Option<Msisdn>,
    /// The tipster whose tip it is about, if it is about one.
    pub tipster: Option<PersonId>,
    /// Who asked for it, if somebody had to.
    pub asked_by: Option<PersonId>,
    /// Whether the approver was, within 90 days, a source of one of this tipster's sales.
    pub is_source: bool,
}

/// Whether this member may approve it, and what their approval is worth. `is_one_person` says that the house
/// has one person alone.
///
/// # Errors
/// [`AppError::Conflict`] with the reason why not.
pub fn may_approve(
    member: &Member,
    about: &Interests,
    is_one_person: bool,
) -> Result<ApprovalKind, AppError> {
    let Some(person) = member.proven() else {
        return Err(AppError::conflict(
            "An approval counts only with its giver's own password: the shell's word is nobody's.",
        ));
    };
    check_no_part(member, about)?;
    if about.is_source {
        return Err(AppError::conflict(
            "You vouched for a sale of this tipster in the last 90 days: somebody else must approve it.",
        ));
    }
    match (is_one_person, about.asked_by == Some(person)) {
        (true, _) => Ok(ApprovalKind::SecondLook),
        (false, false) => Ok(ApprovalKind::Second),
        (false, true) => Err(AppError::conflict("You asked for it: somebody else must approve it.")),
    }
}

/// Refuses who would get the money, and whose tip it is about. Neither approves it nor does it.
///
/// # Errors
/// [`AppError::Conflict`] with the reason.
pub fn check_no_part(member: &Member, about: &Interests) -> Result<(), AppError> {
    if about.payee == Some(member.id()) || about.payee_msisdn.as_ref() == Some(member.msisdn()) {
        return Err(AppError::conflict("The money would be yours: somebody else must do it."));
    }
    if about.tipster == Some(member.id()) {
        return Err(AppError::conflict("It is about your own tip: somebody else must do it."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::platform::viewer::Staff;

    const HALIMA: PersonId = PersonId(Uuid::from_u128(1));
    const OTHER: PersonId = PersonId(Uuid::from_u128(2));

    fn number(digits: &str) -> Msisdn {
        digits.parse().expect("a number")
    }

    fn halima() -> Member {
        Member::made_up(HALIMA, "0744000001", Staff::Operator).with_password()
    }

    fn anothers() -> Interests {
        Interests {
            payee: Some(OTHER),
            payee_msisdn: Some(number("0712345678")),
            tipster: Some(OTHER),
            asked_by: None,
            is_source: false,
        }
    }

    #[test]
    fn another_person_may_approve() {
        assert_eq!(may_approve(&halima(), &anothers(), false), Ok(ApprovalKind::Second));
        let asked = Interests { asked_by: Some(OTHER), ..anothers() };
        assert_eq!(may_approve(&halima(), &asked, false), Ok(ApprovalKind::Second));
    }

    #[test]
    fn nobody_approves_what_concerns_them() {
        let refused = [
            ("payee", Interests { payee: Some(HALIMA), ..anothers() }),
            ("the payee's number", Interests { payee_msisdn: Some(number("0744000001")), ..anothers() }),
            ("tipster", Interests { tipster: Some(HALIMA), ..anothers() }),
            ("source", Interests { is_source: true, ..anothers() }),
        ];
        for (why, about) in refused {
            for is_one_person in [false, true] {
                assert!(may_approve(&halima(), &about, is_one_person).is_err(), "{why}");
            }
        }
        let own = Interests { asked_by: Some(HALIMA), ..anothers() };
        assert!(may_approve(&halima(), &own, false).is_err(), "who asked");
    }

    #[test]
    fn the_shells_word_approves_nothing() {
        let named = Member::made_up(HALIMA, "0744000001", Staff::Admin);
        assert!(may_approve(&named, &anothers(), false).is_err());
        assert!(may_approve(&named, &anothers(), true).is_err());
    }

    #[test]
    fn one_person_alone_looks_twice() {
        let own = Interests { asked_by: Some(HALIMA), ..anothers() };
        assert_eq!(may_approve(&halima(), &own, true), Ok(ApprovalKind::SecondLook));
        assert_eq!(may_approve(&halima(), &anothers(), true), Ok(ApprovalKind::SecondLook));
    }
}
