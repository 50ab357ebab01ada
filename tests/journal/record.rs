//! What is recorded and read back.

use std::collections::BTreeMap;
use std::time::Duration;

use busctl::model::Address;
use busctl::ports::journal::{Applied, EventStatus, FORMAT_VERSION, HeldJournal, Journal};

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
    assert_eq!(held.open_intents().await.unwrap(), []);
    held.release().await.unwrap();

    let events = journal.events(Some(start)).await.unwrap();
    let [kept_done, gone_done] = outcomes;
    assert_eq!(events, [began, kept, gone, kept_done, gone_done]);
    let read = journal.applied().await.unwrap();
    assert_eq!((read.get(&kept_at), read.get(&gone_at)), (Some(&applied), None));
    let later = busctl::model::Timestamp::of_unix_millis(now().unix_millis() + 3_600_000);
    assert_eq!(journal.events(Some(later)).await.unwrap(), []);
}
