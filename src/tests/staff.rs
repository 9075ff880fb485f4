//! Who acts for the house: members of staff who signed in or gave their own password, and the shell, which is
//! nobody.

use reqwest::StatusCode;

use super::harness::{PASSWORD, Person, TestApp, both};
use crate::audit::{Member, Operator};
use crate::commands::Exit;
use crate::commands::operator::{check_may_make_staff, operator, operator_or_first};
use crate::context::Foundation;
use crate::types::{Kes, Msisdn, PaymentId};

const PHONE: &str = "0744000001";

/// What a command finds, with this as the file of the password.
fn command(app: &TestApp, file: Option<&std::path::Path>) -> Foundation {
    let mut settings = (*app.running.state.settings).clone();
    settings.desk.password_file = file.map(std::path::Path::to_owned);
    let leptos = app.running.state.leptos.clone();
    Foundation {
        clock: app.clock.clone(),
        ..Foundation::for_command(settings, leptos, app.db.clone()).expect("a foundation")
    }
}

fn number(phone: &str) -> Msisdn {
    phone.parse().expect("a number")
}

/// A file that its owner alone may read.
fn password_file(app: &TestApp, password: &str) -> std::path::PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let path = app.folder().join("password");
    std::fs::write(&path, password).expect("written");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("set");
    path
}

async fn acting(app: &TestApp, password: Option<&str>) -> anyhow::Result<Operator> {
    let file = password.map(|password| password_file(app, password));
    operator(&command(app, file.as_deref()), &number(PHONE), "because").await
}

