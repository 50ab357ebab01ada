use std::path::Path;

use serde_json::Value;

use super::*;
use crate::policy::{ClientQuestion, check_client};
use crate::resources::Workspace;
use crate::resources::client_config::keys::{self, Library};
use crate::resources::client_config::tests::{config_of, sample_with};

/// Production whose listener for services has SASL, with logins and a registry that needs one.
fn with_logins() -> Workspace {
    let more = "clients:
  sasl: { mechanism: scram-sha-512, password: 'vault:secret/bus/{service}#kafka' }
  registry: { password: 'vault:secret/bus/{service}#registry' }
  producer: { linger.ms: 5ms, buffer.memory: 64MiB, max.block.ms: 10s }
";
    let mut workspace = sample_with(Some(("clusters/production.yaml", more)));
    let cluster = workspace.clusters.get_mut("production").expect("production");
    let kafka = cluster.kafka.as_mut().expect("its brokers");
    for listener in kafka.value.listeners.values_mut() {
        listener.protocol.value = crate::resources::cluster::ListenerProtocol::SaslSsl;
    }
    workspace
}

fn printed(workspace: &Workspace, service: &str, kind: Option<ClientKind>, format: ClientFormat) -> String {
    render(&config_of(workspace, "production", service), Choice { kind, group: None }, format).expect("it can be said")
}

