//! Rules of the bus's own, limits of domains, levels by cluster, and waivers.

use crate::support::workspace::{Scratch, assert_valid};

const RULES: &str = r#"version: 1
classes:
  raw: { cleanup: [delete], retention: 30d }
policy:
  ORG001:
    over: topic
    name: enough-partitions
    description: Six consumers can share a topic.
    when: topic.class == 'raw'
    check: topic.partitions >= 6
    message: "`{topic.name}` has {topic.partitions} partitions on {cluster.name} and keeps {topic.retention}"
    help: "write `partitions: 6`"
    examples:
      good: [{ class: raw, partitions: 6 }, { class: raw }]
      bad:
        - class: raw
          partitions: 2
"#;

fn workspace(settings: &str, more: &[(&str, &str)]) -> Scratch {
    let scratch = Scratch::with(&[
        ("busctl.yaml", settings),
        (
            "clusters/a.yaml",
            "cluster: alpha\nenvironment: dev\nkafka: { deployment: local }\ndefaults: { replication_factor: 1 }\n",
        ),
        (
            "clusters/b.yaml",
            "cluster: beta\nenvironment: test\nkafka: { deployment: local }\ndefaults: { replication_factor: 1 }\n",
        ),
        (
            "catalog/all.yaml",
            "domains: { shop: { owner: sales } }\nteams: { sales: { contacts: { email: a@example.com } } }\n\
             services: { till: { owner: sales }, books: { owner: sales } }\n",
        ),
        ("acls/till.yaml", "service: till\nproduces: [shop.order.v1]\n"),
        ("acls/books.yaml", "service: books\nconsumes: [shop.order.v1]\n"),
        (
            "topics/order.yaml",
            "topic: shop.order.v1\nclass: raw\nkey: id\ndescription: One order.\nproducers: [till]\nconsumers: [books]\n\
             partitions: 2\nretention_rationale: Why.\nchange_request: CR-1\n",
        ),
        (
            "schemas/shop/shop.order.v1.avsc",
            "{ \"type\": \"record\", \"name\": \"Order\", \"fields\": \
             [{ \"name\": \"id\", \"type\": \"string\", \"doc\": \"Its id.\" }] }\n",
        ),
    ]);
    more.iter().for_each(|(path, text)| scratch.write(path, text));
    scratch
}

/// The codes and clusters of findings, of the codes that matter here.
fn found(scratch: &Scratch, codes: &[&str]) -> Vec<String> {
    let found = scratch.run(&["validate", "--format", "json"]).json();
    assert_valid("findings.schema.json", &found);
    let findings = found["findings"].as_array().expect("findings").iter();
    let shown = findings.filter(|finding| codes.iter().any(|code| finding["code"] == **code)).map(|finding| {
        let [code, level, cluster] =
            ["code", "level", "cluster"].map(|key| finding[key].as_str().unwrap_or("-").to_owned());
        format!("{code} {level} {cluster}")
    });
    shown.collect()
}

#[test]
fn a_rule_of_the_buss_own_is_found_where_its_value_is_written() {
    let scratch = workspace(RULES, &[]);
    let run = scratch.run(&["validate"]).ended(3);
    run.shows(&[
        "error[ORG001]: `shop.order.v1` has 2 partitions on alpha and keeps 30d",
        "topics/order.yaml:7:13",
        "help: write `partitions: 6`",
        "waiver: - { code: ORG001, resource: topic/shop.order.v1, reason: \"…\", expires: 20",
        ", owner: sales }",
    ]);
    assert_eq!(found(&scratch, &["ORG001"]), ["ORG001 error alpha", "ORG001 error beta"]);
}

#[test]
fn a_rule_whose_code_is_none_is_told_where_it_is_named() {
    let scratch = workspace("version: 1\npolicy:\n  org1: { over: topic, check: \"true\", message: No. }\n", &[]);
    scratch
        .run(&["policy", "test", "org1"])
        .ended(3)
        .shows(&["error[BUS620]: `org1` is no code for a rule of your own"]);
}

