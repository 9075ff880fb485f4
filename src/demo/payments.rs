//! Sales in bulk, for load: what the books of a market that has been here for a while hold, by the rules of a
//! sale, so that `ledger check --full` proves them. Play money only; no part of a server.

use std::collections::{HashMap, HashSet};

use anyhow::ensure;
use chrono::{DateTime, TimeDelta, Utc};

use super::store::history::{self, SoldTip};
use super::store::payments::{self, SettledPayment};
use crate::daraja::simulator::receipt_day;
use crate::ledger::{Account, Transfer, TransferKind};
use crate::mpesa::events::{EvidenceSource, NewEvent};
use crate::notices::{self, NewNotice, NoticeKind};
use crate::payments::evidence::EventKind;
use crate::payments::store::purchases::NewPurchase;
use crate::payments::subject;
use crate::people;
use crate::platform::clock::delta;
use crate::platform::db::{Db, Failure, transaction};
use crate::platform::random::Random;
use crate::platform::settings::Rules;
use crate::types::{Kes, Msisdn, PaymentId, PersonId, TipId};

/// Sales in one transaction: well below 100 ms on SQLite (MONEY §3).
const AT_ONCE: usize = 200;
/// So many tips that close soonest sell today …
const OPEN_TIPS: i64 = 100;
/// … to so many buyers each, however much was sold before.
const SALES_OF_OPEN_TIP: usize = 5;
/// What is over has been over for so long: then no share of it was released on a day that is still open.
const LONG_OVER: TimeDelta = TimeDelta::days(3);
/// Of younger sales their tipsters still have the notice.
const NEWS: TimeDelta = TimeDelta::days(2);
const PROMPT_ANSWERED_AFTER: TimeDelta = TimeDelta::seconds(12);
const CONFIRMED_AFTER: TimeDelta = TimeDelta::minutes(10);
const RELEASED_AFTER: TimeDelta = TimeDelta::seconds(30);
/// Far from its neighbour's, where each tip begins to look for buyers.
const STRIDE: usize = 7_919;
/// Coprime to the number of `DIGITS`, of which there is a prime number: neighbours look unlike each other and
/// none meet.
const SCATTER: usize = 15_485_863;
const DIGITS: &[u8] = b"ABCDEFGHJKMNPQRSTUVWXYZ23456789";

/// Whose sales there will be.
struct BulkShop {
    tips: Vec<SoldTip>,
    buyers: Vec<(PersonId, Msisdn)>,
    sold: HashSet<(TipId, PersonId)>,
    /// How many buyers each tip has tried.
    tried: Vec<usize>,
}

/// One sale before it is written: places in the shop's lists, and a time.
struct Planned {
    tip: usize,
    buyer: usize,
    bought_at: DateTime<Utc>,
}

/// Fills the books up to `wanted` sales in all, over settled tips of months and some that are on sale; how
/// many are new. What was interrupted goes on where it was.
pub async fn sales(
    db: &Db,
    random: &Random,
    rules: &Rules,
    now: DateTime<Utc>,
    wanted: usize,
) -> anyhow::Result<usize> {
    let sold = payments::sold(db).await?;
    let before = sold.len();
    let missing = wanted.saturating_sub(before);
    if missing == 0 {
        return Ok(0);
    }
    let open = history::closing_soonest(db, now, OPEN_TIPS).await?;
    let past = history::settled_before(db, now - delta(rules.hold) - LONG_OVER).await?;
    let opens = open.len();
    let tips: Vec<SoldTip> = open.into_iter().chain(past).collect();
    let tried = vec![0; tips.len()];
    let mut shop = BulkShop { tips, buyers: people::store::buyers(db).await?, sold, tried };
    let mut plan = shop.plan(opens, missing, random, now);
    ensure!(
        plan.len() == missing,
        "only {} more sales find a buyer who has not bought the tip: add --buyers",
        plan.len()
    );
    plan.sort_by_key(|sale| sale.bought_at);
    for (chunk, serial) in plan.chunks(AT_ONCE).zip((before..).step_by(AT_ONCE)) {
        let sales: Vec<BulkSale> = chunk
            .iter()
            .zip(serial..)
            .map(|(planned, serial)| shop.sale(planned, serial, rules, random, now))
            .collect();
        write(db, random, sales, now - NEWS).await?;
    }
    Ok(missing)
}

