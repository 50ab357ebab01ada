//! Everything that is wrong with the files, in one run, each with its place and a way out.

use crate::support::workspace::{Scratch, assert_valid};

fn broken() -> Scratch {
    let scratch = Scratch::with(&[
        ("clusters/a.yaml", "cluster: alpha\nenvironment: dev\nschema_registry: mian\n"),
        ("clusters/r.yaml", "registry: main\nurl: http://registry:8080\n"),
        (
            "catalog/all.yaml",
            "domains: { shop: { owner: sales } }\nteams: { sales: {} }\nservices: { till: { owner: slaes } }\n",
        ),
        // An unknown key, a duplicate one, a wrong type, a bad unit.
        (
            "topics/a.yaml",
            "topic: shop.order.v1\npartitons: 6\nkey: id\nkey: number\nproducers: till\nconfig: { max.message.bytes: 2mib }\n",
        ),
        // A topic that is declared twice, also within one file; a reference to nothing.
        ("topics/b.yaml", "topic: shop.basket.v1\n---\ntopic: shop.basket.v1\n---\ntopic: shop.order.v1\nclass: rwa\n"),
        ("topics/c.yaml", "topic: shop.stock.v1\nschema: { value: missing.avsc }\nproducers: [tlil]\n"),
        (
            "topics/g.yaml",
            "topic: shop.note.v1\nretention: 30d\nmax_message_bytes: 2MiB\noverrides: { dev: { retention.ms: 1d } }\n",
        ),
        ("topics/f.yaml", "topic: shop.return.v2\nkey: id\npartitions: six\n"),
        ("topics/d.yaml", "topic: shop.return.v1\n  description: indented\n"),
        ("acls/till.yaml", "service: till\nproduces: [shop.odrer.v1]\n"),
    ]);
    std::os::unix::fs::symlink("nowhere.yaml", scratch.path("topics/e.yaml")).unwrap();
    scratch
}

