//! Users that log in with SCRAM, whose passwords brokers keep as salted hashes and tell nobody.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::source::word_enum;

word_enum! {
    /// How a user proves that it has its password (RFC 5802), by the hash that is used.
    ScramMechanism, "SCRAM mechanism", {
        /// SCRAM-SHA-256 (RFC 7677).
        Sha256 = "scram-sha-256",
        /// SCRAM-SHA-512.
        Sha512 = "scram-sha-512",
    }
}

/// A user as brokers tell of it: never its salts, nor what they keep of its password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScramUser {
    /// The name that it logs in with.
    pub name: String,
    /// The mechanisms that it can log in with, each with how often its password is hashed.
    pub credentials: BTreeMap<ScramMechanism, u32>,
}

/// A change of what a user logs in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScramAlteration {
    /// The user.
    pub user: String,
    /// The mechanism.
    pub mechanism: ScramMechanism,
    /// Its password; with `None` it logs in with this mechanism no more.
    pub password: Option<SaltedPassword>,
}

/// What brokers are sent of a password, `Hi(password, salt, iterations)` in RFC 5802. Whoever has it can log in, so that it
/// cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct SaltedPassword {
    /// How often it was hashed.
    pub iterations: u32,
    /// The random bytes that it was hashed with.
    pub salt: Vec<u8>,
    /// The hash.
    pub hash: Vec<u8>,
}

impl fmt::Debug for SaltedPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SaltedPassword(…)")
    }
}
