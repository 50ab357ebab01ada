//! Personal data, and secrets that stand where they must not.

use crate::support::workspace::Scratch;

const SECRET: &str = "hunter2hunter2";

fn with_secrets() -> Scratch {
    Scratch::with(&[
        (
            "clusters/a.yaml",
            "cluster: alpha   # the old password: hunter2hunter2\nregoin: \"postgres://x:hunter2hunter2@db/x\"\n\
             connection:\n  bootstrap: [\"b:9092\"]\n  sasl: { mechanism: plain, username: x, password: hunter2hunter2 }\n",
        ),
        (
            "schemas/shop/shop.order.v1.avsc",
            "{ \"type\": \"record\", \"name\": \"Order\", \"password\": \"hunter2hunter2\", \"fields\": [] }\n",
        ),
        ("topics/order.yaml", "topic: shop.order.v1\nstate:  hunter2hunter2  # password: hunter2hunter2\n"),
    ])
}

#[test]
fn a_secret_is_refused_and_shown_in_no_format() {
    let scratch = with_secrets();
    for format in ["text", "json", "markdown"] {
        let run = scratch.run(&["validate", "--format", format]).ended(3);
        assert!(!run.out.contains(SECRET) && !run.err.contains(SECRET), "{format}\n{}\n{}", run.out, run.err);
        assert!(run.out.matches("BUS640").count() >= 4, "{}", run.out);
    }
    let run = scratch.run(&["validate"]).ended(3);
    run.shows(&[
        "error[BUS640]: this looks like a password in a URL",
        "regoin: \"postgres://x:**************@db/x\"",
        // The finding of another rule, which repeats the value.
        "`***` is not a state",
    ]);
    for arguments in [["validate", "--fix", "--diff"].as_slice(), &["fmt", "--diff"], &["plan", "-c", "alpha"]] {
        let run = scratch.run(arguments);
        assert!(!run.out.contains(SECRET) && !run.err.contains(SECRET), "{arguments:?}\n{}\n{}", run.out, run.err);
    }
}

#[test]
fn a_text_that_is_no_secret_is_listed_by_its_fingerprint() {
    let scratch = Scratch::with(&[("clusters/a.yaml", "cluster: alpha # password: correct-horse\n")]);
    let run = scratch.run(&["validate"]).ended(3);
    let fingerprint = run.out.split("not_secrets: [\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    scratch.write("busctl.yaml", format!("version: 1\nnot_secrets: [\"{fingerprint}\"]\n"));
    let run = scratch.run(&["validate"]);
    assert!(!run.out.contains("BUS640"), "{}", run.out);
    scratch.edit("clusters/a.yaml", "correct-horse", "correct-mouse");
    scratch.run(&["validate"]).ended(3).shows(&["error[BUS640]"]);
    scratch.write("busctl.yaml", "version: 1\nrules: { BUS640: off }\n");
    scratch
        .run(&["validate"])
        .ended(3)
        .shows(&["error[BUS640]", "BUS640 (secret-in-manifest) cannot be set below error"]);
}

/// A workspace of one topic with a tagged field, a dead-letter topic, a sink, and a cluster.
fn shop(cluster: &str, topic: &str, sink: &str) -> Scratch {
    let scratch = Scratch::with(&[
        (
            "busctl.yaml",
            "version: 1\nclasses:\n  raw: { cleanup: [delete], retention: 30d }\n  state: { cleanup: [compact] }\n\
             \x20 both: { cleanup: [compact, delete], retention: unlimited }\n  dlq: { cleanup: [delete], retention: 90d }\n",
        ),
        (
            "schemas/shop/shop.order.v1.avsc",
            "{ \"type\": \"record\", \"name\": \"Order\", \"fields\": [{ \"name\": \"mail\", \"type\": \"string\", \"pii\": true }] }\n",
        ),
        ("topics/dlq.yaml", "topic: shop.order.v1.stock.dlq\nclass: dlq\nkey: id\n"),
    ]);
    scratch.write("clusters/a.yaml", format!("cluster: alpha\n{cluster}\n"));
    scratch.write(
        "topics/order.yaml",
        format!("topic: shop.order.v1\nkey: id\nproducers: [till]\nconsumers: [stock]\n{topic}\n"),
    );
    scratch.write(
        "catalog/all.yaml",
        format!(
            "domains: {{ shop: {{ owner: sales, personal_data: {{ retention: 30d }} }} }}\nteams: {{ sales: {{}} }}\n\
             services: {{ till: {{ owner: sales }}, stock: {{ owner: sales, {sink} }} }}\n"
        ),
    );
    scratch
}

