//! Messages to people. A message is a row that is written in the transaction of what it tells, so that neither
//! is there without the other; the scheduler sends it. A process that dies loses none: it may be sent twice,
//! which does no harm, but never not at all.
//!
//! A row holds which text it is and what the text says beside its words. The words are chosen when it is sent,
//! and no text is kept.

mod africas_talking;
mod json_gateway;
mod service;
mod sms;
pub mod store;
mod texts;

use chrono::{DateTime, Utc};
use uuid::Uuid;

pub use africas_talking::AfricasTalking;
pub use json_gateway::JsonGateway;
pub use service::Outbox;
pub use sms::{Handsets, SmsPort};
#[cfg(test)]
pub use sms::{NotSent, Sms};
pub use texts::{MessageText, TextValues, code_digits};

use crate::types::{Language, Msisdn, text_enum};

text_enum! {
    /// How a message goes.
    pub enum MessageKind {
        /// A short text to a phone.
        Sms = "sms",
    }
}

text_enum! {
    /// What became of a message.
    pub enum MessageState {
        /// It waits for its time.
        Due = "due",
        /// A gateway took it.
        Sent = "sent",
        /// Its text was not good any more before a gateway took it.
        Expired = "expired",
        /// It was given up, and waits for a person.
        Dead = "dead",
        /// It was for nobody, and was never to be sent.
        Nobody = "nobody",
    }
}

/// A message that is about to be written.
#[derive(Debug, Clone, Copy)]
pub struct NewMessage<'a> {
    /// Its id, made before the transaction, so that one that runs again writes it once.
    pub id: Uuid,
    /// Whom it is for. With `None` the row is written all the same, and has ended: where nobody may learn
    /// from the time of an answer whether somebody is written to.
    pub to: Option<&'a Msisdn>,
    /// Which text.
    pub text: MessageText,
    /// What the text says beside its words.
    pub values: TextValues,
    /// The language of its reader.
    pub language: Language,
    /// When it is made.
    pub made_at: DateTime<Utc>,
    /// From when on it is good for nothing.
    pub expires_at: DateTime<Utc>,
}
