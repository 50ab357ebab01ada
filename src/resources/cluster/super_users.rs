use super::KafkaSpec;
use crate::model::Principal;
use crate::source::{Decode, Decoder, Node, Shape, Span, Spanned, Value};

/// What stands in place of the names of super users that nobody knows.
pub const UNKNOWN: &str = "unknown";

/// Who is let through everywhere, as `kafka.super_users` says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SuperUsersSpec {
    /// These and nobody else.
    Declared(Vec<Spanned<Principal>>),
    /// There may be some: nobody has asked yet who they are.
    Unknown(Span),
}

impl Decode for SuperUsersSpec {
    fn decode(node: &Node, decoder: &mut Decoder) -> Option<Self> {
        match &node.value {
            Value::Scalar { text, quoted: false } if &**text == UNKNOWN => Some(Self::Unknown(node.span)),
            _ => Vec::decode(node, decoder).map(Self::Declared),
        }
    }

    fn shape() -> Shape {
        Shape::OneOf(vec![Principal::shape().list(), Shape::words([(UNKNOWN, "Nobody has asked yet who they are.")])])
    }
}

impl KafkaSpec {
    /// Principals that are declared to be let through everywhere.
    pub fn super_users(&self) -> &[Spanned<Principal>] {
        match &self.super_users {
            Some(SuperUsersSpec::Declared(users)) => users,
            Some(SuperUsersSpec::Unknown(_)) | None => &[],
        }
    }
}
