use std::collections::BTreeMap;
use std::fmt;

use super::QuotaKey;
use crate::model::{Address, Kind};
use crate::source::{percent_decode, percent_encode};

/// Stands for the default of a kind of entity, in manifests and in addresses: whoever has no quota of its own.
pub const DEFAULT: &str = "<default>";

/// Bytes of names that stand as themselves in an address: those of distinguished names.
const PLAIN: &[u8] = b"=,:@+";

/// The name of an entity, or the default of its kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Who {
    /// Whoever has no quota of its own.
    Default,
    /// This one.
    Named(String),
}

/// Whom a quota is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum QuotaEntity {
    /// A user, with all its clients together: the name of a principal without its type.
    User(Who),
    /// The clients of a user that call themselves so.
    UserClient(Who, Who),
    /// The clients that call themselves so, whoever their user is.
    ClientId(Who),
    /// An address that clients connect from.
    Ip(Who),
}

impl Who {
    /// The name, where it is one.
    pub fn name(&self) -> Option<&str> {
        match self {
            Who::Default => None,
            Who::Named(name) => Some(name),
        }
    }

    fn of_kafka(name: &Option<String>) -> Self {
        name.as_ref().map_or(Who::Default, |name| Who::Named(name.clone()))
    }

    /// As manifests have it.
    pub fn of_manifest(text: &str) -> Self {
        if text == DEFAULT { Who::Default } else { Who::Named(text.to_owned()) }
    }

    /// As manifests have it: none where it cannot be told from the default there.
    pub fn to_manifest(&self) -> Option<&str> {
        match self {
            Who::Default => Some(DEFAULT),
            Who::Named(name) => (name != DEFAULT && !name.is_empty()).then_some(name),
        }
    }

    fn in_address(&self, out: &mut String) {
        match self {
            Who::Default => out.push_str(DEFAULT),
            Who::Named(name) => percent_encode(name.as_bytes(), PLAIN, out),
        }
    }

    fn of_address(text: &str) -> Option<Self> {
        if text == DEFAULT {
            return Some(Who::Default);
        }
        String::from_utf8(percent_decode(text)?).ok().map(Who::Named)
    }
}

impl QuotaEntity {
    /// As Kafka has it; `None` where it is of a kind that this version does not know.
    pub fn of_kafka(entity: &BTreeMap<String, Option<String>>) -> Option<Self> {
        match entity.iter().map(|(kind, name)| (kind.as_str(), Who::of_kafka(name))).collect::<Vec<_>>().as_slice() {
            [("user", user)] => Some(Self::User(user.clone())),
            [("client-id", client), ("user", user)] => Some(Self::UserClient(user.clone(), client.clone())),
            [("client-id", client)] => Some(Self::ClientId(client.clone())),
            [("ip", ip)] => Some(Self::Ip(ip.clone())),
            _ => None,
        }
    }

    /// As Kafka has it: each kind of entity with its name, and none for the default.
    pub fn to_kafka(&self) -> BTreeMap<String, Option<String>> {
        let part = |kind: &str, who: &Who| (kind.to_owned(), who.name().map(str::to_owned));
        match self {
            Self::User(user) => [part("user", user)].into(),
            Self::UserClient(user, client) => [part("user", user), part("client-id", client)].into(),
            Self::ClientId(client) => [part("client-id", client)].into(),
            Self::Ip(ip) => [part("ip", ip)].into(),
        }
    }

    /// Whether Kafka has such a limit for it: of addresses it counts connections, of everybody else the rest.
    pub fn takes(&self, key: QuotaKey) -> bool {
        matches!(self, Self::Ip(_)) == (key == QuotaKey::ConnectionCreationRate)
    }

    /// The user that it is for, or the default one.
    pub fn user(&self) -> Option<&Who> {
        match self {
            Self::User(user) | Self::UserClient(user, _) => Some(user),
            Self::ClientId(_) | Self::Ip(_) => None,
        }
    }

