//! The texts of messages.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::platform::secret_key::SecretKey;
use crate::types::{Text, text_enum, words};

words! {
    your_code(code) {
        "Ligisoo: {code} is your code. Valid 10 minutes. Tell it to nobody."
        "Ligisoo: {code} ni code yako. Inafanya kazi dakika 10. Usimwambie mtu."
    }
    code_to_join(code) {
        "Ligisoo: {code} is your code to join. Valid 10 minutes. Tell it to nobody."
        "Ligisoo: {code} ni code yako ya kujiunga. Inafanya kazi dakika 10. Usimwambie mtu."
    }
    code_of_known_number(code) {
        "Ligisoo: this number has an account already. {code} is your code to set its new password. \
            Valid 10 minutes. Tell it to nobody."
        "Ligisoo: namba hii ina akaunti tayari. {code} ni code ya kuweka nenosiri lake jipya. \
            Inafanya kazi dakika 10. Usimwambie mtu."
    }
    code_for_password(code) {
        "Ligisoo: {code} is your code for a new password. Valid 10 minutes. Tell it to nobody."
        "Ligisoo: {code} ni code yako ya nenosiri jipya. Inafanya kazi dakika 10. Usimwambie mtu."
    }
}

text_enum! {
    /// Which text a message has. Rows keep the word, so none is ever changed.
    pub enum MessageText {
        /// A code that proves the number of an account.
        YourCode = "your_code",
        /// A code that makes an account.
        CodeToJoin = "code_to_join",
        /// The same for a number that has one already, whose password it sets.
        CodeOfKnownNumber = "code_of_known_number",
        /// A code that sets a new password.
        CodeForPassword = "code_for_password",
    }
}

/// What a text says beside its words, kept as JSON.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct TextValues {
    /// The one-time code whose digits it tells.
    pub code: Uuid,
}

/// The digits of the one-time code with this id. They stand nowhere: whoever has the database and not the
/// secret key cannot make them.
pub fn code_digits(key: &SecretKey, code: Uuid) -> String {
    key.digits("digits of a code", &code.to_string())
}

impl MessageText {
    /// The text in all languages.
    pub(super) fn text(self, values: TextValues, key: &SecretKey) -> Text {
        let code = code_digits(key, values.code);
        match self {
            Self::YourCode => your_code(code),
            Self::CodeToJoin => code_to_join(code),
            Self::CodeOfKnownNumber => code_of_known_number(code),
            Self::CodeForPassword => code_for_password(code),
        }
    }
}
