//! Where each value of a topic comes from.

use crate::support::workspace::{Scratch, assert_valid};

fn workspace() -> Scratch {
    Scratch::with(&[
        (
            "busctl.yaml",
            "version: 1\ndefaults: { partitions: 4 }\nclasses:\n  raw: { cleanup: [delete], retention: 30d }\n",
        ),
        (
            "clusters/a.yaml",
            "cluster: alpha\nenvironment: test\ndefaults: { replication_factor: 3, min_insync_replicas: 2 }\n",
        ),
        ("clusters/b.yaml", "cluster: beta\nenvironment: live\n"),
        ("catalog/all.yaml", "domains: { shop: { owner: sales } }\nteams: { sales: {} }\n"),
        (
            "topics/order.yaml",
            "topic: shop.order.v1\nclass: raw\nkey: id\nconfig: { max.message.bytes: 2MiB }\n\
             overrides:\n  live: { partitions: 12, config: { retention.ms: 60d } }\n  beta: { partitions: 24 }\n",
        ),
        ("topics/alone.yaml", "topic: shop.alone.v1\nclusters: [alpha]\n"),
    ])
}

#[test]
fn each_value_says_where_it_is_written() {
    let scratch = workspace();
    insta::assert_snapshot!(scratch.run(&["show", "shop.order.v1"]).ended(0).out, @r"
    shop.order.v1

    on alpha
     class                       raw               topic at topics/order.yaml:2:8
     owner                       sales             domain at catalog/all.yaml:1:27
     key                         id                topic at topics/order.yaml:3:6
     partitions                  4                 defaults of the bus at busctl.yaml:2:25
     replication_factor          3                 defaults of the cluster at clusters/a.yaml:3:33
     config.cleanup.policy       delete            class at busctl.yaml:4:20
     config.max.message.bytes    2MiB (2097152)    topic at topics/order.yaml:4:30
     config.min.insync.replicas  2                 defaults of the cluster at clusters/a.yaml:3:57
     config.retention.ms         30d (2592000000)  class at busctl.yaml:4:40

    on beta
     class                     raw               topic at topics/order.yaml:2:8
     owner                     sales             domain at catalog/all.yaml:1:27
     key                       id                topic at topics/order.yaml:3:6
     partitions                24                override of the cluster at topics/order.yaml:7:23
     replication_factor        3                 built-in default
     config.cleanup.policy     delete            class at busctl.yaml:4:20
     config.max.message.bytes  2MiB (2097152)    topic at topics/order.yaml:4:30
     config.retention.ms       60d (5184000000)  override of the environment at topics/order.yaml:6:51
    ");
    let beta = scratch.run(&["show", "topic/shop.order.v1", "--cluster", "beta", "--format", "json"]).ended(0).json();
    assert_valid("show.schema.json", &beta);
    let values = beta["clusters"][0]["values"].as_array().unwrap();
    let partitions = values.iter().find(|value| value["name"] == "partitions").unwrap();
    assert_eq!(partitions["value"], "24", "{partitions:#}");
    assert_eq!(partitions["origin"]["place"]["line"], 7, "{partitions:#}");
    scratch.run(&["show", "shop.order.v1", "--format", "markdown"]).ended(0).shows(&["| `partitions` | `24` |"]);
}

#[test]
fn what_looks_like_a_secret_is_not_shown() {
    let scratch = workspace();
    let config = "config: { confluent.password: hunter2hunter2, max.message.bytes: 2MiB }";
    scratch.edit("topics/order.yaml", "config: { max.message.bytes: 2MiB }", config);
    for form in ["text", "json", "markdown"] {
        let run = scratch.run(&["show", "shop.order.v1", "--format", form]).ended(0);
        assert!(!run.out.contains("hunter2") && run.out.contains("confluent.password"), "{}", run.out);
    }
}

#[test]
fn what_is_not_there_is_said() {
    let scratch = workspace();
    scratch.run(&["show", "shop.ordre.v1"]).ended(64).says(&["did you mean `shop.order.v1`?"]);
    scratch.run(&["show", "nothing.like.it"]).ended(64).says(&["no topic `nothing.like.it`"]);
    let other = scratch.run(&["show", "shop.alone.v1", "--cluster", "beta"]).ended(64);
    assert!(
        other.err.contains("not for cluster `beta`") && other.err.contains("topics/alone.yaml:1:8"),
        "{}",
        other.err
    );
    assert!(!scratch.run(&["show", "shop.alone.v1"]).ended(0).out.contains("beta"));
}

#[test]
fn a_quota_says_what_all_brokers_together_give() {
    let scratch = workspace();
    let nodes: Vec<String> = (1..=3).map(|id| format!("{{ id: {id}, roles: [broker, controller] }}")).collect();
    scratch.write(
        "clusters/a.yaml",
        format!(
            "cluster: alpha\nenvironment: test\nprincipal: \"User:CN={{service}}\"\n\
             quotas: [{{ user: <default>, produce: 1MiB/s }}]\nkafka: {{ nodes: [{}] }}\n",
            nodes.join(", ")
        ),
    );
    scratch.write("acls/till.yaml", "service: till\nquota: { produce: 10MiB/s, request: 12.5%, mutations: 2/s }\n");
    insta::assert_snapshot!(scratch.run(&["show", "quota/user/CN=till"]).ended(0).out, @r"
    quota/user/CN=till

    on alpha
     producer_byte_rate          10MiB/s (10485760)  service at acls/till.yaml:2:19
     producer_byte_rate, in all  30MiB/s (31457280)  3 brokers together
     request_percentage          12.5% (12.5)        service at acls/till.yaml:2:37
     controller_mutation_rate    2/s (2)             service at acls/till.yaml:2:55
    ");
    let all = scratch.run(&["show", "quota/user/<default>", "--format", "json"]).ended(0).json();
    assert_valid("show.schema.json", &all);
    assert_eq!(all["clusters"][0]["values"][1]["value"], "3145728");
    scratch.run(&["show", "quota/user/CN=tell"]).ended(64).says(&["did you mean `quota/user/CN=till`?"]);
    scratch.run(&["show", "quota/group/x"]).ended(64).says(&["quota/ip/ADDRESS"]);
}

#[test]
fn brokers_are_shown_with_what_is_said_of_all_of_them() {
    let scratch = workspace();
    scratch.write(
        "clusters/a.yaml",
        "cluster: alpha\nenvironment: test\nkafka:\n  nodes:\n    - { id: 1 }\n    - { id: 2, config: { max.connections: 5 }, reset: [background.threads] }\n\
         \x20 config: { log.retention.ms: 7d, max.connections: 9, background.threads: 4 }\n",
    );
    insta::assert_snapshot!(scratch.run(&["show", "broker-config/2"]).ended(0).out, @r"
    broker-config/2

    on alpha
     config.background.threads  nothing is set  node at clusters/a.yaml:6:56
     config.log.retention.ms    7d (604800000)  cluster at clusters/a.yaml:7:31
     config.max.connections     5               node at clusters/a.yaml:6:43
    ");
    let all = scratch.run(&["show", "broker-config/<default>", "--format", "json"]).ended(0).json();
    assert_valid("show.schema.json", &all);
    assert_eq!(all["clusters"][0]["values"][1]["shown"], "7d");
    let one = scratch.run(&["show", "broker-config/1", "--format", "markdown"]).ended(0);
    one.shows(&["| `config.max.connections` | `9` | cluster at `clusters/a.yaml:7:52` |"]);
    scratch.run(&["show", "broker-config/3"]).ended(64).says(&["no `broker-config/3`", "`kafka.config`"]);
    scratch.run(&["show", "broker-config/03"]).ended(64).says(&["'broker-config/<default>' for all"]);
    scratch.run(&["show", "broker-config/1", "--cluster", "beta"]).ended(64).says(&["no `broker-config/1`"]);
}
