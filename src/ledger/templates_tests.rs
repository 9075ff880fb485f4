use std::collections::{BTreeMap, BTreeSet};

use chrono::DateTime;
use uuid::Uuid;

use super::templates::{TEMPLATES, Template};
use super::{AccountKind, Movement, SubjectKind, Symbol, TransferKind};
use crate::types::{Kes, PersonId};

/// Proven with the symbols: the factors of each one, over all lines, cancel out, so that no amounts whatever
/// make or lose a cent.
#[test]
fn every_template_sums_to_zero() {
    for template in TEMPLATES {
        let mut factors: BTreeMap<Symbol, i64> = BTreeMap::new();
        for (factor, symbol) in template.lines.iter().flat_map(|line| line.terms) {
            *factors.entry(*symbol).or_default() += factor;
        }
        assert!(factors.values().all(|sum| *sum == 0), "{:?} {factors:?}", template.kind);
    }
}

#[test]
fn a_kind_and_its_first_account_name_one_template() {
    let names: BTreeSet<_> =
        TEMPLATES.iter().map(|template| (template.kind, template.lines[0].account)).collect();
    assert_eq!(names.len(), TEMPLATES.len());
    let kinds: BTreeSet<_> = TEMPLATES.iter().map(|template| template.kind).collect();
    assert_eq!(kinds, BTreeSet::from(TransferKind::ALL));
    for template in TEMPLATES {
        let accounts: BTreeSet<_> = template.lines.iter().map(|line| line.account).collect();
        assert_eq!(accounts.len(), template.lines.len(), "{:?} names an account twice", template.kind);
    }
}

fn movement(kind: TransferKind, amounts: &[(Symbol, i64)]) -> Movement {
    Movement {
        id: Uuid::nil(),
        kind,
        first: TEMPLATES.iter().find(|template| template.kind == kind).expect("a template").lines[0].account,
        subject: (SubjectKind::Payment, Uuid::nil()),
        owner: Some(PersonId(Uuid::nil())),
        amounts: amounts.iter().map(|(symbol, cents)| (*symbol, Kes::from_cents(*cents))).collect(),
        made_at: DateTime::UNIX_EPOCH,
    }
}

fn lines(movement: &Movement, clawback: i64) -> Option<Vec<(AccountKind, i64)>> {
    let template = Template::of(movement.kind, movement.first).expect("a template");
    let lines = template.lines(movement, Kes::from_cents(clawback))?;
    Some(lines.into_iter().map(|(account, amount)| (account, amount.cents())).collect())
}

#[test]
fn what_becomes_available_fills_an_open_clawback_first() {
    use AccountKind::{TipsterAvailable, TipsterClawback, TipsterHeld};
    let release = movement(TransferKind::Release, &[(Symbol::S, 3_000)]);
    let of = |clawback| lines(&release, clawback).expect("all amounts");
    assert_eq!(of(0), [(TipsterHeld, -3_000), (TipsterAvailable, 3_000)]);
    assert_eq!(of(-1_000), [(TipsterHeld, -3_000), (TipsterClawback, 1_000), (TipsterAvailable, 2_000)]);
    assert_eq!(of(-5_000), [(TipsterHeld, -3_000), (TipsterClawback, 3_000)]);
    // What takes from a tipster fills nothing.
    let asked = [(Symbol::X, 1_000), (Symbol::F, 10), (Symbol::T, 0)];
    let asked = movement(TransferKind::PayoutAsked, &asked);
    let left = [(TipsterAvailable, -1_010), (AccountKind::PayoutsInFlight, 1_010)];
    assert_eq!(lines(&asked, -500).expect("all amounts"), left);
}

#[test]
fn an_amount_that_is_missing_is_no_zero() {
    assert_eq!(lines(&movement(TransferKind::Sale, &[(Symbol::P, 5_000)]), 0), None);
    let free = movement(TransferKind::Sale, &[(Symbol::P, 5_000), (Symbol::S, 0)]);
    let all_ours = [(AccountKind::MpesaCollections, -5_000), (AccountKind::PlatformRevenue, 5_000)];
    assert_eq!(lines(&free, 0).expect("all amounts"), all_ours);
}