#[test]
fn all_mistakes_are_found_in_one_run() {
    let scratch = broken();
    let json = scratch.run(&["validate", "--format", "json"]).ended(3).json();
    assert_valid("findings.schema.json", &json);
    let found: Vec<String> = json["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            let place = &finding["place"];
            let help = finding["help"].as_str().unwrap_or_default();
            format!(
                "{} {}:{}:{} {} | {help}",
                finding["code"], place["file"], place["line"], place["column"], finding["message"]
            )
            .replace('"', "")
        })
        .collect();
    for (code, place, part) in [
        ("BUS004", "topics/a.yaml:2:1", "did you mean `partitions`?"),
        ("BUS003", "topics/a.yaml:4:1", "key"),
        ("BUS005", "topics/a.yaml:5:12", "write it in brackets: [till]"),
        ("BUS006", "topics/a.yaml:6:30", "2MiB"),
        ("BUS005", "topics/f.yaml:3:13", "write a whole number"),
        ("BUS004", "topics/g.yaml:2:1", "write `config: { retention.ms: … }`, or `retention.bytes`"),
        ("BUS004", "topics/g.yaml:3:1", "write `config: { max.message.bytes: … }`"),
        ("BUS004", "topics/g.yaml:4:21", "write `config: { retention.ms: … }`"),
        ("BUS001", "topics/d.yaml:2:", ""),
        ("BUS002", "topics/e.yaml:1:1", "no such file"),
    ] {
        assert!(
            found.iter().any(|it| it.starts_with(&format!("{code} {place}")) && it.contains(part)),
            "no {code} at {place} with `{part}`:\n{}",
            found.join("\n")
        );
    }
    for part in [
        "shop.basket.v1",
        "shop.order.v1",
        "missing.avsc",
        "did you mean `main`?",
        "did you mean `sales`?",
        "did you mean `till`?",
    ] {
        assert!(found.iter().any(|it| it.contains(part)), "nothing says `{part}`:\n{}", found.join("\n"));
    }
    insta::assert_snapshot!(found.join("\n"), @r"
    BUS009 catalog/all.yaml:3:28 the team `slaes` is not declared | did you mean `sales`?
    BUS009 clusters/a.yaml:3:18 the registry `mian` is not declared | did you mean `main`?
    BUS004 topics/a.yaml:2:1 unknown key `partitons` in a topic | did you mean `partitions`?
    BUS003 topics/a.yaml:4:1 the key `key` is written twice | keep one of the two; YAML does not say which one would win
    BUS005 topics/a.yaml:5:12 expected a sequence, found a string | write it in brackets: [till]
    BUS006 topics/a.yaml:6:30 `max.message.bytes`: `mib` is not a unit of size; did you mean `2MiB`? | write a size such as 2MiB, or unlimited
    BUS106 topics/b.yaml:1:8 `shop.basket.v1` has no class | declare classes in busctl.yaml: classes: { raw: { cleanup: [delete], retention: 30d } }
    BUS107 topics/b.yaml:1:8 `shop.basket.v1` has no description | write `description: …`: what one record means, and when it is written
    BUS109 topics/b.yaml:1:8 `shop.basket.v1` names no producer | write `producers: [SERVICE]`
    BUS110 topics/b.yaml:1:8 `shop.basket.v1` names no consumer | write `consumers: [SERVICE]`
    BUS111 topics/b.yaml:1:8 `shop.basket.v1` has no schema for its values | write the schema to schemas/shop/shop.basket.v1.avsc (or .json, .proto), or name its file: `schema: { value: FILE }`
    BUS112 topics/b.yaml:1:8 `shop.basket.v1` does not say why records are kept as long as they are | write `retention_rationale: …`: who may read old records again, and how far back
    BUS113 topics/b.yaml:1:8 `shop.basket.v1` names no change request | write `change_request: …`
    BUS008 topics/b.yaml:3:8 `shop.basket.v1` is declared twice (a topic) | keep one of the two manifests
    BUS008 topics/b.yaml:5:8 `shop.order.v1` is declared twice (a topic) | keep one of the two manifests
    BUS107 topics/b.yaml:5:8 `shop.order.v1` has no description | write `description: …`: what one record means, and when it is written
    BUS109 topics/b.yaml:5:8 `shop.order.v1` names no producer | write `producers: [SERVICE]`
    BUS110 topics/b.yaml:5:8 `shop.order.v1` names no consumer | write `consumers: [SERVICE]`
    BUS111 topics/b.yaml:5:8 `shop.order.v1` has no schema for its values | write the schema to schemas/shop/shop.order.v1.avsc (or .json, .proto), or name its file: `schema: { value: FILE }`
    BUS112 topics/b.yaml:5:8 `shop.order.v1` does not say why records are kept as long as they are | write `retention_rationale: …`: who may read old records again, and how far back
    BUS113 topics/b.yaml:5:8 `shop.order.v1` names no change request | write `change_request: …`
    BUS009 topics/b.yaml:6:8 the class `rwa` is not declared | declare it in busctl.yaml: classes: { rwa: { cleanup: [delete] } }
    BUS106 topics/c.yaml:1:8 `shop.stock.v1` has no class | declare classes in busctl.yaml: classes: { raw: { cleanup: [delete], retention: 30d } }
    BUS107 topics/c.yaml:1:8 `shop.stock.v1` has no description | write `description: …`: what one record means, and when it is written
    BUS110 topics/c.yaml:1:8 `shop.stock.v1` names no consumer | write `consumers: [SERVICE]`
    BUS112 topics/c.yaml:1:8 `shop.stock.v1` does not say why records are kept as long as they are | write `retention_rationale: …`: who may read old records again, and how far back
    BUS113 topics/c.yaml:1:8 `shop.stock.v1` names no change request | write `change_request: …`
    BUS009 topics/c.yaml:2:18 there is no schema file schemas/shop/missing.avsc | write the schema to schemas/shop/missing.avsc
    BUS009 topics/c.yaml:3:13 the service or role `tlil` is not declared | did you mean `till`?
    BUS001 topics/d.yaml:2:14 not valid YAML: mapping values are not allowed in this context | 
    BUS002 topics/e.yaml:1:1 there is no such file | create it, or correct the link that leads to it
    BUS005 topics/f.yaml:3:13 expected an integer, found a string | write a whole number, without quotes and without a unit
    BUS106 topics/g.yaml:1:8 `shop.note.v1` has no class | declare classes in busctl.yaml: classes: { raw: { cleanup: [delete], retention: 30d } }
    BUS107 topics/g.yaml:1:8 `shop.note.v1` has no description | write `description: …`: what one record means, and when it is written
    BUS109 topics/g.yaml:1:8 `shop.note.v1` names no producer | write `producers: [SERVICE]`
    BUS110 topics/g.yaml:1:8 `shop.note.v1` names no consumer | write `consumers: [SERVICE]`
    BUS111 topics/g.yaml:1:8 `shop.note.v1` has no schema for its values | write the schema to schemas/shop/shop.note.v1.avsc (or .json, .proto), or name its file: `schema: { value: FILE }`
    BUS112 topics/g.yaml:1:8 `shop.note.v1` does not say why records are kept as long as they are | write `retention_rationale: …`: who may read old records again, and how far back
    BUS113 topics/g.yaml:1:8 `shop.note.v1` names no change request | write `change_request: …`
    BUS004 topics/g.yaml:2:1 unknown key `retention` in a topic | write `config: { retention.ms: … }`, or `retention.bytes`
    BUS004 topics/g.yaml:3:1 unknown key `max_message_bytes` in a topic | write `config: { max.message.bytes: … }`
    BUS004 topics/g.yaml:4:21 unknown key `retention.ms` in an override | write `config: { retention.ms: … }`
    BUS105 clusters/a.yaml:1:10 topics of `alpha` have 3 replicas of each partition and one in sync is enough: a record may be acknowledged by a single disk | write `min_insync_replicas: 2` under `defaults` of the cluster
    BUS407 clusters/a.yaml:1:10 `alpha` does not say how it is reached | write `connection: { bootstrap: [HOST:PORT], tls: {} }`
    BUS405 clusters/a.yaml:1:10 the id of `alpha` is not pinned | write `cluster_id: …`, which `kafka-cluster cluster-id` and `busctl plan` show
    ");
}

