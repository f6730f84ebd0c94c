//! Short text values that are checked once and then copied: storage and the serde glue they share.
//! Never validates: each type checks its own grammar before it stores.
//! Invariant: an `Inline` holds valid UTF-8 of at most `N` bytes, zero-padded.

/// Up to `N` bytes of text without an allocation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Inline<const N: usize> {
    bytes: [u8; N],
    len: u8,
}

impl<const N: usize> Inline<N> {
    /// `None` when `text` is longer than `N` bytes.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let mut bytes = [0; N];
        bytes
            .get_mut(..text.len())?
            .copy_from_slice(text.as_bytes());
        let len = u8::try_from(text.len()).ok()?;
        Some(Self { bytes, len })
    }

    /// For constants: all `N` bytes are ASCII text.
    pub(crate) const fn full(bytes: &[u8; N]) -> Self {
        assert!(bytes.is_ascii() && N < 256);
        #[allow(
            clippy::cast_possible_truncation,
            reason = "N is below 256, asserted in the line above"
        )]
        let len = N as u8;
        Self { bytes: *bytes, len }
    }

    pub(crate) fn as_str(&self) -> &str {
        // Only whole strings go in, so neither step can fail.
        let text = self.bytes.get(..usize::from(self.len)).unwrap_or_default();
        std::str::from_utf8(text).unwrap_or_default()
    }
}

/// `Display`, `Debug`, `AsRef<str>`, serde and (feature `schema`) JSON Schema for a type with
/// `as_str` and `FromStr`: on the wire it is a string, and `FromStr` is the only way in.
macro_rules! text_value {
    ($type:ident, $schema:tt) => {
        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($type), "({})"), self.as_str())
            }
        }

        impl AsRef<str> for $type {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl TryFrom<&str> for $type {
            type Error = <$type as std::str::FromStr>::Err;

            fn try_from(text: &str) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        $crate::text::read_as_text!($type, $schema);
    };
}
pub(crate) use text_value;

/// The reading half of [`text_value`], for types that have no `as_str`.
macro_rules! read_as_text {
    ($type:ident, $schema:tt) => {
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Text;
                impl serde::de::Visitor<'_> for Text {
                    type Value = $type;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str(concat!("a string (", stringify!($type), ")"))
                    }

                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$type, E> {
                        text.parse().map_err(E::custom)
                    }
                }
                deserializer.deserialize_str(Text)
            }
        }

        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!($schema)
            }
        }
    };
}
pub(crate) use read_as_text;

/// What was found, short enough for an error message.
pub(crate) fn clip(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
