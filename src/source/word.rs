/// Declares an enum whose variants are single words in manifests, plans and snapshots.
macro_rules! word_enum {
    ($(#[$meta:meta])* $name:ident, $what:literal, { $( $(#[doc = $doc:literal])* $variant:ident = $word:literal ),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $( $(#[doc = $doc])* #[serde(rename = $word)] $variant ),* }

        impl $name {
            /// Every variant with its word in manifests.
            pub const WORDS: &'static [(&'static str, Self)] = &[ $( ($word, Self::$variant) ),* ];

            /// The word in manifests.
            pub fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $word ),* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl $crate::source::Decode for $name {
            fn decode(node: &$crate::source::Node, decoder: &mut $crate::source::Decoder) -> Option<Self> {
                $crate::source::decode_word(node, decoder, $what, Self::WORDS)
            }

            fn shape() -> $crate::source::Shape {
                $crate::source::Shape::words([ $( ($word, concat!($($doc),*)) ),* ])
            }
        }
    };
}
pub(crate) use word_enum;
