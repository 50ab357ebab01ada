//! New topics, services, domains and clusters.

use crate::ci::sample;
use crate::support::terminal::Terminal;
use crate::support::workspace::{Run, Scratch};

/// The workspace of the rules' examples, which breaks none, with somebody who reads dead letters.
fn scratch() -> Scratch {
    let scratch = Scratch::with(busctl::policy::BASE);
    let role = "roles:\n  # on call\n  dlq-operator: { owner: media-platform, reads: [other.dlq] } # by night\n";
    scratch.write("catalog/roles.yaml", role);
    scratch
}

const TOPIC: [&str; 14] = [
    "--class",
    "raw",
    "--description",
    "One record for each poster: drawn, and checked.",
    "--producer",
    "normalizer",
    "--consumer",
    "ingest-gateway",
    "--key",
    "poster_id, locale",
    "--retention-rationale",
    "A month of reprocessing.",
    "--change-request",
    "2042",
];

fn topic(scratch: &Scratch, name: &str, more: &[&str]) -> Run {
    scratch.run(&[&["new", "topic", name][..], &TOPIC, more].concat())
}

/// Everything below the root, by path.
fn files(scratch: &Scratch) -> Vec<String> {
    let mut names = Vec::new();
    let mut folders = vec![scratch.root().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => names.push(path.strip_prefix(scratch.root()).unwrap().display().to_string()),
            }
        }
    }
    names.sort();
    names
}

