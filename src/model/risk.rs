use std::fmt;

use serde::{Deserialize, Serialize};

use crate::source::{Decode, Decoder, Node, Shape};

/// What a change may cost the users of the bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Risk {
    /// Nobody notices.
    Safe,
    /// Clients may notice.
    Disruptive,
    /// Data or access is lost that cannot be brought back.
    Destructive,
}

impl Risk {
    /// Every risk with its word, from least to most.
    pub const WORDS: &'static [(&'static str, Risk)] =
        &[("safe", Risk::Safe), ("disruptive", Risk::Disruptive), ("destructive", Risk::Destructive)];
}

impl fmt::Display for Risk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Risk::Safe => "safe",
            Risk::Disruptive => "disruptive",
            Risk::Destructive => "destructive",
        })
    }
}

impl Decode for Risk {
    fn decode(node: &Node, decoder: &mut Decoder) -> Option<Self> {
        crate::source::decode_word(node, decoder, "risk", Risk::WORDS)
    }

    fn shape() -> Shape {
        Shape::words([
            ("safe", "Nobody notices."),
            ("disruptive", "Clients may notice."),
            ("destructive", "Data or access is lost that cannot be brought back."),
        ])
    }
}
