//! Addresses of those who ask: kept no longer than they are counted.

use super::super::harness::{TestApp, both};

const KEPT: &str = "SELECT COUNT(*) FROM payments WHERE address_hash <> ''";

both! {
    async fn an_address_is_forgotten_after_a_day(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let payments = &app.running.state.payments;
        buyer.start(&app, tip).await;
        app.advance(23 * 3_600);
        assert_eq!(payments.forget_addresses().await.expect("done"), 0);
        assert_eq!(app.count(KEPT).await, 1, "it is counted for an hour");
        app.advance(2 * 3_600);
        assert_eq!(payments.forget_addresses().await.expect("done"), 1);
        assert_eq!((app.count(KEPT).await, app.count("SELECT COUNT(*) FROM payments").await), (0, 1));
        assert_eq!(payments.forget_addresses().await.expect("done"), 0, "once");
        app.books_are_right().await;
    }
}
