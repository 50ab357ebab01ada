use std::path::Path;

use crate::diag::Store;
use crate::policy::{ClientQuestion, check_client};
use crate::resources::Workspace;
use crate::resources::client_config::keys::Library;
use crate::resources::client_config::tests::sample_with;

fn findings_in(workspace: &mut Workspace, name: &str, text: &str, question: &ClientQuestion) -> Vec<String> {
    let found = check_client(workspace, Path::new(name), text, question);
    let told = found.findings.iter().map(|finding| {
        let place = finding.span().map(|span| workspace.place(span)).map(|at| format!("{}:{}", at.line, at.column));
        format!("{} {} {}", finding.code, place.unwrap_or_default(), finding.message)
    });
    let mut told: Vec<String> = told.collect();
    told.sort();
    told
}

fn findings(name: &str, text: &str) -> Vec<String> {
    let question = ClientQuestion { cluster: Some("production".to_owned()), ..ClientQuestion::default() };
    findings_in(&mut sample_with(None), name, text, &question)
}

#[test]
fn what_a_real_producer_gets_wrong_is_found() {
    let text = "bootstrap.servers=kafka-0.staging.bus.myfarsi.example:9094
client.id=ingest-gateway
acks=1
retries=0
max.in.flight.requests.per.connection=10
delivery.timeout.ms=2147483647
ssl.endpoint.identification.algorithm=
schema.registry.url=https://registry.staging.myfarsi.example/apis/ccompat/v7
topic=media.ingested.v1
";
    insta::assert_snapshot!(findings("client.properties", text).join("\n"), @r#"
    BUS854 3:6 `acks` is `1`: a record that only the leader has is lost with the leader
    BUS855 5:39 `max.in.flight.requests.per.connection` is `10`: an idempotent producer keeps the order of no more than five requests
    BUS856 4:9 `retries` is `0`: each change of a leader would lose records; the time is what bounds retries
    BUS856 6:21 `delivery.timeout.ms` is `2147483647`: a producer that tries for ever holds its records, and nobody is told
    BUS858 1:19 `security.protocol` is not set, and the listener CLIENT_TLS speaks SSL
    BUS859 7:1 `ssl.endpoint.identification.algorithm` is empty: the certificate of any host will do
    BUS861 1:19 `kafka-0.staging.bus.myfarsi.example:9094` is a broker of `staging`, and this is for `production`
    BUS862 9:7 `ingest-gateway` may not read or write `media.ingested.v1` on `production`
    BUS864 8:21 `https://registry.staging.myfarsi.example/apis/ccompat/v7` is the registry `staging`, which `production` has not
    BUS865 3:1 `auto.register.schemas` is not set, and is true by default: schemas come from Git; a producer that registers its own goes past review and compatibility
    "#);
}

#[test]
fn what_a_real_consumer_gets_wrong_is_found() {
    // The normalizer writes media.ingested.v1 in transactions.
    let text = "spring:
  application: { name: metadata-indexer }
  kafka:
    bootstrap-servers: kafka-0.production.bus.myfarsi.example:9094
    consumer:
      group-id: metadata-indexr
      enable-auto-commit: true
      properties:
        isolation.level: read_uncommitted
        sasl.jaas.config: 'org.apache.kafka.common.security.plain.PlainLoginModule required username=\"x\" password=\"correct-horse\";'
app:
  topic: media.raw_ingest.v1
";
    let found = findings("application.yml", text);
    insta::assert_snapshot!(found.join("\n"), @r#"
    BUS857 7:27 `enable.auto.commit` is `true`: an offset that is committed by the clock is committed before its record is done
    BUS858 4:24 `security.protocol` is not set, and the listener CLIENT_TLS speaks SSL
    BUS860 10:27 `sasl.jaas.config` holds a password as it is
    BUS862 12:10 `metadata-indexer` may not read or write `media.raw_ingest.v1` on `production`
    BUS863 6:17 `metadata-indexer` has no group `metadata-indexr` on `production`
    BUS866 9:26 `isolation.level` is `read_uncommitted`: what a transaction wrote that was aborted would be read as if it counted
    "#);
    assert!(!found.join("\n").contains("correct-horse"));
}

#[test]
fn librdkafka_has_names_and_defaults_of_its_own() {
    let text = "metadata.broker.list=kafka-0.production.bus.myfarsi.example:9094
security.protocol=ssl
client.id=ingest-gateway
ssl.ca.location=/etc/kafka/secrets/ca.crt
request.required.acks=1
ssl.truststore.location=/etc/x.jks
acsk=all
produce.offset.report=true
";
    insta::assert_snapshot!(findings("client.conf", text).join("\n"), @r#"
    BUS851 7:1 `acsk` is no config of librdkafka, which refuses it
    BUS852 6:1 `ssl.truststore.location` is a config of Kafka's Java clients, and this file is for librdkafka
    BUS853 8:1 `produce.offset.report` is a name that librdkafka had
    BUS854 5:23 `request.required.acks` is `1`: a record that only the leader has is lost with the leader
    BUS855 5:1 `enable.idempotence` is not set, and is false by default: without it a record that is sent again is there twice, or behind a later one
    "#);
}

#[test]
fn variables_json_and_yaml_are_read_as_well() {
    let variables = "KAFKA_BOOTSTRAP_SERVERS=kafka-0.production.bus.myfarsi.example:9094\nKAFKA_SECURITY_PROTOCOL=SSL\n\
                     KAFKA_PRODUCER_ACKS=0\nOTEL_SERVICE_NAME=ingest-gateway\nPATH_OF_IT=x\n";
    assert_eq!(
        findings(".env", variables),
        ["BUS854 3:21 `acks` is `0`: a record that only the leader has is lost with the leader"]
    );
    let json =
        r#"{ "kafka": { "producer": { "acks": "1", "client.id": "ingest-gateway" } }, "http": { "retries": 0 } }"#;
    assert_eq!(
        findings("config.json", json),
        ["BUS854 1:36 `acks` is `1`: a record that only the leader has is lost with the leader"]
    );
    let yaml = "kafka:\n  consumer:\n    group.id: normalizer\n    enable.auto.commit: true\n";
    let message = "an offset that is committed by the clock is committed before its record is done";
    assert_eq!(findings("config.yaml", yaml), [format!("BUS857 4:25 `enable.auto.commit` is `true`: {message}")]);
}

#[test]
fn what_is_filled_in_when_the_client_starts_is_not_judged() {
    let text = "bootstrap.servers=${BROKERS}\nclient.id=ingest-gateway\nacks=${ACKS:all}\nsecurity.protocol=SSL\n\
                ssl.key.password=${env:KEY_PASSWORD}\n";
    assert_eq!(findings("client.properties", text), Vec::<String>::new());
}

#[test]
fn a_secret_is_found_and_nowhere_shown() {
    let text = "client.id=ingest-gateway\nacks=all\nssl.keystore.password=open-sesame\n";
    let mut workspace = sample_with(None);
    let found = check_client(&mut workspace, Path::new("client.properties"), text, &ClientQuestion::default()).findings;
    let codes: Vec<_> = found.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, ["BUS860"]);
    let file = found[0].span().unwrap().file;
    assert_eq!(
        workspace.sources.file(file).without_secrets().lines().nth(2),
        Some("ssl.keystore.password=***********")
    );
}

#[test]
fn a_secret_is_not_shown_wherever_a_file_has_it_and_whether_it_can_be_read_or_not() {
    let texts = [
        ("client.properties", "ssl.key.password hunter2hunter2\nacks all\n"),
        ("client.properties", "ssl.key.password\\\n  : hunter2hunter2\nacks=all\n"),
        ("client.properties", "ssl.keystore.key hunter2hunter2\nacks=all\n"),
        ("client.properties", "app.db.password hunter2hunter2\nacks=all\n"),
        ("client.properties", "acks=all\nssl.keystore.key=\nhunter2hunter2\n"),
        ("client.properties", "acks=all\n= hunter2hunter2\n"),
        ("client.yaml", "acks: all\nssl.key.password: *hunter2hunter2\n"),
        ("client.yaml", "acks: all\nssl.key.password: @hunter2hunter2\n"),
        ("client.yaml", "acks: all\nssl.key.password: [ hunter2hunter2\n"),
        ("client.json", "{ \"ssl.key.password\": \"hunter2hunter2 }"),
        ("client.yaml", "db: { secret: hunter2hunter2 }\n"),
    ];
    for (path, text) in texts {
        let mut workspace = sample_with(None);
        let found = check_client(&mut workspace, Path::new(path), text, &ClientQuestion::default()).findings;
        assert!(found.iter().any(|finding| matches!(finding.code, "BUS850" | "BUS860")), "{text}: {found:?}");
        let file = found[0].span().unwrap().file;
        let shown = workspace.sources.file(file).without_secrets();
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(!format!("{found:?}").contains("hunter2"), "{found:?}");
    }
}

#[test]
fn a_secret_is_known_by_each_name_that_plans_know_it_by() {
    for name in ["db.pass", "api-key", "aws.secret.access.key", "my.private.key", "app.token"] {
        let (codes, told) = told_of("a.properties", &format!("acks=all\n{name}=Walrus7\nx.y=1\n"), None);
        assert!(codes.contains(&"BUS860") && !told.contains("Walrus7"), "{name}: {told}");
    }
    let text = "{\"acks\":\"0\",\"db\":{\"pass\":\"Walrus7\"},\"apiKey\":\"Tango8\"}";
    let (codes, told) = told_of("a.json", text, None);
    assert!(codes.contains(&"BUS854") && codes.contains(&"BUS860"), "{codes:?}");
    assert!(!told.contains("Walrus7") && !told.contains("Tango8"), "{told}");
    let text = "acks=1\nsasl.oauthbearer.token.endpoint.url=https://idp.example.com/token\nssl.client.auth=requested\n";
    assert!(!told_of("a.properties", text, None).0.contains(&"BUS860"));
    let text = "kafka: { acks: 1, existingSecret: kafka-login, token: /var/run/secrets/token }\nimagePullSecrets: [registry]\n";
    assert!(!told_of("a.yaml", text, None).0.contains(&"BUS860"));
}

#[test]
fn a_file_that_is_none_is_told_so() {
    assert_eq!(findings("x.yaml", "a: 1\n"), ["BUS850 1:1 nothing in this file is a config of a Kafka client"]);
    assert_eq!(findings("x.json", "{ \"acks\": "), findings("x.json", "{ \"acks\": "));
    assert!(findings("x.json", "{ \"acks\": ")[0].starts_with("BUS850"));
    assert_eq!(findings("x", ""), ["BUS850 1:1 this file is empty"]);
}

#[test]
fn what_clients_gives_to_services_is_checked_with_the_manifests() {
    let more = "clients:
  listener: CLIENT_TLZ
  tls: { certificate: 'vault:secret/bus/all#certificate' }
  sasl: { mechanism: plain }
  external_secrets: { refresh: 2d, ttl: 1d }
  config: { ssl.keystore.password: x, buffer.memry: 1 }
  producer: { acks: 1, linger.ms: soon, batch.size: 64KiB }
";
    let workspace = sample_with(Some(("clusters/production.yaml", more)));
    let clusters: Vec<_> = workspace.clusters.values().collect();
    let found = crate::policy::check(&workspace, &clusters, &Store::in_memory(&workspace.sources)).into_vec();
    let found = found.iter().filter(|finding| finding.code == "BUS867");
    let told: Vec<String> = found.map(|finding| finding.message.clone()).collect();
    let expected = [
        "`CLIENT_TLZ` is no listener for clients of this cluster",
        "every service would have the same secret",
        "`sasl` of clients has no `password`, which plain needs",
        "a certificate is good for 1d, and is issued anew every 2d",
        "`ssl.keystore.password` follows from how the service connects, and is not set here",
        "`buffer.memry` is no config of Kafka's Java clients",
        "`acks` is `1`, which BUS854 forbids: a record that only the leader has is lost with the leader",
        "`linger.ms`: `soon` does not start with a number",
    ];
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for message in expected {
        assert!(told.iter().any(|told| told == message), "{message}\n{told:#?}");
    }
}

#[test]
fn the_listener_of_clients_is_one_that_they_reach() {
    let told = |cluster: &str, listener: &str| {
        let more = format!("clients: {{ listener: {listener} }}\n");
        let workspace = sample_with(Some((&format!("clusters/{cluster}.yaml"), &more)));
        let clusters: Vec<_> = workspace.clusters.values().collect();
        let found = crate::policy::check(&workspace, &clusters, &Store::in_memory(&workspace.sources)).into_vec();
        let found = found.into_iter().filter(|finding| finding.code == "BUS867");
        found.map(|finding| format!("{}; {}", finding.message, finding.help.unwrap_or_default())).collect::<Vec<_>>()
    };
    assert_eq!(told("production", "EDGE_TLS"), Vec::<String>::new());
    assert_eq!(
        told("production", "CONTROLLER_TLS"),
        ["`CONTROLLER_TLS` is no listener for clients of this cluster; write one that is: CLIENT_TLS, EDGE_TLS"]
    );
}

#[test]
fn a_login_in_an_address_is_compared_by_nobody_and_shown_to_nobody() {
    let text = "bootstrap.servers=SASL_SSL://user:open-s@same@kafka-9.example.org:9093,user:open-s@same@kafka-8.example.org:9093
security.protocol=SSL
client.id=ingest-gateway
acks=all
schema.registry.url=user:open-s@same@registry.example.org,https://user:open/s@same@registry.myfarsi.example/apis/ccompat/v7
auto.register.schemas=false
";
    insta::assert_snapshot!(findings("client.properties", text).join("\n"), @r"
    BUS860 1:19 `bootstrap.servers` holds a password as it is
    BUS860 5:21 `schema.registry.url` holds a password as it is
    BUS861 1:19 `kafka-8.example.org:9093` is no broker of `production`
    BUS861 1:19 `kafka-9.example.org:9093` is no broker of `production`
    BUS864 5:21 `registry.example.org` is not the registry of `production`
    ");
}

#[test]
fn names_of_frameworks_beside_configs_are_their_own() {
    let text = "quarkus.http.port=8080
mp.messaging.incoming.assets.connector=smallrye-kafka
mp.messaging.incoming.assets.group.id=normalizer
mp.messaging.incoming.assets.enable.auto.comit=false
mp.messaging.incoming.assets.enable.auto.commit=false
mp.messaging.incoming.assets.topic=media.raw_ingest.v1
";
    let message = "`enable.auto.comit` is no config of a Java client of Kafka, which passes over it";
    assert_eq!(findings("application.properties", text), [format!("BUS851 4:1 {message}")]);
}

#[test]
fn brokers_to_write_are_those_of_a_listener_that_the_file_can_speak_to() {
    let cluster = "cluster: c
kafka:
  nodes: [{ id: 1, host: k1, roles: [broker] }, { id: 2, host: k2, roles: [broker] }]
  listeners:
    CLIENT_TLS: { port: 9092, protocol: ssl, client_auth: required }
    LOGIN: { port: 9093, protocol: sasl_ssl }
    PEOPLE: { port: 9094, protocol: sasl_ssl }
";
    let help = |protocol: &str| {
        let mut workspace = crate::resources::client_config::tests::read_files(&[("clusters/c.yaml", cluster)]);
        let text = format!("acks=all\nbootstrap.servers=elsewhere.example.org:9092\n{protocol}\n");
        let found = check_client(&mut workspace, Path::new("a.properties"), &text, &ClientQuestion::default());
        let found = found.findings.into_iter().find(|finding| finding.code == "BUS861").expect("it is no broker");
        found.help.expect("a help")
    };
    assert_eq!(help("security.protocol=SSL"), "write the brokers of `c`: k1:9092,k2:9092");
    let login = "k1:9093,k2:9093 (LOGIN), or k1:9094,k2:9094 (PEOPLE)";
    assert_eq!(help("security.protocol=SASL_SSL"), format!("write the brokers of `c`: {login}"));
    assert_eq!(help(""), format!("write the brokers of `c`: k1:9092,k2:9092 (CLIENT_TLS), or {login}"));
}

#[test]
fn an_empty_file_is_told_with_its_name() {
    let mut workspace = sample_with(None);
    let found = check_client(&mut workspace, Path::new("a.properties"), " \n", &ClientQuestion::default());
    let span = found.findings[0].span().expect("a place");
    assert_eq!(workspace.place(span).file, "a.properties");
}

/// Everything that a report may show of a file: findings and the text in their frames.
fn told_of(name: &str, text: &str, library: Option<Library>) -> (Vec<&'static str>, String) {
    let mut workspace = sample_with(None);
    let question = ClientQuestion { cluster: Some("production".to_owned()), library, ..ClientQuestion::default() };
    let found = check_client(&mut workspace, Path::new(name), text, &question).findings;
    let file = found.iter().find_map(|finding| finding.span()).expect("a place").file;
    let shown = workspace.sources.file(file).without_secrets();
    (found.iter().map(|finding| finding.code).collect(), format!("{found:?}\n{shown}"))
}

#[test]
fn a_secret_with_a_sign_of_what_is_filled_in_is_a_secret() {
    let cases = [
        ("a.properties", "acks=all\nsasl.password=$ecretHunter2\n", None),
        ("a.properties", "acks=all\nssl.key.password=pa{{ssHunter2\n", None),
        ("a.properties", "acks=all\nssl.key.password=${Hunter2\n", None),
        ("a.properties", "acks=all\nssl.key.password=vault:a/b#Hunter2\n", None),
        ("a.conf", "acks=all\nssl.truststore.password=file:Hunter2\n", Some(Library::Librdkafka)),
        ("a.yml", "spring:\n  kafka:\n    ssl:\n      key-store-password: $Hunter2\n", None),
        ("a.properties", "acks=all\nbasic.auth.user.info=user:$Hunter2\n", None),
        (
            "a.properties",
            "sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username=\"x\" password=\"$Hunter2\";\n",
            None,
        ),
    ];
    for (name, text, library) in cases {
        let (codes, told) = told_of(name, text, library);
        assert!(codes.contains(&"BUS860"), "{text}: {told}");
        assert!(!told.contains("Hunter2"), "{told}");
    }
    for (name, text) in [
        ("a.properties", "acks=1\nssl.key.password=${directory:/etc/kafka/secrets:key.password}\n"),
        ("a.properties", "acks=1\nssl.key.password={{ key_password }}\n"),
        ("a.properties", "acks=1\nssl.key.password=${}${KEY_PASSWORD}\n"),
        ("a.env", "KAFKA_ACKS=1\nKAFKA_SSL_KEY_PASSWORD=$KEY_PASSWORD\n"),
        ("a.env", "KAFKA_ACKS=1\nKAFKA_SSL_KEY_PASSWORD=\"$(cat /run/secrets/key)\"\n"),
        ("a.env", "KAFKA_ACKS=1\nKAFKA_SSL_KEY_PASSWORD=vault:secret/bus#key\n"),
        (
            "a.yml",
            "spring:\n  kafka:\n    producer: { acks: 1 }\n    ssl:\n      key-store-password: ${KEY_PASSWORD}\n",
        ),
    ] {
        let (codes, told) = told_of(name, text, None);
        assert!(!codes.contains(&"BUS860"), "{text}: {told}");
    }
}

#[test]
fn a_login_in_an_address_is_told_with_none_of_its_characters() {
    for text in [
        "acks=all\nschema.registry.url=https://u:hunter2,hunter2@b.example/\n",
        "acks=all\nschema.registry.url=https://hunter2token@b.example/\n",
        "acks=all\nschema.registry.url=https://hunter2token:@b.example/\n",
        "acks=all\nschema.registry.url=https://u:hunter2@x,hunter2@b.example/,https://c.example\n",
        "acks=all\nbootstrap.servers=SASL_SSL://u:hunter2,hunter2@h.example:9094\n",
        "acks=all\nbootstrap.servers=SASL_SSL://hunter2@h.example:9094\n",
    ] {
        let (codes, told) = told_of("a.properties", text, None);
        assert!(codes.contains(&"BUS860"), "{text}: {told}");
        assert!(!told.contains("hunter2"), "{told}");
        assert!(codes.contains(&"BUS861") || codes.contains(&"BUS864"), "the address is still compared: {told}");
    }
    let filled = "acks=all\nschema.registry.url=https://${env:USER}:${env:PASSWORD}@b.example/\n";
    assert!(!told_of("a.properties", filled, None).0.contains(&"BUS860"));
}

#[test]
fn properties_are_read_as_java_reads_them() {
    assert_eq!(
        findings("a.properties", "client.id=ingest-gateway\nacks=\"all\"\n"),
        ["BUS854 2:6 `acks` is `\"all\"`: a record that only the leader has is lost with the leader"]
    );
    assert_eq!(findings("a.env", "KAFKA_CLIENT_ID=ingest-gateway\nKAFKA_ACKS=\"all\"\n"), Vec::<String>::new());
    assert_eq!(
        findings("a.properties", "acks=all\n;acks=0\n[acks=1\n"),
        [";acks", "[acks"].map(|name| {
            let line = if name.starts_with(';') { 2 } else { 3 };
            format!("BUS851 {line}:1 `{name}` is no config of a Java client of Kafka, which passes over it")
        })
    );
    assert_eq!(findings("a.conf", "acks=all\n;acks=0\n[section]\n"), Vec::<String>::new());
}

#[test]
fn spring_takes_units_under_its_own_names_alone() {
    let text = |own: &str, raw: &str| {
        let consumer = "group-id: normalizer, enable-auto-commit: false, isolation-level: read_committed";
        format!("spring:\n  kafka:\n    consumer: {{ {consumer}, {own} }}\n    properties: {{ {raw} }}\n")
    };
    let of = |own: &str, raw: &str| {
        let found = findings("a.yml", &text(own, raw)).into_iter();
        found
            .filter(|it| it.contains("BUS868"))
            .map(|it| it.rsplit_once(" `").expect("a value").1.to_owned())
            .collect::<Vec<_>>()
    };
    for own in ["PT5M", "pt1m30.5s", "P1DT2H", "5m", "300000"] {
        assert_eq!(of(&format!("max-poll-interval: {own}"), "retry.backoff.ms: 100"), Vec::<String>::new(), "{own}");
    }
    for own in ["PT", "P", "P5", "soon", "PT5"] {
        assert_eq!(of(&format!("max-poll-interval: {own}"), "retry.backoff.ms: 100"), [format!("{own}`")], "{own}");
    }
    for raw in ["5ms", "PT5S"] {
        assert_eq!(
            of("max-poll-interval: 5m", &format!("\"[retry.backoff.ms]\": {raw}")),
            [format!("{raw}`")],
            "{raw}"
        );
    }
}

#[test]
fn lists_of_millions_of_addresses_are_parted_at_once() {
    let commas = ",".repeat(1 << 21);
    for (list, count) in [
        (commas.clone(), (1 << 21) + 1),
        (format!("SSL://a:{commas}@b:1,c:2"), 2),
        (format!("SSL://a:b@c:{commas}@b:1,SSL://d:e@f:2"), 2),
        (format!("SSL://a:b@c:1{commas}SSL://d:e@f:2"), (1 << 21) + 1),
        ("SSL://u:p@a:1,".repeat(1 << 17), (1 << 17) + 1),
    ] {
        assert_eq!(super::addresses_in(&list).len(), count, "{}…", &list[..20]);
    }
}
