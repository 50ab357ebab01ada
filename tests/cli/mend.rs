//! `busctl validate --fix`.

use crate::support::workspace::Scratch;

/// A workspace in which everything that can be mended is wrong.
fn broken() -> Scratch {
    Scratch::with(&[
        ("busctl.yaml", "# The policy.\nclasses:\n  raw: { cleanup: [delete], retention: 2592000000 }   # a month\n"),
        ("clusters/a.yaml", "cluster: alpha\nkafka: { version: 4.3, deployment: local }\n"),
        (
            "catalog/all.yaml",
            "domains: { shop: { owner: sales } }\nteams: { sales: {} }\n\
             services: { till: { owner: sales }, stock: { owner: sales } }\n",
        ),
        ("acls/till.yaml", "service: till\nproduces: [shop.order.v1]   # all of them\n"),
        (
            "topics/order.yaml",
            "topic: shop.order.v1\nclass: raw\nkye: id\n# Who reads.\nconsumers:\n  - stock   # counts\n\
             retention_rationale: x\nconfig: { segment.bytes: 1073741824, segment.ms: 7 days }\n",
        ),
    ])
}

#[test]
fn what_is_safe_is_mended_and_everything_else_stays() {
    let scratch = broken();
    let run = scratch.run(&["validate", "--fix"]).ended(3);
    run.says(&[
        "mended busctl.yaml:2:1: BUS007 write `version: 1`\n",
        "mended busctl.yaml:4:40: BUS650 write `30d` for `2592000000`\n",
        "mended clusters/a.yaml:2:19: BUS005 write it in quotes\n",
    ])
    .shows(&["error[BUS004]: unknown key `kye`"]);
    assert_eq!(
        scratch.read("busctl.yaml"),
        "# The policy.\nversion: 1\nclasses:\n  raw: { cleanup: [delete], retention: 30d }   # a month\n"
    );
    assert_eq!(scratch.read("clusters/a.yaml"), "cluster: alpha\nkafka: { version: \"4.3\", deployment: local }\n");
    assert!(scratch.read("topics/order.yaml").contains("kye: id\n# Who reads.\nconsumers:\n  - stock   # counts\n"));
}

#[test]
fn guesses_and_the_consent_of_others_are_asked_for() {
    let scratch = broken();
    let run = scratch.run(&["validate", "--fix", "--unsafe-fixes", "--fix-consent"]).ended(3);
    let run = run.says(&[
        "BUS004 write `key`\n",
        "BUS006 write `7d`\n",
        "BUS201 add `till` to `producers` of `shop.order.v1`\n",
        "BUS202 write acls/stock.yaml: `stock` consumes `shop.order.v1`\n",
    ]);
    assert!(!run.err.contains("can be mended"), "{}", run.err);
    assert_eq!(
        scratch.read("topics/order.yaml"),
        "topic: shop.order.v1\nclass: raw\nkey: id\nproducers: [till]\n# Who reads.\nconsumers:\n  - stock   # counts\n\
         retention_rationale: x\nconfig: { segment.bytes: 1GiB, segment.ms: 7d }\n"
    );
    assert_eq!(scratch.read("acls/stock.yaml"), "service: stock\nconsumes: [shop.order.v1]\n");
    assert_eq!(scratch.read("acls/till.yaml"), "service: till\nproduces: [shop.order.v1]   # all of them\n");
}

#[test]
fn a_diff_writes_nothing() {
    let scratch = broken();
    let before = scratch.read("busctl.yaml");
    let run = scratch.run(&["validate", "--fix-consent", "--fix", "--diff"]).ended(3);
    run.shows(&["+version: 1\n", "-  raw: { cleanup: [delete], retention: 2592000000 }   # a month\n"]).says(&[
        "would mend busctl.yaml:2:1: BUS007 write `version: 1`",
        "error[BUS004]",
        " would be mended.",
    ]);
    assert_eq!(scratch.read("busctl.yaml"), before);
    scratch.run(&["validate", "--diff"]).ended(64);
    scratch.run(&["validate", "--unsafe-fixes"]).ended(64);
    scratch.run(&["validate", "--fix", "--diff", "--format", "json"]).ended(64);
}

#[test]
fn many_services_are_added_to_one_list() {
    let services: Vec<String> = (0..12).map(|number| format!("s{number:02}")).collect();
    let declared: Vec<_> = services.iter().map(|service| format!("{service}: {{ owner: sales }}")).collect();
    let scratch = broken();
    scratch.write(
        "catalog/all.yaml",
        format!(
            "domains: {{ shop: {{ owner: sales }} }}\nteams: {{ sales: {{}} }}\nservices: {{ {} }}\n",
            declared.join(", ")
        ),
    );
    // With settings that nobody can read it would not be known whether both sides have to agree.
    scratch.write("busctl.yaml", "version: 1\n");
    scratch.remove("acls/till.yaml");
    scratch.write("topics/order.yaml", "topic: shop.order.v1\nkey: id\nconsumers: []\n");
    for service in &services {
        scratch.write(&format!("acls/{service}.yaml"), format!("service: {service}\nconsumes: [shop.order.v1]\n"));
    }
    scratch.run(&["validate", "--fix-consent"]);
    let expected = format!("topic: shop.order.v1\nkey: id\nconsumers: [{}]\n", services.join(", "));
    assert_eq!(scratch.read("topics/order.yaml"), expected);
}

#[test]
fn keys_are_put_in_order_where_the_rule_is_on() {
    let scratch = broken();
    let text = "key: id # x\ntopic: shop.order.v1\nproducers: [till]\n";
    scratch.write("topics/order.yaml", text);
    scratch.run(&["validate", "--fix"]);
    assert_eq!(scratch.read("topics/order.yaml"), text);
    scratch.write("busctl.yaml", "version: 1\nrules: { BUS651: info }\n");
    scratch.run(&["validate", "--fix"]).says(&["BUS651 put the keys in the order of the reference"]);
    assert_eq!(scratch.read("topics/order.yaml"), "topic: shop.order.v1\nkey: id # x\nproducers: [till]\n");
}

#[test]
fn what_can_be_mended_is_said() {
    let scratch = broken();
    scratch.run(&["validate"]).ended(3).says(&[
        "can be mended: ",
        " with --fix, ",
        " with --fix --unsafe-fixes, by a guess",
    ]);
    let run = scratch.run(&["validate", "--format", "json"]).ended(3);
    assert_eq!(run.err, "");
}

/// What is added stands behind a character of several bytes, or before one.
#[test]
fn texts_beyond_ascii_are_edited_and_formatted() {
    let topic =
        "topic: shop.order.v1\nclass: raw\nconsumers: []\nproducers: [till]\ndescription: Ein Datensatz je Menü";
    let scratch = Scratch::with(&[
        ("topics/order.yaml", topic),
        ("acls/ledger.yaml", "service: ledger\nconsumes: [shop.order.v1]"),
        ("catalog/all.yaml", "teams: { sales: { contacts: { email: xä } } }\nservices: { till: { owner: xŤ } }\n"),
        ("busctl.yaml", "version: 1\nrules: { BUS651: warn }\n"),
    ]);
    for arguments in
        [&["validate"][..], &["validate", "--fix", "--fix-consent", "--unsafe-fixes", "--diff"], &["fmt", "--diff"]]
    {
        scratch.run(arguments).without_panic();
    }
    scratch.run(&["fmt"]).ended(0);
    assert!(scratch.read("topics/order.yaml").contains("description: Ein Datensatz je Menü\n"));
    scratch.run(&["fmt", "--check"]).ended(0);
}
