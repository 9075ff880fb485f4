//! What a buyer bought, tried to buy, or is owed; and the receipt of one payment.

use std::collections::HashMap;

use super::store::{self, PurchaseRow};
use super::{Bought, BoughtPick, DebtView, PurchaseLine, PurchasePage, PurchaseTotals, Receipt, Show};
use crate::payments::{Payments, Status};
use crate::platform::clock::Clock;
use crate::platform::cursor::{Before, cut, one_more};
use crate::platform::db::{Db, Failure};
use crate::platform::viewer::Viewer;
use crate::tips::PublicOdds;
use crate::types::{AppError, Language, PaymentId, TipId, words};

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

    /// A page of a buyer's payments. It takes three queries: the second for the picks of what was bought, the
    /// third for what is owed.
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
        let mut debts: HashMap<PaymentId, Vec<DebtView>> = HashMap::new();
        let listed: Vec<PaymentId> = rows.iter().map(|row| row.payment.id).collect();
        for row in store::debts(&self.db, &listed).await? {
            debts.entry(row.payment_id).or_default().push(row.debt);
        }
        let line = |row: PurchaseRow| {
            let debts = debts.remove(&row.payment.id).unwrap_or_default();
            self.line(row, debts, &mut picks)
        };
        Ok(PurchasePage {
            payments: rows.into_iter().map(line).collect(),
            totals: totals.unwrap_or_default(),
            show,
            next,
        })
    }

    fn line(
        &self,
        row: PurchaseRow,
        debts: Vec<DebtView>,
        picks: &mut HashMap<TipId, Vec<BoughtPick>>,
    ) -> PurchaseLine {
        let (further, settling): (Vec<DebtView>, Vec<DebtView>) =
            debts.into_iter().partition(|debt| debt.is_further);
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
            debt: settling.into_iter().next(),
            further,
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
            debts: self.debts(payment.id).await?,
        })
    }

    /// What is or was owed of other receipts that came under one of the buyer's own payments.
    ///
    /// # Errors
    /// [`AppError::NotFound`] if it is not the buyer's payment; a database error.
    pub async fn further_debts(&self, buyer: &Viewer, id: &str) -> Result<Vec<DebtView>, Failure> {
        let payment = self.payments.own(buyer, id).await?;
        let debts = self.debts(payment.id).await?;
        Ok(debts.into_iter().filter(|debt| debt.is_further).collect())
    }

    async fn debts(&self, payment: PaymentId) -> Result<Vec<DebtView>, Failure> {
        let rows = store::debts(&self.db, &[payment]).await?;
        Ok(rows.into_iter().map(|row| row.debt).collect())
    }
}
