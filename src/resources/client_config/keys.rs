//! The configs that clients know, of Kafka's Java clients and of librdkafka, from the tables beside this file.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::source::{closest, word_enum};

word_enum! {
    /// The library that a client of Kafka is made with.
    Library, "client library", {
        /// Kafka's Java clients, and what stands on them: Spring, Quarkus, Streams, Connect.
        Java = "java",
        /// librdkafka, and what stands on it: confluent-kafka for Python, Go and .NET, rdkafka for Rust, kcat.
        Librdkafka = "librdkafka",
    }
}

impl Library {
    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Self::Java => Self::Librdkafka,
            Self::Librdkafka => Self::Java,
        }
    }

    /// What people call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Java => "Kafka's Java clients",
            Self::Librdkafka => "librdkafka",
        }
    }
}

/// A config that a client knows.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// Which clients have it: `P` producers, `C` consumers, `A` administration, `S` Streams, `R` what speaks to a registry.
    clients: &'static str,
    /// The type of its value, as the library calls it.
    kind: &'static str,
    /// The name that it is another word for.
    pub alias_of: Option<&'static str>,
    /// Whether the library says that it is deprecated.
    pub deprecated: bool,
}

type Table = BTreeMap<&'static str, Key>;

fn lines(text: &'static str) -> impl Iterator<Item = std::str::Split<'static, char>> {
    text.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t'))
}

fn table(text: &'static str) -> Table {
    let key = |mut fields: std::str::Split<'static, char>| {
        let mut next = || fields.next().unwrap_or_default();
        let (name, clients, kind) = (next(), next(), next());
        let alias_of = Some(next()).filter(|alias| !alias.is_empty());
        (name, Key { name, clients, kind, alias_of, deprecated: next() == "deprecated" })
    };
    lines(text).map(key).collect()
}

fn pairs(text: &'static str) -> Vec<(&'static str, &'static str)> {
    let pair = |mut fields: std::str::Split<'static, char>| {
        let first = fields.next().unwrap_or_default();
        (first, fields.next().unwrap_or_default())
    };
    lines(text).map(pair).collect()
}

static JAVA: LazyLock<Table> = LazyLock::new(|| table(include_str!("keys/java.txt")));
static LIBRDKAFKA: LazyLock<Table> = LazyLock::new(|| table(include_str!("keys/librdkafka.txt")));
static OLD: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| pairs(include_str!("keys/old.txt")));
static TRANSLATIONS: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| pairs(include_str!("keys/translations.txt")));

impl Key {
    /// Whether its value is a secret.
    pub fn is_secret(&self) -> bool {
        const OF_LIBRDKAFKA: [&str; 8] = [
            "sasl.password",
            "sasl.oauthbearer.client.secret",
            "sasl.oauthbearer.client.credentials.client.secret",
            "sasl.oauthbearer.assertion.private.key.passphrase",
            "sasl.oauthbearer.assertion.private.key.pem",
            "ssl.key.password",
            "ssl.key.pem",
            "ssl.keystore.password",
        ];
        // Java has this type for certificates too, which everybody may see.
        let is_public = matches!(self.name.rsplit('.').next(), Some("certificates" | "chain"));
        OF_LIBRDKAFKA.contains(&self.name) || (self.kind == "PASSWORD" && !is_public)
    }

    /// What its value must be, where this is none.
    pub fn refuses(&self, value: &str) -> Option<&'static str> {
        let value = value.trim();
        match self.kind {
            "BOOLEAN" | "boolean" if !["true", "false"].iter().any(|word| value.eq_ignore_ascii_case(word)) => {
                Some("true or false")
            }
            // librdkafka has words for some numbers, such as `acks`.
            "INT" | "LONG" | "SHORT" if value.parse::<i64>().is_err() => Some("a whole number"),
            "DOUBLE" | "float" if value.parse::<f64>().is_err() => Some("a number"),
            _ => None,
        }
    }

    /// Whether what speaks to a registry has it: serializers, which are no part of either library and may stand beside both.
    pub fn is_of_registry(&self) -> bool {
        self.clients == "R"
    }

    /// Whether producers alone have it.
    pub fn is_of_producers(&self) -> bool {
        self.clients.contains('P') && !self.clients.contains(['C', 'S'])
    }

    /// Whether consumers alone have it.
    pub fn is_of_consumers(&self) -> bool {
        self.clients.contains('C') && !self.clients.contains(['P', 'S'])
    }
}