#[test]
fn a_topic_comes_with_its_schema_its_dead_letters_and_both_sides_of_its_consents() {
    let scratch = scratch();
    scratch.edit("busctl.yaml", "classes:\n", "classes:\n  dlq: { cleanup: [delete], retention: 14d }\n");
    scratch.edit("acls/normalizer.yaml", "consumes: [media.raw_ingest.v1]", "consumes: [media.raw_ingest.v1] # all");
    let run = topic(&scratch, "media.poster.v1", &["--dlq", "ingest-gateway", "--dlq-reader", "dlq-operator"]).ended(0);
    insta::assert_snapshot!(run.out, @r"
    created schemas/media/media.poster.v1.avsc
    created topics/media/media.poster.v1.yaml
    changed acls/ingest-gateway.yaml
    changed acls/normalizer.yaml
    changed catalog/roles.yaml

    Left to do:
    - write what a record holds to schemas/media/media.poster.v1.avsc, which is a skeleton
    - write sample records to schemas/media/fixtures/media.poster.v1/, and run `busctl schema test media.poster.v1`
    ");
    insta::assert_snapshot!(scratch.read("topics/media/media.poster.v1.yaml"), @r#"
    topic: media.poster.v1
    class: raw
    description: "One record for each poster: drawn, and checked."
    key: "poster_id, locale"
    producers: [normalizer]
    consumers:
      - { service: ingest-gateway, dlq: true }
    retention_rationale: A month of reprocessing.
    change_request: "2042"
    "#);
    insta::assert_snapshot!(scratch.read("schemas/media/media.poster.v1.avsc"), @r#"
    {
      "type": "record",
      "name": "Poster",
      "namespace": "example.media",
      "doc": "One record for each poster: drawn, and checked.",
      "fields": [
        { "name": "poster_id", "type": "string", "doc": "Part of the record's key." },
        { "name": "locale", "type": "string", "doc": "Part of the record's key." },
        {
          "name": "occurred_at",
          "type": { "type": "long", "logicalType": "timestamp-millis" },
          "doc": "When it happened."
        }
      ]
    }
    "#);
    assert_eq!(
        scratch.read("acls/normalizer.yaml"),
        "service: normalizer\nconsumes: [media.raw_ingest.v1] # all\nproduces: [media.poster.v1]\n"
    );
    assert_eq!(
        scratch.read("acls/ingest-gateway.yaml"),
        "service: ingest-gateway\nconsumes: [media.poster.v1]\nproduces: [media.raw_ingest.v1]\n"
    );
    let role = "{ owner: media-platform, reads: [other.dlq], dlq: { topics: [media.poster.v1] } } # by night\n";
    assert_eq!(scratch.read("catalog/roles.yaml"), format!("roles:\n  # on call\n  dlq-operator: {role}"));
    // Nothing is found of what was written; a consumer that was there before has not decided on its dead letters.
    let valid = scratch.run(&["validate"]).ended(0).shows(&["1 warning in 1 file"]);
    assert!(!valid.out.contains("poster"), "{}", valid.out);
    scratch.run(&["fmt", "--check"]).ended(0);
    // What follows from `dlq` is there, and who looks after it may read it.
    let letters = "media.poster.v1.ingest-gateway.dlq";
    scratch.run(&["show", letters]).ended(0).shows(&["topics/media/media.poster.v1.yaml:7:37"]);
    let access = |operation| ["access", letters, "--offline", "--operation", operation];
    scratch.run(&access("write")).ended(0).shows(&["ingest-gateway"]);
    scratch.run(&access("read")).ended(0).shows(&["dlq-operator"]);
}

#[test]
fn whoever_looks_after_dead_letters_is_found_or_left_to_people() {
    let with_class = || {
        let scratch = scratch();
        scratch.edit("busctl.yaml", "classes:\n", "classes:\n  dlq: { cleanup: [delete], retention: 14d }\n");
        scratch
    };
    let scratch = with_class();
    topic(&scratch, "media.poster.v1", &["--dlq", "ingest-gateway", "--dlq-reader", "dlq-operatr"])
        .ended(64)
        .says(&["the role `dlq-operatr` is not declared", "did you mean `dlq-operator`?"]);
    // No role looks after any.
    let run = topic(&scratch, "media.poster.v1", &["--dlq", "ingest-gateway"]).ended(0);
    run.shows(&["- give a role in catalog/ `dlq: { topics: [media.poster.v1] }`, so that somebody may look after"]);

    // The one that looks after those of others is given these too, but for where it has them.
    for (topics, then) in [("other.*", "other.*, media.poster.v1"), ("media.*", "media.*")] {
        let scratch = with_class();
        let with = |topics: &str| format!("reads: [other.dlq], dlq: {{ topics: [{topics}] }} }}");
        scratch.edit("catalog/roles.yaml", "reads: [other.dlq] }", &with(topics));
        let run = topic(&scratch, "media.poster.v1", &["--dlq", "ingest-gateway"]).ended(0);
        assert!(!run.out.contains("look after"), "{}", run.out);
        let roles = scratch.read("catalog/roles.yaml");
        assert!(roles.contains(&with(then)), "{roles}");
        scratch.run(&["validate"]).ended(0);
    }
}

#[test]
fn the_skeleton_of_every_format_is_a_schema() {
    for (format, extension, part) in
        [("avro", "avsc", "\"Poster\""), ("json", "json", "\"poster_id\""), ("protobuf", "proto", "message Poster {")]
    {
        let scratch = scratch();
        topic(&scratch, "media.poster.v1", &["--schema", format]).ended(0);
        let text = scratch.read(&format!("schemas/media/media.poster.v1.{extension}"));
        assert!(text.contains(part), "{text}");
        scratch.run(&["validate"]).ended(0);
        scratch.run(&["schema", "show", "media.poster.v1"]).ended(0).shows(&["occurred_at", "poster_id"]);
    }
}

#[test]
fn what_is_missing_is_told_at_once_where_nobody_can_be_asked() {
    let scratch = scratch();
    let before = files(&scratch);
    scratch.run(&["new", "topic"]).ended(64).says(&[
        "nobody can be asked: give TOPIC, --class CLASS, --description TEXT, --key FIELDS, --producer SERVICE, \
         --consumer SERVICE, --retention-rationale TEXT, --change-request REFERENCE",
    ]);
    scratch.run(&["new", "service"]).ended(64).says(&["give SERVICE, --description TEXT, --owner TEAM\n"]);
    scratch
        .run(&["new", "domain", "x", "--owner", "new-team", "--description", "D."])
        .ended(64)
        .says(&["give --contact email=ADDRESS\n"]);
    scratch
        .run(&["new", "cluster", "x"])
        .ended(64)
        .says(&["give --bootstrap HOST:PORT (or --local), --brokers NUMBER"]);
    topic(&scratch, "media.poster.v1", &["--owner", " "]).ended(64);
    assert_eq!(files(&scratch), before);
}

#[test]
fn what_cannot_be_made_leaves_everything_as_it_was() {
    let scratch = scratch();
    let before = files(&scratch);
    topic(&scratch, "media.raw_ingest.v1", &[]).ended(64).says(&["is declared already", "busctl new version"]);
    topic(&scratch, "Poster", &[]).ended(64).says(&["does not follow the naming pattern", "<domain>.<event>"]);
    topic(&scratch, "mdia.poster.v1", &[]).ended(64).says(&["the domain `mdia` is not declared", "`media`?"]);
    topic(&scratch, "audit.poster.v1", &[]).ended(64).says(&["busctl new domain audit --owner TEAM"]);
    topic(&scratch, "media.poster.v1", &["--consumer", "nobody"]).ended(64).says(&["busctl new service nobody"]);
    topic(&scratch, "media.poster.v1", &["--on", "mars"]).ended(64).says(&["the cluster `mars` is not declared"]);
    topic(&scratch, "media.poster.v1", &["--owner", "mars"]).ended(64).says(&["the team `mars` is not declared"]);
    let service = ["new", "service", "normalizer", "--owner", "media-platform", "--description", "D."];
    scratch.run(&service).ended(64).says(&["the service `normalizer` is declared already"]);
    scratch
        .run(&["new", "domain", "media", "--owner", "media-platform", "--description", "D."])
        .ended(64)
        .says(&["the domain `media` is declared already"]);
    scratch.run(&["new", "cluster", "production", "--local"]).ended(64).says(&["is declared already"]);
    assert_eq!(files(&scratch), before);

    // What no manifest takes is not written.
    let words = ["new", "cluster", "other", "--bootstrap", "k:9092", "--brokers", "1", "--principal", "User:none"];
    scratch.run(&words).ended(64).says(&["clusters/other.yaml:", "nothing was written"]);
    assert_eq!(files(&scratch), before);

    // What is no address is none in a manifest either.
    let words = ["new", "cluster", "other", "--brokers", "1", "--bootstrap"];
    scratch.run(&[&words[..], &["k:9092,k:99999"]].concat()).ended(64).says(&["`k:99999` is not HOST:PORT"]);
    let words = [&words[..], &["k:9092", "--registry", "other", "--registry-url"]].concat();
    scratch.run(&[&words[..], &["registry"]].concat()).ended(64).says(&["no http: or https: address"]);
    let run = scratch.run(&[&words[..], &["https://me:hunter2@registry"]].concat()).ended(64);
    assert!(run.err.contains("holds credentials") && !run.err.contains("hunter2"), "{}", run.err);
    assert_eq!(files(&scratch), before);

    // Nothing is written over.
    scratch.write("schemas/media/media.poster.v1.avsc", "\"string\"");
    topic(&scratch, "media.poster.v1", &[]).ended(64).says(&["media.poster.v1.avsc is there already"]);
    assert_eq!(scratch.read("schemas/media/media.poster.v1.avsc"), "\"string\"");
    assert!(!scratch.path("topics/media/media.poster.v1.yaml").exists());
}

#[test]
fn a_service_asks_for_its_topics_and_their_owners_name_it() {
    let scratch = scratch();
    scratch.edit("topics/media/media.raw_ingest.v1.yaml", "[normalizer]", "[normalizer] # who reads");
    let run = scratch.run(&[
        "new",
        "service",
        "indexer",
        "--owner",
        "media-platform",
        "--domain",
        "media",
        "--description",
        "Indexes.",
        "--consumes",
        "media.raw_ingest.v1",
        "--group",
        "indexer-1",
        "--transactional-id",
        "indexer-*",
    ]);
    insta::assert_snapshot!(run.ended(0).out, @r"
    created acls/indexer.yaml
    changed catalog/catalog.yaml
    changed topics/media/media.raw_ingest.v1.yaml

    Left to do:
    - have the owners of the topics review that they name it
    ");
    assert_eq!(
        scratch.read("acls/indexer.yaml"),
        "service: indexer\nconsumes: [{ topic: media.raw_ingest.v1, group: indexer-1 }]\ntransactional_ids: [indexer-*]\n"
    );
    let catalog = scratch.read("catalog/catalog.yaml");
    let entry = "\n  indexer: { description: Indexes., owner: media-platform, domain: media }\nteams:";
    assert!(catalog.contains(entry), "{catalog}");
    let topic = scratch.read("topics/media/media.raw_ingest.v1.yaml");
    assert!(topic.contains("consumers: [normalizer, indexer] # who reads\n"), "{topic}");
    scratch.run(&["validate"]).ended(0);
    let stranger =
        ["new", "service", "partner", "--owner", "media-platform", "--description", "P.", "--kind", "external"];
    scratch.run(&stranger).ended(64).says(&["give --approval REFERENCE"]);
    scratch
        .run(&[&stranger[..], &["--consumes", "media.none.v1", "--approval", "AP-1"]].concat())
        .ended(64)
        .says(&["the topic `media.none.v1` is not declared"]);
}

#[test]
fn an_empty_workspace_is_filled_by_questions_without_an_answer_in_a_file() {
    let scratch = Scratch::new();
    scratch.write("busctl.yaml", "version: 1\nclasses:\n  raw: { cleanup: [delete], retention: 7d }\n");
    let run = |words: &[&str]| scratch.run(words).ended(0).out;
    run(&["new", "cluster", "dev", "--local", "--registry", "dev"]);
    let contact = ["--owner", "shop", "--contact", "email=shop@example.org", "--contact", "chat=#shop"];
    run(&[&["new", "domain", "shop", "--description", "What is sold."][..], &contact].concat());
    for service in ["till", "ledger"] {
        run(&["new", "service", service, "--owner", "shop", "--domain", "shop", "--description", "It."]);
    }
    let words = ["new", "topic", "shop.sale.v1", "--class", "raw", "--key", "none", "--description", "A sale."];
    let more =
        ["--producer", "till", "--consumer", "ledger", "--retention-rationale", "A week.", "--change-request", "-"];
    run(&[&words[..], &more].concat());
    scratch.run(&["validate"]).ended(0);
    scratch.run(&["fmt", "--check"]).ended(0);
    assert_eq!(
        scratch.read("catalog/services.yaml"),
        "services:\n  till:\n    description: It.\n    owner: shop\n    domain: shop\n  ledger:\n    description: It.\n    owner: shop\n    domain: shop\n"
    );
    assert_eq!(scratch.read("acls/ledger.yaml"), "service: ledger\nconsumes: [shop.sale.v1]\n");
    assert!(scratch.read("catalog/teams.yaml").contains("{ email: shop@example.org, chat: \"#shop\" }"));
}

#[test]
fn a_cluster_is_complete_but_for_what_only_people_know() {
    let scratch = scratch();
    let words = ["new", "cluster", "staging", "--bootstrap", "kafka-0.example.com:9094", "--brokers", "3", "--tls"];
    let sasl = ["--sasl", "scram-sha-512", "--username", "busctl", "--password", "env:BUS_PASSWORD"];
    let more = ["--registry", "staging", "--registry-url", "https://registry.staging.example.com"];
    let run = scratch.run(&[&words[..], &sasl, &more].concat()).ended(0);
    run.shows(&["created clusters/registry-staging.yaml\ncreated clusters/staging.yaml\n", "- pin `cluster_id`"]);
    insta::assert_snapshot!(scratch.read("clusters/staging.yaml"), @r"
    cluster: staging
    environment: staging
    connection:
      bootstrap: [kafka-0.example.com:9094]
      tls: {}
      sasl: { mechanism: scram-sha-512, username: busctl, password: env:BUS_PASSWORD }
    schema_registry: staging
    defaults: { replication_factor: 3, min_insync_replicas: 2 }
    allow: safe
    kafka:
      deployment: self_managed
      authorizer: standard
      nodes:
        - { id: 0 }
        - { id: 1 }
        - { id: 2 }
    ");
    // A password is never written, whatever somebody types.
    let secret = ["--sasl", "plain", "--username", "busctl", "--password", "hunter2"];
    let words = ["new", "cluster", "other", "--bootstrap", "k:9092", "--brokers", "1"];
    let run = scratch.run(&[&words[..], &secret].concat()).ended(64);
    assert!(!run.err.contains("hunter2") && !run.out.contains("hunter2"), "{run:?}");
    assert!(!scratch.path("clusters/other.yaml").exists());
}

#[test]
fn somebody_in_front_of_a_terminal_is_asked() {
    let scratch = scratch();
    let mut terminal = Terminal::start(&scratch, &["new", "domain"]);
    terminal.wait_for("Name: the first part of its topics' names: ");
    terminal.types("playback\n");
    terminal.wait_for("What is it about? ");
    terminal.types("\n");
    terminal.wait_for("say something, or stop with Ctrl-C");
    terminal.types("What players do.\n");
    terminal.wait_for("there are media-platform: ");
    terminal.types("media-platform\n");
    let (code, shown) = terminal.wait();
    assert_eq!(code, 0, "{shown}");
    let catalog = scratch.read("catalog/catalog.yaml");
    assert!(catalog.contains("  playback: { description: What players do., owner: media-platform }\n"), "{catalog}");

    // Words that are known are listed, and nothing else is taken.
    let given = ["new", "service", "player", "--description", "Plays."];
    let mut terminal = Terminal::start(&scratch, &given);
    terminal.wait_for("Team that answers for it (media-platform): ");
    terminal.types("media-platfrom\n");
    terminal.wait_for("did you mean `media-platform`?");
    terminal.types("media-platform\n");
    terminal.wait_for("Domain (media, playback) [none]: ");
    terminal.types("\n");
    terminal.wait_for("Topics that it reads, with commas between them [none]: ");
    // The end of the input, as Ctrl-D types it.
    terminal.types("\u{4}");
    let (code, shown) = terminal.wait();
    assert_eq!(code, 130, "{shown}");
    assert!(!scratch.read("catalog/catalog.yaml").contains("player:"));
}

#[test]
fn in_front_of_a_terminal_who_is_named_for_dead_letters_alone_is_a_consumer() {
    let scratch = scratch();
    scratch.edit("busctl.yaml", "classes:\n", "classes:\n  dlq: { cleanup: [delete], retention: 14d }\n");
    let given = ["new", "topic", "media.poster.v1", "--class", "raw", "--key", "id", "--producer", "normalizer"];
    let why = ["--description", "One for each poster.", "--retention-rationale", "A month.", "--change-request", "1"];
    let of = |dead_letters: [&'static str; 4]| Terminal::start(&scratch, &[&given[..], &why, &dead_letters].concat());
    let (code, shown) = of(["--dlq", "ingest-gatewy", "--dlq-reader", "dlq-operator"]).wait();
    assert!(code == 64 && shown.contains("did you mean `ingest-gateway`?"), "{shown}");
    let (code, shown) = of(["--dlq", "ingest-gateway", "--dlq-reader", "dlq-operator"]).wait();
    assert_eq!(code, 0, "{shown}");
    let topic = scratch.read("topics/media/media.poster.v1.yaml");
    assert!(topic.contains("  - { service: ingest-gateway, dlq: true }\n"), "{topic}");
}

#[test]
fn an_answer_that_is_none_is_asked_for_again_and_no_other_is_lost() {
    let scratch = scratch();
    let given = ["--class", "raw", "--description", "One record for each poster: drawn, and checked.", "--key", "id"];
    let more = ["--retention-rationale", "A month.", "--change-request", "2042"];
    let mut terminal = Terminal::start(&scratch, &[&["new", "topic"][..], &given, &more].concat());
    terminal.wait_for("Name, as ");
    terminal.types("media.raw_ingest.v1\n");
    terminal.wait_for("is declared already");
    terminal.types("media.poster.v1\n");
    terminal.wait_for("Producers, with commas between them: ");
    terminal.types("normaliser, ingest-gateway\n");
    terminal.wait_for("did you mean `normalizer`?");
    terminal.types("normalizer, ingest-gateway\n");
    terminal.wait_for("Consumers, with commas between them: ");
    terminal.types("normalizer\n");
    terminal.wait_for("Which of them have dead letters, with commas between them [none]: ");
    terminal.types("ingest-gateway\n");
    terminal.wait_for("`ingest-gateway` is none of its consumers");
    terminal.types("\n");
    let (code, shown) = terminal.wait();
    assert_eq!(code, 0, "{shown}");
    let topic = scratch.read("topics/media/media.poster.v1.yaml");
    assert!(topic.contains("producers: [normalizer, ingest-gateway]\n"), "{topic}");
    // What was given is looked at before anybody is asked for more.
    let (code, shown) = Terminal::start(&scratch, &["new", "topic", "media.raw_ingest.v1"]).wait();
    assert!(code == 64 && shown.contains("is declared already"), "{shown}");
}

#[test]
fn a_cluster_that_would_not_be_valid_is_not_written() {
    let scratch = sample();
    let new = |more: &[&str]| {
        let place = ["--bootstrap", "kafka-0.example.com:9094", "--brokers", "3", "--tls", "--registry", "staging"];
        scratch.run(&[&["new", "cluster"], more, &place].concat())
    };
    // The word of another cluster would mean both.
    let taken = "the environment `staging` is the name of another cluster";
    new(&["staging-2", "--environment", "staging"]).ended(64).says(&[taken, "give another --environment"]);
    let run = new(&["staging-2"]).ended(4);
    run.says(&["nothing was written", "BUS645", "give --region REGION as its provider calls it, or --residency eu"]);
    assert!(!scratch.path("clusters/staging-2.yaml").exists());
    // As the documents show it.
    let commands = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/commands.md")).unwrap();
    let shown: Vec<&str> = commands.lines().filter_map(|line| line.strip_prefix("$ busctl new cluster ")).collect();
    assert_eq!(shown.len(), 2, "{shown:?}");
    for line in shown {
        let words: Vec<&str> = ["new", "cluster"].into_iter().chain(line.split(' ')).collect();
        scratch.run(&words).ended(0);
        scratch.run(&["validate"]).ended(0);
    }
}
