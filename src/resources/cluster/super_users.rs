use super::KafkaSpec;
use crate::model::Principal;
use crate::source::{Decode, Decoder, Node, Shape, Span, Spanned, Value, manifest};

/// What stands in place of the names of super users that nobody knows.
pub const UNKNOWN: &str = "unknown";

/// The config of brokers that names them, with semicolons between.
pub const SUPER_USERS: &str = "super.users";

/// Who is let through everywhere, as `kafka.super_users` says it.
#[derive(Debug, Clone, PartialEq)]
pub enum SuperUsersSpec {
    /// These and nobody else.
    Declared(Vec<SuperUserSpec>),
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
        Shape::OneOf(vec![
            SuperUserSpec::shape().list(),
            Shape::words([(UNKNOWN, "Nobody has asked yet who they are.")]),
        ])
    }
}

impl KafkaSpec {
    /// Principals that are declared to be let through everywhere.
    pub fn super_users(&self) -> &[SuperUserSpec] {
        match &self.super_users {
            Some(SuperUsersSpec::Declared(users)) => users,
            Some(SuperUsersSpec::Unknown(_)) | None => &[],
        }
    }
}

impl KafkaSpec {
    /// Principals that `super.users` in the declared configs of brokers names, each with the place of that config. What is no
    /// principal is left out: brokers refuse to start with it.
    pub fn configured_super_users(&self) -> impl Iterator<Item = Spanned<Principal>> {
        self.configs().filter(|config| config.key == SUPER_USERS).flat_map(|config| {
            let users = config.value.split(';');
            users.filter_map(|user| Some(Spanned::new(user.trim().parse().ok()?, config.span))).collect::<Vec<_>>()
        })
    }

    /// Principals that are let through everywhere, whichever way that is declared.
    pub fn every_super_user(&self) -> impl Iterator<Item = Spanned<Principal>> {
        self.super_users().iter().map(|user| user.principal.clone()).chain(self.configured_super_users())
    }
}

/// A super user: the principal alone, or a mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct SuperUserSpec {
    /// Who.
    pub principal: Spanned<Principal>,
    /// What for.
    pub reason: Option<Spanned<String>>,
}

manifest! {
    "an entry of `super_users`"
    /// A super user, in full.
    struct FullSuperUser {
        /// Who, as the broker shows it.
        principal: Spanned<Principal>,
        /// What for.
        reason: Option<Spanned<String>>,
    }
}

impl Decode for SuperUserSpec {
    fn decode(node: &Node, decoder: &mut Decoder) -> Option<Self> {
        match node.value {
            Value::Mapping(_) => {
                let full = FullSuperUser::decode(node, decoder)?;
                Some(Self { principal: full.principal, reason: full.reason })
            }
            _ => Spanned::decode(node, decoder).map(|principal| Self { principal, reason: None }),
        }
    }

    fn shape() -> Shape {
        Shape::OneOf(vec![Principal::shape(), FullSuperUser::shape()])
    }
}
