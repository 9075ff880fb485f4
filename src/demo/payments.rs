//! Sales in bulk, for load: the payments, purchases and transfers of a market that has been here for a while.
//! They keep the rules of a real sale, so that `ledger check --full` proves the books. It is for play money
//! only, and no server runs it.

use std::collections::{HashMap, HashSet};

use anyhow::ensure;
use chrono::{DateTime, TimeDelta, Utc};

use super::store::history::{self, SoldTip};
use super::store::payments::{self, SettledPayment};
use crate::daraja::simulator::receipt_day;
use crate::ledger::{self, AccountKind, Movement, SubjectKind, Symbol, TransferKind};
use crate::mpesa::events::{EvidenceSource, NewEvent};
use crate::notices::{self, NewNotice, NoticeKind};
use crate::payments::evidence::EventKind;
use crate::payments::store::purchases::NewPurchase;
use crate::payments::store::schedule;
use crate::payments::subject;
use crate::people;
use crate::platform::clock::{delta, kenyan_day};
use crate::platform::db::{Db, Failure, transaction};
use crate::platform::random::Random;
use crate::platform::settings::Rules;
use crate::types::{Kes, Msisdn, PaymentId, PersonId, TipId};

/// How many sales and releases one transaction writes, so that it takes well below 100 ms on SQLite (MONEY
/// §3).
const AT_ONCE: usize = 200;
/// How many of the tips on sale get sales: those that close soonest.
const OPEN_TIPS: i64 = 100;
/// How many sales each of those tips gets at most, those of earlier runs included.
const SALES_OF_OPEN_TIP: usize = 5;
/// How long the hold of a settled tip must be over. Then none of its shares is released on a day whose books
/// are still open.
const LONG_OVER: TimeDelta = TimeDelta::days(3);
/// Tipsters have notices of the sales that are younger than this.
const NEWS: TimeDelta = TimeDelta::days(2);
/// How long after the push the buyer typed the PIN.
const PROMPT_ANSWERED_AFTER: TimeDelta = TimeDelta::seconds(12);
/// How long after the callback the query confirmed the payment.
const CONFIRMED_AFTER: TimeDelta = TimeDelta::minutes(10);
/// How long after the end of the hold the share was released.
const RELEASED_AFTER: TimeDelta = TimeDelta::seconds(30);
/// How many places in the list of buyers lie between the starting points of two neighbouring tips, so that
/// tips sell to different buyers.
const STRIDE: usize = 7_919;
/// The factor that spreads serial numbers into receipts. There are 31 `DIGITS`, a prime number that does not
/// divide it, so no two receipts are the same, and neighbours look unlike each other.
const SCATTER: usize = 15_485_863;
const DIGITS: &[u8] = b"ABCDEFGHJKMNPQRSTUVWXYZ23456789";

/// What can be sold and who can buy it.
struct BulkShop {
    tips: Vec<SoldTip>,
    buyers: Vec<(PersonId, Msisdn)>,
    /// Which tips were sold to whom, before and by this plan.
    sold: HashSet<(TipId, PersonId)>,
    /// For each tip, how many buyers were looked at so far.
    tried: Vec<usize>,
}

/// A sale before it is written: positions in the shop's lists of tips and buyers, and its time.
struct Planned {
    tip: usize,
    buyer: usize,
    bought_at: DateTime<Utc>,
}

/// Fills the books up to `wanted` sales in all, spread over settled tips and some that are on sale, and
/// returns how many it added. A run that was interrupted can be run again, and adds only what is missing.
///
/// # Errors
/// An error if too few buyers are left who do not have the tips yet, and then nothing is written; a database
/// error.
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
    let sales: Vec<BulkSale> = plan
        .iter()
        .zip(before..)
        .map(|(planned, serial)| shop.sale(planned, serial, rules, random, now))
        .collect();
    for chunk in in_time(&sales).chunks(AT_ONCE) {
        write(db, random, chunk, now - NEWS).await?;
    }
    Ok(missing)
}

impl BulkShop {
    /// Plans at most `missing` sales. The first `opens` tips are those on sale: they get up to half of the
    /// sales, as long as one of them has fewer than `SALES_OF_OPEN_TIP`.
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

    /// Plans a sale to the next buyer who does not have the tip yet, at a random moment at which it was on
    /// sale. `None` if every buyer has it.
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

