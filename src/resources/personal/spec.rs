use crate::model::{Duration, Name};
use crate::source::{Decode, Decoder, Node, Shape, Spanned, Value, manifest, word_enum};

manifest! {
    "a domain's `personal_data`"
    /// What a domain allows of personal data. Without it none of its topics may hold any.
    pub struct AllowanceSpec {
        /// The longest that a topic may keep it.
        retention: Spanned<Duration>,
        /// Why the domain processes it.
        purpose: Option<Spanned<String>>,
    }
}

manifest! {
    "a topic's `personal_data`"
    /// How a topic deals with the personal data in its records.
    pub struct HandlingSpec {
        /// How somebody's data leaves a compacted topic (the tombstone plan).
        erasure: Option<Spanned<ErasureSpec>>,
        /// The decision record for data that leaves the EU, a path from the workspace's root.
        decision: Option<Spanned<String>>,
    }
}

manifest! {
    "`erasure`"
    /// The tombstone plan of a compacted topic.
    pub struct ErasureSpec {
        /// The producer that writes the tombstones.
        by: Spanned<Name>,
        /// How long after a request the data is gone.
        within: Spanned<Duration>,
        /// Where the procedure is written down.
        procedure: Option<Spanned<String>>,
    }
}

word_enum! {
    /// Where personal data is, as far as law tells places apart.
    Area, "area", {
        /// The European Union, with the other countries of the European Economic Area.
        Eu = "eu",
        /// Anywhere else, be its law found adequate or not.
        Elsewhere = "elsewhere",
    }
}

/// Where a cluster or service is: the area alone, or a mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct ResidencySpec {
    /// The area.
    pub area: Spanned<Area>,
    /// The decision record that lets personal data go there.
    pub decision: Option<Spanned<String>>,
}

manifest! {
    "`residency`"
    /// Where something is, in full.
    struct FullResidency {
        /// The area.
        area: Spanned<Area>,
        /// The decision record that lets personal data go there, a path from the workspace's root.
        decision: Option<Spanned<String>>,
    }
}

impl Decode for ResidencySpec {
    fn decode(node: &Node, decoder: &mut Decoder) -> Option<Self> {
        match node.value {
            Value::Mapping(_) => {
                FullResidency::decode(node, decoder).map(|full| Self { area: full.area, decision: full.decision })
            }
            _ => Spanned::decode(node, decoder).map(|area| Self { area, decision: None }),
        }
    }

    fn shape() -> Shape {
        Shape::OneOf(vec![Area::shape(), FullResidency::shape()])
    }
}