impl BulkShop {
    /// At most so many sales, half of them of tips on sale as long as those have too few.
    fn plan(&mut self, opens: usize, missing: usize, random: &Random, now: DateTime<Utc>) -> Vec<Planned> {
        let mut plan = Vec::with_capacity(missing);
        let mut sold: HashMap<TipId, usize> = HashMap::new();
        for (tip, _) in &self.sold {
            *sold.entry(*tip).or_default() += 1;
        }
        let mut left_today = missing.div_ceil(2);
        for tip in 0..opens {
            let has_sold = sold.get(&self.tips[tip].id).copied().unwrap_or(0);
            let wanted = SALES_OF_OPEN_TIP.saturating_sub(has_sold).min(left_today);
            left_today -= wanted;
            plan.extend((0..wanted).map_while(|_| self.next_sale(tip, random, now)));
        }
        let mut selling: Vec<usize> = (opens..self.tips.len()).collect();
        while plan.len() < missing && !selling.is_empty() {
            selling.retain(|&tip| {
                plan.len() >= missing
                    || self.next_sale(tip, random, now).map(|sale| plan.push(sale)).is_some()
            });
        }
        plan
    }

    /// To the next buyer who does not have the tip yet, at some moment when it was on sale.
    fn next_sale(&mut self, tip: usize, random: &Random, now: DateTime<Utc>) -> Option<Planned> {
        let terms = &self.tips[tip];
        while self.tried[tip] < self.buyers.len() {
            let buyer = (tip * STRIDE + self.tried[tip]) % self.buyers.len();
            self.tried[tip] += 1;
            if self.sold.insert((terms.id, self.buyers[buyer].0)) {
                let seconds = (terms.sales_close_at.min(now) - terms.created_at).num_seconds();
                let after = random.below(u64::try_from(seconds).unwrap_or(0).max(1));
                return Some(Planned {
                    tip,
                    buyer,
                    bought_at: terms.created_at + TimeDelta::seconds(i64::try_from(after).unwrap_or(0)),
                });
            }
        }
        None
    }

    /// What is written of a sale; `serial` is its place among all that were ever sold here.
    fn sale(
        &self,
        planned: &Planned,
        serial: usize,
        rules: &Rules,
        random: &Random,
        now: DateTime<Utc>,
    ) -> BulkSale {
        let (tip, (buyer, msisdn), at) =
            (&self.tips[planned.tip], &self.buyers[planned.buyer], planned.bought_at);
        let share = tip.price.share(rules.tipster_share_bps);
        let release_after = tip.last_kick_off_at + delta(rules.hold);
        let released_at = Some(release_after + RELEASED_AFTER).filter(|released_at| *released_at <= now);
        let payment = SettledPayment {
            id: PaymentId(random.uuid(at)),
            buyer: *buyer,
            msisdn: msisdn.clone(),
            tip: tip.id,
            tipster: tip.tipster_id,
            price: tip.price,
            share_bps: rules.tipster_share_bps,
            // None of the three is random: so no two are alike.
            reference: format!("SEED{}", digits(serial, 8)),
            token_hash: format!("{serial:032}").into_bytes(),
            receipt: format!("{}{}", receipt_day(at), digits(serial.wrapping_mul(SCATTER), 7)),
            pushed_at: (at - PROMPT_ANSWERED_AFTER).max(tip.created_at),
            completed_at: at,
            confirmed_at: (at + CONFIRMED_AFTER).min(now),
        };
        let purchase = NewPurchase {
            payment: payment.id,
            tip: tip.id,
            buyer: *buyer,
            tipster: tip.tipster_id,
            price: tip.price,
            share,
            bought_at: at,
            release_after,
        };
        BulkSale { transfers: transfers(&purchase, released_at, random), purchase, payment, released_at }
    }
}

struct BulkSale {
    payment: SettledPayment,
    purchase: NewPurchase,
    released_at: Option<DateTime<Utc>>,
    transfers: Vec<Transfer>,
}

