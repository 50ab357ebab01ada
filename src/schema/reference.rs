use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::source::{Decode, Decoder, Node, Shape, word_enum};

/// The three formats that registries know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SchemaFormat {
    /// Apache Avro; the registry's default.
    #[serde(rename = "AVRO")]
    Avro,
    /// JSON Schema.
    #[serde(rename = "JSON")]
    Json,
    /// Protocol Buffers.
    #[serde(rename = "PROTOBUF")]
    Protobuf,
}

impl SchemaFormat {
    /// Every format with the extension of its files.
    pub const EXTENSIONS: &'static [(&'static str, SchemaFormat)] =
        &[("avsc", SchemaFormat::Avro), ("json", SchemaFormat::Json), ("proto", SchemaFormat::Protobuf)];

    /// The format of a file by its extension.
    pub fn of_path(path: &str) -> Option<Self> {
        let (_, extension) = path.rsplit_once('.')?;
        Self::EXTENSIONS.iter().find(|(known, _)| *known == extension).map(|(_, format)| *format)
    }

    /// The extension of its files.
    pub fn extension(self) -> &'static str {
        match self {
            SchemaFormat::Avro => "avsc",
            SchemaFormat::Json => "json",
            SchemaFormat::Protobuf => "proto",
        }
    }

    /// What a text of it is, in words.
    pub fn schema(self) -> &'static str {
        match self {
            SchemaFormat::Avro => "Avro schema",
            SchemaFormat::Json => "JSON Schema",
            SchemaFormat::Protobuf => "Protobuf schema",
        }
    }

    /// The name that the registry's API uses (`schemaType`).
    pub fn as_str(self) -> &'static str {
        match self {
            SchemaFormat::Avro => "AVRO",
            SchemaFormat::Json => "JSON",
            SchemaFormat::Protobuf => "PROTOBUF",
        }
    }
}

impl fmt::Display for SchemaFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            SchemaFormat::Avro => "Avro",
            SchemaFormat::Json => "JSON Schema",
            SchemaFormat::Protobuf => "Protobuf",
        })
    }
}

word_enum! {
    /// What a new version of a schema must keep readable (the registry's compatibility levels).
    Compatibility, "compatibility level", {
        /// Anything goes.
        None = "none",
        /// New readers read what the last version wrote.
        Backward = "backward",
        /// New readers read what every earlier version wrote.
        BackwardTransitive = "backward_transitive",
        /// Readers of the last version read what the new one writes.
        Forward = "forward",
        /// Readers of every earlier version read what the new one writes.
        ForwardTransitive = "forward_transitive",
        /// Both, against the last version.
        Full = "full",
        /// Both, against every earlier version.
        FullTransitive = "full_transitive",
    }
}

impl Compatibility {
    /// The level as the registry's API writes it: `BACKWARD`.
    pub fn to_registry(self) -> String {
        self.as_str().to_uppercase()
    }

    /// Whether it looks at every earlier version, and not at the newest alone.
    pub fn is_transitive(self) -> bool {
        matches!(self, Self::BackwardTransitive | Self::ForwardTransitive | Self::FullTransitive)
    }

    /// Whether whoever relies on `other` may rely on this level too.
    pub fn promises(self, other: Self) -> bool {
        use Compatibility::{Backward, BackwardTransitive, Forward, ForwardTransitive, Full, FullTransitive};
        let backward = |level| matches!(level, Backward | BackwardTransitive | Full | FullTransitive);
        let forward = |level| matches!(level, Forward | ForwardTransitive | Full | FullTransitive);
        backward(self) >= backward(other)
            && forward(self) >= forward(other)
            && self.is_transitive() >= other.is_transitive()
    }

    /// The level that the registry's API wrote; `None` for a word that this version does not know.
    pub fn from_registry(text: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)).map(|(_, level)| *level)
    }
}

/// Which version of a subject a reference means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReferenceVersion {
    /// The newest when the plan is made; the plan pins it.
    Latest,
    /// This one.
    Number(u32),
}

/// A text that is neither a version nor `latest`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a version")]
pub struct VersionError(String);

impl FromStr for ReferenceVersion {
    type Err = VersionError;
    fn from_str(text: &str) -> Result<Self, VersionError> {
        match text.parse::<u32>() {
            _ if text == "latest" => Ok(Self::Latest),
            Ok(number) if number > 0 => Ok(Self::Number(number)),
            _ => Err(VersionError(text.into())),
        }
    }
}

impl Decode for ReferenceVersion {
    fn decode(node: &Node, decoder: &mut Decoder) -> Option<Self> {
        match node.scalar().map(str::parse) {
            Some(Ok(version)) => Some(version),
            _ => {
                decoder.bad_value(node.span, "this is not a version", "write a number from 1, or latest");
                None
            }
        }
    }

    fn shape() -> Shape {
        Shape::parsed::<Self>("write a number from 1, or latest", Some(r"^(\+?[0-9]+|latest)$"))
    }
}
