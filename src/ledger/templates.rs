//! What each kind of transfer does, as data: its accounts, and what each of them gains (MONEY §4).

use super::{AccountKind, Movement, Symbol, TransferKind};
use crate::types::Kes;

/// What one account gains: its terms added up.
#[derive(Debug)]
pub struct Line {
    pub account: AccountKind,
    /// The factor, 1 or -1, and the amount that it stands before.
    pub terms: &'static [(i64, Symbol)],
}

/// One form of a kind of transfer. Where a kind has several, they differ in their first account.
#[derive(Debug)]
pub struct Template {
    pub kind: TransferKind,
    pub lines: &'static [Line],
}

macro_rules! term {
    (+ $symbol:ident) => {
        (1, Symbol::$symbol)
    };
    (- $symbol:ident) => {
        (-1, Symbol::$symbol)
    };
}

macro_rules! templates {
    ($($kind:ident: $($account:ident [$($sign:tt $symbol:ident)+]),+;)+) => {
        &[$(Template {
            kind: TransferKind::$kind,
            lines: &[$(Line { account: AccountKind::$account, terms: &[$(term!($sign $symbol)),+] }),+],
        }),+]
    };
}

/// Every template. The lines of each sum to zero, whatever the amounts are; a test proves it with the
/// symbols.
pub const TEMPLATES: &[Template] = templates! {
    Sale: MpesaCollections [-P], PlatformRevenue [+P -S], TipsterHeld [+S];
    Sale: Suspense [-P], PlatformRevenue [+P -S], TipsterHeld [+S];
    Sale: ReceiptsAwaited [-P], PlatformRevenue [+P -S], TipsterHeld [+S];
    ReceiptNamed: MpesaCollections [-P], ReceiptsAwaited [+P];
    ReceiptNamed: Suspense [-P], ReceiptsAwaited [+P];
    ReceiptMoved: ReceiptsAwaited [-P], Suspense [+P];
    ReceiptAwaited: ReceiptsAwaited [-P], MpesaCollections [+P];
    Unplaced: MpesaCollections [-X], Suspense [+X];
    Owed: MpesaCollections [-X], RefundsOwed [+X];
    Owed: Suspense [-X], RefundsOwed [+X];
    Owed: ReceiptsAwaited [-X], RefundsOwed [+X];
    Release: TipsterHeld [-S], TipsterClawback [+C], TipsterAvailable [+S -C];
    PayoutAsked: TipsterAvailable [-X -F -T], PayoutsInFlight [+X +F], TaxWithheld [+T];
    PayoutPaid: PayoutsInFlight [-X -F], MpesaPayouts [+X +G], Fees [+F -G];
    PayoutNotPaid: PayoutsInFlight [-X -F], TaxWithheld [-T],
        TipsterClawback [+C], TipsterAvailable [+X +F +T -C];
    PayoutReturned: MpesaPayouts [-X -R], TaxWithheld [-T], Fees [+R -F +B],
        TipsterClawback [+C], TipsterAvailable [+X +F +T -B -C];
    PayoutPaidLate: TipsterAvailable [-A], TipsterClawback [-X -F -T +A], TaxWithheld [+T],
        MpesaPayouts [+X +G], Fees [+F -G];
    PayoutPaidTwice: TipsterAvailable [-A], TipsterClawback [-X +A], MpesaPayouts [+X +G], Fees [-G];
    RefundSent: RefundsOwed [-X], RefundsInFlight [+X];
    RefundReversed: RefundsInFlight [-X], MpesaCollections [+X];
    RefundPaidOut: RefundsInFlight [-X], MpesaPayouts [+X +G], Fees [-G];
    RefundNotDone: RefundsInFlight [-X], RefundsOwed [+X];
    RefundByHand: RefundsOwed [-X], MpesaPayouts [+X];
    Undone: TipsterHeld [-S], PlatformRevenue [-P +S],
        MpesaCollections [+Y], ReceiptsAwaited [+W], RefundsOwed [+P -Y -W];
    Undone: TipsterAvailable [-A], TipsterClawback [-S +A], PlatformRevenue [-P +S],
        MpesaCollections [+Y], ReceiptsAwaited [+W], RefundsOwed [+P -Y -W];
    Reversed: Suspense [-X], MpesaCollections [+X];
    Reversed: RefundsOwed [-X], MpesaCollections [+X];
    Reversed: RefundsInFlight [-X], MpesaCollections [+X];
    Reversed: Losses [-X], MpesaCollections [+X];
    MadeGood: Losses [-X], TipsterClawback [+C], TipsterAvailable [+X -C];
    ClawbackGivenUp: Losses [-X], TipsterClawback [+X];
    RestGivenUp: TipsterAvailable [-X], PlatformRevenue [+X];
    TaxPaid: Bank [+T], TaxWithheld [-T];
    TaxPaid: MpesaPayouts [+T], TaxWithheld [-T];
    TopUp: Bank [+X], MpesaPayouts [-X];
    TopUp: MpesaCollections [+X], MpesaPayouts [-X];
    Swept: MpesaCollections [+X], Bank [-X];
    Swept: MpesaPayouts [+X], Bank [-X];
    Charged: MpesaCollections [+G], Fees [-G];
    Charged: MpesaPayouts [+G], Fees [-G];
    Charged: Bank [+G], Fees [-G];
};

impl Template {
    /// The template of a kind that begins with this account.
    pub fn of(kind: TransferKind, first: AccountKind) -> Option<&'static Self> {
        TEMPLATES.iter().find(|template| template.kind == kind && template.lines[0].account == first)
    }

    /// Whether what the tipster gains fills an open clawback first.
    pub fn fills_clawback(&self) -> bool {
        self.lines.iter().any(|line| line.terms.contains(&(1, Symbol::C)))
    }

    /// What each account gains, without the lines of zero, in the order of the template. `clawback` is
    /// what the tipster's clawback stands at: zero or below. `None` if an amount is missing.
    pub fn lines(&self, movement: &Movement, clawback: Kes) -> Option<Vec<(AccountKind, Kes)>> {
        let with = |filled: Kes| {
            let given = |symbol| match symbol {
                Symbol::C => Some(filled),
                _ => movement.amounts.iter().find(|(given, _)| *given == symbol).map(|(_, amount)| *amount),
            };
            let lines = self.lines.iter().map(|line| Some((line.account, line.amount(given)?)));
            lines.collect::<Option<Vec<_>>>()
        };
        let gains = with(Kes::ZERO)?;
        let available = gains.iter().filter(|(account, _)| *account == AccountKind::TipsterAvailable);
        let gain: Kes = available.map(|(_, amount)| *amount).sum();
        let mut lines = with(gain.min(-clawback).max(Kes::ZERO))?;
        lines.retain(|(_, amount)| *amount != Kes::ZERO);
        Some(lines)
    }
}

impl Line {
    fn amount(&self, given: impl Fn(Symbol) -> Option<Kes>) -> Option<Kes> {
        let terms = self.terms.iter().map(|(factor, symbol)| {
            let amount = given(*symbol)?;
            Some(if *factor < 0 { -amount } else { amount })
        });
        terms.sum()
    }
}