fn table_of(library: Library) -> &'static Table {
    match library {
        Library::Java => &JAVA,
        Library::Librdkafka => &LIBRDKAFKA,
    }
}

/// A config of a library by its name.
pub fn find(library: Library, name: &str) -> Option<Key> {
    if let Some(key) = table_of(library).get(name) {
        return Some(*key);
    }
    let of_registry = JAVA.get(name).filter(|key| key.is_of_registry());
    let of_provider = || {
        let name = name.strip_prefix("config.providers.")?;
        let is_one = name.ends_with(".class") || name.contains(".param.");
        JAVA.get("config.providers").filter(|_| is_one && library == Library::Java)
    };
    of_registry.or_else(of_provider).copied()
}

/// Every name that a library knows.
pub fn names(library: Library) -> impl Iterator<Item = &'static str> {
    table_of(library).keys().copied()
}

/// What takes the place of a name that clients had; empty where nothing does.
pub fn successor(name: &str) -> Option<&'static str> {
    OLD.iter().find(|(old, _)| *old == name).map(|(_, new)| *new)
}

/// Whether any client knows a name, or did.
pub fn is_known(name: &str) -> bool {
    [Library::Java, Library::Librdkafka].iter().any(|library| find(*library, name).is_some())
        || successor(name).is_some()
}

/// What a config of the other library is called in this one.
pub fn translation(library: Library, foreign: &str) -> Option<&'static str> {
    let pairs = TRANSLATIONS.iter();
    match library {
        Library::Java => pairs
            .filter(|(java, _)| JAVA.contains_key(java))
            .find_map(|(java, lib)| lib.split(" and ").any(|lib| lib == foreign).then_some(*java)),
        Library::Librdkafka => pairs.clone().find(|(java, _)| *java == foreign).map(|(_, lib)| *lib),
    }
}

/// The name that was probably meant.
pub fn meant(library: Library, written: &str) -> Option<&'static str> {
    // Keys are long, and many differ in one word: only a slip of a few letters is one.
    let of_registry = JAVA.values().filter(|key| key.is_of_registry()).map(|key| key.name);
    let near = closest(written, names(library).chain(of_registry))?;
    (strsim::damerau_levenshtein(written, near) <= 3).then_some(near)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_that_is_translated_is_one() {
        for (java, librdkafka) in TRANSLATIONS.iter() {
            assert!(JAVA.contains_key(java), "{java}");
            for name in librdkafka.split(" and ") {
                assert!(LIBRDKAFKA.contains_key(name), "{name}");
            }
        }
        for (old, new) in OLD.iter() {
            assert!(!JAVA.contains_key(old), "{old}");
            assert!(new.is_empty() || JAVA.contains_key(new), "{new}");
        }
    }

    #[test]
    fn a_slip_of_a_few_letters_is_understood() {
        assert_eq!(meant(Library::Java, "enable.idempotance"), Some("enable.idempotence"));
        assert_eq!(meant(Library::Java, "bootstrap.server"), Some("bootstrap.servers"));
        assert_eq!(meant(Library::Java, "my.own.setting"), None);
        assert_eq!(translation(Library::Java, "ssl.ca.location"), Some("ssl.truststore.location"));
        assert_eq!(translation(Library::Librdkafka, "fetch.max.wait.ms"), Some("fetch.wait.max.ms"));
    }
}