#[test]
fn the_waiver_that_a_finding_prints_silences_it_once_it_is_pasted() {
    let scratch = workspace(RULES, &[]);
    let run = scratch.run(&["validate"]).ended(3);
    let line = run.out.lines().find_map(|line| line.split_once("waiver: ").filter(|(_, text)| text.contains("ORG001")));
    let (_, line) = line.expect("a waiver is printed");
    // Only that nobody has written why is told.
    scratch.write("busctl.yaml", format!("{RULES}waivers:\n  {line}\n"));
    assert_eq!(found(&scratch, &["ORG001", "BUS009", "BUS601", "BUS602", "BUS603", "BUS604"]), ["BUS604 warn -"]);
    // A waiver without a reason is none.
    scratch.write("busctl.yaml", format!("{RULES}waivers:\n  {}\n", line.replace("\"…\"", "\" \"")));
    assert_eq!(found(&scratch, &["ORG001", "BUS604"]), ["BUS604 error -", "ORG001 error alpha", "ORG001 error beta"]);
    scratch.write("busctl.yaml", format!("{RULES}waivers:\n  {line}\n"));
    // Mended, it excepts nothing.
    let topic = std::fs::read_to_string(scratch.path("topics/order.yaml")).expect("it is there");
    scratch.write("topics/order.yaml", topic.replace("partitions: 2", "partitions: 6"));
    assert_eq!(found(&scratch, &["ORG001", "BUS602"]), ["BUS602 warn -"]);
    // Its last day is over, its team is nobody.
    scratch.write("topics/order.yaml", &topic);
    let line = "{ code: org001, resource: topic/shop.order.v1, reason: x, expires: 2020-01-01, owner: nobody }";
    scratch.write("busctl.yaml", format!("{RULES}waivers: [{line}]\n"));
    let codes = ["ORG001", "BUS009", "BUS601", "BUS602"];
    assert_eq!(found(&scratch, &codes), ["BUS009 error -", "ORG001 error alpha", "ORG001 error beta", "BUS601 warn -"]);
}

#[test]
fn a_level_holds_by_cluster_and_environment() {
    let levels = |levels: &str| workspace(&format!("{RULES}rules: {{ {levels} }}\n"), &[]);
    let by_cluster = levels("ORG001: { default: info, alpha: warn }, BUS103: { dev: off, beta: error }");
    assert_eq!(found(&by_cluster, &["ORG001", "BUS605"]), ["ORG001 warn alpha", "ORG001 info beta"]);
    // The cluster wins over its environment, and what holds in the workspace as a whole is told apart.
    let topic =
        ("topics/order.yaml", "topic: shop.order.v1\nclass: raw\nkey: id\nproducers: [till]\nconsumers: [books]\n");
    let scratch = levels("ORG001: off, BUS107: { default: warn, test: info, beta: error }");
    scratch.write(topic.0, topic.1);
    assert_eq!(found(&scratch, &["ORG001", "BUS107"]), ["BUS107 error beta", "BUS107 warn alpha"]);
    let run = scratch.run(&["validate", "--cluster", "alpha"]).shows(&["warning[BUS107]"]);
    assert!(!run.out.contains("error[BUS107]"), "{}", run.out);
    // What nobody is called, and what may not be lowered.
    let run =
        levels("ORG001: { gamma: warn, bta: off }, BUS004: { beta: warn }, ORG002: off").run(&["validate"]).ended(3);
    run.shows(&[
        "`gamma` is neither an environment nor a cluster",
        "did you mean `beta`?",
        "BUS004 (unknown-key) cannot be set below error",
        "`ORG002` is not the code of a rule",
        "did you mean `ORG001`?",
    ]);
}

