//! Members of staff who say something.

use chrono::NaiveDate;

use super::TestApp;
use crate::audit::{Member, Operator};
use crate::people::store::{NewPerson, insert_person};
use crate::platform::db::{Failure, execute, transaction};
use crate::platform::random::Random;
use crate::platform::viewer::Staff;
use crate::types::{Msisdn, PersonId};

impl TestApp {
    /// The member of staff with this number, as the shell names them. They are made if they are not there.
    pub async fn named(&self, phone: &str) -> Member {
        let msisdn: Msisdn = phone.parse().expect("a number");
        if let Some(member) = Member::named(&self.db, &msisdn).await.expect("asked") {
            return member;
        }
        let new = NewPerson {
            id: PersonId(Random::System.uuid(self.clock.now())),
            msisdn: &msisdn,
            display_name: &format!("Desk {phone}"),
            password_hash: "",
            birth_date: NaiveDate::from_ymd_opt(1995, 1, 1).expect("a day"),
            is_buyer: false,
            is_tipster: false,
            is_verified: false,
            staff: Some(Staff::Operator),
            created_at: self.clock.now(),
        };
        let made: Result<bool, Failure> =
            transaction!(self.db, |tx| Ok(insert_person(tx, &new, true, None).await?));
        assert!(made.expect("a member"));
        Member::named(&self.db, &msisdn).await.expect("asked").expect("they are there")
    }

    /// The member of staff with this number, who gave their own password and acts.
    pub async fn acts(&self, phone: &str) -> Operator {
        self.named(phone).await.with_password().acting("seen in the portal").expect("an operator")
    }

    /// The shell, which says that it is the member of staff with this number.
    pub async fn shell_says(&self, phone: &str) -> Operator {
        self.named(phone).await.acting("seen in the portal").expect("an operator")
    }

    /// Runs a statement about one person.
    pub async fn execute_for(&self, statement: &'static str, person: PersonId) {
        let done: Result<(), Failure> =
            transaction!(self.db, |tx| Ok(execute!(tx, sqlx::query(statement).bind(person))?));
        done.expect("done");
    }

    /// Gives or takes a role at the desk.
    pub async fn set_phone_staff(&self, phone: &str, staff: Option<&str>) {
        const SET: &str = "UPDATE people SET staff = $2 WHERE msisdn = $1";
        let msisdn: Msisdn = phone.parse().expect("a number");
        let done: Result<(), Failure> =
            transaction!(self.db, |tx| Ok(execute!(tx, sqlx::query(SET).bind(&msisdn).bind(staff))?));
        done.expect("done");
    }
}
