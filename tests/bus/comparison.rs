//! Values are compared by what they mean.

use crate::sample::{
    apply, assert_settled, bare, changes, create_topic, order, order_with_note, plan, set_config, topic, topic_file,
    workspace,
};
use crate::server::bus;

/// A topic of its own words.
fn write(scratch: &crate::support::workspace::Scratch, domain: &str, event: &str, from: &str, to: &str) {
    let text = topic(domain, event);
    assert!(text.contains(from), "{text}");
    scratch.write(&topic_file(domain, event), text.replace(from, to));
    scratch.write(&format!("schemas/{domain}/{domain}.{event}.v1.avsc"), order(&format!("{domain}.{event}")));
}

#[tokio::test(flavor = "multi_thread")]
async fn spellings_of_one_value_are_no_difference() {
    let bus = bus().await;
    let scratch = bare(bus, "words");
    let hand = bus.hand().await;
    let grants = "topics: [words.time.v1, words.both.v1, words.default.v1, words.unlimited.v1]";
    let list = grants.trim_start_matches("topics: ");
    scratch.write("acls/writer.yaml", format!("service: words-writer\nproduces: {list}\n"));
    scratch.write("acls/reader.yaml", format!("service: words-reader\nconsumes: {list}\n"));
    let config = |text: &str| format!("class: processed\nconfig: {text}");
    write(
        &scratch,
        "words",
        "time",
        "class: processed",
        &config("{ retention.ms: 2w, max.message.bytes: 2MiB, segment.ms: 1.5h }"),
    );
    write(&scratch, "words", "both", "class: processed", "class: audit");
    // Kafka's own default, and one that the broker's file sets.
    write(
        &scratch,
        "words",
        "default",
        "class: processed",
        &config("{ compression.type: producer, retention.ms: 2d }"),
    );
    write(
        &scratch,
        "words",
        "unlimited",
        "class: processed",
        &config("{ retention.bytes: unlimited, retention.ms: forever }"),
    );
    create_topic(
        &hand,
        "words.time.v1",
        6,
        &[("retention.ms", "1209600000"), ("max.message.bytes", "2097152"), ("segment.ms", "5400000")],
    )
    .await;
    create_topic(&hand, "words.both.v1", 6, &[("cleanup.policy", "delete,compact"), ("retention.ms", "7776000000")])
        .await;
    create_topic(&hand, "words.default.v1", 6, &[]).await;
    create_topic(&hand, "words.unlimited.v1", 6, &[("retention.ms", "-1")]).await;
    let planned = changes(&plan(&scratch));
    assert!(planned.lines().all(|line| !line.contains(" topic/")), "{planned}");
    scratch.run(&["apply", "--yes"]).ended(0);
    assert_settled(&scratch);

    // A default that somebody wrote onto the topic is none either, as long as it is the one that applies.
    set_config(&hand, "words.default.v1", "segment.bytes", Some("1073741824")).await;
    assert_settled(&scratch);
    set_config(&hand, "words.default.v1", "segment.bytes", Some("1048576")).await;
    insta::assert_snapshot!(changes(&plan(&scratch)), @"update topic/words.default.v1 [safe] config.segment.bytes 1MiB → 1GiB");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_is_compared_by_what_it_says() {
    let bus = bus().await;
    let scratch = workspace(bus, "spelling");
    apply(&scratch);
    let file = "schemas/spelling/spelling.order.v1.avsc";
    let reformatted = scratch.read(file).split_whitespace().collect::<Vec<_>>().join(" ");
    scratch.write(file, reformatted);
    assert_settled(&scratch);
    scratch.write(file, order_with_note("spelling"));
    insta::assert_snapshot!(changes(&plan(&scratch)), @"update schema/spelling.order.v1-value [safe] schema version 1 (Avro) → version 2 (Avro)");
    apply(&scratch);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_brokers_spell_in_another_way_is_served() {
    let bus = bus().await;
    let scratch = workspace(bus, "spelled");
    apply(&scratch);
    // Brokers answer 1.0.
    scratch.edit(&topic_file("spelled", "order"), "key: id", "key: id\nconfig: { min.cleanable.dirty.ratio: 1 }");
    let run = scratch.run(&["apply", "--yes", "--allow", "destructive", "--settle", "20s"]).ended(0);
    assert!(!run.err.contains("do not serve everything"), "{}", run.err);
    assert_settled(&scratch);
}
