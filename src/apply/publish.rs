//! What is delivered to services, in transactions with check-and-set.

use std::sync::OnceLock;

use futures::StreamExt;

use super::executor::{LEASE_PATIENCE, lost};
use crate::plan::Step;
use crate::ports::consul::{Consul, KeyWrite, MOST_OPERATIONS};
use crate::ports::journal::Lease;
use crate::ports::kafka::Outcomes;
use crate::ports::{Failure, FailureKind};
use crate::resources::delivery::service_of;

/// Transactions that are under way at once. Consul's leader makes them one after the other.
const CONCURRENCY: usize = 8;

/// The most bytes of keys and values in one transaction. Consul takes 512 KiB, in base64 and with what stands around them.
const MOST_BYTES: usize = 256 << 10;

/// Writes the keys of each step, those of one step in order. Once Consul does not answer the rest is not tried.
pub async fn publish<'p>(
    consul: Option<&dyn Consul>,
    steps: impl Iterator<Item = &'p Step>,
    lease: Option<Lease>,
) -> Outcomes {
    let Some(consul) = consul else { return steps.map(|_| Err(no_consul())).collect() };
    let publishing = Publishing { consul, lease, down: OnceLock::new() };
    let publishing = &publishing;
    let sending = steps.map(|step| async move {
        match step {
            Step::WriteKeys(writes) => publishing.all(writes).await,
            _ => Ok(()),
        }
    });
    futures::stream::iter(sending).buffered(CONCURRENCY).collect().await
}

struct Publishing<'a> {
    consul: &'a dyn Consul,
    lease: Option<Lease>,
    /// Why Consul does not answer any more.
    down: OnceLock<Failure>,
}

impl Publishing<'_> {
    async fn all(&self, writes: &[KeyWrite]) -> Result<(), Failure> {
        let mut written = 0;
        for transaction in transactions(writes) {
            // What another service has met already keeps this one from being sent.
            let is_sent = self.down.get().is_none();
            match self.one(transaction).await {
                Ok(()) => written += transaction.len(),
                Err(failure) if written == 0 => return Err(failure),
                Err(failure) => {
                    let (all, left) = (writes.len(), writes.len() - written);
                    let unknown = if is_sent && failure.kind.may_be_done() { transaction.len() } else { 0 };
                    let rest = match (unknown, left - unknown) {
                        (0, left) => format!(", the other {left} are not"),
                        (unknown, 0) => format!("; of the other {unknown} nobody knows"),
                        (unknown, left) => format!(", the last {left} are not; of {unknown} nobody knows"),
                    };
                    return Err(failure.in_part(&format!("{written} of its {all} keys are written{rest}")));
                }
            }
        }
        Ok(())
    }

    /// Makes one transaction.
    async fn one(&self, transaction: &[KeyWrite]) -> Result<(), Failure> {
        if let Some(failure) = self.down.get() {
            return Err(failure.clone());
        }
        if let Some(lease) = &self.lease
            && !lease.holds_within(LEASE_PATIENCE).await
        {
            return Err(lost(self.consul.server()));
        }
        let Err(mut failure) = self.consul.write(transaction).await else { return Ok(()) };
        let may_be_done = failure.kind.may_be_done();
        if may_be_done || failure.kind == FailureKind::Moved {
            // What was carried out without an answer is done, and so is what somebody else has written just so.
            let is_done = self.is_done(transaction).await;
            if is_done == Ok(true) {
                return Ok(());
            }
            if may_be_done {
                _ = self.down.set(failure.clone());
            }
            if let Err(unread) = is_done {
                failure.answer += &format!("; what the keys have now could not be read: {}", unread.answer);
            }
        }
        Err(failure)
    }

    /// Whether the keys have what is to be written. A transaction is about the keys of one service.
    async fn is_done(&self, writes: &[KeyWrite]) -> Result<bool, Failure> {
        let folder = writes.first().and_then(|write| service_of(&write.key)).map(|(service, _)| format!("{service}/"));
        let keys = self.consul.keys_below(&folder.unwrap_or_default()).await?;
        Ok(writes.iter().all(|write| keys.get(&write.key).map(|entry| &entry.value) == write.value.as_ref()))
    }
}

/// Writes as they go together into transactions.
fn transactions(writes: &[KeyWrite]) -> Vec<&[KeyWrite]> {
    let (mut transactions, mut start, mut bytes) = (Vec::new(), 0, 0);
    for (index, write) in writes.iter().enumerate() {
        let size = write.key.len() + write.value.as_ref().map_or(0, String::len);
        if index > start && (index - start == MOST_OPERATIONS || bytes + size > MOST_BYTES) {
            transactions.push(&writes[start..index]);
            (start, bytes) = (index, 0);
        }
        bytes += size;
    }
    if start < writes.len() {
        transactions.push(&writes[start..]);
    }
    transactions
}

fn no_consul() -> Failure {
    Failure {
        kind: FailureKind::Unreachable,
        tried: "deliver the configuration of clients".into(),
        server: "Consul".into(),
        answer: "the cluster names none, or it cannot be used".into(),
        hint: Some("declare it: `consul: { address: https://HOST:PORT, prefix: … }` of the cluster".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn writes(count: usize, size: usize) -> Vec<KeyWrite> {
        let write = |index| KeyWrite { key: format!("s/{index}"), value: Some("v".repeat(size)), index: 0, told: None };
        (0..count).map(write).collect()
    }

    #[test]
    fn a_transaction_has_as_many_operations_and_bytes_as_consul_takes() {
        let sizes = |writes: &[KeyWrite]| transactions(writes).iter().map(|them| them.len()).collect::<Vec<_>>();
        assert_eq!(sizes(&writes(0, 1)), [] as [usize; 0]);
        assert_eq!(sizes(&writes(64, 1)), [64]);
        assert_eq!(sizes(&writes(129, 1)), [64, 64, 1]);
        assert_eq!(sizes(&writes(3, 200 << 10)), [1, 1, 1]);
        assert_eq!(sizes(&writes(4, 100 << 10)), [2, 2]);
    }
}