/// The sale itself, and the release of its share.
fn transfers(sold: &NewPurchase, released_at: Option<DateTime<Utc>>, random: &Random) -> Vec<Transfer> {
    let (payment, price, share, tipster) = (sold.payment, sold.price, sold.share, sold.tipster);
    let sale = vec![
        (Account::MpesaCollections, -price),
        (Account::PlatformRevenue, price - share),
        (Account::TipsterHeld(tipster), share),
    ];
    let release = vec![(Account::TipsterHeld(tipster), -share), (Account::TipsterAvailable(tipster), share)];
    let made =
        [(TransferKind::Sale, Some(sold.bought_at), sale), (TransferKind::Release, released_at, release)];
    let transfer = |(kind, made_at, entries): (TransferKind, Option<DateTime<Utc>>, Vec<(Account, Kes)>)| {
        let made_at = made_at?;
        let entries: Vec<_> = entries.into_iter().filter(|(_, amount)| *amount != Kes::ZERO).collect();
        (!entries.is_empty()).then(|| Transfer { id: random.uuid(made_at), kind, payment, made_at, entries })
    };
    made.into_iter().filter_map(transfer).collect()
}

/// Writes sales as they were made; of those since `news_since` the tipsters are told.
async fn write(
    db: &Db,
    random: &Random,
    sales: Vec<BulkSale>,
    news_since: DateTime<Utc>,
) -> anyhow::Result<()> {
    let (mut payments, mut purchases, mut transfers) = (Vec::new(), Vec::new(), Vec::new());
    for sale in sales {
        payments.push(sale.payment);
        purchases.push((sale.purchase, sale.released_at));
        transfers.extend(sale.transfers);
    }
    let events: Vec<NewEvent<'_>> = payments.iter().flat_map(|payment| events(payment, random)).collect();
    let new = purchases.iter().filter(|(sold, _)| sold.bought_at > news_since);
    let news: Vec<NewNotice<'_>> = new.map(|(sold, _)| news(sold, random)).collect();
    let written: Result<(), Failure> = transaction!(db, |tx| {
        payments::insert_payments(tx, &payments).await?;
        payments::insert_receipts(tx, &payments).await?;
        history::insert_purchases(tx, &purchases).await?;
        super::ledger::book_all(tx, &transfers).await?;
        payments::insert_events(tx, &events).await?;
        if !news.is_empty() {
            notices::insert_all(tx, &news).await?;
        }
        Ok(())
    });
    Ok(written?)
}

fn news(sold: &NewPurchase, random: &Random) -> NewNotice<'static> {
    let (id, at) = (random.uuid(sold.bought_at), sold.bought_at);
    NewNotice {
        id,
        person: sold.tipster,
        kind: NoticeKind::Sale,
        tip: Some(sold.tip),
        payment: Some(sold.payment),
        detail: None,
        at,
    }
}

/// What is known of such a payment, in the order in which we learnt it.
fn events<'a>(payment: &'a SettledPayment, random: &Random) -> [NewEvent<'a>; 4] {
    let (receipt, amount) = (Some(payment.receipt.as_str()), Some(payment.price));
    [
        (EvidenceSource::Buyer, EventKind::Started, payment.pushed_at, None, None, None),
        (EvidenceSource::Push, EventKind::Accepted, payment.pushed_at, None, None, None),
        (EvidenceSource::Callback, EventKind::Unlocked, payment.completed_at, Some("0"), receipt, amount),
        (EvidenceSource::Query, EventKind::Confirmed, payment.confirmed_at, Some("0"), None, None),
    ]
    .map(|(source, kind, at, code, receipt, amount)| NewEvent {
        id: random.uuid(at),
        subject: subject(payment.id),
        at,
        source,
        kind: kind.as_str(),
        code,
        receipt,
        amount,
        detail: None,
        body: None,
    })
}

/// A number in so many of `DIGITS`.
fn digits(mut number: usize, length: usize) -> String {
    let mut digits = vec!['A'; length];
    for digit in digits.iter_mut().rev() {
        *digit = char::from(DIGITS[number % DIGITS.len()]);
        number /= DIGITS.len();
    }
    digits.into_iter().collect()
}
