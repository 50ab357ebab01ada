//! From empty to applied, and what is shown on the way.

use crate::sample::{apply, assert_settled, changes, order, plan, topic, topic_file, workspace};
use crate::server::bus;
use crate::support::workspace::assert_valid;

#[tokio::test(flavor = "multi_thread")]
async fn a_bus_is_applied_from_empty_and_the_next_plan_is_empty() {
    let bus = bus().await;
    let scratch = workspace(bus, "cycle");

    let before = plan(&scratch).ended(0);
    assert_valid("plan.schema.json", &before.json());
    insta::assert_snapshot!(changes(&before), @r"
    create schema/cycle.order.v1-value [safe] compatibility none → backward; schema · → version 1 (Avro)
    create topic/cycle.order.v1 [safe] partitions · → 6; replication_factor · → 1; config.cleanup.policy · → delete; config.min.insync.replicas · → 1; config.retention.ms · → 14d
    create grant/cycle-reader/group/cycle-reader [safe] User:cycle-reader read · → allow
    create grant/cycle-reader/topic/cycle.order.v1 [safe] User:cycle-reader read · → allow; User:cycle-reader describe · → allow
    create grant/cycle-writer/topic/cycle.order.v1 [safe] User:cycle-writer write · → allow; User:cycle-writer describe · → allow
    ");
    scratch.run(&["plan", "--detailed-exitcode"]).ended(2);

    let applied = scratch.run(&["apply", "--yes", "--format", "json"]).ended(0);
    assert_valid("apply.schema.json", &applied.json());
    let outcomes = applied.json()["outcomes"].as_array().unwrap().clone();
    let planned: Vec<_> = before.json()["changes"].as_array().unwrap().iter().map(|it| it["address"].clone()).collect();
    assert_eq!(outcomes.iter().map(|it| it["address"].clone()).collect::<Vec<_>>(), planned);
    assert!(outcomes.iter().all(|outcome| outcome["status"] == "done"), "{outcomes:#?}");
    // One line for each change, where there is no terminal for a bar.
    for address in &planned {
        assert!(applied.err.contains(&format!("created {}", address.as_str().unwrap())), "{}", applied.err);
    }

    assert_settled(&scratch);
    let again = scratch.run(&["apply", "--yes"]).ended(0);
    assert!(again.out.contains("Nothing to do"), "{}", again.out);

    scratch.edit(
        &topic_file("cycle", "order"),
        "class: processed",
        "class: processed\nconfig: { max.message.bytes: 2MiB }",
    );
    insta::assert_snapshot!(changes(&plan(&scratch).ended(0)), @"update topic/cycle.order.v1 [safe] config.max.message.bytes 1048588B → 2MiB");
    apply(&scratch);
}

/// A broker tells what `segment.ms` falls back to of a topic that does not set it alone, and the one that is looked at again
/// does.
#[tokio::test(flavor = "multi_thread")]
async fn a_config_that_is_no_longer_declared_goes_back_to_the_default() {
    let bus = bus().await;
    let scratch = workspace(bus, "fallback");
    scratch.write(&topic_file("fallback", "parcel"), topic("fallback", "parcel"));
    scratch.write("schemas/fallback/fallback.parcel.v1.avsc", order("fallback"));
    for (service, list) in [("writer", "produces"), ("reader", "consumes")] {
        let topics = "[fallback.order.v1, fallback.parcel.v1]";
        scratch.write(&format!("acls/{service}.yaml"), format!("service: fallback-{service}\n{list}: {topics}\n"));
    }
    let file = topic_file("fallback", "order");
    scratch.edit(&file, "class: processed", "class: processed\nconfig: { segment.ms: 1d, retention.ms: 3d }");
    apply(&scratch);
    scratch.edit(&file, "config: { segment.ms: 1d, retention.ms: 3d }", "config: { retention.ms: 3d }");
    insta::assert_snapshot!(changes(&plan(&scratch).ended(0)), @"update topic/fallback.order.v1 [safe] config.segment.ms 1d → 7d");
    apply(&scratch);
    assert_settled(&scratch);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_forms_of_a_plan_and_of_a_report() {
    let bus = bus().await;
    let scratch = workspace(bus, "forms");
    // Markdown writes an underscore as an entity.
    let in_markdown = bus.cluster_id.replace('_', "&#95;");
    let hide = |text: &str| text.replace(&bus.cluster_id, "CLUSTER-ID").replace(&in_markdown, "CLUSTER-ID");
    // What other tests have on the broker, if there is any yet, is counted in a paragraph of one line.
    let without_unmanaged = |text: &str| {
        let lines: Vec<_> = text.lines().filter(|line| !line.contains("unmanaged")).collect();
        hide(&lines.join("\n").replace("\n\n\n", "\n\n"))
    };
    let text = scratch.run(&["plan"]).ended(0);
    insta::assert_snapshot!(without_unmanaged(&text.out), @r"
    + schema/forms.order.v1-value  topics/forms/forms.order.v1.yaml:1:8
        compatibility backward, version 1 (Avro)
    + topic/forms.order.v1  topics/forms/forms.order.v1.yaml:1:8
        6 partitions, 1 replica, cleanup.policy=delete, min.insync.replicas=1, retention.ms=14d
    + grant/forms-reader/… (2 grants)  (unverifiable)  acls/reader.yaml:2:12
        group/forms-reader: allow User:forms-reader read
        topic/forms.order.v1: allow User:forms-reader read, describe
    + grant/forms-writer/topic/forms.order.v1  (unverifiable)  acls/writer.yaml:2:12
        allow User:forms-writer write, describe

    1 checked offline: the server was not asked (--server-check asks it)
    1 checked offline: the subject is new: there is nothing that the registry could compare it with
    3 unverifiable: brokers have no validate-only request for ACLs

    Plan for main (cluster id CLUSTER-ID): 5 to create.
    ");
    let markdown = scratch.run(&["plan", "--format", "markdown"]).ended(0);
    insta::assert_snapshot!(without_unmanaged(markdown.out.split("<details>\n<summary>Unmanaged").next().unwrap()), @r"
    <!-- busctl:plan:main -->
    ### Plan for main (cluster id CLUSTER-ID): 5 to create.

    #### Safe (5)

    | | Resource | Change | Where |
    | --- | --- | --- | --- |
    | create | `schema/forms.order.v1-value` | `compatibility backward`<br>`version 1 (Avro)` | `topics/forms/forms.order.v1.yaml:1:8` |
    | create | `topic/forms.order.v1` | `6 partitions`<br>`1 replica`<br>`cleanup.policy=delete`<br>`min.insync.replicas=1`<br>`retention.ms=14d` | `topics/forms/forms.order.v1.yaml:1:8` |
    | create | `grant/forms-reader/group/forms-reader` | `allow User:forms-reader read` | `acls/reader.yaml:2:12` |
    | create | `grant/forms-reader/topic/forms.order.v1` | `allow User:forms-reader read, describe` | `acls/reader.yaml:2:12` |
    | create | `grant/forms-writer/topic/forms.order.v1` | `allow User:forms-writer write, describe` | `acls/writer.yaml:2:12` |

    <details><summary>Every field, its place, and how far it is verified</summary>

    - create `schema/forms.order.v1-value`, safe; checked offline: the subject is new: there is nothing that the registry could compare it with
      - `compatibility`: `none, registry's default` → `backward` at `topics/forms/forms.order.v1.yaml:1:8`
      - `schema`: `version 1 (Avro)` at `schemas/forms/forms.order.v1.avsc:1:1`
    - create `topic/forms.order.v1`, safe; checked offline: the server was not asked (--server-check asks it)
      - `partitions`: `6`
      - `replication_factor`: `1` at `clusters/main.yaml:8:33`
      - `cleanup.policy`: `delete` at `busctl.yaml:3:26`
      - `min.insync.replicas`: `1` at `clusters/main.yaml:8:57`
      - `retention.ms`: `14d (1209600000)` at `busctl.yaml:3:46`
    - create `grant/forms-reader/group/forms-reader`, safe; unverifiable: brokers have no validate-only request for ACLs
      - `User:forms-reader read`: `allow` at `acls/reader.yaml:2:12`
    - create `grant/forms-reader/topic/forms.order.v1`, safe; unverifiable: brokers have no validate-only request for ACLs
      - `User:forms-reader read`: `allow` at `acls/reader.yaml:2:12`
      - `User:forms-reader describe`: `allow` at `acls/reader.yaml:2:12`
    - create `grant/forms-writer/topic/forms.order.v1`, safe; unverifiable: brokers have no validate-only request for ACLs
      - `User:forms-writer write`: `allow` at `acls/writer.yaml:2:12`
      - `User:forms-writer describe`: `allow` at `acls/writer.yaml:2:12`

    </details>
    ");
    let applied = scratch.run(&["apply", "--yes", "--format", "markdown"]).ended(0);
    insta::assert_snapshot!(hide(&applied.out), @r"
    ### Applied to main (cluster id CLUSTER-ID): 5 done.

    - `created schema/forms.order.v1-value`
    - `created topic/forms.order.v1`
    - `created grant/forms-reader/group/forms-reader`
    - `created grant/forms-reader/topic/forms.order.v1`
    - `created grant/forms-writer/topic/forms.order.v1`
    ");
    assert_settled(&scratch);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_id_of_the_cluster_is_pinned_and_checked() {
    let bus = bus().await;
    let scratch = workspace(bus, "pinned");
    let line = format!("add to clusters/main.yaml:\ncluster_id: {}", bus.cluster_id);
    scratch.run(&["plan"]).ended(0).says(&[&line]);
    scratch.run(&["apply", "--yes"]).ended(0).says(&[&line]);

    let manifest = scratch.read("clusters/main.yaml");
    scratch.write("clusters/main.yaml", format!("{manifest}cluster_id: {}\n", bus.cluster_id));
    let pinned = plan(&scratch).ended(0);
    assert!(!pinned.err.contains("cluster_id"), "{}", pinned.err);

    scratch.write("clusters/main.yaml", format!("{manifest}cluster_id: KjaDqFKeSJGm-ebAeEki8g\n"));
    scratch.edit(
        &topic_file("pinned", "order"),
        "class: processed",
        "class: processed\nconfig: { max.message.bytes: 2MiB }",
    );
    scratch.run(&["plan"]).ended(4).shows(&["BUS505", "KjaDqFKeSJGm-ebAeEki8g", &bus.cluster_id]);
    scratch.run(&["apply", "--yes"]).ended(4).says(&["nothing was changed"]);
    // Why is said in every format, beside the data.
    let json = scratch.run(&["apply", "--yes", "--format", "json"]).ended(4).says(&["BUS505", "nothing was changed"]);
    assert_eq!(json.out, "");
    scratch
        .run(&["snapshot", "--output", "live.json"])
        .ended(4)
        .says(&["the brokers belong to cluster", "clusters/main.yaml:10:13"]);
    scratch.run(&["audit"]).ended(4).says(&["the brokers belong to cluster", "clusters/main.yaml:10:13"]);
    assert!(!scratch.path("live.json").exists());
    // Also where something cannot be seen, the wrong cluster stays untouched.
    scratch.write("clusters/registry.yaml", "registry: main\nurl: http://127.0.0.1:1/apis/ccompat/v7\n");
    scratch.run(&["apply", "--yes"]).ended(1).shows(&["BUS505"]);
    scratch.write("clusters/registry.yaml", format!("registry: main\nurl: {}\n", bus.registry.url));
    scratch.write("clusters/main.yaml", format!("{manifest}cluster_id: {}\n", bus.cluster_id));
    insta::assert_snapshot!(changes(&plan(&scratch).ended(0)), @"update topic/pinned.order.v1 [safe] config.max.message.bytes 1048588B → 2MiB");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_applied_where_a_finding_is_an_error() {
    let bus = bus().await;
    let scratch = workspace(bus, "sinful");
    scratch.edit(&topic_file("sinful", "order"), "producers:", "produsers:");
    scratch.run(&["apply", "--yes"]).ended(3).says(&["BUS004", "did you mean `producers`?"]);
    scratch.edit(&topic_file("sinful", "order"), "produsers:", "producers:");
    scratch.edit(&topic_file("sinful", "order"), "description: One record for each order.\n", "");
    scratch.run(&["apply", "--yes"]).ended(3);
    // A plan is worth reading all the same.
    let planned = plan(&scratch).ended(3);
    assert!(changes(&planned).contains("create topic/sinful.order.v1"));
}