#[test]
fn mistakes_in_rules_are_found_in_the_expression() {
    let settings = r#"version: 1
policy:
  ORG001:
    over: topic
    check: topic.partition >= 6
    message: "{topic.nam} is wrong"
  ORG002: { over: topic, when: topic.name, check: "topic.retention > '30d'", message: "{unclosed" }
  ORG003: { over: topic, check: topic.partitions = 6, message: x, clusters: [gamma] }
  ORG004: { over: topics, check: "true", message: x, levl: warn }
  bus9: { over: topic, check: "true", message: x }
  BUS999: { over: topic, check: "true", message: x }
  ORG005:
    over: service
    check: >
      service.owner != ''
      && service.produces.all(t, t.startsWith(domain))
    message: x
"#;
    let run = workspace(settings, &[]).run(&["validate"]).ended(3);
    run.shows(&[
        "error[BUS620]: ORG001: a topic has no `partition`",
        "busctl.yaml:5:18",
        "did you mean `partitions`?",
        "error[BUS620]: ORG001: a topic has no `nam`",
        "busctl.yaml:6:22",
        "ORG002: this is a text; a condition is true or false",
        "ORG002: a whole number is not compared with a text",
        "write duration('30d'), byte_size('2MiB')",
        "ORG002: a `{` without its `}`",
        "ORG003: `=` is no operator",
        "no cluster answers to `gamma`",
        "`topics` is not a kind of resource",
        "unknown key `levl` in a rule",
        "`bus9` is no code for a rule of your own",
        "codes that start with BUS are busctl's own",
        "ORG005: there is no `domain`",
        "busctl.yaml:16:47",
        "did you mean `service.domain`?",
    ]);
    // An answer that is missing is no answer.
    let settings = "version: 1\npolicy:\n  ORG006: { over: topic, check: topic.retention_bytes > 5, message: x }\n";
    workspace(settings, &[])
        .run(&["validate"])
        .ended(3)
        .shows(&["error[BUS621]: ORG006 yields nothing for `topic/shop.order.v1`: `retention_bytes` is not there"]);
}

#[test]
fn every_kind_of_resource_is_asked() {
    let settings = r#"version: 1
policy:
  ORG001: { over: service, check: "service.name == 'till' || 'shop.order.v1' in service.produces", message: "{service.name} reads {size(service.consumes)}" }
  ORG002: { over: grant, check: "grant.operation != 'write'", message: "{grant.service} may {grant.operation} {grant.name}", clusters: [dev] }
  ORG003: { over: schema, check: "schema.fields.exists(f, f.path == 'tenant')", message: "{schema.subject} has no tenant" }
  ORG004: { over: cluster, check: "cluster.environment in ['test']", message: "{cluster.name} is {cluster.environment}", level: warn }
"#;
    let registry = ("clusters/r.yaml", "registry: main\nurl: https://registry.example.com\n");
    let scratch = workspace(settings, &[registry]);
    let cluster = "cluster: alpha\nenvironment: dev\nkafka: { deployment: local }\nschema_registry: main\n";
    scratch.write("clusters/a.yaml", cluster);
    scratch.run(&["validate"]).ended(3).shows(&[
        "error[ORG001]: books reads 1",
        "error[ORG002]: till may write shop.order.v1",
        "on cluster alpha",
        "error[ORG003]: shop.order.v1-value has no tenant",
        "warning[ORG004]: alpha is dev",
    ]);
}

