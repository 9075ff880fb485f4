//! Where the columns are. Four kinds of portals name them differently, and a table that went over several
//! pages names them again on each.

use super::record::{join, split};
use super::values::{letters, money, money_out};
use crate::daraja::readable_receipt;

/// The separators of fields; spreadsheets write other ones in some countries.
const SEPARATORS: [char; 3] = [',', ';', '\t'];

/// The columns of the lines that follow.
pub struct Header {
    pub separator: char,
    /// How many columns there are.
    pub len: usize,
    pub receipt: usize,
    pub paid_in: usize,
    pub withdrawn: Option<usize>,
    pub account_reference: Option<usize>,
    pub party_details: Option<usize>,
    pub details: Option<usize>,
    pub other_party: Option<usize>,
    pub linked: Option<usize>,
    pub completed_at: Option<usize>,
    pub status: Option<usize>,
}

impl Header {
    /// The header that begins at a line, and how many lines it takes.
    pub fn find(lines: &[&str]) -> Option<(Self, usize)> {
        let may_be_one = lines.iter().take(2).any(|line| letters(line).contains("paid"));
        SEPARATORS.into_iter().filter(|_| may_be_one).find_map(|separator| {
            let (fields, used) = join(lines, separator, |_| false).ok()?;
            Some((Self::of(&fields, separator)?, used))
        })
    }

    /// The header in these fields, if they name the columns that no statement lacks.
    pub fn of(fields: &[String], separator: char) -> Option<Self> {
        let names: Vec<String> = fields.iter().map(|field| letters(field)).collect();
        let column = |wanted: &[&str]| names.iter().position(|name| wanted.contains(&name.as_str()));
        let paid_in = column(&["paidin"])?;
        Some(Self {
            separator,
            len: names.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1),
            receipt: column(&["receiptno", "receipt", "receiptnumber"])?,
            paid_in,
            withdrawn: column(&["withdrawn"]),
            account_reference: column(&["acno", "accountno", "accountnumber", "acnumber"]),
            party_details: column(&["transactionpartydetails"]),
            details: column(&["details"]),
            other_party: column(&["otherpartyinfo", "otherparty"]),
            linked: column(&["linkedtransactionid", "linkedtransaction"]),
            completed_at: column(&["completiontime", "date", "transactiondate"]),
            status: column(&["transactionstatus", "status"]),
        })
    }

    /// Whether a line alone is a whole row: with its own receipt in its place, and an amount in its place.
    pub fn is_row(&self, line: &str) -> bool {
        let fields = split(line, self.separator).fields;
        let field =
            |at: usize| fields.get(at).map(|field| field.trim().trim_matches('"')).unwrap_or_default();
        let has_money = matches!(money(field(self.paid_in)), Ok(Some(_)))
            || self.withdrawn.is_some_and(|at| matches!(money_out(field(at)), Ok(Some(_))));
        // A quote before the receipt closes one of an earlier line.
        let closes = fields.iter().take(self.receipt + 1).any(|field| field.contains('"'));
        !closes && readable_receipt(field(self.receipt)).is_some() && has_money
    }
}