/// The findings about personal data: code and message.
fn found(scratch: &Scratch) -> Vec<String> {
    let run = scratch.run(&["validate", "--format", "json"]).json();
    let all = run["findings"].as_array().unwrap().iter();
    let text = |finding: &serde_json::Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    all.map(|finding| format!("{} {}", text(finding, "code"), text(finding, "message")))
        .filter(|finding| ("BUS641".."BUS646").contains(&finding.as_str()))
        .collect()
}

#[test]
fn data_without_a_tag_that_leaves_the_eu_is_listed_until_somebody_decided_it() {
    let scratch = shop("environment: production\nregion: us-east-1", "class: raw", "region: us-east-2");
    let listed = |scratch: &Scratch| {
        let run = scratch.run(&["validate", "--format", "json"]).json();
        let all = run["findings"].as_array().unwrap().clone();
        let ours = all.into_iter().filter(|finding| finding["code"] == "BUS646");
        let messages = ours.map(|finding| {
            assert_eq!(finding["level"], "info");
            finding["message"].as_str().unwrap().to_owned()
        });
        let mut messages: Vec<String> = messages.collect();
        messages.sort();
        messages
    };
    // Of what is tagged BUS644 tells.
    assert_eq!(listed(&scratch), [""; 0]);
    for name in ["shop.note.v1", "shop.price.v1"] {
        let topic = format!("topic: {name}\nclass: raw\nkey: id\nproducers: [till]\nconsumers: [stock]\n");
        scratch.write(&format!("topics/{name}.yaml"), topic);
    }
    assert_eq!(
        listed(&scratch),
        [
            "`alpha` keeps `shop.note.v1` and 1 more, in us-east-1, outside the EU",
            "`stock` takes `shop.note.v1` and 1 more to where it is: in us-east-2, outside the EU"
        ]
    );
    let decided = "residency: { area: elsewhere, decision: docs/adr/0001.md }";
    scratch.write("clusters/a.yaml", format!("cluster: alpha\nenvironment: production\n{decided}\n"));
    assert_eq!(listed(&scratch)[0], "`alpha` keeps `shop.note.v1` and 1 more, outside the EU");
    scratch.write("docs/adr/0001.md", "# Where we are\n");
    assert_eq!(listed(&scratch).len(), 1);
    scratch.write("clusters/a.yaml", "cluster: alpha\nenvironment: test\nregion: us-east-1\n");
    assert_eq!(listed(&scratch), [""; 0]);
}

#[test]
fn dead_letters_are_kept_no_longer_than_what_they_came_from() {
    let scratch = shop("residency: eu", "class: raw", "kind: service");
    assert_eq!(
        found(&scratch),
        ["BUS642 `shop.order.v1.stock.dlq` keeps personal data (`Order.mail`) for 90d; its domain allows 30d"]
    );
}

#[test]
fn no_end_is_longer_than_any_allowance() {
    let scratch = shop(
        "residency: eu",
        "class: raw\nconfig: { retention.ms: unlimited, retention.bytes: 1GiB }",
        "kind: service",
    );
    scratch.remove("topics/dlq.yaml");
    let message = "BUS642 `shop.order.v1` keeps personal data (`Order.mail`) without an end; its domain allows 30d";
    assert_eq!(found(&scratch), [message]);
    scratch.edit("topics/order.yaml", "class: raw\nconfig: { retention.ms: unlimited, retention.bytes: 1GiB }", "");
    let message = "BUS642 `shop.order.v1` keeps personal data (`Order.mail`) for as long as the broker likes; its domain allows 30d";
    assert_eq!(found(&scratch), [message]);
    // Where nothing deletes, a retention is none.
    let kept = "class: raw\nconfig: { cleanup.policy: [], retention.ms: 1d }\n";
    let text = scratch.read("topics/order.yaml") + "\n" + kept;
    scratch.write("topics/order.yaml", text);
    let message = "BUS642 `shop.order.v1` keeps personal data (`Order.mail`) without an end; its domain allows 30d";
    assert!(found(&scratch).contains(&message.to_owned()), "{:#?}", found(&scratch));
}

