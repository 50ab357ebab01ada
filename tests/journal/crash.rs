//! Holders that are killed and holders that are stopped.

use std::time::{Duration, Instant};

use busctl::ports::connection::{Connection, Sasl};
use busctl::ports::journal::{AUDIT_TOPIC, EventStatus, HeldJournal, Journal, LockFailure};
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};

use crate::bus::{LEASE, SESSION, began, holder, journal, newer, now};
use crate::child::Process;

/// Enough for a group to give up a silent member, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn the_next_one_has_the_lock_of_a_killed_holder_and_finds_what_it_left() {
    let alone = newer().await;
    let journal = journal(&alone.client);
    let mut killed = Process::start(alone.bus, "killed");
    assert_eq!(killed.ask("acquire 0"), "held");
    assert_eq!(killed.ask("intent media.left_open.v1"), "recorded");
    killed.signal("KILL");
    // The group does not know yet: who does not wait hears of the one that is gone.
    let refused = journal.acquire(&holder("impatient"), Duration::ZERO).await.err();
    assert!(matches!(&refused, Some(LockFailure::Held(Some(by))) if by.apply_id == "killed"), "{refused:?}");

    let held = journal.acquire(&holder("after-the-kill"), PATIENCE).await.unwrap();
    let open = held.open_intents().await.unwrap();
    let addresses: Vec<_> = open.iter().filter_map(|event| event.address.as_ref()).map(ToString::to_string).collect();
    assert!(addresses.contains(&"topic/media.left_open.v1".to_owned()), "{addresses:?}");
    let mut resolved = vec![began("after-the-kill")];
    let found = open.iter().map(|intent| intent.resolved(EventStatus::NotDone, &resolved[0], now()));
    resolved.extend(found.collect::<Vec<_>>());
    held.record(&resolved, &[]).await.unwrap();
    held.release().await.unwrap();

    // What was resolved stays so.
    let held = journal.acquire(&holder("later"), Duration::ZERO).await.unwrap();
    assert_eq!(held.open_intents().await.unwrap(), []);
    held.release().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_holder_that_was_stopped_for_too_long_writes_nothing_any_more() {
    let alone = newer().await;
    let journal = journal(&alone.client);
    let mut stopped = Process::start(alone.bus, "stopped");
    assert_eq!(stopped.ask("acquire 0"), "held");
    stopped.signal("STOP");
    let held = journal.acquire(&holder("after-the-stop"), PATIENCE).await.unwrap();
    assert!(held.lease().holds());
    stopped.signal("CONT");
    assert_eq!(stopped.ask("holds"), "false");
    assert_eq!(stopped.ask("intent media.too_late.v1"), "fenced");
    assert_eq!(stopped.ask("holds"), "false");
    // The one that has it now is not disturbed.
    held.record(&[began("after-the-stop")], &[]).await.unwrap();
    let events = journal.events(None).await.unwrap();
    assert!(events.iter().all(|event| event.apply_id != "stopped"));
    held.release().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_holder_that_slept_beyond_its_lease_alone_knows_so_and_gets_it_back_from_the_brokers() {
    let alone = newer().await;
    let mut napping = Process::start(alone.bus, "napping");
    assert_eq!(napping.ask("acquire 0"), "held");
    assert!(LEASE < SESSION);
    napping.signal("STOP");
    tokio::time::sleep(LEASE + Duration::from_millis(200)).await;
    napping.signal("CONT");
    // Nobody took the lock meanwhile, so the next commit proves that it is still ours, or that the group gave it up.
    match napping.ask("intent media.after_a_nap.v1").as_str() {
        "recorded" => assert_eq!(napping.ask("holds"), "true"),
        "fenced" => assert_eq!(napping.ask("holds"), "false"),
        other => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_half_of_a_batch_is_seen_when_its_writer_is_killed() {
    let alone = newer().await;
    let journal = journal(&alone.client);
    // On a quick machine a smaller flood is over before the kill; it then shows nothing, and a larger one is tried.
    for flood in [60_000, 240_000, 960_000] {
        let before = end_of_audit(&alone.bus.connection()).await;
        let name = format!("flooding-{flood}");
        let mut flooding = Process::start(alone.bus, &name);
        assert_eq!(flooding.ask("acquire 60000"), "held");
        flooding.tell(&format!("flood {flood}"));
        // A part of it has arrived.
        let deadline = Instant::now() + PATIENCE;
        let arrived = loop {
            let arrived = end_of_audit(&alone.bus.connection()).await - before;
            if arrived > 0 {
                break arrived;
            }
            assert!(Instant::now() < deadline, "nothing arrives");
        };
        flooding.signal("KILL");
        let of_the_flood = async || {
            let events = journal.events(None).await.unwrap();
            events.iter().filter(|event| event.apply_id == name).count()
        };
        if arrived >= flood {
            continue;
        }
        assert_eq!(of_the_flood().await, 0);
        let held = journal.acquire(&holder("after-the-flood"), PATIENCE).await.unwrap();
        assert!(held.open_intents().await.unwrap().iter().all(|event| event.apply_id != name));
        held.record(&[began("after-the-flood")], &[]).await.unwrap();
        assert_eq!(of_the_flood().await, 0);
        assert!(journal.events(None).await.unwrap().iter().any(|event| event.apply_id == "after-the-flood"));
        held.release().await.unwrap();
        return;
    }
    panic!("every kill came too late to show anything");
}

/// The offset behind everything that was written, committed or not.
pub async fn end_of_audit(connection: &Connection) -> i64 {
    let mut config = raw(connection);
    config.set("isolation.level", "read_uncommitted");
    let asking = tokio::task::spawn_blocking(move || {
        let consumer: BaseConsumer = config.create().unwrap();
        consumer.fetch_watermarks(AUDIT_TOPIC, 0, Duration::from_secs(30)).unwrap().1
    });
    asking.await.unwrap()
}

/// A client of librdkafka's own.
pub fn raw(connection: &Connection) -> ClientConfig {
    let Some(Sasl::Plain(login)) = &connection.sasl else { panic!("a login") };
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", &connection.bootstrap[0])
        .set("security.protocol", "sasl_plaintext")
        .set("sasl.mechanism", "PLAIN")
        .set("sasl.username", &login.username)
        .set("sasl.password", login.password.expose());
    config
}