    /// The same of a user of another name.
    pub fn with_user(&self, name: &str) -> Self {
        match self {
            Self::User(_) => Self::User(Who::Named(name.to_owned())),
            Self::UserClient(_, client) => Self::UserClient(Who::Named(name.to_owned()), client.clone()),
            Self::ClientId(_) | Self::Ip(_) => self.clone(),
        }
    }

    /// `quota/user/NAME`, `quota/user/NAME/client-id/ID`, `quota/client-id/ID`, `quota/ip/ADDRESS`; `<default>` stands in
    /// the place of a name that is none.
    pub fn address(&self) -> Address {
        let mut name = String::new();
        let mut add = |kind: &str, who: &Who| {
            if !name.is_empty() {
                name.push('/');
            }
            name.push_str(kind);
            name.push('/');
            who.in_address(&mut name);
        };
        match self {
            Self::User(user) => add("user", user),
            Self::UserClient(user, client) => {
                add("user", user);
                add("client-id", client);
            }
            Self::ClientId(client) => add("client-id", client),
            Self::Ip(ip) => add("ip", ip),
        }
        Address { kind: Kind::Quota, name }
    }

    /// What an address means, given what stands behind its kind.
    pub fn of_address(name: &str) -> Option<Self> {
        match name.split('/').collect::<Vec<_>>().as_slice() {
            ["user", user] => Some(Self::User(Who::of_address(user)?)),
            ["user", user, "client-id", client] => {
                Some(Self::UserClient(Who::of_address(user)?, Who::of_address(client)?))
            }
            ["client-id", client] => Some(Self::ClientId(Who::of_address(client)?)),
            ["ip", ip] => Some(Self::Ip(Who::of_address(ip)?)),
            _ => None,
        }
    }
}

/// `user reporting with client id nightly`, `each other address`.
impl fmt::Display for QuotaEntity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = |kind: &str, who: &Who| match who {
            Who::Default => format!("each other {kind}"),
            Who::Named(name) => format!("{kind} {name}"),
        };
        match self {
            Self::User(user) => f.pad(&words("user", user)),
            Self::UserClient(user, client) => {
                f.pad(&format!("{} with {}", words("user", user), words("client id", client)))
            }
            Self::ClientId(client) => f.pad(&words("client id", client)),
            Self::Ip(ip) => f.pad(&words("address", ip)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn named(name: &str) -> Who {
        Who::Named(name.to_owned())
    }

    #[test]
    fn an_address_says_whom_it_is_for() {
        let pair = QuotaEntity::UserClient(named("CN=a,OU=b c"), Who::Default);
        assert_eq!(pair.address().to_string(), "quota/user/CN=a,OU=b%20c/client-id/<default>");
        assert_eq!(QuotaEntity::User(named("<default>")).address().to_string(), "quota/user/%3Cdefault%3E");
        assert_eq!(QuotaEntity::User(named("*")).address().to_string(), "quota/user/%2A");
        assert_eq!(QuotaEntity::Ip(Who::Default).address().to_string(), "quota/ip/<default>");
        for other in ["user", "user/a/b", "group/a", "user/a/client-id", "user/%zz", ""] {
            assert_eq!(QuotaEntity::of_address(other), None, "{other}");
        }
    }

    fn whos() -> impl Strategy<Value = Who> {
        prop_oneof![Just(Who::Default), any::<String>().prop_map(Who::Named)]
    }

    proptest! {
        #[test]
        fn no_two_entities_have_one_address(user in whos(), client in whos()) {
            for entity in [
                QuotaEntity::User(user.clone()),
                QuotaEntity::UserClient(user.clone(), client.clone()),
                QuotaEntity::ClientId(client.clone()),
                QuotaEntity::Ip(client.clone()),
            ] {
                prop_assert_eq!(QuotaEntity::of_address(&entity.address().name), Some(entity.clone()));
                prop_assert_eq!(QuotaEntity::of_kafka(&entity.to_kafka()), Some(entity));
            }
        }
    }
}
