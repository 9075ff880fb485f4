//! Server-sent events: an open pay panel hears at once that its payment has ended.

use std::time::{Duration, Instant};

use reqwest::{Response, StatusCode};
use serde_json::Value;

use super::harness::{Person, TestApp, both, text};

const PATIENCE: Duration = Duration::from_secs(5);

async fn watch(app: &TestApp, person: &Person, payment: &str) -> Response {
    person
        .http
        .get(app.at(&format!("/api/payments/events?payment_id={payment}")))
        .send()
        .await
        .expect("an answer")
}

/// The next bytes of a stream; `None` when it has ended.
async fn next(stream: &mut Response) -> Option<String> {
    let chunk =
        tokio::time::timeout(PATIENCE, stream.chunk()).await.expect("news in time").expect("a stream");
    chunk.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

both! {
    async fn the_panel_hears_that_it_was_paid(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let started = buyer.start(&app, tip).await;
        let payment = text(&started, "payment_id");
        let mut stream = watch(&app, &buyer, payment).await;
        assert_eq!(stream.status(), StatusCode::OK);
        assert_eq!(stream.headers()["content-type"], "text/event-stream");
        assert_eq!((&stream.headers()["x-accel-buffering"], &stream.headers()["cache-control"]), (&"no".parse().expect("a value"), &"private, no-store".parse().expect("a value")));
        app.answer(text(&started, "checkout_request_id"), "pay").await;
        assert_eq!(next(&mut stream).await.as_deref(), Some("data: news\n\n"));
        assert_eq!(next(&mut stream).await, None, "then it is over");
        assert_eq!(text(&buyer.status(&app, payment).await, "status"), "completed");
        // Somebody who connects later hears it too.
        assert_eq!(next(&mut watch(&app, &buyer, payment).await).await.as_deref(), Some("data: news\n\n"));
    }

    async fn another_process_is_heard_by_asking(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let started = buyer.start(&app, tip).await;
        let mut stream = watch(&app, &buyer, text(&started, "payment_id")).await;
        let done: Result<(), crate::platform::db::Failure> = crate::platform::db::transaction!(app.db, |tx| {
            crate::platform::db::on!(tx, |c| sqlx::query("UPDATE payments SET status = 'failed', open = FALSE, next_check_at = NULL").execute(c).await.map(|_| ()))?;
            Ok(())
        });
        done.expect("ended elsewhere");
        let began = Instant::now();
        assert_eq!(next(&mut stream).await.as_deref(), Some("data: news\n\n"));
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    }

    async fn only_its_buyer_hears_of_a_payment(app: TestApp) {
        let (tipster, tip, buyer) = app.shop().await;
        let started = buyer.start(&app, tip).await;
        let payment = text(&started, "payment_id");
        assert_eq!(watch(&app, &tipster, payment).await.status(), StatusCode::NOT_FOUND);
        assert_eq!(watch(&app, &buyer, "nonsense").await.status(), StatusCode::NOT_FOUND);
        let stranger = app.http.get(app.at(&format!("/api/payments/events?payment_id={payment}"))).send().await.expect("an answer");
        assert_eq!(stranger.status(), StatusCode::UNAUTHORIZED);
    }

    async fn a_session_has_three_streams(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let started = buyer.start(&app, tip).await;
        let payment = text(&started, "payment_id");
        let mut open = Vec::new();
        for _ in 0..3 {
            open.push(watch(&app, &buyer, payment).await);
        }
        let refused = watch(&app, &buyer, payment).await;
        assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
        let _: Value = refused.json().await.expect("an error in words");
        open.pop();
        // The server notices a closed connection when it writes, at the next heartbeat or event. TCP reports
        // the end soon after.
        let began = Instant::now();
        while watch(&app, &buyer, payment).await.status() != StatusCode::OK {
            assert!(began.elapsed() < PATIENCE, "the place of a closed stream is free again");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn a_stop_ends_the_streams(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let started = buyer.start(&app, tip).await;
        let mut stream = watch(&app, &buyer, text(&started, "payment_id")).await;
        let began = Instant::now();
        let (stopped, heard) = tokio::join!(app.running.stop(), next(&mut stream));
        assert_eq!((stopped, heard), ((), None));
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    }
}