#[test]
fn a_plan_for_tombstones_has_to_work() {
    let plan = |by: &str, config: &str| {
        let topic =
            format!("class: state\npersonal_data: {{ erasure: {{ by: {by}, within: 30d }} }}\nconfig: {{ {config} }}");
        let scratch = shop("residency: eu", &topic, "kind: service");
        scratch.remove("topics/dlq.yaml");
        found(&scratch)
    };
    assert_eq!(plan("till", "max.compaction.lag.ms: 29d"), [""; 0]);
    assert_eq!(
        plan("stock", "max.compaction.lag.ms: 7d"),
        ["BUS643 `stock` is to write the tombstones of `shop.order.v1` and does not write it"]
    );
    assert_eq!(
        plan("till", ""),
        ["BUS643 `shop.order.v1` promises to erase within 30d, and may wait for ever to be compacted"]
    );
    assert_eq!(
        plan("till", "max.compaction.lag.ms: 31d"),
        ["BUS643 `shop.order.v1` promises to erase within 30d, and may wait 31d to be compacted"]
    );
    assert_eq!(
        plan("till", "max.compaction.lag.ms: 20d, delete.retention.ms: 20d"),
        [
            "BUS643 `shop.order.v1` promises to erase within 30d; 20d until it is compacted and 20d for tombstones are longer"
        ]
    );
}

#[test]
fn data_leaves_the_eu_by_decision_only() {
    let of = |cluster: &str, topic: &str, sink: &str| {
        let scratch = shop(cluster, &format!("class: raw\n{topic}"), sink);
        scratch.remove("topics/dlq.yaml");
        scratch.write("docs/adr/0001.md", "# 1\n");
        found(&scratch)
    };
    let on = |place: &str| format!("BUS644 `shop.order.v1` holds personal data (`Order.mail`) on `alpha`, {place}");
    assert_eq!(of("region: eu-west-1", "", "kind: service"), [""; 0]);
    assert_eq!(of("region: eu-west-2", "", "kind: service"), [on("in eu-west-2, outside the EU")]);
    assert_eq!(of("residency: elsewhere", "", "kind: service"), [on("outside the EU")]);
    assert_eq!(of("region: uksouth", "personal_data: { decision: docs/adr/0001.md }", "kind: service"), [""; 0]);
    assert_eq!(of("residency: { area: elsewhere, decision: docs/adr/0001.md }", "", "kind: service"), [""; 0]);
    // A record that is not there decides nothing.
    assert_eq!(
        of("residency: { area: elsewhere, decision: docs/adr/2.md }", "", "kind: service"),
        [on("outside the EU")]
    );
    assert_eq!(
        of("", "", "kind: service"),
        ["BUS645 `alpha` holds personal data (`shop.order.v1`) and nobody says where it is"]
    );
    assert_eq!(
        of("region: eu-central", "", "kind: service"),
        ["BUS645 `alpha` holds personal data (`shop.order.v1`) and nobody says where it is"]
    );
    assert_eq!(of("kafka: { deployment: local }", "", "kind: external"), [""; 0]);
    let takes = "BUS644 `stock` takes personal data of `shop.order.v1` (`Order.mail`) to where it is: in us-east-1, outside the EU";
    assert_eq!(of("residency: eu", "", "region: us-east-1"), [takes]);
    assert_eq!(of("residency: eu", "personal_data: { decision: docs/adr/0001.md }", "region: us-east-1"), [""; 0]);
    assert_eq!(
        of("residency: eu", "", "kind: external"),
        ["BUS645 `stock` takes personal data of `shop.order.v1` out, and nobody says where to"]
    );
    assert_eq!(of("residency: eu", "", "kind: connect, residency: eu"), [""; 0]);
}
