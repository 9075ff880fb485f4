//! The oracle's part about money by its receipt: every shilling that left a handset is in the books, once.

use std::collections::BTreeSet;

use super::oracle::Judge;

impl Judge<'_> {
    /// What machines named was truly paid, so much, and each account has what the receipts say.
    pub fn money(&mut self) {
        let paid = self.world.all_paid();
        for money in self.books.money.iter().filter(|money| money.named_at.is_some()) {
            match paid.get(&money.receipt) {
                Some(listed) if listed.amount == money.amount_cents => {}
                _ => self
                    .findings
                    .push(format!("{} has {}, which nobody paid", money.receipt, money.amount_cents)),
            }
        }
        let named = |state: Option<&str>| -> i64 {
            let rows = self.books.money.iter().filter(|money| money.named_at.is_some());
            let rows = rows.filter(|money| state.is_none_or(|state| money.state == state));
            rows.map(|money| money.amount_cents.cents()).sum()
        };
        let awaited = self.books.rows.iter().filter(|row| row.awaits_receipt);
        let awaited: i64 = awaited.map(|row| row.price_cents.cents()).sum();
        let owed: i64 = self.books.debts.iter().map(|debt| debt.owed_cents.cents()).sum();
        for (account, right) in [
            ("mpesa_collections", -named(None)),
            ("suspense", named(Some("suspense"))),
            ("receipts_awaited", -awaited),
            ("refunds_owed", owed),
        ] {
            let sums = self.books.sums.iter().filter(|(kind, _, _)| kind == account);
            let sum: i64 = sums.map(|(_, _, sum)| sum).sum();
            if sum != right {
                self.findings.push(format!("{account} has {sum}, and {right} is right"));
            }
        }
    }

    /// A debt under the receipt of a prompt goes to whoever answered it, and of other money to nobody who is not
    /// proven.
    pub fn payers(&mut self) {
        for debt in &self.books.debts {
            let (Some(receipt), Some(msisdn)) = (&debt.receipt, &debt.msisdn) else { continue };
            let prompt = self.world.prompts.iter().find(|prompt| prompt.receipt() == Some(receipt));
            let told = self.world.by_hand.iter().find(|listed| listed.receipt == *receipt);
            // Our push's callback may tell of further money; then it is of the same number.
            let pushed = told.and_then(|listed| {
                self.world.prompts.iter().find(|prompt| prompt.reference == listed.account_reference)
            });
            if prompt.or(pushed).is_none_or(|prompt| prompt.payer != *msisdn) {
                self.findings.push(format!("{receipt} is owed to {msisdn}, who did not pay it"));
            }
        }
    }

    /// Whether everything that was paid is in the books, each receipt once: when the statement told of it all.
    pub fn everything_is_booked(&mut self) {
        let named: BTreeSet<&str> = self
            .books
            .money
            .iter()
            .filter(|money| money.named_at.is_some())
            .map(|money| money.receipt.as_str())
            .collect();
        for receipt in self.world.all_paid().keys().filter(|receipt| !named.contains(receipt.as_str())) {
            self.findings.push(format!("{receipt} was paid and has no place"));
        }
        let sales_and_debts = self.books.rows.iter().filter(|row| row.is_completed()).count();
        if sales_and_debts < self.world.paid().count() {
            self.findings.push("more prompts were paid than payments are completed".to_owned());
        }
    }
}
