//! Nobody can have a name that could be taken for another person's.

use futures_util::future::join_all;
use reqwest::StatusCode;

use super::stranger::{PROXY, PUBLIC, Stranger, code_id};
use crate::commands::people::{self, Badge};
use crate::people::names::compare_all;
use crate::people::store::{self, NewPerson};
use crate::platform::db::{Failure, on, read, transaction};
use crate::platform::random::Random;
use crate::tests::harness::{PASSWORD, Person, TestApp, both};
use crate::tips::Bookmaker;
use crate::types::{Language, Msisdn, PersonId};

const OTHER: &str = "0733000002";

impl Person {
    /// The status of the answer to a new name.
    async fn rename(&self, app: &TestApp, name: &str) -> StatusCode {
        self.submit(app, "/api/accounts/profile", &[("display_name", name), ("bio", "")]).await.status()
    }
}

/// The name and its marks in the database, as `(name, verified, doubted)`.
async fn named(app: &TestApp, person: &Person) -> (String, bool, bool) {
    const NAMED: &str =
        "SELECT display_name, is_verified, name_doubted_at IS NOT NULL FROM people WHERE id = $1";
    read!(&app.db, |c| sqlx::query_as(NAMED).bind(person.id).fetch_one(c).await).expect("a person")
}

async fn deeds(app: &TestApp, person: &Person) -> Vec<(String, String)> {
    const DEEDS: &str =
        "SELECT actor, action FROM audit WHERE subject_kind = 'person' AND subject_id = $1 ORDER BY id";
    read!(&app.db, |c| sqlx::query_as(DEEDS).bind(person.id.to_string()).fetch_all(c).await).expect("deeds")
}

/// Gives the badge as the command does; the error is the command's sentence.
async fn give_badge(app: &TestApp, person: &Person, name: &str) -> Result<(), String> {
    let badge = Badge::Given(name.to_owned());
    people::set(&person.phone.parse().expect("a number"), Some(&badge), None, None, &app.db)
        .await
        .map_err(|error| error.to_string())
}

async fn run(app: &TestApp, statement: &'static str) -> Result<(), Failure> {
    transaction!(app.db, |tx| Ok(on!(tx, |c| sqlx::query(statement).execute(c).await.map(|_| ()))?))
}

/// Whether a tipster of this name can be added.
async fn add(app: &TestApp, phone: &str, name: &str) -> bool {
    let (now, msisdn): (_, Msisdn) = (app.clock.now(), phone.parse().expect("a number"));
    let person = NewPerson {
        id: PersonId(Random::System.uuid(now)),
        msisdn: &msisdn,
        display_name: name,
        password_hash: "none",
        birth_date: chrono::NaiveDate::from_ymd_opt(1990, 1, 1).expect("a day"),
        is_buyer: false,
        is_tipster: true,
        is_verified: false,
        staff: None,
        created_at: now,
    };
    match app.running.state.people.add(&person).await {
        Ok(added) => added,
        Err(Failure::App(error)) => {
            assert!(error.to_string().contains("Another tipster has this name"), "{error}");
            false
        }
        Err(failure) => panic!("{failure}"),
    }
}

