//! The keys and numbers by which Safaricom knows us. `Debug` prints none of the secrets.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};

use crate::platform::settings::{MpesaAccount, MpesaSettings};

/// The `PayBill` and the passkey that Safaricom publishes for its sandbox. The simulator takes the same.
const SIMULATOR_SHORT_CODE: &str = "174379";
const SIMULATOR_PASSKEY: &str = "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919";
const SIMULATOR_CONSUMER_KEY: &str = "simulator-consumer-key";
const SIMULATOR_CONSUMER_SECRET: &str = "simulator-consumer-secret";

/// The consumer key and secret for tokens, the passkey for passwords, and the account that is paid (daraja
/// §1, §2).
#[derive(Clone)]
pub struct Credentials {
    pub consumer_key: SecretString,
    pub consumer_secret: SecretString,
    pub passkey: SecretString,
    pub account: MpesaAccount,
}

impl Credentials {
    /// The credentials that the simulator accepts, for its default account (`PayBill` 174379).
    pub fn simulator() -> Self {
        Self {
            consumer_key: SIMULATOR_CONSUMER_KEY.into(),
            consumer_secret: SIMULATOR_CONSUMER_SECRET.into(),
            passkey: SIMULATOR_PASSKEY.into(),
            account: MpesaAccount::PayBill { short_code: SIMULATOR_SHORT_CODE.to_owned() },
        }
    }

    /// The value of the `Authorization` header of a token request.
    pub(super) fn basic(&self) -> SecretString {
        let pair = format!("{}:{}", self.consumer_key.expose_secret(), self.consumer_secret.expose_secret());
        format!("Basic {}", STANDARD.encode(pair)).into()
    }

    /// The `Password` of a request that is made at `timestamp` (`YYYYMMDDHHmmss`, the same text as in the
    /// request).
    pub(super) fn password(&self, timestamp: &str) -> String {
        STANDARD.encode(format!("{}{}{timestamp}", self.business_short_code(), self.passkey.expose_secret()))
    }

    /// The number in whose name requests are made: the `PayBill`, or the store of a till.
    pub(super) fn business_short_code(&self) -> &str {
        match &self.account {
            MpesaAccount::PayBill { short_code } => short_code,
            MpesaAccount::Till { store_number, .. } => store_number,
        }
    }

    /// The number that is paid: the `PayBill`, or the till.
    pub(super) fn paid_number(&self) -> &str {
        match &self.account {
            MpesaAccount::PayBill { short_code } => short_code,
            MpesaAccount::Till { till_number, .. } => till_number,
        }
    }

    /// The `TransactionType` that belongs to the account.
    pub(super) const fn transaction_type(&self) -> &'static str {
        match &self.account {
            MpesaAccount::PayBill { .. } => "CustomerPayBillOnline",
            MpesaAccount::Till { .. } => "CustomerBuyGoodsOnline",
        }
    }
}

impl From<&MpesaSettings> for Credentials {
    fn from(settings: &MpesaSettings) -> Self {
        Self {
            consumer_key: settings.consumer_key.clone(),
            consumer_secret: settings.consumer_secret.clone(),
            passkey: settings.passkey.clone(),
            account: settings.account.clone(),
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("account", &self.account).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_short_code_passkey_and_timestamp() {
        let expected = STANDARD.encode(format!("174379{SIMULATOR_PASSKEY}20261002154500"));
        assert_eq!(Credentials::simulator().password("20261002154500"), expected);
    }

    #[test]
    fn a_till_asks_in_its_stores_name() {
        let account =
            MpesaAccount::Till { store_number: "600111".to_owned(), till_number: "500222".to_owned() };
        let credentials = Credentials { account, ..Credentials::simulator() };
        assert_eq!(credentials.business_short_code(), "600111");
        assert_eq!(credentials.paid_number(), "500222");
        assert_eq!(credentials.transaction_type(), "CustomerBuyGoodsOnline");
    }

    #[test]
    fn nothing_secret_is_printed() {
        let printed = format!("{:?}", Credentials::simulator());
        assert!(
            !printed.contains(SIMULATOR_PASSKEY) && !printed.contains(SIMULATOR_CONSUMER_SECRET),
            "{printed}"
        );
    }
}