#[test]
fn properties_have_the_rules_of_the_bus_and_no_secret() {
    let text = printed(&with_logins(), "normalizer", None, ClientFormat::Properties);
    insta::assert_snapshot!(text, @r#"
    # normalizer on production, by busctl client-config. Secrets are references.
    # produces media.ingested.v1, value media.ingested.v1-value (schema.version 1)
    # produces media.raw_ingest.v1.normalizer.dlq, dead letters of media.raw_ingest.v1
    # consumes media.raw_ingest.v1 as normalizer, value media.raw_ingest.v1-value (schema.version 3), dead letters to media.raw_ingest.v1.normalizer.dlq
    # header deployment.env: production
    # header service.name: normalizer
    # transactional.id: one for each instance, normalizer-*

    producer.acks=all
    producer.auto.register.schemas=false
    producer.basic.auth.credentials.source=USER_INFO
    producer.basic.auth.user.info=normalizer:${directory:/etc/kafka/secrets:registry.password}
    producer.bootstrap.servers=kafka-0.production.bus.myfarsi.example:9094,kafka-1.production.bus.myfarsi.example:9094,kafka-2.production.bus.myfarsi.example:9094
    producer.buffer.memory=67108864
    producer.client.id=normalizer
    producer.config.providers=directory
    producer.config.providers.directory.class=org.apache.kafka.common.config.provider.DirectoryConfigProvider
    producer.delivery.timeout.ms=120000
    producer.enable.idempotence=true
    producer.linger.ms=5
    producer.max.block.ms=10000
    producer.max.in.flight.requests.per.connection=5
    producer.max.request.size=3145728
    producer.retries=2147483647
    producer.retry.backoff.max.ms=1000
    producer.retry.backoff.ms=100
    producer.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="CN=normalizer" password="${directory:/etc/kafka/secrets:sasl.password}";
    producer.sasl.mechanism=SCRAM-SHA-512
    producer.schema.registry.ssl.truststore.location=/etc/kafka/secrets/registry.ca.crt
    producer.schema.registry.ssl.truststore.type=PEM
    producer.schema.registry.url=https://registry.myfarsi.example/apis/ccompat/v7
    producer.security.protocol=SASL_SSL
    producer.ssl.endpoint.identification.algorithm=https
    producer.ssl.keystore.location=/etc/kafka/secrets/keystore.pem
    producer.ssl.keystore.type=PEM
    producer.ssl.truststore.location=/etc/kafka/secrets/ca.crt
    producer.ssl.truststore.type=PEM

    consumer.basic.auth.credentials.source=USER_INFO
    consumer.basic.auth.user.info=normalizer:${directory:/etc/kafka/secrets:registry.password}
    consumer.bootstrap.servers=kafka-0.production.bus.myfarsi.example:9094,kafka-1.production.bus.myfarsi.example:9094,kafka-2.production.bus.myfarsi.example:9094
    consumer.client.id=normalizer
    consumer.config.providers=directory
    consumer.config.providers.directory.class=org.apache.kafka.common.config.provider.DirectoryConfigProvider
    consumer.enable.auto.commit=false
    consumer.group.id=normalizer
    consumer.retry.backoff.max.ms=1000
    consumer.retry.backoff.ms=100
    consumer.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="CN=normalizer" password="${directory:/etc/kafka/secrets:sasl.password}";
    consumer.sasl.mechanism=SCRAM-SHA-512
    consumer.schema.registry.ssl.truststore.location=/etc/kafka/secrets/registry.ca.crt
    consumer.schema.registry.ssl.truststore.type=PEM
    consumer.schema.registry.url=https://registry.myfarsi.example/apis/ccompat/v7
    consumer.security.protocol=SASL_SSL
    consumer.ssl.endpoint.identification.algorithm=https
    consumer.ssl.keystore.location=/etc/kafka/secrets/keystore.pem
    consumer.ssl.keystore.type=PEM
    consumer.ssl.truststore.location=/etc/kafka/secrets/ca.crt
    consumer.ssl.truststore.type=PEM
    "#);
}

#[test]
fn variables_are_quoted_as_shells_read_them() {
    let text = printed(&with_logins(), "ingest-gateway", None, ClientFormat::Env);
    insta::assert_snapshot!(text, @r#"
    # ingest-gateway on production, by busctl client-config. Secrets are references.
    # produces audit.access.v1, value audit.access.v1-value (schema.version 1)
    # produces media.raw_ingest.v1, value media.raw_ingest.v1-value (schema.version 3)
    # header deployment.env: production
    # header service.name: ingest-gateway
    BUS_SERVICE=ingest-gateway
    BUS_CLUSTER=production
    BUS_PRODUCES=audit.access.v1,media.raw_ingest.v1
    BUS_HEADER_DEPLOYMENT_ENV=production
    BUS_HEADER_SERVICE_NAME=ingest-gateway
    KAFKA_ACKS=all
    KAFKA_AUTO_REGISTER_SCHEMAS=false
    KAFKA_BASIC_AUTH_CREDENTIALS_SOURCE=USER_INFO
    KAFKA_BASIC_AUTH_USER_INFO='ingest-gateway:${directory:/etc/kafka/secrets:registry.password}'
    KAFKA_BOOTSTRAP_SERVERS=kafka-0.production.bus.myfarsi.example:9094,kafka-1.production.bus.myfarsi.example:9094,kafka-2.production.bus.myfarsi.example:9094
    KAFKA_BUFFER_MEMORY=67108864
    KAFKA_CLIENT_ID=ingest-gateway
    KAFKA_CONFIG_PROVIDERS=directory
    KAFKA_CONFIG_PROVIDERS_DIRECTORY_CLASS=org.apache.kafka.common.config.provider.DirectoryConfigProvider
    KAFKA_DELIVERY_TIMEOUT_MS=120000
    KAFKA_ENABLE_IDEMPOTENCE=true
    KAFKA_LINGER_MS=5
    KAFKA_MAX_BLOCK_MS=10000
    KAFKA_MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION=5
    KAFKA_MAX_REQUEST_SIZE=2097152
    KAFKA_RETRIES=2147483647
    KAFKA_RETRY_BACKOFF_MAX_MS=1000
    KAFKA_RETRY_BACKOFF_MS=100
    KAFKA_SASL_JAAS_CONFIG='org.apache.kafka.common.security.scram.ScramLoginModule required username="CN=ingest-gateway" password="${directory:/etc/kafka/secrets:sasl.password}";'
    KAFKA_SASL_MECHANISM=SCRAM-SHA-512
    KAFKA_SCHEMA_REGISTRY_SSL_TRUSTSTORE_LOCATION=/etc/kafka/secrets/registry.ca.crt
    KAFKA_SCHEMA_REGISTRY_SSL_TRUSTSTORE_TYPE=PEM
    KAFKA_SCHEMA_REGISTRY_URL=https://registry.myfarsi.example/apis/ccompat/v7
    KAFKA_SECURITY_PROTOCOL=SASL_SSL
    KAFKA_SSL_ENDPOINT_IDENTIFICATION_ALGORITHM=https
    KAFKA_SSL_KEYSTORE_LOCATION=/etc/kafka/secrets/keystore.pem
    KAFKA_SSL_KEYSTORE_TYPE=PEM
    KAFKA_SSL_TRUSTSTORE_LOCATION=/etc/kafka/secrets/ca.crt
    KAFKA_SSL_TRUSTSTORE_TYPE=PEM
    "#);
}

#[test]
fn spring_fills_secrets_in_by_itself() {
    let text = printed(&with_logins(), "normalizer", None, ClientFormat::Spring);
    insta::assert_snapshot!(text, @r#"
    # normalizer on production, by busctl client-config. Secrets are references.
    # produces media.ingested.v1, value media.ingested.v1-value (schema.version 1)
    # produces media.raw_ingest.v1.normalizer.dlq, dead letters of media.raw_ingest.v1
    # consumes media.raw_ingest.v1 as normalizer, value media.raw_ingest.v1-value (schema.version 3), dead letters to media.raw_ingest.v1.normalizer.dlq
    # header deployment.env: production
    # header service.name: normalizer
    # transactional.id: one for each instance, normalizer-*
    spring:
      application:
        name: normalizer
      config:
        import: configtree:/etc/kafka/secrets/
      kafka:
        bootstrap-servers: "kafka-0.production.bus.myfarsi.example:9094,kafka-1.production.bus.myfarsi.example:9094,kafka-2.production.bus.myfarsi.example:9094"
        client-id: normalizer
        properties:
          basic.auth.credentials.source: USER_INFO
          basic.auth.user.info: "normalizer:${registry.password}"
          retry.backoff.max.ms: "1000"
          retry.backoff.ms: "100"
          sasl.jaas.config: "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"CN=normalizer\" password=\"${sasl.password}\";"
          sasl.mechanism: SCRAM-SHA-512
          schema.registry.ssl.truststore.location: /etc/kafka/secrets/registry.ca.crt
          schema.registry.ssl.truststore.type: PEM
          schema.registry.url: https://registry.myfarsi.example/apis/ccompat/v7
          security.protocol: SASL_SSL
          ssl.endpoint.identification.algorithm: https
          ssl.keystore.location: /etc/kafka/secrets/keystore.pem
          ssl.keystore.type: PEM
          ssl.truststore.location: /etc/kafka/secrets/ca.crt
          ssl.truststore.type: PEM
        producer:
          acks: all
          retries: "2147483647"
          properties:
            auto.register.schemas: "false"
            buffer.memory: "67108864"
            delivery.timeout.ms: "120000"
            enable.idempotence: "true"
            linger.ms: "5"
            max.block.ms: "10000"
            max.in.flight.requests.per.connection: "5"
            max.request.size: "3145728"
        consumer:
          enable-auto-commit: "false"
          group-id: normalizer
    bus:
      produces: [media.ingested.v1, media.raw_ingest.v1.normalizer.dlq]
      consumes: [media.raw_ingest.v1]
      dead-letters: [media.raw_ingest.v1.normalizer.dlq]
      headers:
        deployment.env: production
        service.name: normalizer
    "#);
}

#[test]
fn librdkafka_has_names_of_its_own() {
    insta::assert_snapshot!(printed(&with_logins(), "ingest-gateway", None, ClientFormat::Librdkafka), @r#"
    # ingest-gateway on production, by busctl client-config. Secrets are references.
    # produces audit.access.v1, value audit.access.v1-value (schema.version 1)
    # produces media.raw_ingest.v1, value media.raw_ingest.v1-value (schema.version 3)
    # header deployment.env: production
    # header service.name: ingest-gateway

    acks=all
    bootstrap.servers=kafka-0.production.bus.myfarsi.example:9094,kafka-1.production.bus.myfarsi.example:9094,kafka-2.production.bus.myfarsi.example:9094
    client.id=ingest-gateway
    delivery.timeout.ms=120000
    enable.idempotence=true
    linger.ms=5
    max.in.flight.requests.per.connection=5
    message.max.bytes=2097152
    queue.buffering.max.kbytes=65536
    retries=2147483647
    retry.backoff.max.ms=1000
    retry.backoff.ms=100
    sasl.mechanism=SCRAM-SHA-512
    sasl.username=CN=ingest-gateway
    security.protocol=sasl_ssl
    ssl.ca.location=/etc/kafka/secrets/ca.crt
    ssl.certificate.location=/etc/kafka/secrets/tls.crt
    ssl.endpoint.identification.algorithm=https
    ssl.key.location=/etc/kafka/secrets/tls.key
    # max.block.ms: librdkafka has nothing of the kind
    # sasl.password is to be set from /etc/kafka/secrets/sasl.password (vault:secret/bus/ingest-gateway#kafka)
    # schema.registry.url, for the serializers: https://registry.myfarsi.example/apis/ccompat/v7
    # auto.register.schemas, for the serializers: false
    "#);
}

#[test]
fn what_serializers_have_and_what_java_alone_has_is_no_line_for_librdkafka() {
    let more = "clients:
  config: { request.timeout.ms: 20s, receive.buffer.bytes: 64KiB, metric.reporters: x }
  producer: { use.latest.version: true, partitioner.class: org.example.P, partitioner.ignore.keys: true, retries: 9 }
";
    let workspace = sample_with(Some(("clusters/production.yaml", more)));
    let text = printed(&workspace, "ingest-gateway", Some(ClientKind::Producer), ClientFormat::Librdkafka);
    let (remarks, lines): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.starts_with('#'));
    for line in ["socket.timeout.ms=20000", "socket.receive.buffer.bytes=65536", "retries=9"] {
        assert!(lines.contains(&line), "{line}\n{text}");
    }
    for remark in [
        "# use.latest.version, for the serializers: true",
        "# partitioner.class: librdkafka has nothing of the kind",
        "# metric.reporters: librdkafka has nothing of the kind",
    ] {
        assert!(remarks.contains(&remark), "{remark}\n{text}");
    }
    let of_librdkafka: Vec<&str> = keys::names(Library::Librdkafka).collect();
    for line in lines.iter().filter(|line| !line.is_empty()) {
        assert!(of_librdkafka.contains(&line.split('=').next().unwrap_or_default()), "{line}");
    }
}

#[test]
fn java_knows_each_config_of_the_properties() {
    for workspace in [sample_with(None), with_logins()] {
        for service in workspace.grants.keys() {
            let config = config_of(&workspace, "production", service);
            for client in clients(&config, Choice::default()) {
                for key in java::configs(&config, &client).keys() {
                    let bare = match client {
                        Client::Streams(_) => key.trim_start_matches("producer.").trim_start_matches("consumer."),
                        _ => key,
                    };
                    let known = keys::find(Library::Java, bare).unwrap_or_else(|| panic!("{service}: {key}"));
                    assert!(!(client == Client::Producer && known.is_of_consumers()), "{service}: {key}");
                    assert!(!(matches!(client, Client::Consumer(_)) && known.is_of_producers()), "{service}: {key}");
                }
            }
        }
    }
}

#[test]
fn yaml_and_json_say_the_same() {
    let workspace = with_logins();
    for service in workspace.grants.keys() {
        let json: Value = serde_json::from_str(&printed(&workspace, service, None, ClientFormat::Json)).expect("JSON");
        let yaml = printed(&workspace, service, None, ClientFormat::Yaml);
        let (documents, findings) = crate::source::parse_yaml(crate::source::FileId(0), &yaml);
        assert!(findings.is_empty(), "{findings:?}\n{yaml}");
        assert_eq!(plain(&documents[0]), texts(&json), "{yaml}");
    }
}

/// A document of YAML with every scalar as a text.
fn plain(node: &crate::source::Node) -> Value {
    use crate::source::Value as Yaml;
    match &node.value {
        Yaml::Mapping(entries) => {
            entries.iter().map(|entry| (entry.key.value.to_string(), plain(&entry.value))).collect()
        }
        Yaml::Sequence(items) => items.iter().map(plain).collect(),
        Yaml::Scalar { text, .. } => Value::String(text.to_string()),
    }
}

fn texts(value: &Value) -> Value {
    match value {
        Value::Object(entries) => entries.iter().map(|(key, value)| (key.clone(), texts(value))).collect(),
        Value::Array(items) => items.iter().map(texts).collect(),
        Value::String(text) => Value::String(text.clone()),
        other => Value::String(other.to_string()),
    }
}

#[test]
fn what_is_printed_keeps_the_rules_of_clients() {
    use ClientFormat::{Env, Json, Librdkafka, Properties, Spring, Yaml};
    let java = Some(Library::Java);
    let formats = [
        ("a.properties", Properties, None),
        ("b.env", Env, None),
        ("c.yml", Spring, None),
        ("d.conf", Librdkafka, Some(Library::Librdkafka)),
        ("e.json", Json, None),
        ("e.json", Json, java),
        ("e.json", Json, Some(Library::Librdkafka)),
        ("f.yaml", Yaml, None),
        ("-", Json, None),
        ("-", Yaml, None),
    ];
    let mut checked = 0;
    for (what, mut workspace) in [("plain", sample_with(None)), ("scram", with_logins()), ("oauth", with_tokens())] {
        let services: Vec<String> = workspace.grants.keys().cloned().collect();
        for service in services {
            for (name, format, library) in formats {
                let config = config_of(&workspace, "production", &service);
                if clients(&config, Choice::default()).is_empty()
                    || (library == Some(Library::Librdkafka) && config.application_id.is_some())
                {
                    continue;
                }
                let text = render(&config, Choice::default(), format).expect("it can be said");
                let cluster = Some("production".to_owned());
                let question = ClientQuestion { cluster, service: Some(service.clone()), library };
                let found = check_client(&mut workspace, Path::new(name), &text, &question);
                assert!(found.findings.is_empty(), "{what} {service} {name}: {:?}\n{text}", found.findings);
                let meant = library.unwrap_or(Library::Java);
                assert_eq!(found.file.map(|file| file.library), Some(meant), "{what} {service} {name}");
                checked += 1;
            }
        }
    }
    assert!(checked > 100, "{checked}");
}

/// Production whose listener for services takes tokens.
fn with_tokens() -> Workspace {
    let more = "clients:
  sasl: { mechanism: oauthbearer, token_endpoint: 'https://idp.example.com/token', client_secret: 'vault:secret/bus/{service}#idp' }
";
    let mut workspace = sample_with(Some(("clusters/production.yaml", more)));
    let cluster = workspace.clusters.get_mut("production").expect("production");
    for listener in cluster.kafka.as_mut().expect("its brokers").value.listeners.values_mut() {
        listener.protocol.value = crate::resources::cluster::ListenerProtocol::SaslSsl;
    }
    workspace
}

fn of_groups(more: &str, format: ClientFormat) -> Result<String, Unsayable> {
    let mut config = config_of(&sample_with(Some(("clusters/production.yaml", more))), "production", "normalizer");
    for topic in config.consumes.values_mut() {
        topic.groups = vec!["billing-a".to_owned(), "billing.a".to_owned()];
    }
    render(&config, Choice::default(), format)
}

#[test]
fn two_groups_that_would_be_one_variable_are_refused() {
    let refused = of_groups("", ClientFormat::Env).expect_err("both are one");
    assert!(refused.message.starts_with("`consumer.billing-a."), "{refused:?}");
    assert!(refused.message.contains(" and `consumer.billing.a.") && refused.help.contains("--group"), "{refused:?}");
    let config = config_of(&sample_with(None), "production", "normalizer");
    assert!(render(&config, Choice::default(), ClientFormat::Env).is_ok());
}

#[test]
fn spring_says_which_groups_its_listeners_name() {
    let text = of_groups("", ClientFormat::Spring).expect("it can be said");
    assert!(text.contains("# each @KafkaListener names its own group, one of billing-a, billing.a: groupId"), "{text}");
    assert!(!text.contains("group-id"), "{text}");
}

#[test]
fn a_value_of_several_lines_is_refused_where_each_line_is_one() {
    let more = "clients: { config: { client.rack: \"r1\\nsecurity.protocol=plaintext\" } }";
    for format in [ClientFormat::Librdkafka, ClientFormat::Env] {
        let refused = of_one("ingest-gateway", more, format).expect_err("it is no line");
        assert!(refused.message.contains("`client.rack`"), "{refused:?}");
    }
    let text = of_one("ingest-gateway", more, ClientFormat::Properties).expect("it can be said");
    assert!(text.contains("client.rack=r1\\nsecurity.protocol=plaintext\n"), "{text}");
}

fn of_one(service: &str, more: &str, format: ClientFormat) -> Result<String, Unsayable> {
    render(
        &config_of(&sample_with(Some(("clusters/production.yaml", more))), "production", service),
        Choice::default(),
        format,
    )
}

#[test]
fn topics_that_need_several_strategies_are_told() {
    let mut config = config_of(&sample_with(None), "production", "normalizer");
    let (name, topic) = config.produces.iter().next().map(|(name, topic)| (name.clone(), topic.clone())).expect("one");
    let mut other = topic;
    other.schemas.subject_name_strategy = Some("io.confluent.kafka.serializers.subject.RecordNameStrategy");
    config.produces.insert("media.other.v1".parse().expect("a topic"), other);
    let text = render(&config, Choice::default(), ClientFormat::Properties).expect("it can be said");
    let said = format!(
        "# value.subject.name.strategy is not set: producers need io.confluent.kafka.serializers.subject.RecordNameStrategy for \
         media.other.v1; io.confluent.kafka.serializers.subject.TopicNameStrategy for {name}; make one for each\n"
    );
    assert!(text.contains(&said), "{text}");
}

/// What a shell or a client would make of a line behind the end of a comment.
#[test]
fn a_remark_is_a_comment_of_one_line() {
    let more = "transactional_ids: [\"x\\n$(touch p)\\racks=0\\n*\"]\n";
    let mut workspace = sample_with(Some(("acls/ingest-gateway.yaml", more)));
    let more = "clients: { producer: { use.latest.version: \"a\\nacks=0\" } }\n";
    let other = sample_with(Some(("clusters/production.yaml", more)));
    for (workspace, is_set) in [(&mut workspace, false), (&mut { other }, true)] {
        for format in [ClientFormat::Properties, ClientFormat::Env, ClientFormat::Librdkafka, ClientFormat::Spring] {
            if is_set && format != ClientFormat::Librdkafka {
                continue;
            }
            let text = printed(workspace, "ingest-gateway", None, format);
            assert_eq!(text.matches("acks=0").count(), 1, "{text}");
            assert!(!text.contains('\r'), "{text}");
            let told = text.lines().find(|line| line.contains("acks=0")).expect("the remark");
            assert!(told.starts_with("# "), "{text}");
        }
    }
}
