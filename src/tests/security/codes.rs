//! One-time codes in the wrong hands: a link to another person's code, a password from before the proof of
//! the number, and another person's SMS.

use reqwest::StatusCode;

use super::secrets::replaced;
use super::stranger::{PROXY, PUBLIC, Stranger, code_id};
use crate::tests::harness::{PASSWORD, TestApp, both};

const PHONE: &str = "0712345678";
const OF_THE_ATTACKER: &str = "battery staple";
const NEW: &str = "mvua ya masika";
const ATTACKER: &str = "203.0.113.77";
const OWNER: &str = "198.51.100.9";

async fn names_and_notices(app: &TestApp) -> (i64, i64) {
    let notices =
        app.count("SELECT COUNT(*) FROM notices WHERE kind = 'new_password' AND read_at IS NULL").await;
    (app.count("SELECT COUNT(*) FROM people WHERE password_reset_at IS NOT NULL").await, notices)
}

both! {
    with [PROXY, PUBLIC];

    async fn a_password_chosen_before_the_proof_is_worth_nothing(app: TestApp) {
        let owner = app.buyer(PHONE).await;
        let (attacker, victim) = (Stranger::at(ATTACKER), Stranger::with(&owner.http, OWNER));
        let link = attacker.begin_to_join(&app, PHONE, OF_THE_ATTACKER).await;
        let code = app.code_on(PHONE).await;
        // The victim follows the link that the attacker sent them.
        assert_eq!(victim.page(&app, &format!("/code/{link}")).await.0, StatusCode::NOT_FOUND);
        assert_eq!(victim.enter_code(&app, &link, &code, "").await, StatusCode::NOT_FOUND);
        assert_eq!(victim.enter_code(&app, &link, &code, NEW).await, StatusCode::NOT_FOUND);
        assert_eq!(attacker.sign_in(&app, PHONE, OF_THE_ATTACKER).await, StatusCode::UNAUTHORIZED);
        assert_eq!(victim.page(&app, "/purchases").await.0, StatusCode::OK, "no session of theirs has ended");
        assert_eq!(victim.sign_in(&app, PHONE, PASSWORD).await, StatusCode::SEE_OTHER);
        // The password that counts is the one that comes with the code, whatever was typed before, for a
        // known number and for a new one.
        for phone in [PHONE, "0712000222"] {
            let browser = Stranger::at(OWNER);
            let id = browser.begin_to_join(&app, phone, OF_THE_ATTACKER).await;
            let code = app.code_on(phone).await;
            assert_eq!(browser.enter_code(&app, &id, &code, "").await, StatusCode::BAD_REQUEST, "none was chosen yet");
            assert_eq!(browser.enter_code(&app, &id, &code, NEW).await, StatusCode::SEE_OTHER);
            assert_eq!(Stranger::at(ATTACKER).sign_in(&app, phone, OF_THE_ATTACKER).await, StatusCode::UNAUTHORIZED);
            assert_eq!(Stranger::at(OWNER).sign_in(&app, phone, NEW).await, StatusCode::SEE_OTHER);
        }
    }

    async fn a_code_page_lives_in_the_browser_that_asked(app: TestApp) {
        let owner = app.buyer(PHONE).await;
        let (asker, other) = (Stranger::with(&owner.http, OWNER), Stranger::at(OWNER));
        let joining = asker.begin_to_join(&app, "0712000222", "").await;
        let reset = code_id(&asker.post(&app, "/api/accounts/reset", &[("phone_number", PHONE)]).await);
        let proof = code_id(&asker.post(&app, "/api/accounts/prove", &[]).await);
        for id in [&joining, &reset, &proof] {
            let page = format!("/code/{id}");
            assert_eq!(other.page(&app, &page).await.0, StatusCode::NOT_FOUND);
            assert_eq!(other.enter_code(&app, id, "123456", NEW).await, StatusCode::NOT_FOUND);
            assert_eq!(other.post(&app, "/api/accounts/code/again", &[("id", id)]).await.status(), StatusCode::NOT_FOUND);
            assert_eq!(asker.page(&app, &page).await.0, StatusCode::OK, "several at once are no trouble");
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM codes WHERE try_count > 0 OR used_at IS NOT NULL").await, 1, "the owner's own, of before");
        let guessed = format!("ligisoo_code_{joining}=00000000000000000000000000000000");
        let forged = other.http.get(app.at(&format!("/code/{joining}"))).header("cookie", guessed).send().await.expect("an answer");
        assert_eq!(forged.status(), StatusCode::NOT_FOUND, "a cookie with another secret");
        // A new code for the same purpose can be asked for in this browser, beside the old one.
        let older = app.code_on("0712000222").await;
        let again = code_id(&asker.post(&app, "/api/accounts/code/again", &[("id", &joining)]).await);
        let code = app.code_on("0712000222").await;
        assert_eq!(other.enter_code(&app, &again, &code, NEW).await, StatusCode::NOT_FOUND);
        assert_eq!(asker.enter_code(&app, &again, &code, NEW).await, StatusCode::SEE_OTHER);
        assert_eq!(asker.enter_code(&app, &again, &code, NEW).await, StatusCode::CONFLICT, "once");
        assert_eq!(asker.enter_code(&app, &joining, &older, "kahawa-7-vikombe").await, StatusCode::CONFLICT, "nor an older one later");
    }

    async fn a_page_of_a_code_tells_nobody_whether_a_number_is_known(app: TestApp) {
        app.buyer(PHONE).await;
        let mut pages = Vec::new();
        for phone in [PHONE, "0712000678"] {
            let browser = Stranger::at(ATTACKER);
            let id = browser.begin_to_join(&app, phone, "").await;
            let (_, page) = browser.page(&app, &format!("/code/{id}")).await;
            assert!(page.contains("Choose the password of this account") && page.contains("autocomplete=\"new-password\""));
            let refused = browser.post(&app, "/api/accounts/code", &[("id", &id), ("code", "123456"), ("password", "Baraka Buyer")]).await;
            assert_ne!(refused.status(), StatusCode::SEE_OTHER);
            let form = page.split("<main").nth(1).and_then(|page| page.split("</main>").next()).expect("a page");
            let form = replaced(form, "nonce=\"", "\"").replace(&id, "ID").replace("0712•••678", "N");
            pages.push((form, refused.text().await.expect("words")));
        }
        assert_eq!(pages[0], pages[1]);
        app.until("the SMS", || async { app.inbox(PHONE).await[0].contains("new password") }).await;
    }

    async fn a_proof_of_a_number_opens_no_session(app: TestApp) {
        let owner = app.buyer(PHONE).await;
        let browser = Stranger::with(&owner.http, OWNER);
        let id = code_id(&browser.post(&app, "/api/accounts/prove", &[]).await);
        let code = app.code_on(PHONE).await;
        assert_eq!(browser.post(&app, "/api/accounts/sign-out-everywhere", &[]).await.status(), StatusCode::SEE_OTHER);
        assert_eq!(browser.enter_code(&app, &id, &code, "").await, StatusCode::CONFLICT);
        assert_eq!(app.count("SELECT COUNT(*) FROM sessions").await, 0);
    }

    async fn a_new_password_by_code_is_told_and_noted(app: TestApp) {
        let owner = app.buyer(PHONE).await;
        assert_eq!(names_and_notices(&app).await, (0, 0), "joining is no new password");
        let thief = Stranger::at(ATTACKER);
        let id = code_id(&thief.post(&app, "/api/accounts/reset", &[("phone_number", PHONE)]).await);
        let code = app.code_on(PHONE).await;
        assert_eq!(thief.enter_code(&app, &id, &code, NEW).await, StatusCode::SEE_OTHER);
        assert_eq!(names_and_notices(&app).await, (1, 1));
        let joined = thief.begin_to_join(&app, PHONE, "").await;
        let code = app.code_on(PHONE).await;
        assert_eq!(thief.enter_code(&app, &joined, &code, PASSWORD).await, StatusCode::SEE_OTHER, "taken over by joining");
        assert_eq!(names_and_notices(&app).await, (1, 2));
        assert!(thief.page(&app, "/notices").await.1.contains("Your password was set anew"));
        assert_eq!(owner.page(&app, "/purchases").await.0, StatusCode::FOUND, "the owner's session has ended");
    }

    async fn a_password_that_everybody_tries_first_is_refused(app: TestApp) {
        let browser = Stranger::at(OWNER);
        let id = browser.begin_to_join(&app, PHONE, "").await;
        let code = app.code_on(PHONE).await;
        for weak in ["12345678", "password", "0712345678", "+254 712 345 678", "A Stranger", "stranger"] {
            let refused = browser.post(&app, "/api/accounts/code", &[("id", &id), ("code", &code), ("password", weak)]).await;
            assert_eq!(refused.status(), StatusCode::BAD_REQUEST, "{weak}");
            assert!(refused.text().await.expect("words").contains("easy to guess"), "{weak}");
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM codes WHERE try_count > 0").await, 0, "no try of the code was used up");
        assert_eq!(browser.enter_code(&app, &id, &code, PASSWORD).await, StatusCode::SEE_OTHER);
        let change = async |password| browser.post(&app, "/api/accounts/password", &[("old_password", PASSWORD), ("password", password)]).await.status();
        assert_eq!(change("Stranger 1").await, StatusCode::BAD_REQUEST);
        assert_eq!(change("0712-345-678").await, StatusCode::BAD_REQUEST);
        assert_eq!(change(NEW).await, StatusCode::SEE_OTHER);
        // Somebody who has not proven the number does not learn the account's name. The name counts once they
        // have.
        let other = Stranger::at(OWNER);
        let id = code_id(&other.post(&app, "/api/accounts/reset", &[("phone_number", PHONE)]).await);
        let code = app.code_on(PHONE).await;
        assert_eq!(other.enter_code(&app, &id, &code, "A Stranger").await, StatusCode::BAD_REQUEST);
        assert_eq!(other.enter_code(&app, &id, &code, PASSWORD).await, StatusCode::SEE_OTHER);
    }
}

both! {
    with [PROXY, PUBLIC, ("SMS_LIMIT_MINUTE", "5"), ("SMS_LIMIT_DAY", "100")];

    async fn all_messages_together_have_a_limit_that_leaves_owners_some(app: TestApp) {
        let owner = app.buyer(PHONE).await;
        app.advance(61);
        for number in 0..4 {
            let sent = Stranger::at(&format!("203.0.113.{number}")).begin_to_join(&app, &format!("071200000{number}"), "").await;
            assert_eq!(sent.len(), 36);
        }
        let refused = Stranger::at(ATTACKER).post(&app, "/api/accounts/reset", &[("phone_number", "0712000009")]).await;
        assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS, "known numbers and others alike");
        assert!(refused.text().await.expect("words").contains("too many SMS"));
        let at_home = Stranger::with(&owner.http, OWNER);
        assert_eq!(at_home.reset(&app, PHONE).await, StatusCode::SEE_OTHER, "the owner of a known browser has the last one");
        assert_eq!(at_home.reset(&app, PHONE).await, StatusCode::TOO_MANY_REQUESTS);
    }
}
