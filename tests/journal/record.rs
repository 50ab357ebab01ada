//! What is recorded and read back.

use std::collections::BTreeMap;
use std::time::Duration;

use busctl::model::Address;
use busctl::ports::connection::Connection;
use busctl::ports::journal::{Applied, EventStatus, FORMAT_VERSION, HeldJournal, Journal, LOCK_TOPIC};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::{Message, Offset, TopicPartitionList};

use crate::bus::{began, holder, intent, journal, newer, now};

#[tokio::test(flavor = "multi_thread")]
async fn events_and_what_was_applied_are_read_back() {
    let alone = newer().await;
    let journal = journal(&alone.client);
    let start = now();
    let held = journal.acquire(&holder("recording"), Duration::ZERO).await.unwrap();
    let began = began("recording");
    let (kept, gone) = (intent("recording", "record.kept.v1"), intent("recording", "record.gone.v1"));
    held.record(&[began.clone(), kept.clone(), gone.clone()], &[]).await.unwrap();
    let outcomes = [&kept, &gone].map(|intent| intent.outcome(EventStatus::Done, None, now()));
    let applied = Applied {
        format_version: FORMAT_VERSION,
        apply_id: "recording".to_owned(),
        time: now(),
        fields: BTreeMap::from([("partitions".to_owned(), "6".to_owned())]),
    };
    let (kept_at, gone_at) = (Address::topic("record.kept.v1"), Address::topic("record.gone.v1"));
    let made = [(kept_at.clone(), Some(applied.clone())), (gone_at.clone(), Some(applied.clone()))];
    held.record(&outcomes, &made).await.unwrap();
    held.record(&[], &[(gone_at.clone(), None)]).await.unwrap();
    // What earlier tests left open is none of this.
    let open = held.open_intents().await.unwrap();
    assert!(open.iter().all(|event| event.apply_id != "recording"));
    held.release().await.unwrap();

    let events = journal.events(Some(start)).await.unwrap();
    let [kept_done, gone_done] = outcomes;
    assert_eq!(events, [began, kept, gone, kept_done, gone_done]);
    let read = journal.applied().await.unwrap();
    assert_eq!((read.get(&kept_at), read.get(&gone_at)), (Some(&applied), None));
    let later = busctl::model::Timestamp::of_unix_millis(now().unix_millis() + 3_600_000);
    assert_eq!(journal.events(Some(later)).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_apply_that_leaves_nothing_open_spares_the_next_one_the_reading() {
    let alone = newer().await;
    let journal = journal(&alone.client);
    let held = journal.acquire(&holder("tidying"), Duration::ZERO).await.unwrap();
    let began = began("tidying");
    let open = held.open_intents().await.unwrap();
    let resolved: Vec<_> = open.iter().map(|event| event.resolved(EventStatus::NotDone, &began, now())).collect();
    held.record(&resolved, &[]).await.unwrap();
    let left = intent("tidying", "tidy.v1");
    held.record(&[left.clone(), left.outcome(EventStatus::Done, None, now())], &[]).await.unwrap();
    held.release().await.unwrap();
    let checkpoint = last_value(&alone.bus.connection(), LOCK_TOPIC, "checkpoint").await.unwrap();
    let checkpoint: serde_json::Value = serde_json::from_slice(&checkpoint).unwrap();
    let end = crate::crash::end_of_audit(&alone.bus.connection()).await;
    // Behind it lies the mark of the transaction's end alone.
    assert_eq!(checkpoint["audit_offset"], end - 1);

    // What is left open after it is found.
    let held = journal.acquire(&holder("untidy"), Duration::ZERO).await.unwrap();
    held.record(&[intent("untidy", "untidy.v1")], &[]).await.unwrap();
    held.release().await.unwrap();
    let held = journal.acquire(&holder("finder"), Duration::ZERO).await.unwrap();
    let open = held.open_intents().await.unwrap();
    assert_eq!(open.iter().map(|event| event.apply_id.as_str()).collect::<Vec<_>>(), ["untidy"]);
    held.release().await.unwrap();
}

/// The last value of a key, committed or not.
async fn last_value(connection: &Connection, topic: &'static str, key: &'static str) -> Option<Vec<u8>> {
    let mut config = crate::crash::raw(connection);
    config.set("group.id", "raw").set("enable.partition.eof", "true").set("isolation.level", "read_committed");
    let reading = tokio::task::spawn_blocking(move || {
        let consumer: BaseConsumer = config.create().unwrap();
        let mut partitions = TopicPartitionList::new();
        partitions.add_partition_offset(topic, 0, Offset::Beginning).unwrap();
        consumer.assign(&partitions).unwrap();
        let mut last = None;
        loop {
            match consumer.poll(Duration::from_secs(30)).expect("the topic ends") {
                Ok(message) if message.key() == Some(key.as_bytes()) => last = message.payload().map(<[u8]>::to_vec),
                Ok(_) => {}
                Err(KafkaError::PartitionEOF(_)) => return last,
                Err(error) => panic!("{error}"),
            }
        }
    });
    reading.await.unwrap()
}
