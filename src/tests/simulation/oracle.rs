//! The oracle: it compares what handsets truly paid with what the books say.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::books::{BookRow, Books, MoneyRow};
use super::shop::{Shop, Tip};
use super::world::{OpenPrompt, Payers};
use crate::types::Kes;

/// From this age on another prompt may be sent beside an unanswered one, and a query may end a payment (MONEY
/// §1).
const OLD: TimeDelta = TimeDelta::seconds(180);
const HOLD: TimeDelta = TimeDelta::hours(48);
/// A push leaves within this time from its intent, or never.
const LEAVES_WITHIN: TimeDelta = TimeDelta::seconds(20);
const ENDS: [&str; 4] = ["failed", "cancelled", "unlocked", "owed"];
const DOUBTS: [&str; 9] = [
    "amount",
    "ids",
    "receipt",
    "receipt_used",
    "second_receipt",
    "unreadable",
    "unknown_code",
    "reversed",
    "contradicted",
];

pub struct Judge<'a> {
    pub books: &'a Books,
    pub world: &'a Payers,
    pub shop: &'a Shop,
    pub findings: Vec<String>,
}

impl Judge<'_> {
    /// Checks what must be true whenever nothing is running.
    pub fn safety(&mut self) {
        for row in &self.books.rows {
            self.payment(row);
            self.purchase(row);
            self.debt(row);
            self.story(row);
            self.send(row);
        }
        self.uniqueness();
        self.pushes();
        self.balances();
        self.money();
        self.payers();
        if self.books.callbacks > 0 {
            self.find(format!("{} stored callbacks were never settled", self.books.callbacks));
        }
    }

    fn find(&mut self, what: String) {
        self.findings.push(what);
    }

    fn prompt(&self, row: &BookRow) -> Option<&OpenPrompt> {
        self.world.prompts.iter().find(|prompt| prompt.reference == row.account_reference)
    }

    fn tip(&self, row: &BookRow) -> &Tip {
        self.shop.tips.iter().find(|tip| tip.id == row.tip_id).expect("the payment's tip")
    }

    /// What a completed payment was settled with, as machines named it.
    fn settled_with(&self, row: &BookRow) -> impl Iterator<Item = &MoneyRow> {
        let id = row.id;
        self.books.money.iter().filter(move |money| {
            money.subject_id == Some(id) && money.state == "matched" && money.named_at.is_some()
        })
    }

    /// A completed payment was paid with money of its price, and it bought something or is owed. As long as no
    /// machine has named its receipt, its prompt was paid.
    fn payment(&mut self, row: &BookRow) {
        let name = &row.account_reference;
        let is_prompt_paid = self.prompt(row).and_then(OpenPrompt::receipt).is_some();
        let settled: Kes = self.settled_with(row).map(|money| money.amount_cents).sum();
        let is_right = match (row.is_completed(), row.awaits_receipt) {
            (true, true) => is_prompt_paid && settled == Kes::ZERO,
            (true, false) => settled == row.price_cents && row.receipt.is_some(),
            (false, is_awaited) => settled == Kes::ZERO && !is_awaited,
        };
        if !is_right {
            self.find(format!(
                "{name} is {} with {settled}, and its prompt was paid: {is_prompt_paid}",
                row.status
            ));
        }
        let booked = usize::from(row.bought_at.is_some()) + usize::from(row.owed_at.is_some());
        if booked != usize::from(row.is_completed()) {
            self.find(format!("{name} is {} and has {booked} purchases and debts", row.status));
        }
        let price = self.tip(row).price;
        let payer = self.prompt(row).map(|prompt| (prompt.amount, prompt.payer.clone()));
        if row.price_cents != price
            || payer.is_some_and(|(amount, payer)| amount != price || payer != row.msisdn)
        {
            self.find(format!("{name} has another price or number than its prompt"));
        }
    }

    fn purchase(&mut self, row: &BookRow) {
        let (Some(bought_at), Some(share)) = (row.bought_at, row.share_cents) else { return };
        let name = &row.account_reference;
        let tip = self.tip(row);
        let (kick_off, gone) = (tip.first_kick_off_at, tip.gone_since);
        if bought_at >= kick_off || gone.is_some_and(|gone| gone < bought_at) {
            self.find(format!("{name} bought a tip that was no longer to be had"));
        }
        let fair = Kes::from_cents(row.price_cents.cents() * self.shop.share_bps / 10_000);
        if share != fair || row.share_bps != self.shop.share_bps || row.bought_cents != Some(row.price_cents)
        {
            self.find(format!(
                "{name} gives its tipster {share} of {}, and {fair} is right",
                row.price_cents
            ));
        }
        if row.bought_by != Some(row.buyer_id) || row.bought_tip != Some(row.tip_id) {
            self.find(format!("{name} bought another tip or for another buyer"));
        }
        if let Some(released_at) = row.released_at {
            let is_confirmed = |money: &MoneyRow| {
                let by = |said_at: &DateTime<Utc>| *said_at <= released_at;
                let posted = [money.callback_at, money.c2b_at].into_iter().flatten().filter(by).count();
                let posted = if self.world.is_enforcing { posted } else { posted.min(1) };
                // What was told after the release takes a query's word from this receipt, too late.
                let is_doubted_later = self.books.money.iter().any(|other| {
                    let is_later = other.named_at.is_some_and(|named_at| named_at > released_at);
                    other.subject_id == Some(row.id) && other.receipt != money.receipt && is_later
                });
                let query_at = money.query_at.or(row.query_succeeded_at.filter(|_| is_doubted_later));
                let asked = [query_at, money.statement_at].into_iter().flatten().filter(by).count();
                let said = [money.callback_at, money.c2b_at, query_at, money.statement_at];
                let said: Vec<_> = said.into_iter().flatten().filter(by).collect();
                posted + asked >= 2 || self.operators_release(row, &said, bought_at, released_at)
            };
            let of_sale = self.books.money.iter().filter(|money| {
                let is_counted = money.named_at.is_some_and(|named_at| named_at <= released_at);
                money.subject_id == Some(row.id) && money.state == "matched" && is_counted
            });
            let is_confirmed = of_sale.clone().all(is_confirmed);
            let is_early =
                row.release_after.is_none_or(|after| released_at < after || after < kick_off + HOLD);
            if is_early || row.receipt.is_none() || !is_confirmed {
                self.find(format!("{name} was released too early or by one source"));
            }
        }
    }

    /// Whether operators and a source release a sale: one operator and a source that came after the sale, or
    /// two people who were surely there and any source. The shell is one operator at most (MONEY §4).
    fn operators_release(
        &self,
        row: &BookRow,
        said: &[DateTime<Utc>],
        bought_at: DateTime<Utc>,
        released_at: DateTime<Utc>,
    ) -> bool {
        let vouched: Vec<_> = self
            .world
            .vouched
            .iter()
            .filter(|vouched| vouched.reference == row.account_reference && vouched.at <= released_at)
            .collect();
        let people: BTreeSet<_> = vouched.iter().filter_map(|vouched| vouched.person).collect();
        let is_later = said.iter().any(|said_at| *said_at > bought_at);
        (!vouched.is_empty() && is_later) || (people.len() >= 2 && !said.is_empty())
    }

    /// A debt has a true reason, and goes to the number that paid.
    fn debt(&mut self, row: &BookRow) {
        let (Some(owed_at), Some(reason)) = (row.owed_at, row.debt_reason.as_deref()) else { return };
        let name = &row.account_reference;
        let payer = self.prompt(row).map(|prompt| prompt.payer.clone());
        // A number that nothing proves is not named.
        let is_to_payer = row.owed_to.is_none() || row.owed_to == payer;
        if !is_to_payer || row.owed_cents != Some(row.price_cents) {
            self.find(format!(
                "{name} owes {:?} to {:?}, and {payer:?} paid {}",
                row.owed_cents, row.owed_to, row.price_cents
            ));
        }
        let tip = self.tip(row);
        let is_true = match reason {
            "already_bought" => self.books.rows.iter().any(|other| {
                (other.buyer_id, other.tip_id) == (row.buyer_id, row.tip_id)
                    && other.bought_at.is_some_and(|bought| bought <= owed_at)
            }),
            "withdrawn" => tip.gone_since.is_some_and(|gone| gone <= owed_at),
            // If the tip was gone before the debt arose, the reason is "withdrawn", even if its first match
            // had kicked off.
            _ => tip.first_kick_off_at <= owed_at && tip.gone_since.is_none_or(|gone| gone >= owed_at),
        };
        if !is_true {
            self.find(format!("{name} is owed for no reason: {reason}"));
        }
    }

    /// Checks the order of events: a query ends only an old payment, and neither a query nor a failure ends a
    /// payment that a person must look at.
    fn story(&mut self, row: &BookRow) {
        let mut is_doubtful = false;
        let mut is_completed = false;
        for event in self.books.events.iter().filter(|event| event.payment_id == row.id) {
            let kind = event.kind.as_str();
            let ends_unpaid = matches!(kind, "failed" | "cancelled");
            let name = &row.account_reference;
            if event.source == "query" && ends_unpaid && event.happened_at - row.pushed_at < OLD {
                self.findings.push(format!("{name} was ended by a query while it was young"));
            }
            if ends_unpaid && (is_doubtful || is_completed) {
                self.findings
                    .push(format!("{name} was {kind} while a person had to look, or after it was completed"));
            }
            if event.source == "query"
                && matches!(kind, "unlocked" | "owed")
                && is_doubtful
                && row.waiting_receipt.is_none()
            {
                let had_waiting = self
                    .books
                    .events
                    .iter()
                    .any(|other| other.payment_id == row.id && other.kind == "waits_for_second_source");
                if !had_waiting {
                    self.findings.push(format!("{name} was completed by a query while a person had to look"));
                }
            }
            let completes = matches!(kind, "unlocked" | "owed");
            let is_in_parts =
                self.books.money.iter().filter(|money| money.subject_id == Some(row.id)).count() > 1;
            if completes && !is_in_parts && event.amount_cents.is_some_and(|amount| amount != row.price_cents)
            {
                self.findings.push(format!("{name} was completed by what told of another amount"));
            }
            let is_weak = (self.world.is_waiting_for_second && event.source == "callback" && completes)
                || (self.world.is_enforcing && event.is_from_elsewhere && (completes || ends_unpaid));
            if is_weak {
                self.findings.push(format!("{name} was {kind} by a callback that may not decide alone"));
            }
            is_completed |= completes;
            is_doubtful |= DOUBTS.contains(&kind);
        }
    }

    /// A push leaves in time or not at all, and it does leave if nothing went wrong with its press. What is
    /// known of it is told in two places.
    fn send(&mut self, row: &BookRow) {
        let name = &row.account_reference;
        let push = self.world.pushed.iter().find(|push| push.reference == *name);
        if push.is_some_and(|push| push.left_at >= row.made_at + LEAVES_WITHIN) {
            self.find(format!("{name} was pushed after its latest moment"));
        }
        if push.is_none() && row.push == "sending" && self.world.well_ended.contains(&row.pushed_at) {
            self.find(format!("{name} was never pushed, and its press ended well"));
        }
        let is_said_twice = match row.push.as_str() {
            "not_taken" => ["refused", "not_sent"].contains(&row.certainty.as_str()),
            push => push == row.certainty,
        };
        if !is_said_twice {
            self.find(format!("the push of {name} is {}, and its send is {}", row.push, row.certainty));
        }
    }

    fn uniqueness(&mut self) {
        let (mut receipts, mut sales) = (BTreeSet::new(), BTreeSet::new());
        for row in &self.books.rows {
            if row.receipt.as_ref().is_some_and(|receipt| !receipts.insert(receipt)) {
                self.findings.push(format!("{:?} is on two payments", row.receipt));
            }
            if row.bought_at.is_some() && !sales.insert((row.buyer_id, row.tip_id)) {
                self.findings.push(format!("{} is a second purchase of the same tip", row.account_reference));
            }
        }
    }

    /// A second prompt for the same buyer and tip is sent only after the first has ended or is old.
    fn pushes(&mut self) {
        let row_of = |reference: &str| self.books.rows.iter().find(|row| row.account_reference == reference);
        let pushes = self.world.pushed.iter();
        let pushes: Vec<(&BookRow, DateTime<Utc>)> =
            pushes.filter_map(|push| Some((row_of(&push.reference)?, push.arrived_at))).collect();
        for (number, &(late, pushed_at)) in pushes.iter().enumerate() {
            for &(early, _) in &pushes[..number] {
                let is_same = (early.buyer_id, early.tip_id) == (late.buyer_id, late.tip_id);
                // A task that slept between its intent and its push is judged by the time of its intent.
                if !is_same || early.pushed_at > late.pushed_at || pushed_at - early.pushed_at >= OLD {
                    continue;
                }
                let ended = self.books.events.iter().any(|event| {
                    event.payment_id == early.id
                        && ENDS.contains(&event.kind.as_str())
                        && event.happened_at <= pushed_at
                });
                if !ended {
                    self.findings.push(format!(
                        "{} of {} was prompted at {pushed_at} beside {} of {}",
                        late.account_reference, late.pushed_at, early.account_reference, early.pushed_at
                    ));
                }
            }
        }
    }

    /// Tipsters have their shares, buyers are owed what bought nothing, and all of it came from M-Pesa.
    fn balances(&mut self) {
        let rows = &self.books.rows;
        for (person, kind, balance) in &self.books.balances {
            // Nothing that happens here opens a clawback.
            if kind == "tipster_clawback" {
                if *balance != Kes::ZERO {
                    self.findings.push(format!("{person} has {balance} in {kind}"));
                }
                continue;
            }
            let is_held = kind == "tipster_held";
            let sales =
                rows.iter().filter(|row| row.tipster_id == *person && row.released_at.is_none() == is_held);
            let shares: Kes = sales.filter_map(|row| row.share_cents).sum();
            if shares != *balance {
                self.findings.push(format!("{person} has {balance} in {kind}, and {shares} is right"));
            }
        }
    }

    /// The payments that were paid, but are neither a purchase nor a debt. Each has a reason that lies with
    /// Safaricom, or it is a finding.
    pub fn unresolved(&mut self) -> Vec<(&'static str, String)> {
        let mut unresolved = Vec::new();
        for prompt in self.world.paid() {
            let Some(row) = self.books.rows.iter().find(|row| row.account_reference == prompt.reference)
            else {
                self.findings.push(format!("{} was prompted and is not in the books", prompt.reference));
                continue;
            };
            if row.is_completed() {
                continue;
            }
            match excuse(prompt, row) {
                Some(excuse) => unresolved.push((excuse, prompt.reference.clone())),
                None => self
                    .findings
                    .push(format!("{} was paid, we could know, and it is {}", prompt.reference, row.status)),
            }
        }
        unresolved
    }
}

/// Why we cannot know that a prompt was paid.
fn excuse(prompt: &OpenPrompt, row: &BookRow) -> Option<&'static str> {
    let heard = &prompt.heard;
    if heard.success {
        return None;
    }
    if row.status != "pending" {
        return heard.contradiction.then_some("contradicted");
    }
    if row.review_reason.is_some() {
        return heard.unclear.then_some("under review");
    }
    if row.checkout_request_id.is_none() {
        return (!heard.ids).then_some("never heard of");
    }
    if row.next_check_at.is_none() {
        return Some("asked for a day");
    }
    None
}
