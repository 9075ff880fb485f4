//! What people read, in every language of the site. Catalogues are written with `words!`, and a text that
//! lacks a language or an argument does not compile. Code that makes a text need not know who will read it:
//! the language is chosen where the text is shown.

use std::borrow::Cow;
use std::fmt::Display;

use leptos::prelude::{IntoAttributeValue, IntoRender, use_context};

use super::text_enum;

text_enum! {
    /// A language of the site. The word is its code in `lang` and in the cookie (BCP 47).
    #[derive(Default)]
    pub enum Language {
        #[default]
        English = "en",
        Swahili = "sw",
    }
}

impl Language {
    /// What its speakers call it.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Swahili => "Kiswahili",
        }
    }

    /// The language of the page that is being made; English outside of a page.
    pub fn here() -> Self {
        use_context().unwrap_or_default()
    }
}

/// A text in every language of the site.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text {
    english: Cow<'static, str>,
    swahili: Cow<'static, str>,
}

impl Text {
    /// A text from its two languages; `words!` calls it.
    pub const fn new(english: Cow<'static, str>, swahili: Cow<'static, str>) -> Self {
        Self { english, swahili }
    }

    /// The text in one language.
    pub fn as_str(&self, language: Language) -> &str {
        match language {
            Language::English => &self.english,
            Language::Swahili => &self.swahili,
        }
    }

    /// Whether there is no text, as in a default one. Only the English is looked at, since no text has one
    /// language alone.
    pub fn is_empty(&self) -> bool {
        self.english.is_empty()
    }

    /// The text in the language of the page that is being made.
    pub fn here(self) -> Cow<'static, str> {
        match Language::here() {
            Language::English => self.english,
            Language::Swahili => self.swahili,
        }
    }

    /// This text, a space, and the next one.
    pub fn and(&self, next: &Self) -> Self {
        let join = |language| Cow::Owned(format!("{} {}", self.as_str(language), next.as_str(language)));
        Self::new(join(Language::English), join(Language::Swahili))
    }
}

/// The same text in every language, for names and for what is not translated.
impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::new(Cow::Owned(text.clone()), Cow::Owned(text))
    }
}

impl From<&'static str> for Text {
    fn from(text: &'static str) -> Self {
        Self::new(Cow::Borrowed(text), Cow::Borrowed(text))
    }
}

impl IntoRender for Text {
    type Output = Cow<'static, str>;

    fn into_render(self) -> Self::Output {
        self.here()
    }
}

impl IntoAttributeValue for Text {
    type Output = String;

    fn into_attribute_value(self) -> Self::Output {
        self.here().into_owned()
    }
}

/// What can be an argument of a text: anything that can be displayed, and another text.
pub trait Wording {
    /// The argument as it stands in a text of this language.
    fn said(&self, language: Language) -> String;
}

impl<T: Display> Wording for T {
    fn said(&self, _: Language) -> String {
        self.to_string()
    }
}

impl Wording for Text {
    fn said(&self, language: Language) -> String {
        self.as_str(language).to_owned()
    }
}

impl Wording for &Text {
    fn said(&self, language: Language) -> String {
        self.as_str(language).to_owned()
    }
}

/// A catalogue: functions that return a `Text`, their arguments by name in braces.
///
/// ```ignore
/// words! {
///     pay(price) { "Pay {price} with M-Pesa" "Lipa {price} kwa M-Pesa" }
/// }
/// ```
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident $(($($argument:ident),+))? { $english:literal $swahili:literal })+) => {
        $($crate::types::words!(@one [$(#[$doc])*] $name ($($($argument),+)?) $english $swahili);)+
    };
    (@one [$($doc:tt)*] $name:ident () $english:literal $swahili:literal) => {
        $($doc)*
        pub const fn $name() -> $crate::types::Text {
            $crate::types::Text::new(std::borrow::Cow::Borrowed($english), std::borrow::Cow::Borrowed($swahili))
        }
    };
    (@one [$($doc:tt)*] $name:ident ($($argument:ident),+) $english:literal $swahili:literal) => {
        $($doc)*
        pub fn $name($($argument: impl $crate::types::Wording),+) -> $crate::types::Text {
            let english = {
                $(let $argument = $argument.said($crate::types::Language::English);)+
                format!($english)
            };
            let swahili = {
                $(let $argument = $argument.said($crate::types::Language::Swahili);)+
                format!($swahili)
            };
            $crate::types::Text::new(std::borrow::Cow::Owned(english), std::borrow::Cow::Owned(swahili))
        }
    };
}
pub(crate) use words;

#[cfg(test)]
mod tests {
    use super::*;

    words! {
        matches { "matches" "mechi" }
        left(count, what) { "{count} {what} left" "{what} {count} zimebaki" }
    }

    #[test]
    fn a_text_speaks_each_language() {
        let text = left(3, matches());
        assert_eq!(text.as_str(Language::English), "3 matches left");
        assert_eq!(text.as_str(Language::Swahili), "mechi 3 zimebaki");
        assert_eq!(text.and(&"18+".into()).as_str(Language::Swahili), "mechi 3 zimebaki 18+");
    }
}
