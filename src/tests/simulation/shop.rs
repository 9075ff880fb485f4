//! The buyers, the tipsters and their tips, which are written at the start of a run without faults.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use uuid::Uuid;

use super::world::{Payers, Shared};
use crate::audit::{Member, Operator};
use crate::ledger;
use crate::people::store::{NewPerson, insert_person};
use crate::platform::db::{Db, Failure, on, transaction};
use crate::platform::viewer::{Staff, Viewer, ViewerState};
use crate::tips::store::insert_tip;
use crate::tips::{Bookmaker, Match, NewTip};
use crate::types::{Kes, Msisdn, Odds, PersonId, TipId};

pub struct Shop {
    pub buyers: Vec<Viewer>,
    pub tipsters: Vec<PersonId>,
    pub tips: Vec<Tip>,
    /// Two members of staff who were surely there, and the shell, which says that it is one or the other.
    pub voices: Vec<Voice>,
    pub share_bps: i64,
}

/// Somebody who says that a prompt was paid.
#[derive(Clone)]
pub struct Voice {
    pub operator: Operator,
    /// Who it surely is; `None` for the shell.
    pub person: Option<PersonId>,
}

pub struct Tip {
    pub id: TipId,
    pub price: Kes,
    pub first_kick_off_at: DateTime<Utc>,
    /// Since when the tip is withdrawn or void.
    pub gone_since: Option<DateTime<Utc>>,
}

impl Shop {
    /// Chooses a shop at random and writes it.
    pub async fn open(db: &Db, world: &mut Payers) -> Self {
        let (buyers, tipsters, tips) =
            (3 + world.dice.place(8), 1 + world.dice.place(2), 2 + world.dice.place(9));
        let mut shop = Self {
            buyers: Vec::new(),
            tipsters: Vec::new(),
            tips: Vec::new(),
            voices: Vec::new(),
            share_bps: world.dice.between(1, 9_999),
        };
        if world.dice.chance(300) {
            shop.share_bps = world.dice.pick(&[0, 6_000, 10_000]);
        }
        for number in 0..tipsters {
            shop.tipsters.push(person(db, world, number, false).await.id);
        }
        for number in 0..buyers {
            shop.buyers.push(person(db, world, tipsters + number, true).await);
        }
        for number in STAFF {
            shop.voices.extend(voices(db, world, number).await);
        }
        for _ in 0..tips {
            let tip = tip(db, world, &shop.tipsters).await;
            shop.tips.push(tip);
        }
        shop
    }

    /// Takes a tip from sale. It becomes void at any time, but is withdrawn only while no payment for it is
    /// open (MONEY §1).
    pub async fn take_away(&mut self, db: &Db, shared: &Shared) {
        const VOID: &str = "UPDATE tips SET status = 'void' WHERE id = $1 AND status = 'active'";
        const WITHDRAW: &str = "UPDATE tips SET status = 'withdrawn' WHERE id = $1 AND status = 'active'
            AND NOT EXISTS (SELECT 1 FROM payments WHERE tip_id = $1 AND open)";
        let (number, statement) = {
            let dice = &mut shared.lock().dice;
            (dice.place(self.tips.len()), dice.pick(&[VOID, WITHDRAW]))
        };
        let id = self.tips[number].id;
        let done: Result<u64, Failure> = transaction!(db, |tx| {
            Ok(on!(tx, |c| sqlx::query(statement)
                .bind(id)
                .execute(c)
                .await
                .map(|done| done.rows_affected()))?)
        });
        if done.expect("taken away") == 1 {
            let mut world = shared.lock();
            world.note(format_args!("tip {number} is gone: {}", statement == VOID));
            self.tips[number].gone_since = Some(world.now());
        }
    }
}

/// The numbers of the two members of staff, which no buyer types.
const STAFF: [usize; 2] = [90, 91];

pub fn msisdn(number: usize) -> Msisdn {
    format!("2547{number:08}").parse().expect("a number")
}

async fn person(db: &Db, world: &mut Payers, number: usize, is_buyer: bool) -> Viewer {
    let id = PersonId(Uuid::from_u128(1_000 + number as u128));
    let viewer = Viewer {
        id,
        display_name: format!("Person {number}"),
        msisdn: msisdn(number),
        is_buyer,
        is_tipster: !is_buyer,
        staff: None,
        standing: ViewerState { is_proven: true, ..ViewerState::default() },
    };
    let new = NewPerson {
        id,
        msisdn: &viewer.msisdn,
        display_name: &viewer.display_name,
        password_hash: "",
        birth_date: NaiveDate::from_ymd_opt(1995, 4, 30).expect("a day"),
        is_buyer,
        is_tipster: !is_buyer,
        is_verified: false,
        staff: None,
        created_at: world.now(),
    };
    let done: Result<(), Failure> = transaction!(db, |tx| {
        insert_person(tx, &new, true, None).await?;
        if !is_buyer {
            let accounts = [30_000, 10_000, 20_000].map(|kind| Uuid::from_u128(kind + number as u128));
            ledger::open_accounts(tx, id, accounts).await?;
        }
        Ok(())
    });
    done.expect("a person");
    viewer
}

/// A member of staff who was surely there, and the shell that names them.
async fn voices(db: &Db, world: &Payers, number: usize) -> [Voice; 2] {
    let msisdn = msisdn(number);
    let new = NewPerson {
        id: PersonId(Uuid::from_u128(1_000 + number as u128)),
        msisdn: &msisdn,
        display_name: &format!("Desk {number}"),
        password_hash: "",
        birth_date: NaiveDate::from_ymd_opt(1995, 4, 30).expect("a day"),
        is_buyer: false,
        is_tipster: false,
        is_verified: false,
        staff: Some(Staff::Operator),
        created_at: world.now(),
    };
    let done: Result<bool, Failure> = transaction!(db, |tx| Ok(insert_person(tx, &new, true, None).await?));
    assert!(done.expect("a member of staff"));
    let named = Member::named(db, &msisdn).await.expect("asked").expect("a member of staff");
    let acting = |member: Member| member.acting("seen in the portal").expect("it acts");
    [
        Voice { operator: acting(named.clone().with_password()), person: Some(new.id) },
        Voice { operator: acting(named), person: None },
    ]
}

async fn tip(db: &Db, world: &mut Payers, tipsters: &[PersonId]) -> Tip {
    let kick_off = world.now() + TimeDelta::minutes(world.dice.pick(&[8, 30, 120, 600, 1_000, 2_000]));
    let odds = Odds::from_thousandths(1_777).expect("odds");
    let game = Match {
        home_team: "Home".to_owned(),
        away_team: "Away".to_owned(),
        league: "Kenya Premier League".to_owned(),
        kick_off_at: kick_off,
        market: "1X2".to_owned(),
        selection: "1".to_owned(),
        odds,
    };
    let price = Kes::from_shillings(world.dice.between(10, 1_000)).expect("a price");
    let matches = [game];
    let new = NewTip {
        tipster: world.dice.pick(tipsters),
        bookmaker: Bookmaker::Betika,
        bet_code: "JYRCAV",
        odds,
        price,
        matches: &matches,
        created_at: world.now(),
    };
    let id: Result<TipId, Failure> = transaction!(db, |tx| Ok(insert_tip(tx, &new).await?));
    Tip { id: id.expect("a tip"), price, first_kick_off_at: kick_off, gone_since: None }
}
