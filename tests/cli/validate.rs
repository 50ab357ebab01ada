//! Findings as they are shown.

use crate::support::workspace::{Scratch, assert_valid, busctl, start};

#[test]
fn the_sample_of_the_repository_keeps_the_rules() {
    let mut command = busctl();
    command.args(["validate", "--format", "json"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    // What this version does not apply yet is said, and how a new major version differs, and who still has to
    // move to it; none is an error.
    let found = start(command).wait().ended(0).json();
    let codes = found["findings"].as_array().unwrap().iter().map(|finding| finding["code"].as_str().unwrap());
    assert_eq!(codes.filter(|code| !["BUS010", "BUS124", "BUS317"].contains(code)).count(), 0, "{found:#}");
}

/// Findings without the day until which a waiver is proposed: it is ninety days from today.
pub fn undated(text: &str) -> String {
    let day = regex::Regex::new(r"expires: \d{4}-\d\d-\d\d").unwrap();
    day.replace_all(text, "expires: DAY").into_owned()
}

fn broken() -> Scratch {
    Scratch::with(&[
        ("busctl.yaml", "version: 1\nclasses:\n  raw: { cleanup: [delete], retention: 30d }\nrules: { BUS108: off }\n"),
        ("clusters/a.yaml", "cluster: alpha\nenvironment: dev\nkafka: { deployment: local }\n"),
        ("clusters/b.yaml", "cluster: beta\nenvironment: live\nconnection: { bootstrap: [\"b:9092\"] }\n"),
        (
            "catalog/all.yaml",
            "domains: { shop: { owner: sales } }\nteams: { sales: {} }\nservices: { till: { owner: sales } }\n",
        ),
        ("acls/till.yaml", "service: till\nproduces: [shop.order.v1]\n"),
        ("topics/order.yaml", "topic: shop.order.v1\nclass: raw\nkey: id\ndescription: One order.\nproducers: []\n"),
    ])
}

#[test]
fn a_workspace_without_a_finding_says_so() {
    let scratch = Scratch::with(&[("catalog/all.yaml", "teams: { sales: {} }\n")]);
    let run = scratch.run(&["validate"]).ended(0);
    assert_eq!(
        (run.out.as_str(), run.err.as_str()),
        ("no findings\n", "0 topics and 0 schemas keep the rules on 0 clusters.\n")
    );
}

#[test]
fn nobody_is_everybody() {
    let scratch = broken();
    scratch.write("acls/till.yaml", "service: till\nprincipals: { alpha: \"User:*\" }\n");
    scratch.run(&["validate"]).ended(3).shows(&[
        "error[BUS204]: the service `till` is everybody: what it may do, every client may",
        "--> acls/till.yaml:2:22",
    ]);
}

#[test]
fn findings_point_at_their_lines() {
    let scratch = broken();
    let out = scratch.run(&["validate"]).ended(3).out;
    insta::assert_snapshot!(undated(&out), @r#"
    error[BUS201]: `till` asks to write `shop.order.v1`, whose owner does not name it
     --> acls/till.yaml:2:12
      |
    2 | produces: [shop.order.v1]
      |            ^^^^^^^^^^^^^ asked for here
      |
     ::: topics/order.yaml:1:8
      |
    1 | topic: shop.order.v1
      |        ------------- the topic does not name it
      |
      = help: have the owner of the topic add `till` to `producers` in topics/order.yaml
      = waiver: - { code: BUS201, resource: grant/till/topic/shop.order.v1, reason: "…", expires: DAY, owner: sales }

    error[BUS109]: `shop.order.v1` names no producer
     --> topics/order.yaml:1:8
      |
    1 | topic: shop.order.v1
      |        ^^^^^^^^^^^^^ no `producers` here
      |
      = help: write `producers: [SERVICE]`
      = waiver: - { code: BUS109, resource: topic/shop.order.v1, reason: "…", expires: DAY, owner: sales }

    error[BUS110]: `shop.order.v1` names no consumer
     --> topics/order.yaml:1:8
      |
    1 | topic: shop.order.v1
      |        ^^^^^^^^^^^^^ no `consumers` here
      |
      = help: write `consumers: [SERVICE]`
      = waiver: - { code: BUS110, resource: topic/shop.order.v1, reason: "…", expires: DAY, owner: sales }

    error[BUS111]: `shop.order.v1` has no schema for its values
     --> topics/order.yaml:1:8
      |
    1 | topic: shop.order.v1
      |        ^^^^^^^^^^^^^ no `schema` here
      |
      = help: write the schema to schemas/shop/shop.order.v1.avsc (or .json, .proto), or name its file: `schema: { value: FILE }`
      = waiver: - { code: BUS111, resource: topic/shop.order.v1, reason: "…", expires: DAY, owner: sales }

    error[BUS112]: `shop.order.v1` does not say why records are kept for 30d
     --> topics/order.yaml:1:8
      |
    1 | topic: shop.order.v1
      |        ^^^^^^^^^^^^^ no `retention_rationale` here
      |
      = help: write `retention_rationale: …`: who may read old records again, and how far back
      = waiver: - { code: BUS112, resource: topic/shop.order.v1, reason: "…", expires: DAY, owner: sales }

    error[BUS113]: `shop.order.v1` names no change request
     --> topics/order.yaml:1:8
      |
    1 | topic: shop.order.v1
      |        ^^^^^^^^^^^^^ no `change_request` here
      |
      = help: write `change_request: …`
      = waiver: - { code: BUS113, resource: topic/shop.order.v1, reason: "…", expires: DAY, owner: sales }

    warning[BUS105]: topics of `alpha` have 3 replicas of each partition and one in sync is enough: a record may be acknowledged by a single disk
     --> clusters/a.yaml:1:10
      |
    1 | cluster: alpha
      |          ^^^^^
      |
      = note: on cluster alpha
      = help: write `min_insync_replicas: 2` under `defaults` of the cluster
      = waiver: - { code: BUS105, resource: cluster/alpha, reason: "…", expires: DAY }

    warning[BUS105]: topics of `beta` have 3 replicas of each partition and one in sync is enough: a record may be acknowledged by a single disk
     --> clusters/b.yaml:1:10
      |
    1 | cluster: beta
      |          ^^^^
      |
      = note: on cluster beta
      = help: write `min_insync_replicas: 2` under `defaults` of the cluster
      = waiver: - { code: BUS105, resource: cluster/beta, reason: "…", expires: DAY }

    warning[BUS807]: `beta` does not say what its brokers are: how closed they are is neither reviewed nor compared
     --> clusters/b.yaml:1:10
      |
    1 | cluster: beta
      |          ^^^^ no `kafka` here
      |
      = note: on cluster beta
      = help: write `kafka: { deployment: self_managed, authorizer: standard, super_users: […], listeners: {…}, nodes: […] }`
      = waiver: - { code: BUS807, resource: cluster/beta, reason: "…", expires: DAY }

    warning[BUS402]: busctl reaches `beta` in plaintext
     --> clusters/b.yaml:3:13
      |
    3 | connection: { bootstrap: ["b:9092"] }
      |             ^^^^^^^^^^^^^^^^^^^^^^^
      |
      = note: on cluster beta
      = help: add `tls: {}` to trust the system's authorities, or `tls: { ca: file:… }`
      = waiver: - { code: BUS402, resource: cluster/beta, reason: "…", expires: DAY }

    info[BUS405]: the id of `beta` is not pinned
     --> clusters/b.yaml:1:10
      |
    1 | cluster: beta
      |          ^^^^ no `cluster_id` here
      |
      = note: on cluster beta
      = help: write `cluster_id: …`, which `kafka-cluster cluster-id` and `busctl plan` show
      = waiver: - { code: BUS405, resource: cluster/beta, reason: "…", expires: DAY }

    6 errors, 4 warnings, 1 info in 4 files
    "#);
    insta::assert_snapshot!(undated(&scratch.run(&["validate", "--format", "markdown"]).ended(3).out), @r#"
    <!-- busctl:findings -->
    ### busctl: 6 errors, 4 warnings, 1 info in 4 files

    | | Finding | Where |
    | --- | --- | --- |
    | **error** | `BUS201` `till` asks to write `shop.order.v1`, whose owner does not name it<br>help: have the owner of the topic add `till` to `producers` in topics/order.yaml<br>waiver: `- { code: BUS201, resource: grant/till/topic/shop.order.v1, reason: "…", expires: DAY, owner: sales }` | `acls/till.yaml:2:12` asked for here<br>`topics/order.yaml:1:8` the topic does not name it |
    | **error** | `BUS109` `shop.order.v1` names no producer<br>help: write `producers: [SERVICE]`<br>waiver: `- { code: BUS109, resource: topic/shop.order.v1, reason: "…", expires: DAY, owner: sales }` | `topics/order.yaml:1:8` no `producers` here |
    | **error** | `BUS110` `shop.order.v1` names no consumer<br>help: write `consumers: [SERVICE]`<br>waiver: `- { code: BUS110, resource: topic/shop.order.v1, reason: "…", expires: DAY, owner: sales }` | `topics/order.yaml:1:8` no `consumers` here |
    | **error** | `BUS111` `shop.order.v1` has no schema for its values<br>help: write the schema to schemas/shop/shop.order.v1.avsc (or .json, .proto), or name its file: `schema: { value: FILE }`<br>waiver: `- { code: BUS111, resource: topic/shop.order.v1, reason: "…", expires: DAY, owner: sales }` | `topics/order.yaml:1:8` no `schema` here |
    | **error** | `BUS112` `shop.order.v1` does not say why records are kept for 30d<br>help: write `retention_rationale: …`: who may read old records again, and how far back<br>waiver: `- { code: BUS112, resource: topic/shop.order.v1, reason: "…", expires: DAY, owner: sales }` | `topics/order.yaml:1:8` no `retention_rationale` here |
    | **error** | `BUS113` `shop.order.v1` names no change request<br>help: write `change_request: …`<br>waiver: `- { code: BUS113, resource: topic/shop.order.v1, reason: "…", expires: DAY, owner: sales }` | `topics/order.yaml:1:8` no `change_request` here |
    | warning | `BUS105` topics of `alpha` have 3 replicas of each partition and one in sync is enough: a record may be acknowledged by a single disk (on cluster `alpha`)<br>help: write `min_insync_replicas: 2` under `defaults` of the cluster<br>waiver: `- { code: BUS105, resource: cluster/alpha, reason: "…", expires: DAY }` | `clusters/a.yaml:1:10` |
    | warning | `BUS105` topics of `beta` have 3 replicas of each partition and one in sync is enough: a record may be acknowledged by a single disk (on cluster `beta`)<br>help: write `min_insync_replicas: 2` under `defaults` of the cluster<br>waiver: `- { code: BUS105, resource: cluster/beta, reason: "…", expires: DAY }` | `clusters/b.yaml:1:10` |
    | warning | `BUS807` `beta` does not say what its brokers are: how closed they are is neither reviewed nor compared (on cluster `beta`)<br>help: write `kafka: { deployment: self_managed, authorizer: standard, super_users: […], listeners: {…}, nodes: […] }`<br>waiver: `- { code: BUS807, resource: cluster/beta, reason: "…", expires: DAY }` | `clusters/b.yaml:1:10` no `kafka` here |
    | warning | `BUS402` busctl reaches `beta` in plaintext (on cluster `beta`)<br>help: add `tls: {}` to trust the system's authorities, or `tls: { ca: file:… }`<br>waiver: `- { code: BUS402, resource: cluster/beta, reason: "…", expires: DAY }` | `clusters/b.yaml:3:13` |
    | info | `BUS405` the id of `beta` is not pinned (on cluster `beta`)<br>help: write `cluster_id: …`, which `kafka-cluster cluster-id` and `busctl plan` show<br>waiver: `- { code: BUS405, resource: cluster/beta, reason: "…", expires: DAY }` | `clusters/b.yaml:1:10` no `cluster_id` here |
    "#);
    let json = scratch.run(&["validate", "--format", "json"]).ended(3).json();
    assert_valid("findings.schema.json", &json);
    // For one cluster, what only another one breaks is no finding.
    let one = scratch.run(&["validate", "--cluster", "alpha", "--format", "json"]).ended(3).json();
    let count = |json: &serde_json::Value| json["findings"].as_array().unwrap().len();
    assert!(count(&one) < count(&json), "{one:#}");
}

#[test]
fn a_cluster_without_a_registry_says_once_what_is_not_registered() {
    let scratch = broken();
    for number in 1..=5 {
        scratch.write(&format!("topics/stock{number}.yaml"), format!("topic: shop.stock.v{number}\n"));
        scratch.write(&format!("schemas/shop/shop.stock.v{number}.avsc"), "\"string\"\n");
    }
    scratch.write("clusters/r.yaml", "registry: main\nurl: https://r.example.com\n");
    let found = |scratch: &Scratch| {
        let json = scratch.run(&["validate", "--cluster", "beta", "--format", "json"]).json();
        let all = json["findings"].as_array().unwrap().clone();
        let of_rule = all.into_iter().filter(|finding| finding["code"] == "BUS306");
        of_rule.map(|finding| format!("{}; {}", finding["message"], finding["help"])).collect::<Vec<_>>()
    };
    insta::assert_snapshot!(found(&scratch).join("\n"), @r#""`beta` names no schema registry: 5 subjects are not registered for it (`shop.stock.v1-value`, `shop.stock.v2-value`, `shop.stock.v3-value`, and 2 more)"; "add `schema_registry: main`""#);
    let cluster = "cluster: beta\nschema_registry: main\nconnection: { bootstrap: [\"b:9092\"] }\n";
    scratch.write("clusters/b.yaml", cluster);
    assert!(found(&scratch).is_empty());
}

#[test]
fn consent_says_what_to_write_where_and_a_slip_is_one_finding() {
    let scratch = broken();
    let catalog = "domains: { shop: { owner: sales } }\nteams: { sales: {} }\n\
                   services: { till: { owner: sales }, stocktaker: { owner: sales } }\n";
    scratch.write("catalog/all.yaml", catalog);
    let order = |consumers: &str| {
        scratch
            .write("topics/order.yaml", format!("topic: shop.order.v1\nproducers: [till]\nconsumers: [{consumers}]\n"));
        let json = scratch.run(&["validate", "--format", "json"]).json();
        let all = json["findings"].as_array().unwrap().clone();
        let shown =
            |it: &serde_json::Value| format!("{} {}; {}", it["code"], it["message"], it["help"]).replace('"', "");
        let codes = ["BUS009", "BUS117", "BUS120", "BUS201", "BUS202"];
        all.iter().map(shown).filter(|it| codes.iter().any(|code| it.starts_with(code))).collect::<Vec<_>>().join("\n")
    };
    let alone = order("stocktaker");
    scratch.write("acls/stock/taker.yaml", "service: stocktaker\n");
    let unasked = order("stocktaker");
    scratch.write("acls/stock/taker.yaml", "service: stocktaker\nconsumes: [shop.order.v1]\n");
    let slip = order("{ service: stokctaker, dlq: true }");
    insta::assert_snapshot!([alone, unasked, slip].join("\n\n"), @"
    BUS202 `shop.order.v1` lets `stocktaker` read it, and the service has no manifest in acls/; write acls/stocktaker.yaml: `service: stocktaker`, `consumes: [shop.order.v1]`; or take `stocktaker` out of `consumers` in topics/order.yaml

    BUS202 `shop.order.v1` lets `stocktaker` read it, which does not ask for it; add `shop.order.v1` to `consumes` in acls/stock/taker.yaml, or take `stocktaker` out of `consumers` in topics/order.yaml

    BUS009 the service or role `stokctaker` is not declared; did you mean `stocktaker`?
    ");
}

#[test]
fn levels_and_waivers_hold_and_expire() {
    let scratch = Scratch::with(&[
        (
            "catalog/all.yaml",
            "domains: { shop: { owner: sales } }\nteams: { sales: {} }\nservices: { till: { owner: sales } }\n",
        ),
        ("acls/till.yaml", "service: till\nproduces: [shop.order.v1]\n"),
        ("topics/order.yaml", "topic: shop.order.v1\nproducers: [till]\n"),
    ]);
    let codes = |scratch: &Scratch| -> Vec<String> {
        let json = scratch.run(&["validate", "--format", "json"]).json();
        json["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| format!("{} {}", it["code"].as_str().unwrap(), it["level"].as_str().unwrap()))
            .collect()
    };
    let all = codes(&scratch);
    let errors: Vec<_> = all
        .iter()
        .filter(|code| code.ends_with(" error"))
        .map(|code| code.split(' ').next().unwrap().to_owned())
        .collect();
    assert!(errors.len() > 3, "{all:?}");
    let levels = |level: &str| errors.iter().map(|code| format!("  {code}: {level}\n")).collect::<String>();
    scratch.write("busctl.yaml", format!("version: 1\nrules:\n{}", levels("warn")));
    scratch.run(&["validate"]).ended(0);
    assert_eq!(codes(&scratch).len(), all.len());
    scratch.write("busctl.yaml", format!("version: 1\nrules:\n{}", levels("off")));
    assert_eq!(codes(&scratch).len(), all.len() - errors.len());

    let waivers = |expires: &str| {
        let one = |code: &String| {
            format!("  - {{ code: {code}, resource: topic/shop.order.v1, reason: Asked for., expires: {expires} }}\n")
        };
        format!("version: 1\nwaivers:\n{}", errors.iter().map(one).collect::<String>())
    };
    scratch.write("busctl.yaml", waivers("2999-12-31"));
    scratch.run(&["validate"]).ended(0);
    scratch.write("busctl.yaml", waivers("2020-12-31"));
    scratch.run(&["validate"]).ended(3).shows(&["2020-12-31"]);
}

#[test]
fn a_mistyped_type_is_named_also_where_it_has_a_default() {
    let field = r#"  {"name":"x","type":"strng","default":""}"#;
    let schema = format!("{{\"type\":\"record\",\"name\":\"Order\",\"fields\":[\n{field}\n]}}\n");
    let scratch = Scratch::with(&[
        ("schemas/shop/order.yaml", "subject: shop.order\nschema: order.avsc\n"),
        ("schemas/shop/order.avsc", &schema),
    ]);
    let run = scratch.run(&["validate"]).ended(3);
    let run = run.shows(&["order.avsc:2:22", "the type `strng` is not defined", "did you mean `string`?"]);
    assert!(!run.out.contains("does not fit"), "{}", run.out);
}

#[test]
fn who_has_an_identity_is_asked_online_alone() {
    let scratch = Scratch::with(&[
        ("acls/a.yaml", "service: a\n"),
        ("catalog/c.yaml", "services: { a: { owner: t } }\nteams: { t: { contacts: { email: t@example.com } } }\n"),
        (
            "clusters/main.yaml",
            "cluster: main\nconsul: { address: \"http://127.0.0.1:1\" }\nidentities: { consul: \"{service}\" }\n",
        ),
    ]);
    scratch.run(&["validate"]).ended(0);
    let online = scratch.run(&["validate", "--online", "--timeout", "2s"]).ended(1);
    online.says(&[
        "who has an identity on `main` is not known: could not list the services on Consul http://127.0.0.1:1",
    ]);
    scratch.run(&["validate", "--online", "--fix"]).ended(64);
    scratch.edit("clusters/main.yaml", "consul: { address: \"http://127.0.0.1:1\" }\n", "");
    let without = scratch.run(&["validate"]).ended(3);
    without.shows(&["BUS413", "services are to be looked for in Consul, and the cluster declares none"]);
}
