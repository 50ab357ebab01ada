//! What the core needs of Consul: a folder of its key-value store, and the names of its services.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};

use super::Failure;
use super::connection::Tls;
use crate::model::Secret;

/// How a Consul is reached. `S` is what stands for a secret: a reference before it is read, and [`Secret`] afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsulConnection<S = Secret> {
    /// Its address, `http:` or `https:`, without credentials.
    pub address: String,
    /// The datacenter that is asked; `None` = that of the agent.
    pub datacenter: Option<String>,
    /// The namespace of Consul Enterprise.
    pub namespace: Option<String>,
    /// TLS beyond what `https:` asks for: other authorities, a client certificate.
    pub tls: Option<Tls<S>>,
    /// The ACL token; `None` = that of nobody.
    pub token: Option<S>,
    /// The folder that is ours, without a slash at its end; `None` = there is none, and no key is read or written.
    pub prefix: Option<String>,
    /// How long Consul may take to answer, the connecting and the retries included.
    pub timeout: Duration,
}

/// What a key has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyEntry {
    /// Its value. What is no UTF-8 has U+FFFD in the place of what is not.
    pub value: String,
    /// The index of its last change (`ModifyIndex`), never 0.
    pub index: u64,
    /// Where the key or the value repeats a credential that a server was sent in this run: the key without it. Nobody is shown
    /// the value then.
    #[serde(skip)]
    pub told: Option<String>,
}

/// The keys of our folder, each without the folder in front.
pub type Keys = BTreeMap<String, KeyEntry>;

/// A write of one key, which takes place where the key is as it was seen, and not at all otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyWrite {
    /// The key, without our folder in front.
    pub key: String,
    /// The value that it is to have; `None` = it is to be gone.
    pub value: Option<String>,
    /// The index that it has; 0 = it is not there.
    pub index: u64,
    /// The key as it may be shown, where that is another text.
    #[serde(skip)]
    pub told: Option<String>,
}

impl KeyWrite {
    /// The key as it may be shown.
    pub fn shown(&self) -> &str {
        self.told.as_deref().unwrap_or(&self.key)
    }
}

/// The most operations that every version of Consul takes in one transaction.
pub const MOST_OPERATIONS: usize = 64;

/// A Consul. Only keys of its folder are read and written, whatever is asked for.
pub trait Consul: Send + Sync {
    /// The server, for messages: its address without credentials.
    fn server(&self) -> &str;

    /// Every key of our folder. Failures are those of [`keys_below`](Self::keys_below).
    fn keys(&self) -> BoxFuture<'_, Result<Keys, Failure>> {
        self.keys_below("")
    }

    /// Every key of a folder of ours, as the leader has them, still named from our folder on. `folder` ends in a slash, or is
    /// empty. An answer that Consul's ACLs have thinned out is a failure: what is hidden is never taken for absent.
    fn keys_below<'a>(&'a self, folder: &'a str) -> BoxFuture<'a, Result<Keys, Failure>>;

    /// Writes keys in one transaction of at most [`MOST_OPERATIONS`]: all of them or none.
    /// [`FailureKind::Moved`](super::FailureKind::Moved) where one is not as it was seen.
    fn write<'a>(&'a self, writes: &'a [KeyWrite]) -> BoxFuture<'a, Result<(), Failure>>;

    /// The names of all services. An answer that Consul's ACLs have thinned out is a failure.
    fn services(&self) -> BoxFuture<'_, Result<BTreeSet<String>, Failure>>;
}