both! {
    async fn a_command_names_somebody_of_staff(app: TestApp) {
        let buyer = app.buyer("0712345678").await;
        let on = command(&app, None);
        assert!(operator_or_first(&on, None, "because").await.expect("nobody is there yet").is_none());
        for nobody in [buyer.phone.as_str(), PHONE] {
            let refused = operator(&on, &number(nobody), "because").await.expect_err("nobody of staff");
            assert_eq!(Exit::of(&refused), Exit::Usage, "{refused}");
        }
        app.operator().await;
        let nameless = operator_or_first(&on, None, "because").await.expect_err("somebody is there");
        assert_eq!(Exit::of(&nameless), Exit::Usage);
        operator(&on, &number(PHONE), " ").await.expect_err("no reason");
        assert_eq!(acting(&app, None).await.expect("the shell's word").person().proven(), None);
    }

    async fn once_there_is_an_admin_only_admins_make_staff(app: TestApp) {
        let on = command(&app, None);
        check_may_make_staff(&on, None).await.expect("nobody is there yet");
        let operator = app.acts(PHONE).await;
        check_may_make_staff(&on, Some(&operator)).await.expect("there is no admin");
        let admin = app.named("0744000002").await.id();
        app.execute_for("UPDATE people SET staff = 'admin' WHERE id = $1", admin).await;
        for other in [None, Some(&operator), Some(&app.shell_says("0744000002").await)] {
            let refused = check_may_make_staff(&on, other).await.expect_err("no admin who was surely there");
            assert_eq!(Exit::of(&refused), Exit::Usage);
        }
        check_may_make_staff(&on, Some(&app.acts("0744000002").await)).await.expect("an admin");
    }

    async fn a_password_proves_who_types(app: TestApp) {
        let halima = app.operator().await;
        assert_eq!(acting(&app, Some(PASSWORD)).await.expect("proven").person().proven(), Some(halima.id));
        for _ in 0..5 {
            let wrong = acting(&app, Some("wrong horse")).await.expect_err("a wrong password");
            assert_eq!(Exit::of(&wrong), Exit::Wrong, "{wrong}");
        }
        // It counts like any other wrong password: after five even the right one waits.
        let waits = acting(&app, Some(PASSWORD)).await.expect_err("too many");
        assert!(waits.to_string().contains("Too many"), "{waits}");
        app.advance(16 * 60);
        acting(&app, Some(PASSWORD)).await.expect("proven again");
        app.set(&halima, "UPDATE people SET staff = NULL WHERE id = $1").await;
        acting(&app, Some(PASSWORD)).await.expect_err("dismissed");
    }

    async fn an_auditor_reads_and_changes_nothing(app: TestApp) {
        let (tipster, tip) = app.waiting().await;
        let sold = app.tip(&tipster, 1, 50).await;
        let auditor = app.operator().await;
        app.set(&auditor, "UPDATE people SET staff = 'auditor' WHERE id = $1").await;
        assert_eq!(auditor.page(&app, "/desk/tips").await.0, StatusCode::OK);
        assert_eq!(auditor.page(&app, &format!("/desk/tips/{tip}/betslip")).await.0, StatusCode::OK);
        let form = [("reason", "because"), ("was", ""), ("result", "won"), ("score", "")];
        for door in crate::server::routes().iter().filter(|route| route.path.starts_with("/api/desk/")) {
            let is_result = door.path.contains("{position}");
            if is_result {
                app.advance(5 * 3600);
            }
            let number = if is_result { sold } else { tip };
            let path = door.path.replace("{number}", &number.to_string()).replace("{position}", "1");
            let refused = auditor.submit(&app, &path, &form).await;
            assert_eq!(refused.status(), StatusCode::CONFLICT, "{path}");
            assert!(refused.text().await.expect("HTML").contains("changes nothing"), "{path}");
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM tips WHERE status = 'pending_approval'").await, 1);
        assert_eq!(app.count("SELECT COUNT(*) FROM result_events").await, 0);
        // Every other door takes an operator, which an auditor never becomes.
        for password in [None, Some(PASSWORD)] {
            let refused = acting(&app, password).await.expect_err("an auditor");
            assert_eq!(Exit::of(&refused), Exit::Wrong, "{refused}");
        }
    }

    async fn a_session_proves_who_is_at_the_desk(app: TestApp) {
        let halima = app.operator().await;
        let member = Member::signed_in(&app.db, &halima.viewer()).await.expect("asked").expect("of staff");
        assert_eq!(member.proven(), Some(halima.id));
        let buyer = app.buyer("0712345678").await;
        assert!(Member::signed_in(&app.db, &buyer.viewer()).await.expect("asked").is_none());
    }

    async fn two_people_are_two_who_were_surely_there(app: TestApp) {
        let (halima, juma) = (app.acts(PHONE).await, app.acts("0744000002").await);
        let shells = [app.shell_says(PHONE).await, app.shell_says("0744000002").await];
        let stories: [(&str, Vec<&Operator>, i64); 6] = [
            ("one person twice", vec![&halima, &halima], 0),
            ("the shell, whoever it names", vec![&shells[0], &shells[1]], 0),
            ("the shell and a person", vec![&shells[1], &halima], 0),
            ("a person and the shell", vec![&halima, &shells[1]], 0),
            ("two people", vec![&halima, &juma], 1),
            ("two people after the shell", vec![&shells[0], &halima, &shells[1], &juma], 1),
        ];
        let tipster = app.tipster().await;
        for (number, (story, operators, released)) in stories.into_iter().enumerate() {
            let payment = paid(&app, &tipster, number).await;
            let receipt = receipt_of(&app, payment).await;
            for operator in operators {
                app.running.state.payments.vouch(payment, (&receipt, Kes::from_cents(5_000)), operator).await.expect("vouched");
            }
            app.advance(60 * 3600);
            assert_eq!(app.running.state.payments.release_due().await.expect("a round"), usize::try_from(released).expect("few"), "{story}");
        }
    }

    async fn names_of_before_are_no_second_person(app: TestApp) {
        let tipster = app.tipster().await;
        let payment = paid(&app, &tipster, 1).await;
        let tip = tip_of(&app, payment).await;
        app.execute("UPDATE payments SET first_operator = 'Halima', second_operator = 'Juma' WHERE tip_id = $1", tip).await;
        app.advance(60 * 3600);
        let payments = &app.running.state.payments;
        assert_eq!(payments.release_due().await.expect("a round"), 0);
        let receipt = receipt_of(&app, payment).await;
        for (phone, released) in [(PHONE, 0), ("0744000002", 1)] {
            payments.vouch(payment, (&receipt, Kes::from_cents(5_000)), &app.acts(phone).await).await.expect("vouched");
            assert_eq!(payments.release_due().await.expect("a round"), released, "{phone}");
        }
        let row = row(&app, payment).await;
        assert_eq!((row.first_operator.as_deref(), row.second_operator.as_deref()), (Some("Halima"), Some("Juma")), "as they were written");
    }
}

/// A tip that one buyer paid for, by a callback alone.
async fn paid(app: &TestApp, tipster: &Person, number: usize) -> PaymentId {
    let tip = app.tip(tipster, 1, 50).await;
    let buyer = app.bought(tip, &format!("07120001{number:02}")).await;
    let found = crate::payments::store::current(&app.db, buyer.id, tip).await.expect("asked");
    found.expect("a payment").id
}

async fn row(app: &TestApp, payment: PaymentId) -> crate::payments::Payment {
    crate::payments::store::by_id(&app.db, payment).await.expect("asked").expect("a payment")
}

async fn receipt_of(app: &TestApp, payment: PaymentId) -> String {
    row(app, payment).await.receipt.expect("a receipt")
}

async fn tip_of(app: &TestApp, payment: PaymentId) -> crate::types::TipId {
    row(app, payment).await.tip_id
}
