//! Sales in bulk (`seed`): they leave books like those of a market, and more sales can be added.

use super::harness::{TestApp, both, text};
use crate::demo::payments::sales;
use crate::demo::tips;
use crate::platform::random::Random;

const SALES: &str = "SELECT COUNT(*) FROM purchases";

async fn sell(app: &TestApp, wanted: usize) -> anyhow::Result<usize> {
    sales(&app.db, &Random::System, &app.running.state.settings.rules, app.clock.now(), wanted).await
}

both! {
    async fn sales_in_bulk_are_sales(app: TestApp) {
        let state = &app.running.state;
        tips::load(&state.people, &state.tips, &Random::System, &app.clock, 30, 5).await.expect("seeded");
        assert_eq!(app.count("SELECT COUNT(*) FROM people WHERE msisdn LIKE '254722%' AND is_buyer").await, 5);
        assert_eq!(app.count("SELECT COUNT(*) FROM tips WHERE result IS NULL AND status = 'active'").await, 50);

        assert_eq!(sell(&app, 300).await.expect("sold"), 300);
        assert_eq!((sell(&app, 300).await.expect("sold"), sell(&app, 430).await.expect("sold")), (0, 130), "so many in all");
        assert_eq!(app.count(SALES).await, 430);
        app.books_are_right().await;
        // Each of these counts what no sale may have: a release before the sale, a time at which its tip was
        // not on sale, or fewer than two sources.
        for wrong in [
            "SELECT COUNT(*) FROM purchases WHERE released_at IS NULL AND release_after < bought_at",
            "SELECT COUNT(*) FROM purchases b JOIN tips t ON t.id = b.tip_id WHERE b.bought_at >= t.sales_close_at OR b.bought_at < t.created_at",
            "SELECT COUNT(*) FROM payments WHERE callback_succeeded_at IS NULL OR query_succeeded_at IS NULL OR next_check_at IS NOT NULL",
            "SELECT COUNT(*) - 4 * 430 FROM mpesa_events",
        ] {
            assert_eq!(app.count(wrong).await, 0, "{wrong}");
        }
        assert!(app.count("SELECT COUNT(*) FROM purchases WHERE released_at IS NULL").await > 100, "of tips on sale");
        assert!(app.count("SELECT COUNT(*) FROM transfers WHERE kind = 'release'").await > 100, "of tips that are over");

        // These are more sales than all buyers can make, so nothing is written.
        let refused = sell(&app, 1_000_000).await.expect_err("too few buyers");
        assert!(refused.to_string().contains("--buyers"), "{refused}");
        assert_eq!(app.count(SALES).await, 430);
        // A sale by a phone counts too, and more can follow it.
        let (_, tip, buyer) = app.shop().await;
        let started = buyer.start(&app, tip).await;
        app.answer(text(&started, "checkout_request_id"), "pay").await;
        buyer.until_status(&app, text(&started, "payment_id"), "completed").await;
        assert_eq!(sell(&app, 432).await.expect("sold"), 1);
        app.books_are_right().await;
    }
}