#[test]
fn examples_say_what_a_rule_does() {
    let run = workspace(RULES, &[]).run(&["policy", "test"]).ended(0);
    assert_eq!((run.out.as_str(), run.err.as_str()), ("ORG001 2 good and 1 bad example\n", "3 examples of 1 rule.\n"));
    let settings = RULES.replace("good: [{", "good: [{ class: raw, partitions: 3, cluster: { name: beta } }, {")
        + "        - { class: raw, partitions: 12 }\n        - { class: state }\n        - { partition: 2 }\n  ORG002: { over: topic, check: \"true\", message: x }\n";
    let scratch = workspace(&settings, &[]);
    let run = scratch.run(&["policy", "test"]).ended(3);
    run.shows(&[
        "error[ORG001]: this good example breaks ORG001: `example` has 3 partitions on beta and keeps {topic.retention}",
        "help: it saw topic.class = 'raw', topic.partitions = 3",
        "error[ORG001]: this bad example keeps ORG001",
        "error[ORG001]: ORG001 is not asked of this bad example: `when` is false",
        "error[BUS620]: a topic has no `partition`",
        "warning[ORG002]: ORG002 has no good example",
        "ORG001 3 good and 4 bad examples, 4 failed",
    ]);
    let run = scratch.run(&["policy", "test", "org002", "--format", "json"]).ended(0);
    let told = run.json();
    assert_valid("policy-test.schema.json", &told);
    assert_eq!(
        (told["rules"][0]["code"].as_str(), told["findings"].as_array().map(Vec::len)),
        (Some("ORG002"), Some(2))
    );
    scratch
        .run(&["policy", "test", "ORG003"])
        .ended(64)
        .says(&["busctl.yaml has no rule `ORG003`", "did you mean `ORG00"]);
}

#[test]
fn a_rule_of_the_buss_own_explains_itself() {
    let scratch = workspace(RULES, &[]);
    scratch.run(&["explain", "org001"]).ended(0).shows(&[
        "## ORG001 enough-partitions",
        "Six consumers can share a topic.",
        "Level: error. Asked of each topic; written at busctl.yaml:10:12.",
        "topic.partitions >= 6",
        "Bad:\n\n```yaml\nclass: raw\npartitions: 2\n```",
        "Good:\n\n```yaml\n{ class: raw, partitions: 6 }",
    ]);
    scratch.run(&["explain", "ORG002"]).ended(64).says(&["there is no rule `ORG002`", "did you mean ORG001?"]);
}

#[test]
fn a_domain_keeps_its_limits_and_its_prefixes() {
    let catalog = "domains:
  shop:
    owner: sales
    prefixes: [shop., cart.]
    limits: { partitions: 1, total_partitions: 1, retention: 7d, topics: 0, quota: { produce: 1MiB/s, consume: 1MiB/s } }
  art: { owner: design, prefixes: [shop.art.] }
teams: { sales: { contacts: { email: a@example.com } }, design: { contacts: { email: b@example.com } } }
services: { till: { owner: sales, domain: shop }, books: { owner: design, domain: art } }
";
    let scratch = workspace(
        "version: 1\nclasses: { raw: { cleanup: [delete], retention: 30d } }\n",
        &[
            ("catalog/all.yaml", catalog),
            (
                "acls/till.yaml",
                "service: till\nproduces: [shop.order.v1]\ntransactional_ids: [\"shop.*\"]\nquota: { produce: 2MiB/s }\n",
            ),
            ("acls/books.yaml", "service: books\nconsumes: [{ topic: shop.order.v1, group: cart.books }]\n"),
        ],
    );
    scratch.run(&["validate"]).ended(3).shows(&[
        "error[BUS622]: `shop.order.v1` has 2 partitions; one of `shop` has 1 at most",
        "topics/order.yaml:7:13",
        "error[BUS623]: `shop.order.v1` keeps records for 30d; `shop` keeps them for 7d at most",
        "the limit of `shop`",
        "error[BUS624]: `shop` has 1 topic; 0 is its limit on a cluster\n --> topics/order.yaml:1:8",
        "error[BUS625]: `shop` has 2 partitions in 1 topic; 1 is its limit on a cluster\n --> topics/order.yaml:7:13",
        "the most partitions, 2",
        "error[BUS626]: 1 service of `shop` may write 2MiB/s; 1MiB/s is the limit\n --> acls/till.yaml:4:19",
        "error[BUS627]: the group `cart.books` is the service `books`'s, and names that start with `cart.` are `shop`'s",
        "error[BUS627]: the transactional id `shop.*` is the service `till`'s, and names that start with `shop.art.` are `art`'s",
    ]);
    // A longer prefix takes a part of the shorter one away, and a prefix gives a topic its domain.
    scratch.write("topics/art.yaml", "topic: shop.art.v1\nowner: sales\n");
    scratch.write("topics/cart.yaml", "topic: cart.filled.v1\n");
    let taken = "error[BUS627]: `shop.art.v1` is `sales`'s, and names that start with `shop.art.` are `art`'s";
    let run = scratch.run(&["validate"]).ended(3).shows(&[taken]);
    assert!(!run.out.contains("the domain `cart` is not declared"), "{}", run.out);
    // Dead letters have the name of somebody else's topic, and are the reader's.
    scratch.write("topics/dead.yaml", "topic: shop.order.v1.books.dlq\nowner: design\n");
    let run = scratch.run(&["validate"]).ended(3);
    assert!(!run.out.contains("`shop.order.v1.books.dlq` is `design`'s"), "{}", run.out);
    scratch.run(&["show", "topic/cart.filled.v1", "--cluster", "alpha"]).shows(&["sales"]);
}

