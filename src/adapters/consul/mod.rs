//! Consul: a folder of its key-value store, written in transactions with check-and-set, and its services.
//!
//! What Consul 1.17 does, as tried:
//!
//! | what | how it answers |
//! | --- | --- |
//! | a list that ACLs thin out | 200 or 404 without what is hidden, and `X-Consul-Results-Filtered-By-ACLs: true`; to a request without a token that header is never sent |
//! | a transaction with a stale index | 409, nothing written, an error for the first operation that did not hold |
//! | a transaction that the token may not make | 409 as well (of versions before 1.12: 403), `Permission denied` in its errors |
//! | a folder without keys | 404 without a body, and `X-Consul-Index` as with every answer of its store |
//! | no leader | 500 `No cluster leader`, after some seconds; as long as a dead one is taken for it, 500 `rpc error getting client: …` |
//! | an unknown token | 403 `ACL not found` |

mod answers;
mod failure;
mod http;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;

use self::answers::{Operation, Pair, TransactionAnswer};
use self::failure::Place;
use self::http::{Answer, Http, Request};
use crate::adapters::sent::Sent;
use crate::model::SecretForms;
use crate::ports::connection::Renew;
use crate::ports::consul::{Consul, ConsulConnection, KeyEntry, KeyWrite, Keys, MOST_OPERATIONS};
use crate::ports::{Failure, FailureKind};

/// A Consul behind keep-alive connections.
pub struct ConsulClient {
    http: Http,
    /// Our folder, with a slash at its end.
    folder: Option<String>,
    /// What other servers are sent that nobody may see: keys may repeat it.
    others: Vec<Sent>,
}

impl ConsulClient {
    /// Sets a client up. Nothing is sent yet.
    pub fn new(connection: &ConsulConnection) -> Result<Self, Failure> {
        let folder = connection.prefix.as_ref().map(|prefix| format!("{prefix}/"));
        Ok(Self { http: Http::new(connection)?, folder, others: Vec::new() })
    }

    /// The same, whose token and certificates are read again by this.
    pub fn renewed_by(self, renew: Arc<dyn Renew<ConsulConnection>>) -> Self {
        Self { http: self.http.renewed_by(renew), ..self }
    }

    /// The same, whose keys and values are not shown where they repeat what these servers are sent.
    pub fn hiding(self, others: impl IntoIterator<Item = Sent>) -> Self {
        Self { others: others.into_iter().collect(), ..self }
    }

    fn hidden(&self) -> SecretForms {
        Sent::forms(self.others.iter().chain([self.http.sent()]))
    }

    fn folder<'a>(&'a self, place: Place<'_>) -> Result<&'a str, Failure> {
        self.folder.as_deref().ok_or_else(|| {
            let hint = "declare it: `consul: { prefix: kafka/production }`";
            place.failure(
                FailureKind::Refused,
                "no folder of its key-value store is declared".into(),
                Some(hint.into()),
            )
        })
    }

    async fn read_keys(&self, below: &str) -> Result<Keys, Failure> {
        let folder = self.folder(self.http.place("read the keys"))?;
        let asked = format!("{folder}{below}");
        let tried = format!("read the keys below {asked}");
        let place = self.http.place(&tried);
        let answer = self.http.send(place, Request::get(&["kv"]).below(&asked).query("recurse", "true")).await?;
        let rights = || format!("key_prefix \"{folder}\" {{ policy = \"read\" }}, or \"write\" to apply");
        self.seen_whole(place, &answer, &rights()).await?;
        let pairs: Vec<Pair> = match answer.status {
            // Anybody may answer 404: that there are no keys, Consul alone says of a state of its store.
            404 if answer.has_index => Vec::new(),
            _ => answer.read(place, &rights())?,
        };
        // What ends in a slash and has no value is how people's tools keep a folder that is empty.
        let ours = pairs.into_iter().filter(|pair| !pair.key.ends_with('/') || pair.has_value());
        let hidden = self.hidden();
        ours.map(|pair| {
            let key = pair.key.strip_prefix(folder).map(str::to_owned);
            let key = key.ok_or_else(|| place.not_consul("a key outside of the folder that was asked for"))?;
            let entry = pair.into_entry(place)?;
            let repeats = hidden.are_in(&key) || hidden.are_in(&entry.value);
            let told = repeats.then(|| hidden.hidden_in(&key));
            Ok((key, KeyEntry { told, ..entry }))
        })
        .collect()
    }

