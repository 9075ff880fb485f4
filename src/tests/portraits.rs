//! People's own pictures: they are sent, shown, replaced and removed, and are deleted with the account.

use reqwest::StatusCode;
use reqwest::header::{CACHE_CONTROL, CONTENT_TYPE};

use super::harness::seller::png;
use super::harness::{PASSWORD, Person, TestApp, both};

const SEND: &str = "/api/accounts/portrait";

/// The address of the picture on a person's own page.
async fn shown(app: &TestApp, person: &Person) -> Option<String> {
    let (_, page) = person.page(app, "/account").await;
    let (_, rest) = page.split_once("src=\"/portraits/")?;
    Some(format!("/portraits/{}", rest.split('"').next().expect("an address")))
}

async fn send(app: &TestApp, person: &Person, bytes: Vec<u8>) -> StatusCode {
    person.send_picture(app, SEND, "me.png", bytes).await.status()
}

both! {
    async fn a_portrait_is_for_everybody_until_it_is_another(app: TestApp) {
        let tipster = app.tipster().await;
        assert_eq!(shown(&app, &tipster).await, None);
        assert_eq!(send(&app, &tipster, png(700, 300)).await, StatusCode::SEE_OTHER);
        let first = shown(&app, &tipster).await.expect("a picture");
        let answer = app.http.get(app.at(&first)).send().await.expect("an answer");
        assert_eq!((answer.status(), &answer.headers()[CONTENT_TYPE]), (StatusCode::OK, &"image/webp".parse().expect("a value")));
        assert!(answer.headers()[CACHE_CONTROL].to_str().expect("text").contains("immutable"));
        let handle: String = crate::platform::db::read!(&app.db, |c| sqlx::query_scalar("SELECT handle FROM people").fetch_one(c).await).expect("a handle");
        let public = app.http.get(app.at(&format!("/tipsters/{handle}"))).send().await.expect("an answer").text().await.expect("a page");
        assert!(public.contains(&first), "on the tipster's page");

        assert_eq!(send(&app, &tipster, png(200, 200)).await, StatusCode::SEE_OTHER);
        let second = shown(&app, &tipster).await.expect("a picture");
        assert_ne!(first, second, "a browser may keep a picture for good");
        assert_eq!(app.http.get(app.at(&first)).send().await.expect("an answer").status(), StatusCode::NOT_FOUND);
        assert_eq!(tipster.submit(&app, "/api/accounts/portrait/remove", &[]).await.status(), StatusCode::SEE_OTHER);
        assert_eq!(shown(&app, &tipster).await, None);
        assert_eq!(app.http.get(app.at(&second)).send().await.expect("an answer").status(), StatusCode::NOT_FOUND);
    }

    async fn a_portrait_whose_commits_answer_was_lost_is_there(app: TestApp) {
        let (tipster, second) = (app.tipster().await, app.beside_losing_answers().await);
        for size in [100, 200] {
            assert_eq!(send(&second, &tipster, png(size, size)).await, StatusCode::SEE_OTHER);
            let picture = shown(&app, &tipster).await.expect("a picture");
            let answer = app.http.get(app.at(&picture)).send().await.expect("an answer");
            assert_eq!(answer.status(), StatusCode::OK, "its file is not taken for the one before");
        }
    }

    async fn what_is_no_portrait_is_refused_on_the_page(app: TestApp) {
        let buyer = app.buyer("0712345678").await;
        for (file, words) in [(b"<svg/>".to_vec(), "not a picture"), (vec![0xff; 6 * 1024 * 1024], "larger than 5 MB"), (Vec::new(), "Choose a picture")] {
            let answer = buyer.send_picture(&app, SEND, "me.png", file).await;
            assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{words}");
            let page = answer.text().await.expect("a page");
            assert!(page.contains(words) && page.contains("Your picture"), "{words}");
        }
        assert_eq!(shown(&app, &buyer).await, None);
        let nobody = app.http.post(app.at(SEND)).send().await.expect("an answer");
        assert_eq!(nobody.status(), StatusCode::UNAUTHORIZED);
        for name in ["..%2F..%2Fligisoo", "zz", "%00", &"a".repeat(32)] {
            let answer = app.http.get(app.at(&format!("/portraits/{name}"))).send().await.expect("an answer");
            assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{name}");
        }
    }

    async fn a_closed_account_leaves_no_portrait(app: TestApp) {
        let buyer = app.buyer("0712345678").await;
        assert_eq!(send(&app, &buyer, png(200, 200)).await, StatusCode::SEE_OTHER);
        let portrait = shown(&app, &buyer).await.expect("a picture");
        let wrong = buyer.submit(&app, "/api/accounts/close", &[("password", "not the password")]).await;
        assert_eq!(wrong.status(), StatusCode::BAD_REQUEST);
        assert_eq!(app.http.get(app.at(&portrait)).send().await.expect("an answer").status(), StatusCode::OK);
        assert_eq!(buyer.submit(&app, "/api/accounts/close", &[("password", PASSWORD)]).await.status(), StatusCode::SEE_OTHER);
        assert_eq!(app.http.get(app.at(&portrait)).send().await.expect("an answer").status(), StatusCode::NOT_FOUND);
    }
}
