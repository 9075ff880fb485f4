//! What a tipster does to sell, by plain forms.

use std::io::Cursor;

use chrono::TimeDelta;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use reqwest::header::LOCATION;
use reqwest::{Response, StatusCode};

use super::{Person, TestApp};
use crate::types::TipId;

/// The bet code of drafts.
pub const CODE: &str = "QWERTY12";

pub fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let image =
        RgbImage::from_fn(
            width,
            height,
            |x, y| if (x / 9 + y / 7) % 2 == 0 { Rgb([250; 3]) } else { Rgb([10; 3]) },
        );
    DynamicImage::ImageRgb8(image).write_to(&mut bytes, ImageFormat::Png).expect("a picture");
    bytes.into_inner()
}

impl Person {
    /// Posts a form as a browser does.
    pub async fn submit(&self, app: &TestApp, path: &str, form: &[(&str, &str)]) -> Response {
        self.http.post(app.at(path)).header("accept", "text/html").form(form).send().await.expect("an answer")
    }

    pub async fn begin(&self, app: &TestApp) -> String {
        let answer = self.submit(app, "/api/selling/drafts", &[]).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        answer.headers()[LOCATION].to_str().expect("text").strip_prefix("/sell/").expect("a draft").to_owned()
    }

    pub async fn details(&self, app: &TestApp, draft: &str, odds: &str, price: &str) -> Response {
        let form = [
            ("bookmaker", "betika"),
            ("bet_code", CODE),
            ("odds", odds),
            ("price", price),
            ("note", "Small stake, Secretnote."),
        ];
        self.submit(app, &format!("/api/selling/drafts/{draft}/details"), &form).await
    }

    /// Adds a match with odds of 2 that kicks off in so many minutes.
    pub async fn leg(&self, app: &TestApp, draft: &str, home: &str, minutes: i64) -> Response {
        let kick_off =
            (app.clock.now() + TimeDelta::minutes(minutes + 180)).format("%Y-%m-%dT%H:%M").to_string();
        let form = [
            ("home_team", home),
            ("away_team", "Bandari"),
            ("league", "KPL"),
            ("kick_off", &kick_off),
            ("market", "Secretmarket"),
        ];
        let form: Vec<_> =
            form.into_iter().chain([("selection", "Secretpick"), ("leg_odds", "2.00")]).collect();
        self.submit(app, &format!("/api/selling/drafts/{draft}/matches"), &form).await
    }

    pub async fn upload(&self, app: &TestApp, draft: &str, name: &str, bytes: Vec<u8>) -> Response {
        self.send_picture(app, &format!("/api/selling/drafts/{draft}/picture"), name, bytes).await
    }

    /// Sends a form with a file in it.
    pub async fn send_picture(&self, app: &TestApp, path: &str, name: &str, bytes: Vec<u8>) -> Response {
        let head = format!(
            "--limit\r\ncontent-disposition: form-data; name=\"picture\"; filename=\"{name}\"\r\n\r\n"
        );
        let body = [head.as_bytes(), &bytes, b"\r\n--limit--\r\n"].concat();
        let request = self.http.post(app.at(path)).header("accept", "text/html");
        request
            .header("content-type", "multipart/form-data; boundary=limit")
            .body(body)
            .send()
            .await
            .expect("an answer")
    }

    /// A draft that lacks nothing: it has two matches, the first in two hours.
    pub async fn whole_draft(&self, app: &TestApp) -> String {
        let draft = self.begin(app).await;
        assert_eq!(self.details(app, &draft, "4.00", "50").await.status(), StatusCode::SEE_OTHER);
        assert_eq!(self.leg(app, &draft, "Tusker", 120).await.status(), StatusCode::SEE_OTHER);
        assert_eq!(self.leg(app, &draft, "Sofapaka", 180).await.status(), StatusCode::SEE_OTHER);
        assert_eq!(self.upload(app, &draft, "slip.png", png(300, 400)).await.status(), StatusCode::SEE_OTHER);
        draft
    }

    /// The version that the check page would publish.
    pub async fn checked(&self, app: &TestApp, draft: &str) -> String {
        let (status, page) = self.page(app, &format!("/sell/{draft}/check")).await;
        assert_eq!(status, StatusCode::OK);
        let (_, rest) = page
            .split_once("name=\"version\" value=\"")
            .unwrap_or_else(|| panic!("nothing to publish: {page}"));
        rest.split('"').next().expect("a number").to_owned()
    }

    pub async fn press_publish(&self, app: &TestApp, draft: &str, version: &str) -> Response {
        self.submit(app, &format!("/api/selling/drafts/{draft}/publish"), &[("version", version)]).await
    }

    pub async fn publish(&self, app: &TestApp, draft: &str) -> TipId {
        let version = self.checked(app, draft).await;
        number(&self.press_publish(app, draft, &version).await)
    }
}

/// The number of the tip to which the answer leads after a draft is published.
pub fn number(answer: &Response) -> TipId {
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    answer.headers()[LOCATION]
        .to_str()
        .expect("text")
        .strip_prefix("/tips/")
        .expect("a tip")
        .parse()
        .expect("a number")
}

impl TestApp {
    pub async fn set(&self, person: &Person, statement: &'static str) {
        use crate::platform::db::{Failure, on, transaction};
        let done: Result<(), Failure> = transaction!(self.db, |tx| {
            Ok(on!(tx, |c| sqlx::query(statement).bind(person.id).execute(c).await.map(|_| ()))?)
        });
        done.expect("done");
    }

    pub async fn verified_tipster(&self) -> Person {
        let tipster = self.tipster().await;
        self.set(&tipster, "UPDATE people SET is_verified = TRUE WHERE id = $1").await;
        tipster
    }
}
