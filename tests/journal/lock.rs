//! Who gets the lock.

use std::time::Duration;

use busctl::ports::journal::{HeldJournal, Journal, LockFailure};

use crate::bus::{Alone, holder, journal, newer};
use crate::child::Process;

const NO_WAIT: Duration = Duration::ZERO;

#[tokio::test(flavor = "multi_thread")]
async fn a_second_apply_hears_who_has_it() {
    let alone = newer().await;
    one_after_the_other(&alone).await;
}

/// One process has it and another one hears so, waits for it and gets it.
pub async fn one_after_the_other(alone: &Alone) {
    let journal = journal(&alone.client);
    assert_eq!(journal.holder().await, Ok(None));
    let mut first = Process::start(alone.bus, "first");
    assert_eq!(first.ask("acquire 0"), "held");
    assert_eq!(first.ask("holds"), "true");
    let refused = journal.acquire(&holder("second"), NO_WAIT).await.err();
    let Some(LockFailure::Held(Some(by))) = &refused else { panic!("{refused:?}") };
    assert_eq!((by.apply_id.as_str(), by.origin.who.as_str()), ("first", "ada"));
    let said = refused.unwrap().to_string();
    assert!(said.starts_with("the lock is held by ada on ci-7 (process "), "{said}");
    assert!(said.contains(", apply first) since 20"), "{said}");

    // It waits, in vain at first.
    let mut second = Process::start(alone.bus, "second");
    assert_eq!(second.ask("acquire 1500"), "held by first");
    second.tell("acquire 60000");
    assert_eq!(first.ask("intent media.raw_ingest.v1"), "recorded");
    assert_eq!(first.ask("release"), "released");
    assert_eq!(second.answer(), "held");
    assert_eq!(journal.holder().await.unwrap().unwrap().apply_id, "second");
    assert_eq!(second.ask("release"), "released");
    assert_eq!(journal.holder().await, Ok(None));
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_who_wait_take_nothing_from_the_holder() {
    let alone = newer().await;
    waiters(&alone, 20).await;
}

/// They join while it is held, stay a while and go. In the classic protocol their member ids begin with their names, and
/// so sort before the holder's: the assignor that librdkafka has by default would give the lock to the first of them.
pub async fn waiters(alone: &Alone, count: usize) {
    let journal = journal(&alone.client);
    let held = journal.acquire(&holder("the-holder"), NO_WAIT).await.unwrap();
    let lease = held.lease();
    let wait = Duration::from_secs(6);
    let names: Vec<_> = (0..count).map(|number| holder(&format!("a-waiter-{number}"))).collect();
    let waiting = futures::future::join_all(names.iter().map(|holder| journal.acquire(holder, wait)));
    for refused in waiting.await {
        let Err(LockFailure::Held(Some(by))) = refused else { panic!("the lock was taken from its holder") };
        assert_eq!(by.apply_id, "the-holder");
    }
    assert!(lease.holds());
    held.record(&[crate::bus::began("the-holder")], &[]).await.unwrap();
    held.release().await.unwrap();
    assert!(!lease.holds());
    let next = journal.acquire(&holder("next"), NO_WAIT).await.unwrap();
    next.release().await.unwrap();
}