#[test]
fn a_slip_has_no_consequences() {
    let topic = "topic: shop.order.v1\nclass: raw\ndescription: One order.\nproducers: [till]\nconsumers: [till]\n\
                 retention_rationale: Months.\nchange_request: CR-1\nschema: { value: shop.order.v1.avsc }\n";
    let found = |old: &str, new: &str| {
        let scratch = broken();
        ["b", "c", "d", "e", "f", "g"].iter().for_each(|name| scratch.remove(&format!("topics/{name}.yaml")));
        scratch.write("busctl.yaml", "version: 1\nclasses: { raw: { cleanup: [delete], retention: 30d } }\n");
        scratch.write("acls/till.yaml", "service: till\nproduces: [shop.order.v1]\nconsumes: [shop.order.v1]\n");
        scratch.write("schemas/shop/shop.order.v1.avsc", "{ \"type\": \"string\" }\n");
        assert!(topic.contains(old));
        scratch.write("topics/a.yaml", topic.replace(old, new));
        let json = scratch.run(&["validate", "--format", "json"]).ended(3).json();
        let findings = json["findings"].as_array().unwrap().iter();
        let of_topic = findings.filter(|found| found["place"]["file"].as_str().unwrap().contains("s/"));
        let of_topic = of_topic.filter(|found| !found["place"]["file"].as_str().unwrap().starts_with("clusters/"));
        of_topic.map(|found| found["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found("class:", "class :"), Vec::<String>::new());
    for (old, new) in [
        ("class:", "clas:"),
        ("description:", "desciption:"),
        ("producers: [", "producrs: ["),
        ("consumers: [till]", "consumers: [{ servce: till }]"),
        ("retention_rationale:", "retention_rational:"),
        ("change_request:", "change-request:"),
        ("topic:", "topc:"),
    ] {
        let found = found(old, new);
        assert_eq!(found.first().map(String::as_str), Some("BUS004"), "{new}: {found:?}");
        assert!(found.iter().all(|code| code == "BUS004" || code == "BUS007"), "{new}: {found:?}");
    }
}

#[test]
fn the_span_is_underlined() {
    let scratch = Scratch::with(&[("topics/a.yaml", "topic: shop.order.v1\npartitons: 6\n")]);
    let text = scratch.run(&["validate"]).ended(3).out;
    let finding: Vec<_> = text.split("\n\n").filter(|finding| finding.contains("BUS004")).collect();
    insta::assert_snapshot!(finding.join("\n\n"), @r"
    error[BUS004]: unknown key `partitons` in a topic
     --> topics/a.yaml:2:1
      |
    2 | partitons: 6
      | ^^^^^^^^^
      |
      = help: did you mean `partitions`?
    ");
}

#[test]
fn every_command_that_needs_the_manifests_says_that_they_are_broken() {
    let scratch = broken();
    for arguments in [&["plan"][..], &["apply", "--yes"], &["catalog"], &["show", "shop.order.v1"]] {
        let run = scratch.run(arguments).ended(3);
        assert!(run.err.contains("topics/a.yaml:2:1"), "{arguments:?}: {}", run.err);
    }
}

#[test]
fn each_mark_of_a_merge_conflict_is_told_as_one() {
    let scratch = Scratch::with(&[
        ("catalog/all.yaml", "domains: { shop: { owner: sales } }\nteams: { sales: {} }\n"),
        ("topics/order.yaml", "topic: shop.order.v1\nkey: id\n"),
        (
            "schemas/shop/shop.order.v1.avsc",
            "{\n<<<<<<< HEAD\n\"type\": \"string\"\n=======\n\"type\": \"long\"\n>>>>>>> a\n}\n",
        ),
    ]);
    scratch.run(&["validate"]).ended(3).shows(&[
        "error[BUS001]: a merge conflict was left in the file\n --> schemas/shop/shop.order.v1.avsc:2:1",
        "decide between both sides",
    ]);
    // Nobody excepts one, in whatever file it is.
    let settings = scratch.read("busctl.yaml");
    let conflict = scratch.read("schemas/shop/shop.order.v1.avsc");
    scratch.write("busctl.yaml", format!("{settings}rules: {{ BUS301: off, BUS306: off, BUS320: off }}\n"));
    scratch.run(&["validate"]).ended(3).shows(&["error[BUS001]"]);
    scratch.write("schemas/shop/shop.order.v1.avsc", "\"string\"\n");
    scratch.write("schemas/shop/versions/shop.order.v1/1.avsc", &conflict);
    scratch.run(&["validate"]).ended(3).shows(&["error[BUS001]", "--> schemas/shop/versions/shop.order.v1/1.avsc:2:1"]);
    // Also in a version that is not compared.
    scratch.write("schemas/shop/versions/shop.order.v1/2.avsc", "\"string\"\n");
    scratch.run(&["validate"]).ended(3).shows(&["error[BUS001]", "--> schemas/shop/versions/shop.order.v1/1.avsc:2:1"]);
    scratch.remove("schemas/shop/versions/shop.order.v1/2.avsc");
    scratch.remove("schemas/shop/versions/shop.order.v1/1.avsc");
    scratch.write("schemas/shop/fixtures/shop.order.v1/one.json", &conflict);
    let run = scratch.run(&["schema", "test"]).ended(3);
    run.shows(&["error[BUS001]", "--> schemas/shop/fixtures/shop.order.v1/one.json:2:1"]);
    scratch.write("busctl.yaml", settings);
    for mark in ["<<<<<<< HEAD", "||||||| base", "=======", ">>>>>>> change"] {
        for text in [format!("topic: shop.order.v1\r\n{mark}\r\n"), format!("{mark}\ntopic: shop.order.v1\n")] {
            scratch.write("topics/order.yaml", text);
            let run =
                scratch.run(&["validate"]).ended(3).shows(&["error[BUS001]: a merge conflict was left in the file"]);
            assert_eq!(run.out.matches("error[BUS001]").count(), 1, "{}", run.out);
        }
    }
    // In a text that is indented, or longer, it is none.
    scratch.write("topics/order.yaml", "topic: shop.order.v1\ndescription: |\n  Orders\n  =======\n# ======= x\n");
    assert!(!scratch.run(&["validate"]).out.contains("merge conflict was left in the file"));
}

#[test]
fn what_lacks_one_of_its_brackets_is_told_with_both() {
    let scratch = Scratch::with(&[("acls/till.yaml", "service: till\nproduces: a, b]\n")]);
    let run = scratch.run(&["validate"]).ended(3).shows(&["BUS005", "help: write it in brackets: [a, b]\n"]);
    assert!(!run.out.contains("]]"), "{}", run.out);
}
