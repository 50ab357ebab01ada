//! A workspace made of a snapshot, with no server in reach.

use crate::support::workspace::{Scratch, start};

/// A snapshot of a small bus, as `busctl snapshot` writes it.
fn snapshot() -> String {
    let partitions = |count: usize| vec![r#"{"replicas":[1,2,3],"isr":[1,2,3]}"#; count].join(",");
    let topic = |name: &str, count: usize, configs: &str| {
        let partitions = partitions(count);
        format!(r#""{name}":{{"internal":false,"partitions":[{partitions}],"configs":{{"known":{{{configs}}}}}}}"#)
    };
    let topics = [
        topic("shop.order.v1", 6, r#""retention.ms":"2592000000""#),
        topic("shop.refund.v1", 6, r#""retention.ms":"2592000000","max.message.bytes":"2097152""#),
        topic("shop.stock.v1", 6, r#""cleanup.policy":"compact""#),
    ]
    .join(",");
    let acl = |who: &str, resource: &str, name: &str, operation: &str| {
        format!(
            r#"{{"resource":"{resource}","name":"{name}","pattern":"literal","principal":"User:{who}","host":"*","operation":"{operation}","permission":"allow"}}"#
        )
    };
    let acls = [
        acl("till", "topic", "shop.order.v1", "write"),
        acl("till", "topic", "shop.order.v1", "describe"),
        acl("stock-keeper", "topic", "shop.order.v1", "read"),
        acl("stock-keeper", "topic", "shop.order.v1", "describe"),
        acl("stock-keeper", "group", "stock-keeper", "read"),
        acl("stock-keeper", "cluster", "kafka-cluster", "describe"),
    ]
    .join(",");
    let version = |number: u8, fields: &str| {
        let text =
            format!(r#"{{\"type\":\"record\",\"name\":\"Order\",\"namespace\":\"shop\",\"fields\":[{fields}]}}"#);
        format!(r#"{{"known":{{"version":{number},"id":{number},"format":"AVRO","text":"{text}","references":[]}}}}"#)
    };
    let id = r#"{\"name\":\"id\",\"type\":\"string\"}"#;
    let first = version(1, id);
    let second = version(2, &format!(r#"{id},{{\"name\":\"note\",\"type\":\"string\",\"default\":\"\"}}"#));
    format!(
        r#"{{"format_version":1,"name":"production","cluster":{{"id":"MkU3OEVBNTcwNTJENDM2Qg","brokers":[],"controller":null}},
"topics":{{"topics":{{{topics}}},"hidden":{{}},"defaults":{{"cleanup.policy":["delete","default"],"retention.ms":["604800000","default"]}}}},
"acls":{{"known":[{acls}]}},"quotas":{{"known":[]}},
"registry":{{"known":{{"info":{{"compatibility":"BACKWARD","mode":"READWRITE"}},"others":[],
"subjects":{{"shop.order.v1-value":{{"latest":{second},"compatibility":{{"known":null}}}}}}}}}},
"versions":{{"numbers":{{"shop.order.v1-value":{{"known":[1,2]}}}},"versions":{{"shop.order.v1-value":[{{"number":1,"found":{first}}}]}}}}}}"#
    )
}

fn folder() -> Scratch {
    let scratch = Scratch::empty();
    scratch.write("live.json", snapshot());
    scratch
}

#[test]
fn a_workspace_is_made_of_a_snapshot_and_its_plan_is_empty() {
    let scratch = folder();
    let run = scratch.run(&["import", "--snapshot", "live.json"]).ended(0);
    run.shows(&[
        "Imported 3 topics (0 of applications), 2 services and 1 subject",
        "plan: nothing to do",
        "Questions:",
    ]);
    let plan = scratch.run(&["plan", "--live", "live.json", "--format", "json"]).json();
    assert_eq!(plan["changes"].as_array().unwrap().len(), 0, "{plan:#}");
    // What the bus breaks is listed, and nothing else is broken.
    scratch.run(&["validate"]).ended(3);
    scratch.run(&["validate", "--baseline", "baseline.json"]).ended(0);
    scratch.run(&["fmt", "--check"]).ended(0);
    scratch.run(&["import", "--snapshot", "live.json"]).ended(0).shows(&["Nothing to import"]);
}

#[test]
fn nothing_is_written_where_it_is_only_shown() {
    let scratch = folder();
    let run = scratch.run(&["import", "--snapshot", "live.json", "--diff"]).ended(0);
    run.shows(&["+topic: shop.order.v1", "+cluster_id: MkU3OEVBNTcwNTJENDM2Qg"]);
    assert!(!scratch.path("busctl.yaml").exists() && !scratch.path("topics").exists());
}

#[test]
fn files_that_are_there_are_written_over_by_force_alone() {
    let scratch = folder();
    // What stands in a folder without a busctl.yaml stays, and is added to.
    scratch.write("catalog/teams.yaml", "teams:\n  sales: {}\n");
    scratch.write("topics/shop/shop.order.v1.yaml", "");
    let version = "schemas/shop/versions/shop.order.v1/1.avsc";
    scratch.write(version, "{}");
    let refused = scratch.run(&["import", "--snapshot", "live.json"]).ended(4);
    refused.says(&[&format!("{version} would be written over"), "--force"]);
    assert!(!scratch.path("busctl.yaml").exists());
    scratch.run(&["import", "--snapshot", "live.json", "--force"]).ended(0);
    assert!(scratch.read(version).contains("\"id\""));
    assert!(scratch.read("catalog/teams.yaml").starts_with("teams:\n  sales: {}\n"));
    assert_eq!(scratch.read("topics/shop/shop.order.v1.yaml"), "");
}

#[test]
fn one_topic_is_adopted_into_a_workspace() {
    let scratch = folder();
    scratch
        .run(&["import", "--snapshot", "live.json", "--only", "shop.order.v1"])
        .ended(0)
        .shows(&["plan: nothing to do"]);
    assert!(!scratch.path("topics/shop/shop.refund.v1.yaml").exists());
    scratch.edit("acls/till.yaml", "service: till\n", "# The till.\nservice: till\n");
    let run = scratch.run(&["import", "--snapshot", "live.json", "--only", "shop.*"]).ended(0);
    run.shows(&[
        "created topics/shop/shop.refund.v1.yaml",
        "created topics/shop/shop.stock.v1.yaml",
        "plan: nothing to do",
    ]);
    assert!(scratch.read("acls/till.yaml").starts_with("# The till.\n"));
}

/// The same bus on a smaller cluster, where a topic is missing, one is kept for a shorter time, and one is its own.
fn staging() -> String {
    let other = snapshot()
        .replace(r#""name":"production","cluster":{"id":"MkU3"#, r#""name":"staging","cluster":{"id":"AAAA"#)
        .replace(r#"{"retention.ms":"2592000000"}"#, r#"{"retention.ms":"86400000"}"#)
        .replace("shop.refund.v1", "shop.trial.v1");
    let (start, end) = (other.find("\"registry\":").unwrap(), other.find("\"versions\":").unwrap());
    format!("{}\"registry\":null,{}", &other[..start], &other[end..])
}

#[test]
fn a_second_cluster_joins_what_is_written_for_the_first() {
    let scratch = folder();
    scratch.run(&["import", "--snapshot", "live.json"]).ended(0);
    scratch.edit("topics/shop/shop.order.v1.yaml", "topic: shop.order.v1\n", "# One each.\ntopic: shop.order.v1\n");
    scratch.write("staging.json", staging());
    let listed = ["--baseline", "baseline.json"];
    let run = scratch.run(&[&["import", "--snapshot", "staging.json"][..], &listed].concat()).ended(0);
    run.shows(&["changed topics/shop/shop.order.v1.yaml", "plan: nothing to do"]);
    let order = scratch.read("topics/shop/shop.order.v1.yaml");
    assert!(order.starts_with("# One each.\ntopic: shop.order.v1\nclass: keep-30d\n"), "{order}");
    assert!(order.contains("\noverrides: { staging: { config: { retention.ms: 1d } } }\n"), "{order}");
    assert!(
        scratch.read("topics/shop/shop.refund.v1.yaml").starts_with("topic: shop.refund.v1\nclusters: [production]\n")
    );
    assert!(!scratch.read("topics/shop/shop.stock.v1.yaml").contains("production"));
    assert!(scratch.read("topics/shop/shop.trial.v1.yaml").starts_with("topic: shop.trial.v1\nclusters: [staging]\n"));
    for live in ["live.json", "staging.json"] {
        let cluster = if live == "live.json" { "production" } else { "staging" };
        let plan = scratch.run(&["plan", "--cluster", cluster, "--live", live, "--format", "json"]).json();
        assert_eq!(plan["changes"].as_array().unwrap().len(), 0, "{plan:#}");
    }
    scratch.run(&["validate", "--baseline", "baseline.json"]).ended(0);
    scratch.run(&["fmt", "--check"]).ended(0);
    scratch.run(&["import", "--snapshot", "staging.json"]).ended(0).shows(&["Nothing to import"]);
}

#[test]
fn a_service_that_has_something_else_on_a_second_cluster_is_asked_about() {
    let scratch = folder();
    scratch.run(&["import", "--snapshot", "live.json"]).ended(0);
    scratch.write("staging.json", staging().replace("User:till\",\"host\":\"*\"", "User:till\",\"host\":\"10.0.0.1\""));
    scratch
        .run(&["import", "--snapshot", "staging.json"])
        .ended(0)
        .shows(&["is till-staging the service that it is called after on other clusters?", "plan: nothing to do"]);
    assert_eq!(scratch.read("acls/till.yaml"), "service: till\nclusters: [production]\nproduces: [shop.order.v1]\n");
    let other = scratch.read("acls/till-staging.yaml");
    assert!(
        other.starts_with(
            "# question: is it the till of other clusters, whose manifest asks for something else?\n\
             service: till-staging\nclusters: [staging]\nprincipals: { staging: User:till }\n"
        ),
        "{other}"
    );
    assert!(!scratch.read("acls/stock-keeper.yaml").contains("clusters:"));
}

#[test]
fn what_cannot_be_imported_is_said() {
    let scratch = folder();
    scratch.run(&["import"]).ended(64).says(&["say which cluster is meant"]);
    scratch
        .run(&["import", "--cluster", "production"])
        .ended(64)
        .says(&["nothing says where it is", "--bootstrap HOST:PORT"]);
    scratch
        .run(&["import", "--cluster", "staging", "--snapshot", "live.json"])
        .ended(4)
        .says(&["a snapshot of cluster `production`"]);
    scratch.run(&["import", "--snapshot", "nowhere.json"]).ended(1).says(&["could not read the snapshot"]);
    let secret = ["import", "--cluster", "production", "--bootstrap", "a:1", "--sasl", "plain", "--username", "u"];
    let refused = scratch.run(&[&secret[..], &["--password", "hunter2"]].concat()).ended(64);
    assert!(!refused.err.contains("hunter2"), "{}", refused.err);
    refused.says(&["--password: this is not a reference to a secret"]);
    scratch.write("busctl.yaml", "version: 1\nclases: {}\n");
    scratch.run(&["import", "--snapshot", "live.json"]).ended(4).says(&["the manifests do not load"]);
}

#[test]
fn what_is_wrong_with_the_call_is_said_before_anything_is_written() {
    let scratch = folder();
    scratch.write("baseline.json", "[]");
    let run = scratch.run(&["import", "--snapshot", "live.json"]).ended(1);
    run.says(&["baseline.json is not a baseline"]);
    assert!(!scratch.path("busctl.yaml").exists() && !scratch.path("topics").exists());
    let import = ["import", "--snapshot", "live.json", "--baseline", "known.json"];
    let unknown =
        |only: &str, says: &[&str]| drop(scratch.run(&[&import[..], &["--only", only]].concat()).ended(64).says(says));
    unknown(
        "shop.ordr.v1",
        &["--only shop.ordr.v1: no topic on `production` is called so", "did you mean `shop.order.v1`?"],
    );
    unknown("shp.*", &["--only shp.*: no topic on `production` is called so", "did you mean `shop.*`?"]);
    unknown("nothing-like-it", &["name a topic that is there, or a prefix with a trailing *"]);
    scratch.run(&[&import[..], &["--only", "shop.order.v1", "--only", "shop.ordr.v1"]].concat()).ended(64);
    assert!(!scratch.path("busctl.yaml").exists());
    scratch
        .run(&["import", "--cluster", "production", "--bootstrap", "127.0.0.1"])
        .ended(64)
        .says(&["--bootstrap: `127.0.0.1` is not HOST:PORT"]);
    scratch.run(&import).ended(0).shows(&["give --baseline known.json to validate, ci, plan and apply"]);
    // What was to be done before is no change of the import.
    scratch.edit("topics/shop/shop.stock.v1.yaml", "class: state\n", "class: state\nconfig: { segment.ms: 1d }\n");
    std::fs::remove_file(scratch.path("topics/shop/shop.order.v1.yaml")).unwrap();
    scratch
        .run(&["import", "--snapshot", "live.json", "--only", "shop.order.v1"])
        .ended(0)
        .shows(&["plan: 1 change was there before and is not of the import"]);
}

#[test]
fn topics_come_from_no_snapshot_without_their_schemas() {
    let scratch = Scratch::empty();
    let mut hidden: serde_json::Value = serde_json::from_str(&snapshot()).unwrap();
    hidden["registry"] = serde_json::json!({ "hidden": {
        "kind": "authorization", "tried": "list the subjects", "server": "https://registry.example",
        "answer": "403 Forbidden", "hint": null,
    } });
    scratch.write("live.json", hidden.to_string());
    let run = scratch.run(&["import", "--snapshot", "live.json"]).ended(1);
    run.says(&["could not list the subjects", "nothing was written: topics come with their schemas"]);
    assert!(!scratch.path("busctl.yaml").exists() && !scratch.path("topics").exists());
}

#[test]
fn a_cluster_that_is_declared_is_imported_as_its_manifest_says() {
    let scratch = folder();
    scratch.write("busctl.yaml", "version: 1\nclasses:\n  month: { cleanup: [delete], retention: 30d }\n");
    scratch.write(
        "clusters/production.yaml",
        "cluster: production\ncluster_id: MkU3OEVBNTcwNTJENDM2Qg\nschema_registry: main\nmanages: { topics: [\"shop.r*\"] }\n",
    );
    scratch.write("clusters/main.yaml", "registry: main\nurl: http://127.0.0.1:1\n");
    scratch
        .run(&["import", "--snapshot", "live.json", "--baseline", "known.json"])
        .ended(0)
        .shows(&["plan: nothing to do"]);
    assert_eq!(
        scratch.read("topics/shop/shop.refund.v1.yaml"),
        "topic: shop.refund.v1\nclass: month\nconfig: { max.message.bytes: 2MiB }\n"
    );
    assert!(!scratch.path("topics/shop/shop.order.v1.yaml").exists());
    // What was so before is not excused by an import.
    scratch.run(&["validate", "--baseline", "known.json"]).ended(0).shows(&["BUS407"]);
    scratch.edit("clusters/production.yaml", "MkU3", "AAAA");
    scratch.run(&["import", "--snapshot", "live.json"]).ended(4).says(&["the brokers belong to cluster"]);
}

/// What a state file of kafka-gitops and the files beside it say of the bus of the snapshot.
const STATE: &str = "settings: { topics: { defaults: { replication: 3 } }, files: { services: services.yaml } }\n\
topics:\n  shop.order.v1: { partitions: 6, configs: { retention.ms: 2592000000 } }\n  \
shop.refund.v1: { partitions: 6, configs: { retention.ms: 2592000000, max.message.bytes: 2097152 } }\n  \
shop.stock.v1: { partitions: 6, configs: { cleanup.policy: compact }, shelf: 1 }\n";

const SERVICES: &str = "services:\n  till: { type: application, principal: \"User:till\", produces: [shop.order.v1] }\n  \
stock-keeper: { type: application, principal: \"User:stock-keeper\", consumes: [shop.order.v1] }\n";

#[test]
fn a_workspace_is_made_of_the_files_of_another_tool() {
    let scratch = Scratch::empty();
    scratch.write("old/state.yaml", STATE);
    scratch.write("old/services.yaml", SERVICES);
    let import =
        ["import", "--from", "kafka-gitops", "old", "--cluster", "production", "--bootstrap", "a.example.com:9092"];
    let run = scratch.run(&[&import[..], &["--diff"]].concat()).ended(0);
    run.shows(&["+topic: shop.order.v1"]);
    assert!(!scratch.path("busctl.yaml").exists());
    scratch.run(&import).ended(0).shows(&[
        "Imported 3 topics (0 of applications), 2 services and 0 subjects",
        "old/state.yaml:5: `shelf` of the topic shop.stock.v1 is not taken over",
        "plan: not made; busctl plan --cluster production compares with the cluster",
    ]);
    assert!(scratch.read("clusters/production.yaml").contains("a.example.com:9092"));
    assert!(scratch.read("clusters/production.yaml").contains("replication_factor: 3"));
    scratch.run(&["validate", "--baseline", "baseline.json"]).ended(0);
    scratch.run(&["fmt", "--check"]).ended(0);
    scratch.run(&import).ended(0).shows(&["Nothing to import"]);
    // One file alone, and one topic of it, into a workspace that is there.
    scratch.edit(
        "old/state.yaml",
        "shop.stock.v1: {",
        "shop.new.v1: { partitions: 2 }\n  shop.newer.v1: { partitions: 2 }\n  shop.stock.v1: {",
    );
    scratch
        .run(&["import", "--from", "kafka-gitops", "old/state.yaml", "--only", "shop.new.v1"])
        .ended(0)
        .shows(&["created topics/shop/shop.new.v1.yaml", "plan: not made"]);
    assert!(!scratch.path("topics/shop/shop.newer.v1.yaml").exists());
}

#[test]
fn files_of_another_tool_are_planned_against_a_snapshot() {
    let scratch = folder();
    // What the snapshot has of access, as it was made by hand.
    let acl = |resource: &str, name: &str, who: &str, operation: &str| {
        format!(
            "    - resource: {{ type: {resource}, name: {name}, patternType: literal, principal: \"User:{who}\", host: \"*\", permission: allow }}\n      operations: [{operation}]\n"
        )
    };
    let acls = [
        acl("topic", "shop.order.v1", "till", "Write, Describe"),
        acl("topic", "shop.order.v1", "stock-keeper", "Read, Describe"),
        acl("group", "stock-keeper", "stock-keeper", "Read"),
        acl("cluster", "kafka-cluster", "stock-keeper", "Describe"),
    ]
    .concat();
    let topic = |name: &str, spec: &str| {
        format!(
            "meta: {{ name: {name}, cluster: production }}\nspec: {{ {spec}, placement: {{ strategy: any }} }}\n---\n"
        )
    };
    let topics = topic("shop.order.v1", "partitions: 6, replicationFactor: 3, retentionMinutes: 43200")
        + &topic("shop.refund.v1", "partitions: 6, replicationFactor: 3, retentionMinutes: 43200, settings: { max.message.bytes: 2097152 }")
        // How many it has is known from the snapshot.
        + &topic("shop.stock.v1", "settings: { cleanup.policy: compact }");
    scratch.write("old/topics/all.yaml", topics);
    scratch.write("old/acls.yaml", format!("meta: {{ name: a, cluster: production }}\nspec:\n  acls:\n{acls}"));
    scratch.write(
        "old/cluster.yaml",
        "meta: { name: production, environment: live }\nspec: { bootstrapAddrs: [a.example.com:9092], clusterID: MkU3OEVBNTcwNTJENDM2Qg }\n",
    );
    let import = ["import", "--from", "topicctl", "old", "--snapshot", "live.json"];
    scratch.run(&import).ended(0).shows(&["Imported 3 topics", "plan: nothing to do"]);
    let cluster = scratch.read("clusters/production.yaml");
    assert!(
        cluster.starts_with("cluster: production\nenvironment: live\ncluster_id: MkU3OEVBNTcwNTJENDM2Qg\n"),
        "{cluster}"
    );
    assert!(cluster.contains("a.example.com:9092"), "{cluster}");
    assert_eq!(scratch.read("acls/till.yaml"), "service: till\nproduces: [shop.order.v1]\n");
    scratch.edit("old/cluster.yaml", "MkU3", "AAAA");
    scratch.run(&import).ended(4).says(&["the files are for cluster AAAAOEVBNTcwNTJENDM2Qg"]);
}

#[test]
fn files_of_another_tool_that_lie_where_manifests_do_are_left_alone() {
    let scratch = Scratch::empty();
    let topic = "meta: { name: shop.order.v1, cluster: prod }\nspec: { partitions: 6, replicationFactor: 3 }\n";
    scratch.write("old/topics/order.yaml", topic);
    scratch.write(
        "old/clusters/prod.yaml",
        "meta: { name: prod, environment: live }\nspec: { bootstrapAddrs: [a:9092] }\n",
    );
    let import = ["import", "--from", "topicctl", ".", "--cluster", "prod"];
    let run_in = |folder: &str, arguments: &[&str]| {
        let mut command = scratch.command(arguments);
        command.current_dir(scratch.path(folder));
        start(command).wait()
    };
    run_in("old", &import).ended(4).says(&[
        "clusters/prod.yaml and 1 more file of topicctl would be taken for manifests of busctl here",
        "in an empty one, run `busctl import --from topicctl /",
    ]);
    assert!(!scratch.path("old/busctl.yaml").exists());
    assert_eq!(scratch.read("old/topics/order.yaml"), topic);
    scratch.write("bus/readme.md", "");
    let import = ["import", "--from", "topicctl", "../old", "--cluster", "prod"];
    run_in("bus", &import).ended(0).shows(&["Imported 1 topic"]);
}

#[test]
fn what_of_another_tool_cannot_be_read_is_said() {
    let scratch = Scratch::empty();
    scratch.run(&["import", "--from", "jikkou"]).ended(64);
    scratch.run(&["import", "--from", "ansible", "."]).ended(64).says(&["jikkou", "topicctl"]);
    scratch
        .run(&["import", "--from", "jikkou", "nowhere", "--cluster", "a"])
        .ended(1)
        .says(&["could not read nowhere"]);
    scratch.write("old/readme.md", "nothing");
    scratch
        .run(&["import", "--from", "jikkou", "old", "--cluster", "a"])
        .ended(64)
        .says(&["old holds no files of jikkou", ".yaml, .yml, .json"]);
    scratch.write("old/state.yaml", STATE);
    scratch.run(&["import", "--from", "jikkou", "old", "--cluster", "a"]).ended(3).says(&[
        "nothing of jikkou was found in old",
        "old/state.yaml:1: the document has no `kind`",
        "--from names the tool",
    ]);
    scratch.run(&["import", "--from", "kafka-gitops", "old"]).ended(64).says(&["say which cluster is meant"]);
    scratch.write("broken/state.yaml", "topics: [\n");
    scratch
        .run(&["import", "--from", "kafka-gitops", "broken", "--cluster", "a"])
        .ended(1)
        .says(&["nothing of kafka-gitops could be read in broken", "broken/state.yaml:"]);
    scratch.write("old/broken.yaml", "topics: [\n");
    scratch.run(&["import", "--from", "kafka-gitops", "old", "--cluster", "a"]).ended(1).shows(&[
        "old/broken.yaml:",
        "is not read as YAML",
        "old/services.yaml: ",
    ]);
}

#[test]
fn words_of_people_come_with_the_files_of_another_tool() {
    let scratch = Scratch::empty();
    scratch.write(
        "old/topics.yaml",
        "apiVersion: kafka.strimzi.io/v1\nkind: KafkaTopic\nmetadata:\n  name: shop.order.v1\n  labels: { strimzi.io/cluster: main, team: sales, tier: gold }\n  \
         annotations: { description: \"One record:\\n  each order\" }\nspec: { config: { cleanup.policy: delete, retention.ms: 1000 } }\n",
    );
    let subject =
        "kind: SchemaRegistrySubject\nmetadata: { name: shop.order.v1-value }\nspec: { schema: '\"string\"' }\n";
    scratch.write("jikkou/subject.yaml", subject);
    scratch.run(&["import", "--from", "strimzi", "old", "--cluster", "main"]).ended(0).shows(&[
        "how many partitions? For 1 topic it is left to the brokers; the manifests say 6",
        "how many replicas?",
    ]);
    assert_eq!(
        scratch.read("topics/shop/shop.order.v1.yaml"),
        "# labels: tier=gold\ntopic: shop.order.v1\nclass: keep-1s\ndescription: \"One record: each order\"\n\
         owner: sales\n# question: how many partitions has it? write `partitions: …` here\n"
    );
    assert!(scratch.read("catalog/teams.yaml").contains("sales: {}"));
    scratch.run(&["fmt", "--check"]).ended(0);
    // A registry that the cluster's manifest does not have takes no subjects.
    scratch
        .run(&["import", "--from", "jikkou", "jikkou", "--cluster", "main"])
        .ended(0)
        .shows(&["Nothing to import", "1 subject: cluster `main` has no `schema_registry` in its manifest"]);
    let fresh = Scratch::empty();
    fresh.write("subject.yaml", subject);
    let run = fresh.run(&["import", "--from", "jikkou", "subject.yaml", "--cluster", "main"]).ended(0);
    run.shows(&["and 1 subject", "which level has the registry?"]);
    assert!(fresh.read("clusters/registry-main.yaml").contains("# question: where is it?"));
}
