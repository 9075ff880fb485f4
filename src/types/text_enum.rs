//! States and kinds that are kept as words. One declaration makes the enum, its words, and its column type.

/// Declares an enum in which each value has one word, which stands in the database, in JSON, in addresses and
/// in forms.
///
/// Besides the enum it makes `ALL` (every value, in the order of their declaration), `as_str`, `read` (`None`
/// for any other word), `Display`, the two traits of serde, and the types of sqlx for a text column. A query
/// that reads another word from a column fails, because only a defect of ours could have written it. A test
/// compares the words of each enum with the `CHECK` of each of its columns.
macro_rules! text_enum {
    ($(#[$attribute:meta])* $visibility:vis enum $name:ident {
        $($(#[$variant_attribute:meta])* $variant:ident = $word:literal),+ $(,)?
    }) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $visibility enum $name { $($(#[$variant_attribute])* $variant),+ }

        #[allow(dead_code, reason = "not every enum is read back, or listed outside of tests")]
        impl $name {
            /// Every value, in the order of their declaration.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$variant),+];

            /// The value's word.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The value of a word, if it is one of ours.
            pub fn read(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = <String as serde::Deserialize>::deserialize(deserializer)?;
                Self::read(&word).ok_or_else(|| {
                    serde::de::Error::custom($crate::types::text_enum::unknown_word(&word, stringify!($name)))
                })
            }
        }

        impl<D: sqlx::Database> sqlx::Type<D> for $name
        where
            str: sqlx::Type<D>,
        {
            fn type_info() -> D::TypeInfo {
                <str as sqlx::Type<D>>::type_info()
            }

            fn compatible(column: &D::TypeInfo) -> bool {
                <str as sqlx::Type<D>>::compatible(column)
            }
        }

        impl<'q, D: sqlx::Database> sqlx::Encode<'q, D> for $name
        where
            &'static str: sqlx::Encode<'q, D>,
        {
            fn encode_by_ref(
                &self,
                arguments: &mut D::ArgumentBuffer,
            ) -> Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
                sqlx::Encode::<D>::encode_by_ref(&self.as_str(), arguments)
            }
        }

        impl<'r, D: sqlx::Database> sqlx::Decode<'r, D> for $name
        where
            &'r str: sqlx::Decode<'r, D>,
        {
            fn decode(value: D::ValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
                let word = <&'r str as sqlx::Decode<'r, D>>::decode(value)?;
                Self::read(word)
                    .ok_or_else(|| $crate::types::text_enum::unknown_word(word, stringify!($name)).into())
            }
        }
    };
}

pub(crate) use text_enum;

/// The message of an error about a word that an enum does not have.
pub fn unknown_word(word: &str, name: &str) -> String {
    format!("{word:?} is not a word of {name}")
}

#[cfg(test)]
mod tests {
    text_enum! {
        /// Two of the states of water.
        enum Water { Solid = "ice", Liquid = "water" }
    }

    #[test]
    fn a_word_and_its_value_are_each_others() {
        for water in Water::ALL {
            assert_eq!(Water::read(water.as_str()), Some(water));
            assert_eq!(serde_json::to_value(water).expect("json"), water.to_string());
            assert_eq!(serde_json::from_value::<Water>(water.as_str().into()).expect("a value"), water);
        }
    }

    #[test]
    fn another_word_is_refused_and_named() {
        assert_eq!(Water::read("Ice"), None);
        let refused = serde_json::from_value::<Water>("steam".into()).expect_err("no such word");
        assert!(refused.to_string().contains("\"steam\" is not a word of Water"), "{refused}");
    }
}
