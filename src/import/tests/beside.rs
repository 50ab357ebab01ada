//! What is adopted beside manifests that are there.

use super::*;

/// A workspace that governs a part of the bus.
const GOVERNED: &[(&str, &str)] = &[
    (
        "busctl.yaml",
        "version: 1\nclasses:\n  month: { cleanup: [delete], retention: 30d }\n  state: { cleanup: [compact] }\n",
    ),
    (
        "clusters/production.yaml",
        "cluster: production\nschema_registry: main\nprincipal: \"User:CN={service},OU=kafka\"\ndefaults: { partitions: 12 }\n",
    ),
    ("clusters/main.yaml", "registry: main\nurl: https://registry.example\n"),
    (
        "catalog/all.yaml",
        "# Who is who.\ndomains:\n  orders: { owner: sales } # since 2020\nservices:\n  billing: { owner: sales }\nteams:\n  sales: {}\n",
    ),
    ("acls/billing.yaml", "service: billing\n# Everything that it reads.\nconsumes:\n  - orders.paid.v1 # with care\n"),
    ("topics/orders/orders.paid.v1.yaml", "topic: orders.paid.v1\nclass: month\nconsumers: [billing]\n"),
];

#[test]
fn one_topic_is_adopted_beside_what_is_governed() {
    let made = imported(&bus(), &workspace(GOVERNED), &["orders.placed.v1"]);
    insta::assert_snapshot!(text(&made, "topics/orders/orders.placed.v1.yaml"), @r"
    topic: orders.placed.v1
    class: month
    producers: [shop]
    consumers: [billing]
    schema:
      compatibility: full
      references: [{ name: Money, subject: orders.money }]
    config: { compression.type: zstd }
    ");
    insta::assert_snapshot!(text(&made, "acls/billing.yaml"), @r"
    service: billing
    # Everything that it reads.
    consumes:
      - orders.paid.v1 # with care
      - orders.placed.v1
    ");
    insta::assert_snapshot!(text(&made, "catalog/all.yaml"), @r"
    # Who is who.
    domains:
      orders: { owner: sales } # since 2020
    services:
      billing: { owner: sales }
      shop: { owner: sales, domain: orders }
    teams:
      sales: {}
    ");
    let created: Vec<_> = made.created.keys().map(|path| path.display().to_string()).collect();
    insta::assert_snapshot!(created.join("\n"), @r"
    acls/shop.yaml
    schemas/orders/orders.money.avsc
    schemas/orders/orders.money.yaml
    schemas/orders/orders.placed.v1-key.avsc
    schemas/orders/orders.placed.v1-key.yaml
    schemas/orders/orders.placed.v1.avsc
    schemas/orders/versions/orders.placed.v1/1.avsc
    schemas/orders/versions/orders.placed.v1/1.yaml
    schemas/orders/versions/orders.placed.v1/2.avsc
    schemas/orders/versions/orders.placed.v1/2.yaml
    topics/orders/orders.placed.v1.yaml
    ");
}

#[test]
fn with_other_clusters_beside_it_each_manifest_says_which_it_is_for() {
    let mut files = GOVERNED.to_vec();
    files.push(("clusters/staging.yaml", "cluster: staging\n"));
    let made = imported(&bus(), &workspace(&files), &["customers.profile.v1"]);
    insta::assert_snapshot!(text(&made, "topics/customers/customers.profile.v1.yaml"), @r"
    topic: customers.profile.v1
    clusters: [production]
    class: state
    config: { min.insync.replicas: 2 }
    ");
}

#[test]
fn a_topic_that_is_governed_is_not_made_to_name_a_service() {
    let mut found = bus();
    let auditor = "User:CN=auditor,OU=kafka";
    found.acls.extend(allow(auditor, Topic, PatternType::Literal, "orders.paid.v1", &[Describe, Read]));
    found.acls.extend(allow(auditor, Group, PatternType::Literal, "auditor", &[Read]));
    let made = imported(&found, &workspace(GOVERNED), &[]);
    assert!(!made.changed.contains_key(Path::new("topics/orders/orders.paid.v1.yaml")));
    let asks = text(&made, "acls/auditor.yaml");
    assert!(!asks.contains("consumes:") && asks.contains("name: orders.paid.v1\n    operation: read\n"), "{asks}");
}

/// The files of a workspace with what was made.
fn with(files: &BTreeMap<String, String>, made: &Imported) -> BTreeMap<String, String> {
    let new = made.created.iter().chain(&made.changed);
    let new = new.map(|(path, text)| (path.to_str().expect("a path").to_owned(), text.clone()));
    files.clone().into_iter().chain(new).collect()
}

fn loaded(files: &BTreeMap<String, String>) -> Workspace {
    workspace(&files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect::<Vec<_>>())
}

#[test]
fn raw_entries_of_an_earlier_import_fold_once_their_topic_is_adopted() {
    let found = bus();
    let mut files = with(&BTreeMap::new(), &imported(&found, &Workspace::default(), &["orders.placed.v1"]));
    let billing = &files["acls/billing.yaml"];
    assert!(
        billing.contains("consumes: [orders.placed.v1]\n") && billing.contains("name: orders.paid.v1\n"),
        "{billing}"
    );
    for only in ["orders.paid.v1", "orders.*"] {
        files = with(&files, &imported(&found, &loaded(&files), &[only]));
    }
    assert_eq!(
        files["acls/billing.yaml"],
        "service: billing\nconsumes: [orders.placed.v1, orders.paid.v1]\n\
         produces: [orders.paid.v1, orders.paid.v1.billing.dlq]\nquota: { produce: 10MiB/s }\n"
    );
    let paid = &files["topics/orders/orders.paid.v1.yaml"];
    assert!(paid.contains("producers: [billing]\nconsumers: [billing]\n"), "{paid}");
    // What somebody has given a reason for is his.
    let mut own = with(&BTreeMap::new(), &imported(&found, &Workspace::default(), &["orders.placed.v1"]));
    let text = own.get_mut("acls/billing.yaml").expect("it is there");
    *text = text.replace("Found on the cluster when it was imported.", "It pays back by hand.");
    let made = imported(&found, &loaded(&own), &["orders.paid.v1"]);
    assert!(!made.changed.contains_key(Path::new("acls/billing.yaml")), "{made:#?}");
}

#[test]
fn a_topic_that_is_adopted_again_takes_the_schemas_that_are_there_and_changes_nothing_else() {
    let found = bus();
    let mut files = with(&BTreeMap::new(), &imported(&found, &Workspace::default(), &[]));
    let manifest = files.remove("topics/orders/orders.placed.v1.yaml").expect("it is there");
    // A formatter of somebody else's is no other schema.
    let schema = "schemas/orders/orders.placed.v1.avsc";
    files.insert(schema.to_owned(), files[schema].replace("  \"", "\t\""));
    files.remove("schemas/orders/versions/orders.placed.v1/2.avsc");
    files.remove("schemas/orders/versions/orders.placed.v1/2.yaml");
    let made = imported(&found, &loaded(&files), &["orders.placed.v1"]);
    let created: Vec<_> = made.created.keys().map(|path| path.display().to_string()).collect();
    insta::assert_snapshot!(created.join("\n"), @"
    schemas/orders/versions/orders.placed.v1/2.avsc
    schemas/orders/versions/orders.placed.v1/2.yaml
    topics/orders/orders.placed.v1.yaml
    ");
    assert_eq!(text(&made, "topics/orders/orders.placed.v1.yaml"), manifest);
    assert!(made.changed.is_empty(), "{:#?}", made.changed);
    // Another schema stays, and is not this topic's.
    files.insert(schema.to_owned(), files[schema].replace("string", "long"));
    let made = imported(&found, &loaded(&files), &["orders.placed.v1"]);
    assert!(text(&made, "topics/orders/orders.placed.v1.yaml").contains("value: orders.placed.v1-2.avsc"), "{made:#?}");
}