#[test]
fn a_limit_that_a_change_breaks_is_told_at_what_it_adds() {
    let limits = |topics| {
        format!(
            "domains: {{ shop: {{ owner: sales, limits: {{ topics: {topics}, total_partitions: 4 }} }} }}\n\
             teams: {{ sales: {{ contacts: {{ email: a@example.com }} }} }}\n\
             services: {{ till: {{ owner: sales }}, books: {{ owner: sales }} }}\n"
        )
    };
    let scratch = workspace("version: 1\nclasses: { raw: { cleanup: [delete], retention: 30d } }\n", &[]);
    scratch.write("catalog/all.yaml", limits(1));
    scratch.commit();
    let topic = "topic: shop.basket.v1\nclass: raw\npartitions: 1\n";
    scratch.write("topics/basket.yaml", topic);
    let against = &["validate", "--against", "git:main"];
    scratch.run(against).ended(3).shows(&[
        "error[BUS624]: `shop` has 2 topics; 1 is its limit on a cluster\n --> topics/basket.yaml:1:8",
        "^^^^^^^^^^^^^^ added here",
        "the limit",
    ]);
    // More partitions of one that was there.
    scratch.write("catalog/all.yaml", limits(2));
    scratch.edit("topics/order.yaml", "partitions: 2", "partitions: 4");
    scratch.run(against).ended(3).shows(&[
        "error[BUS625]: `shop` has 5 partitions in 2 topics; 4 is its limit on a cluster\n --> topics/order.yaml:7:13",
        "2 more than before",
    ]);
    // And less of the limit.
    scratch.remove("topics/basket.yaml");
    scratch.edit("topics/order.yaml", "partitions: 4", "partitions: 2");
    scratch.write("catalog/all.yaml", limits(0));
    let run = scratch.run(against).ended(3).shows(&["error[BUS624]: `shop` has 1 topic", " --> catalog/all.yaml:1:52"]);
    assert_eq!(run.out.matches("BUS624").count(), 2, "once, with its waiver: {}", run.out);
}

#[test]
fn the_page_about_policy_shows_every_field_and_rules_that_keep_their_examples() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/policy.md")).expect("read the page");
    for shape in busctl::policy::custom::SHAPES {
        assert!(page.to_lowercase().contains(&format!("### {}\n", shape.anchor.replace('-', " "))), "{}", shape.anchor);
        for field in shape.fields {
            assert!(page.contains(&field.row()), "docs/policy.md lacks this row of {}:\n{}", shape.anchor, field.row());
        }
    }
    let rules = page.split("```yaml\n").nth(1).and_then(|block| block.split("```").next()).expect("an example");
    let shown =
        page.split("$ busctl policy test\n").nth(1).and_then(|block| block.split("```").next()).expect("its test");
    let scratch = Scratch::with(&[("busctl.yaml", rules), ("clusters/p.yaml", "cluster: production\n")]);
    let run = scratch.run(&["policy", "test"]).ended(0);
    assert_eq!(run.out, shown);
}