both! {
    async fn a_name_is_one_tipsters(app: TestApp) {
        let first = app.tipster().await;
        let second = Person::register(&app, OTHER, "Wanjiru Kamau", &["tipster"]).await;
        for same in ["Asha Tipster", "asha  tipster", "ASHA-TIPSTER"] {
            assert_eq!(second.rename(&app, same).await, StatusCode::CONFLICT, "{same}");
        }
        let form = [("phone_number", "0733000003"), ("password", "correct horse"), ("display_name", "asha tipster"), ("birth_date", "1990-01-01"), ("tipster", "on")];
        let joining = app.http.post(app.at("/api/accounts/register")).form(&form).send().await.expect("an answer");
        assert_eq!(joining.status(), StatusCode::CONFLICT);
        assert!(joining.text().await.expect("JSON").contains("Another tipster has this name"));
        assert_eq!(named(&app, &second).await.0, "Wanjiru Kamau");
        assert_eq!(first.rename(&app, "Asha  Tipster").await, StatusCode::SEE_OTHER, "her own name is hers");
        assert_eq!(app.buyer("0712345678").await.rename(&app, "Asha Tipster").await, StatusCode::SEE_OTHER, "buyers sell nothing under theirs");
        assert_eq!(first.rename(&app, "Asha Wa Kisumu").await, StatusCode::SEE_OTHER);
        assert_eq!(second.rename(&app, "Asha Tipster").await, StatusCode::SEE_OTHER, "nobody has it any more");
    }

    async fn one_of_two_who_choose_a_name_at_once_gets_it(app: TestApp) {
        let people = [app.tipster().await, Person::register(&app, OTHER, "Wanjiru Kamau", &["tipster"]).await];
        let (one, two) = tokio::join!(people[0].rename(&app, "Kip Keino"), people[1].rename(&app, "Kip Kelno"));
        let mut statuses = [one, two];
        statuses.sort();
        assert_eq!(statuses, [StatusCode::SEE_OTHER, StatusCode::CONFLICT]);
        let (one, two, three) = tokio::join!(add(&app, "0733000004", "Juma"), add(&app, "0733000005", "juma"), add(&app, "0733000006", "Juma."));
        assert_eq!([one, two, three].iter().filter(|added| **added).count(), 1);
    }

    async fn a_name_that_looks_the_same_is_refused(app: TestApp) {
        app.tipster().await;
        let other = Person::register(&app, OTHER, "Wanjiru Kamau", &["tipster"]).await;
        let looks = [
            "Asha\u{200b} Tipster", "Asha \u{202e}Tipster", "\u{410}sha Tipster", "Asha Tipst\u{435}r", "Asha T\u{456}pster", "Asha\u{2060} Tipster",
            "Asha\u{3164} Tipster", "\u{feff}Asha Tipster", "\u{ff21}\u{ff53}\u{ff48}\u{ff41} \u{ff34}ipster", "Asha\u{301}\u{302}\u{303}\u{304} Tipster",
            "Asha Tipster ✔", "Asha Tipster ✅", "☑ Asha Tipster", "Asha Tipster\u{34f}", "Asha T1pster", "Asha Tlpster", "Ásha Tipster", "Asha.Tipster",
            "AshaTipster", "𝐀sha Tipster", "Asha Tipster\u{e0041}", "Asha\u{ad} Tipster", "Asha Tipster\u{fe0f}", "\u{391}sha Tipster",
            "A5ha Tipster", "4sha T1p5t3r", "Asha Tipster II", "Asha Tipster l", "Asha Tipsterl", "Asha 7ipster",
        ];
        for look in looks {
            let status = other.rename(&app, look).await;
            assert!(matches!(status, StatusCode::BAD_REQUEST | StatusCode::CONFLICT), "{look:?}: {status}");
        }
        assert_eq!(named(&app, &other).await.0, "Wanjiru Kamau");
    }

    async fn letters_that_run_together_are_one(app: TestApp) {
        app.tipster().await;
        for (phone, name) in [(OTHER, "Wanjiru Kamau"), ("0733000003", "Kip Odhiambo"), ("0733000004", "Kip 254"), ("0733000005", "Kip 255")] {
            assert!(add(&app, phone, name).await, "{name}");
        }
        for (phone, name) in [("0733000006", "Vvanjiru Kamau"), ("0733000007", "Kip Oclhiambo"), ("0733000008", "Kip Odhiam6o"), ("0733000009", "W4njiru Kamau")] {
            assert!(!add(&app, phone, name).await, "{name}");
        }
        let form = [("phone_number", "0733000006"), ("display_name", "Kip Odhiambo II"), ("birth_date", "1990-01-01"), ("tipster", "on")];
        let joining = app.http.post(app.at("/api/accounts/register")).form(&form).send().await.expect("an answer");
        assert_eq!(joining.status(), StatusCode::CONFLICT);
    }

    async fn what_names_look_like_is_computed_anew_after_an_update(app: TestApp) {
        const SKELETON: &str = "SELECT name_skeleton FROM people WHERE id = $1";
        let first = app.verified_tipster().await;
        app.advance(60);
        let second = Person::register(&app, OTHER, "Wanjiru Kamau", &["tipster"]).await;
        // The names are written as the version before kept them.
        run(&app, "UPDATE people SET name_skeleton = LOWER(display_name), is_verified = TRUE").await.expect("done");
        app.set(&second, "UPDATE people SET display_name = 'A5ha Tipster' WHERE id = $1").await;
        let migration = if app.is_sqlite() { include_str!("../../../migrations/sqlite/0021_append_only.sql") } else { include_str!("../../../migrations/postgres/0021_append_only.sql") };
        let update = migration.rfind("UPDATE people").map(|at| &migration[at..]).expect("the names");
        run(&app, update).await.expect("migrated");
        let beside = app.beside().await;
        let skeletons = async |person: &Person| -> Option<String> {
            read!(&app.db, |c| sqlx::query_scalar(SKELETON).bind(person.id).fetch_one(c).await).expect("a person")
        };
        assert_eq!(skeletons(&first).await, Some(crate::types::name::skeleton("Asha Tipster")));
        assert_eq!((named(&app, &first).await.1, named(&app, &second).await), (true, ("A5ha Tipster".to_owned(), false, true)));
        let waiting = store::names::doubted(&app.db, 10).await.expect("names");
        assert_eq!((waiting.len(), waiting[0].is_double, skeletons(&second).await), (1, true, None));
        beside.running.stop().await;
    }

    async fn a_bookmakers_name_is_its_own(app: TestApp) {
        let tipster = app.tipster().await;
        for bookmaker in Bookmaker::ALL.into_iter().filter(|bookmaker| *bookmaker != Bookmaker::Other) {
            let name = bookmaker.name();
            let name = name.as_str(Language::English);
            for name in [name.to_owned(), name.to_uppercase(), name.replace('e', "3"), format!("{name} Kenya")] {
                assert_eq!(tipster.rename(&app, &name).await, StatusCode::BAD_REQUEST, "{name}");
            }
        }
    }

    async fn a_name_of_the_house_is_refused(app: TestApp) {
        let tipster = app.tipster().await;
        for name in ["Ligisoo Support", "LIGISOO ADMIN", "M-Pesa", "Safaricom", "Mpesa Agent", "L1gisoo", "Daraja", "Lipa na M-Pesa", "Support", "Admin", "MPe5a", "Safarikom", "Officia1", "Customer Service Kenya", "Airtel Money", "BCLB"] {
            assert_eq!(tipster.rename(&app, name).await, StatusCode::BAD_REQUEST, "{name}");
            let form = [("phone_number", "0712345678"), ("password", "correct horse"), ("display_name", name), ("birth_date", "1990-01-01"), ("buyer", "on")];
            let joining = app.http.post(app.at("/api/accounts/register")).form(&form).send().await.expect("an answer");
            assert_eq!(joining.status(), StatusCode::BAD_REQUEST, "{name}, also of a buyer");
        }
        assert_eq!(named(&app, &tipster).await.0, "Asha Tipster");
    }

    async fn a_verified_badge_does_not_follow_a_rename(app: TestApp) {
        let tipster = app.verified_tipster().await;
        assert_eq!(tipster.rename(&app, "ASHA Tipster").await, StatusCode::SEE_OTHER);
        assert_eq!(named(&app, &tipster).await, ("ASHA Tipster".to_owned(), true, false), "another spelling is no new name");
        assert_eq!(tipster.rename(&app, "Kamau wa Nyeri").await, StatusCode::SEE_OTHER);
        assert_eq!(named(&app, &tipster).await, ("Kamau wa Nyeri".to_owned(), false, true));
        assert_eq!(deeds(&app, &tipster).await, [("tipster".to_owned(), "name_doubted".to_owned())]);
        assert_eq!(app.notices(&tipster, "badge_taken").await, [None]);
        assert!(tipster.page(&app, "/notices").await.1.contains("Your verified badge is off for now"));
        let draft = tipster.whole_draft(&app).await;
        tipster.publish(&app, &draft).await;
        assert_eq!(app.count("SELECT COUNT(*) FROM tips WHERE status = 'pending_approval'").await, 1, "the desk looks at tips again");
        let waiting = store::names::doubted(&app.db, 10).await.expect("names");
        assert_eq!((waiting.len(), waiting[0].is_double), (1, false));
        let given = give_badge(&app, &tipster, "Kamau wa Nyeri").await;
        given.expect("agreed");
        assert_eq!(named(&app, &tipster).await, ("Kamau wa Nyeri".to_owned(), true, false));
        for change in ["UPDATE audit SET reason = 'x'", "DELETE FROM audit"] {
            assert!(run(&app, change).await.is_err(), "{change}");
        }
    }

    async fn a_badge_is_for_the_name_that_was_looked_at(app: TestApp) {
        let tipster = app.tipster().await;
        assert_eq!(tipster.rename(&app, "Kip Keino").await, StatusCode::SEE_OTHER);
        let refused = give_badge(&app, &tipster, "Asha Tipster").await.expect_err("another name by now");
        assert!(refused.contains("the name is \"Kip Keino\" now"), "{refused}");
        assert_eq!((named(&app, &tipster).await.1, deeds(&app, &tipster).await.len()), (false, 0));
        give_badge(&app, &tipster, "Kip Keino").await.expect("the same");
        assert!(named(&app, &tipster).await.1);
        app.set(&tipster, "UPDATE people SET name_skeleton = NULL, is_verified = FALSE WHERE id = $1").await;
        let refused = give_badge(&app, &tipster, "Kip Keino").await.expect_err("a double");
        assert!(refused.contains("looks the same"), "{refused}");
        people::set(&tipster.phone.parse().expect("a number"), Some(&Badge::Taken), None, None, &app.db).await.expect("taken");
    }

    async fn the_address_of_a_page_tells_no_other_name(app: TestApp) {
        let (tipster, other) = (app.tipster().await, Person::register(&app, OTHER, "Wanjiru Kamau", &["tipster"]).await);
        assert_eq!(tipster.page(&app, "/tipsters/asha-tipster").await.0, StatusCode::OK);
        assert_eq!(tipster.rename(&app, "ASHA TIPSTER").await, StatusCode::SEE_OTHER);
        assert_eq!(tipster.page(&app, "/tipsters/asha-tipster").await.0, StatusCode::OK, "another spelling is no new name");
        assert_eq!(tipster.rename(&app, "Kip Keino").await, StatusCode::SEE_OTHER);
        assert_eq!(tipster.page(&app, "/tipsters/kip-keino").await.0, StatusCode::OK);
        assert_eq!(tipster.page(&app, "/tipsters/asha-tipster").await.0, StatusCode::NOT_FOUND);
        assert_eq!(other.rename(&app, "Kip-Keino 7").await, StatusCode::SEE_OTHER);
        assert_eq!(other.page(&app, "/tipsters/kip-keino-7").await.0, StatusCode::OK);
    }

    async fn servers_that_start_at_once_take_no_badge(app: TestApp) {
        let tipster = app.verified_tipster().await;
        run(&app, "UPDATE people SET name_skeleton = NULL").await.expect("done");
        let compare = || compare_all(&app.db, &app.clock, &Random::System);
        for compared in join_all((0..4).map(|_| compare())).await {
            compared.expect("compared");
        }
        assert_eq!(named(&app, &tipster).await, ("Asha Tipster".to_owned(), true, false));
        assert!(app.notices(&tipster, "badge_taken").await.is_empty());
    }

    async fn names_of_today_that_look_the_same_stay_without_the_badge(app: TestApp) {
        let first = app.verified_tipster().await;
        app.advance(60);
        let second = Person::register(&app, OTHER, "Wanjiru Kamau", &["tipster"]).await;
        let third = Person::register(&app, "0733000003", "Ken Odd", &["tipster"]).await;
        // The names are written as before this rule existed.
        run(&app, "UPDATE people SET name_skeleton = NULL, is_verified = TRUE").await.expect("done");
        app.set(&second, "UPDATE people SET display_name = 'Asha T1pster' WHERE id = $1").await;
        app.set(&third, "UPDATE people SET display_name = 'Ken ✅' WHERE id = $1").await;
        let beside = app.beside().await;
        assert_eq!(named(&app, &first).await, ("Asha Tipster".to_owned(), true, false), "who came first keeps all");
        assert_eq!(named(&app, &second).await, ("Asha T1pster".to_owned(), false, true));
        assert_eq!(named(&app, &third).await, ("Ken ✅".to_owned(), false, true), "a name that could not be chosen today");
        assert_eq!(deeds(&app, &second).await, [("server".to_owned(), "name_doubted".to_owned())]);
        assert_eq!(app.notices(&second, "badge_taken").await.len(), 1);
        let waiting = store::names::doubted(&app.db, 10).await.expect("names");
        assert_eq!(waiting.iter().filter(|tipster| tipster.is_double).count(), 1);
        compare_all(&app.db, &app.clock, &Random::System).await.expect("again");
        assert_eq!(deeds(&app, &second).await.len(), 1, "a second start says nothing new");
        let bio = [("display_name", "Asha T1pster"), ("bio", "I follow KPL.")];
        assert_eq!(second.submit(&app, "/api/accounts/profile", &bio).await.status(), StatusCode::SEE_OTHER, "the name may stay");
        assert_eq!(second.rename(&app, "Asha Tipster").await, StatusCode::CONFLICT);
        assert_eq!(second.rename(&app, "Wanjiru Kamau").await, StatusCode::SEE_OTHER);
        beside.running.stop().await;
    }

    async fn text_that_people_read_hides_nothing(app: TestApp) {
        let tipster = app.tipster().await;
        let stack = format!("a{}b", "\u{336}\u{30a}\u{316}".repeat(3));
        for hidden in ["a\u{202e}b", "a\u{200b}b", "a\u{2066}b", "a\u{7}b", &stack] {
            let form = [("display_name", "Asha Tipster"), ("bio", hidden)];
            assert_eq!(tipster.submit(&app, "/api/accounts/profile", &form).await.status(), StatusCode::BAD_REQUEST, "{hidden:?}");
            let draft = tipster.begin(&app).await;
            let details = [("bookmaker", "betika"), ("note", hidden)];
            let refused = tipster.submit(&app, &format!("/api/selling/drafts/{draft}/details"), &details).await;
            assert_eq!(refused.status(), StatusCode::BAD_REQUEST, "{hidden:?}");
            assert_eq!(tipster.leg(&app, &draft, hidden, 120).await.status(), StatusCode::BAD_REQUEST, "{hidden:?}");
        }
        for claim in ["Official Ligisoo partner ✅", "Verified tipster ☑", "Safaricom staff"] {
            let form = [("display_name", "Asha Tipster"), ("bio", claim)];
            assert_eq!(tipster.submit(&app, "/api/accounts/profile", &form).await.status(), StatusCode::BAD_REQUEST, "{claim}");
        }
        let emoji = [("display_name", "Asha Tipster"), ("bio", "KPL ❤\u{fe0f} every week, won ✅")];
        assert_eq!(tipster.submit(&app, "/api/accounts/profile", &emoji).await.status(), StatusCode::SEE_OTHER);
    }
}