    /// What Consul says of keys repeats them.
    async fn write_keys(&self, writes: &[KeyWrite]) -> Result<(), Failure> {
        let written = self.write_as_one(writes).await;
        written.map_err(|failure| Failure { answer: self.hidden().hidden_in(&failure.answer), ..failure })
    }

    async fn write_as_one(&self, writes: &[KeyWrite]) -> Result<(), Failure> {
        let folder = self.folder(self.http.place("write keys"))?;
        let tried = match writes {
            [] => return Ok(()),
            [one] => format!("write {folder}{}", one.shown()),
            [first, ..] => format!("write {} keys such as {folder}{}", writes.len(), first.shown()),
        };
        let place = self.http.place(&tried);
        if writes.len() > MOST_OPERATIONS {
            let answer = format!("a transaction has at most {MOST_OPERATIONS} operations");
            return Err(place.failure(FailureKind::Unsupported, answer, None));
        }
        let operations: Vec<Operation> =
            writes.iter().map(|write| Operation::of(folder, write, self.http.namespace())).collect();
        let answer = self.http.send(place, Request::put(&["txn"], &operations)).await?;
        let rights = format!("key_prefix \"{folder}\" {{ policy = \"write\" }}");
        if answer.status == 409 {
            let told: TransactionAnswer = answer.parse(place)?;
            return Err(told.failure(place, &rights));
        }
        let told: TransactionAnswer = answer.read(place, &rights)?;
        told.accepted(writes, place)
    }

    async fn read_services(&self) -> Result<BTreeSet<String>, Failure> {
        const RIGHTS: &str = "service_prefix \"\" { policy = \"read\" } and node_prefix \"\" { policy = \"read\" }";
        let place = self.http.place("list the services");
        let answer = self.http.send(place, Request::get(&["catalog", "services"])).await?;
        self.seen_whole(place, &answer, RIGHTS).await?;
        let services: BTreeMap<String, serde_json::Value> = answer.read(place, RIGHTS)?;
        Ok(services.into_keys().collect())
    }

    /// Refuses an answer from which Consul's ACLs may have taken something.
    async fn seen_whole(&self, place: Place<'_>, seen: &Answer, rights: &str) -> Result<(), Failure> {
        if seen.is_filtered {
            return Err(place.denied("a part of it is hidden by ACLs".into(), rights));
        }
        // Other answers are failures, whatever is hidden.
        if self.http.has_token() || !matches!(seen.status, 200..=299 | 404) {
            return Ok(());
        }
        // To nobody it is not told that something was hidden. Without ACLs nothing is.
        let answer = self.http.send(place, Request::get(&["acl", "token", "self"])).await?;
        match answer.status {
            401 => Ok(()),
            200..=299 | 403 => {
                Err(place.denied("it has ACLs, and no token is declared: what they hide is not told".into(), rights))
            }
            _ => answer.accepted(place, rights),
        }
    }
}

impl Consul for ConsulClient {
    fn server(&self) -> &str {
        self.http.server()
    }

    fn keys_below<'a>(&'a self, folder: &'a str) -> BoxFuture<'a, Result<Keys, Failure>> {
        self.read_keys(folder).boxed()
    }

    fn write<'a>(&'a self, writes: &'a [KeyWrite]) -> BoxFuture<'a, Result<(), Failure>> {
        self.write_keys(writes).boxed()
    }

    fn services(&self) -> BoxFuture<'_, Result<BTreeSet<String>, Failure>> {
        self.read_services().boxed()
    }
}
