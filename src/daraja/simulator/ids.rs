//! Ids and receipts as M-Pesa makes them (daraja §2, §3.4). Receipts and checkout ids hold the date, and a
//! checkout id also holds the payer's number.

use chrono::{DateTime, Datelike, Utc};

use crate::platform::clock::nairobi;
use crate::platform::random::{Random, hex};

const BASE_36: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LETTERS_AND_DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const RECEIPT_RANDOM_LENGTH: usize = 7;
/// Safaricom's tokens have 28 characters.
const TOKEN_LENGTH: usize = 28;
/// The year that the letter A stands for.
const YEAR_A: i32 = 2006;

/// A receipt like `UJ22T8IYOU`: the day, and seven random letters and digits.
pub fn receipt(now: DateTime<Utc>, random: &Random) -> String {
    format!("{}{}", receipt_day(now), random.text(BASE_36, RECEIPT_RANDOM_LENGTH))
}

/// The first three characters of all receipts of a day, like `UJ2`: letters for the year and the month, and
/// 1–9 or A–V for the day in Nairobi.
pub fn receipt_day(at: DateTime<Utc>) -> String {
    let day = nairobi(at);
    let letter = |number: u32| char::from(b'A' + u8::try_from(number % 26).unwrap_or(0));
    let year = letter(u32::try_from(day.year() - YEAR_A).unwrap_or(0));
    let month = letter(day.month0());
    let day = usize::try_from(day.day()).map_or('1', |day| char::from(BASE_36[day % BASE_36.len()]));
    format!("{year}{month}{day}")
}

/// A `CheckoutRequestID` like `ws_CO_26032026133641276708729173`: the date and time in Nairobi, the
/// milliseconds without leading zeros, and nine digits of the number.
pub fn checkout_request_id(now: DateTime<Utc>, phone_number: &str) -> String {
    let national = phone_number.strip_prefix("254").unwrap_or(phone_number);
    let millis = now.timestamp_subsec_millis();
    format!("ws_CO_{}{millis}{national}", nairobi(now).format("%d%m%Y%H%M%S"))
}

/// An id like `1c5b-4ba8-815c-ac45c57a3db01495`, for a push (`MerchantRequestID`) or an error (`requestId`).
pub fn request_id(random: &Random) -> String {
    let digits = hex(&random.bytes::<14>());
    format!("{}-{}-{}-{}", &digits[..4], &digits[4..8], &digits[8..12], &digits[12..])
}

/// A random token.
pub fn access_token(random: &Random) -> String {
    random.text(LETTERS_AND_DIGITS, TOKEN_LENGTH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    #[test]
    fn ids_carry_the_date_in_nairobi() {
        let random = Random::seeded(1);
        let at = |year, month, day, hour| {
            Utc.with_ymd_and_hms(year, month, day, hour, 36, 41).single().expect("a date")
        };
        assert!(receipt(at(2026, 3, 26, 10), &random).starts_with("UCQ"));
        assert!(receipt(at(2023, 12, 10, 10), &random).starts_with("RLA"));
        assert!(receipt(at(2026, 10, 1, 22), &random).starts_with("UJ2"), "already the 2nd in Nairobi");
        let moment = at(2026, 3, 26, 10) + chrono::TimeDelta::milliseconds(276);
        assert_eq!(checkout_request_id(moment, "254708729173"), "ws_CO_26032026133641276708729173");
        assert_eq!(request_id(&random).len(), 31);
        assert_eq!(access_token(&random).len(), 28);
    }
}