/// Asks to join as a tipster of this name. Returns the browser and the id of the code.
async fn begin(app: &TestApp, phone: &str, name: &str) -> (Stranger, String) {
    let browser = Stranger::at("198.51.100.9");
    let form =
        [("phone_number", phone), ("display_name", name), ("birth_date", "1990-01-01"), ("tipster", "on")];
    let id = code_id(&browser.post(app, "/api/accounts/register", &form).await);
    (browser, id)
}

/// The page of a code after these fields were sent.
async fn typed(app: &TestApp, browser: &Stranger, id: &str, fields: &[(&str, &str)]) -> (StatusCode, String) {
    let form: Vec<(&str, &str)> = [("id", id)].into_iter().chain(fields.iter().copied()).collect();
    let answer = browser
        .http
        .post(app.at("/api/accounts/code"))
        .header("accept", "text/html")
        .form(&form)
        .send()
        .await
        .expect("an answer");
    (answer.status(), answer.text().await.expect("HTML"))
}

both! {
    with [PROXY, PUBLIC];

    async fn a_name_that_was_taken_meanwhile_is_chosen_anew_with_the_same_code(app: TestApp) {
        let (first, first_id) = begin(&app, OTHER, "Wanjiru Kamau").await;
        let (second, id) = begin(&app, "0733000003", "Wanjiru  Kamau").await;
        let code = app.code_on(OTHER).await;
        assert_eq!(first.enter_code(&app, &first_id, &code, PASSWORD).await, StatusCode::SEE_OTHER);
        let code = app.code_on("0733000003").await;
        let (with_code, name_field) = ([("code", code.as_str()), ("password", PASSWORD)], "name=\"display_name\"");
        assert!(!second.page(&app, &format!("/code/{id}")).await.1.contains(name_field), "nobody is asked before");
        let (status, page) = typed(&app, &second, &id, &with_code).await;
        assert_eq!(status, StatusCode::CONFLICT);
        assert!(page.contains("Another tipster has this name") && page.contains(name_field));
        let named = async |name: &str, password: &str| typed(&app, &second, &id, &[("code", &code), ("password", password), ("display_name", name)]).await;
        assert_eq!(named("Wanjiru Kamau", PASSWORD).await.0, StatusCode::CONFLICT, "nor by typing it again");
        assert_eq!(named("Ligisoo Support", PASSWORD).await.0, StatusCode::BAD_REQUEST, "the rules of names hold");
        let (status, page) = named("Njoki Kamau", "short").await;
        assert!(status == StatusCode::BAD_REQUEST && page.contains("value=\"Njoki Kamau\""), "what was typed stays");
        assert_eq!(app.count("SELECT COUNT(*) FROM codes WHERE try_count > 0 AND used_at IS NULL").await, 0, "no try was used up");
        assert_eq!(named("Njoki Kamau", PASSWORD).await.0, StatusCode::SEE_OTHER);
        assert_eq!(app.count("SELECT COUNT(*) FROM people WHERE display_name = 'Njoki Kamau' AND is_tipster").await, 1);
        assert_eq!(app.count("SELECT COUNT(*) FROM people").await, 2);
    }

    async fn a_taken_name_tells_nobody_whether_a_number_is_known(app: TestApp) {
        app.buyer("0712345678").await;
        let (known, known_id) = begin(&app, "0712345678", "Wanjiru Kamau").await;
        let (unknown, unknown_id) = begin(&app, "0712000222", "Wanjiru Kamau").await;
        let (first, first_id) = begin(&app, OTHER, "Wanjiru Kamau").await;
        let code = app.code_on(OTHER).await;
        assert_eq!(first.enter_code(&app, &first_id, &code, PASSWORD).await, StatusCode::SEE_OTHER);
        let mut answers = Vec::new();
        for (browser, id) in [(known, known_id), (unknown, unknown_id)] {
            let form = [("id", id.as_str()), ("code", "123456"), ("password", PASSWORD)];
            let answer = browser.post(&app, "/api/accounts/code", &form).await;
            answers.push((answer.status(), answer.text().await.expect("words")));
        }
        assert_eq!((answers[0].0, &answers[0]), (StatusCode::CONFLICT, &answers[1]));
    }
}
