//! What a buyer bought, tried to buy, or is owed; and the receipt of one payment.

use std::collections::HashMap;

use super::store::{self, PurchaseRow};
use super::{Bought, BoughtPick, DebtView, PurchaseLine, PurchasePage, PurchaseTotals, Receipt, Show};
use crate::payments::{Payments, Status};
use crate::platform::clock::Clock;
use crate::platform::cursor::{Before, cut, one_more};
use crate::platform::db::{Db, Failure};
use crate::platform::viewer::Viewer;
use crate::refunds::DebtStatus;
use crate::tips::PublicOdds;
use crate::types::{AppError, Language, TipId, words};

words! {
    no_receipt_yet {
        "There is no receipt yet: M-Pesa has not confirmed this payment."
        "Bado hakuna risiti: M-Pesa haijathibitisha malipo haya."
    }
}

const PAGE: usize = 20;

/// The service behind the page of purchases and the receipts. It reads only.
#[derive(Clone)]
pub struct Purchases {
    db: Db,
    clock: Clock,
    payments: Payments,
}

impl Purchases {
    /// Puts the service together; `payments` gives each payment its words.
    pub const fn new(db: Db, clock: Clock, payments: Payments) -> Self {
        Self { db, clock, payments }
    }

    /// A page of a buyer's payments. It takes two queries, the second for the picks of what was bought.
    ///
    /// # Errors
    /// [`AppError::Invalid`] if `after` cannot be read; a database error.
    pub async fn page(
        &self,
        buyer: &Viewer,
        show: Show,
        after: Option<&str>,
    ) -> Result<PurchasePage, Failure> {
        let before = Before::read(after, self.clock.now())?;
        let mut rows = store::payments(&self.db, buyer.id, show, before, one_more(PAGE)).await?;
        let next = cut(&mut rows, PAGE, |row| (row.payment.pushed_at, row.payment.id.0));
        let totals = rows.first().map(|row| PurchaseTotals {
            spent: row.spent_cents,
            bought: row.bought_count,
            won: row.won_count,
            lost: row.lost_count,
        });
        let bought: Vec<TipId> =
            rows.iter().filter(|row| row.bet_code.is_some()).map(|row| row.payment.tip_id).collect();
        let mut picks: HashMap<TipId, Vec<BoughtPick>> = HashMap::new();
        for row in store::picks(&self.db, buyer.id, &bought).await? {
            picks.entry(row.tip_id).or_default().push(row.into());
        }
        let line = |row: PurchaseRow| self.line(row, &mut picks);
        Ok(PurchasePage {
            payments: rows.into_iter().map(line).collect(),
            totals: totals.unwrap_or_default(),
            show,
            next,
        })
    }

    fn line(&self, row: PurchaseRow, picks: &mut HashMap<TipId, Vec<BoughtPick>>) -> PurchaseLine {
        let tip = row.payment.tip_id;
        let exact = row.odds_thousandths;
        let odds = if row.bet_code.is_some() {
            exact.to_string()
        } else {
            PublicOdds::kept(exact.thousandths(), row.match_count).to_string()
        };
        let bought =
            row.bet_code.map(|bet_code| Bought { bet_code, picks: picks.remove(&tip).unwrap_or_default() });
        PurchaseLine {
            tip,
            tipster: row.tipster,
            bookmaker: row.bookmaker,
            match_count: row.match_count,
            odds,
            price: row.payment.price,
            started_at: row.payment.pushed_at,
            result: row.result,
            bought,
            debt: row.debt_status.zip(row.due_at).map(|(status, due_at)| DebtView {
                owed: row.payment.price,
                is_paid: status == DebtStatus::Paid,
                due_at,
                paid_at: row.paid_at,
                receipt: row.debt_receipt,
            }),
            can_ask: row.payment.can_be_asked_about(self.clock.now()),
            payment: self.payments.view(&row.payment, Language::here()),
        }
    }

    /// The receipt of one of the buyer's own payments, once its money has come.
    ///
    /// # Errors
    /// [`AppError::NotFound`] if it is not the buyer's payment; [`AppError::Conflict`] if it is not
    /// completed; a database error.
    pub async fn receipt(&self, buyer: &Viewer, id: &str) -> Result<Receipt, Failure> {
        let payment = self.payments.own(buyer, id).await?;
        if payment.status != Status::Completed {
            return Err(AppError::conflict(no_receipt_yet()).into());
        }
        Ok(Receipt {
            payment_id: payment.id,
            payer: buyer.display_name.clone(),
            phone: payment.msisdn.masked(),
            tip: payment.tip_id,
            amount: payment.price,
            mpesa_code: payment.receipt,
            reference: payment.account_reference,
            asked_at: payment.pushed_at,
            paid_at: payment.ended_at.unwrap_or(payment.pushed_at),
            debt: store::debt(&self.db, payment.id).await?,
        })
    }
}