    /// All rows of a sale. `serial` is its number among all sales, so that references and receipts differ.
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
            // The reference, the hash and the receipt follow from the serial number, so no two are the same.
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
        BulkSale { payment, purchase, released_at }
    }
}

struct BulkSale {
    payment: SettledPayment,
    purchase: NewPurchase,
    released_at: Option<DateTime<Utc>>,
}

/// What happened to a sale, and when.
enum Step<'a> {
    Sold(&'a BulkSale),
    Released(&'a BulkSale, DateTime<Utc>),
}

impl Step<'_> {
    const fn at(&self) -> DateTime<Utc> {
        match self {
            Self::Sold(sale) => sale.purchase.bought_at,
            Self::Released(_, at) => *at,
        }
    }

    /// What the ledger books (MONEY §4); `None` for the release of nothing.
    fn movement(&self, random: &Random) -> Option<Movement> {
        let (kind, first, subject_kind, sold) = match self {
            Self::Sold(sale) => {
                (TransferKind::Sale, AccountKind::MpesaCollections, SubjectKind::Payment, &sale.purchase)
            }
            Self::Released(sale, _) => {
                (TransferKind::Release, AccountKind::TipsterHeld, SubjectKind::Release, &sale.purchase)
            }
        };
        (kind == TransferKind::Sale || sold.share > Kes::ZERO).then(|| Movement {
            id: random.uuid(self.at()),
            kind,
            first,
            subject: (subject_kind, sold.payment.0),
            owner: Some(sold.tipster),
            amounts: vec![(Symbol::P, sold.price), (Symbol::S, sold.share)],
            made_at: self.at(),
        })
    }
}

/// The sales and their releases in the order of time, in which the ledger's days must not fall.
fn in_time(sales: &[BulkSale]) -> Vec<Step<'_>> {
    let released = |sale| Some(Step::Released(sale, sale.released_at?));
    let mut steps: Vec<Step<'_>> =
        sales.iter().map(Step::Sold).chain(sales.iter().filter_map(released)).collect();
    steps.sort_by_key(Step::at);
    steps
}

/// Writes sales and releases in one transaction. Tipsters get notices of the sales that were made after
/// `news_since`.
async fn write(
    db: &Db,
    random: &Random,
    steps: &[Step<'_>],
    news_since: DateTime<Utc>,
) -> anyhow::Result<()> {
    let sold = steps.iter().filter_map(|step| if let Step::Sold(sale) = step { Some(*sale) } else { None });
    let sold: Vec<&BulkSale> = sold.collect();
    let settled: Vec<&SettledPayment> = sold.iter().map(|sale| &sale.payment).collect();
    let movements: Vec<Movement> = steps.iter().filter_map(|step| step.movement(random)).collect();
    let purchases: Vec<&NewPurchase> = sold.iter().map(|sale| &sale.purchase).collect();
    let events: Vec<NewEvent<'_>> = sold.iter().flat_map(|sale| events(&sale.payment, random)).collect();
    let new = purchases.iter().filter(|purchase| purchase.bought_at > news_since);
    let news: Vec<NewNotice<'_>> = new.map(|purchase| news(purchase, random)).collect();
    let written: Result<(), Failure> = transaction!(db, |tx| {
        if !sold.is_empty() {
            payments::insert_payments(tx, &settled).await?;
            payments::insert_addresses(tx, &settled).await?;
            payments::insert_receipts(tx, &settled).await?;
            history::insert_purchases(tx, &purchases).await?;
            payments::insert_events(tx, &events).await?;
        }
        for step in steps {
            if let Step::Released(sale, at) = step {
                schedule::mark_released(tx, sale.payment.id, *at).await?;
            }
        }
        for day in movements.chunk_by(|one, next| kenyan_day(one.made_at) == kenyan_day(next.made_at)) {
            ledger::book_all(tx, day).await?;
        }
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

/// The events of a settled payment, in the order in which we learnt them.
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

/// The last `length` places of a number that is written in `DIGITS`.
fn digits(mut number: usize, length: usize) -> String {
    let mut digits = vec!['A'; length];
    for digit in digits.iter_mut().rev() {
        *digit = char::from(DIGITS[number % DIGITS.len()]);
        number /= DIGITS.len();
    }
    digits.into_iter().collect()
}
