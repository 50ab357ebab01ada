use std::path::{Path, PathBuf};

use super::*;
use crate::resources::{Desired, FOLDERS, Workspace, WorkspaceFiles, load};

fn read(path: &Path, root: &Path, files: &mut WorkspaceFiles) {
    if path.is_dir() {
        for entry in std::fs::read_dir(path).expect("a folder") {
            read(&entry.expect("an entry").path(), root, files);
        }
    } else if let Ok(text) = std::fs::read_to_string(path) {
        let path: PathBuf = path.strip_prefix(root).expect("below the root").to_owned();
        if !crate::resources::schema::is_in_fixtures(&path) {
            files.texts.insert(path, Ok(text.into()));
        }
    }
}

/// The sample, with `more` behind one of its files.
pub(crate) fn sample_with(more: Option<(&str, &str)>) -> Workspace {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = WorkspaceFiles::default();
    read(&root.join("busctl.yaml"), root, &mut files);
    FOLDERS.iter().for_each(|folder| read(&root.join(folder), root, &mut files));
    if let Some((path, more)) = more {
        let text = files.texts.get_mut(Path::new(path)).expect("a file of the sample");
        let before = text.as_deref().expect("a text").to_owned();
        *text = Ok(format!("{before}\n{more}").into());
    }
    let (workspace, findings) = load(files);
    assert!(findings.is_empty(), "{findings:?}");
    workspace
}

/// A workspace of these files alone.
pub(crate) fn read_files(files: &[(&str, &str)]) -> Workspace {
    let settings = ("busctl.yaml", "version: 1\n");
    let files = files.iter().chain([&settings]);
    let texts = files.map(|(path, text)| (PathBuf::from(path), Ok((*text).into()))).collect();
    let (workspace, findings) = load(WorkspaceFiles { texts, ..WorkspaceFiles::default() });
    assert!(findings.is_empty(), "{findings:?}");
    workspace
}

pub(crate) fn config_of(workspace: &Workspace, cluster: &str, service: &str) -> ClientConfig {
    let (desired, _) = Desired::resolve(workspace, &workspace.clusters[cluster]);
    ClientConfig::of(&desired, service).expect("a service of this cluster")
}

#[test]
fn a_service_bootstraps_from_its_topics_groups_brokers_and_registry() {
    let workspace = sample_with(None);
    let config = config_of(&workspace, "production", "normalizer");
    insta::assert_json_snapshot!(config, @r#"
    {
      "format_version": 1,
      "service": "normalizer",
      "cluster": "production",
      "environment": "production",
      "principals": [
        "User:CN=normalizer"
      ],
      "listener": "CLIENT_TLS",
      "listeners": {
        "CLIENT_TLS": {
          "brokers": [
            "kafka-0.production.bus.myfarsi.example:9094",
            "kafka-1.production.bus.myfarsi.example:9094",
            "kafka-2.production.bus.myfarsi.example:9094"
          ],
          "security_protocol": "SSL",
          "asks_certificate": true,
          "optional": false,
          "description": "Services inside the network, and busctl."
        },
        "EDGE_TLS": {
          "brokers": [
            "kafka-0.production.bus.myfarsi.example:9095",
            "kafka-1.production.bus.myfarsi.example:9095",
            "kafka-2.production.bus.myfarsi.example:9095"
          ],
          "security_protocol": "SSL",
          "asks_certificate": true,
          "optional": true,
          "description": "Partners, through the edge load balancer. Closed where no partner is connected."
        }
      },
      "tls": {
        "ca": {
          "reference": "vault:pki/ca",
          "file": "/etc/kafka/secrets/ca.crt"
        },
        "certificate": {
          "reference": "vault:pki/issue/normalizer",
          "file": "/etc/kafka/secrets/tls.crt"
        },
        "key": {
          "reference": "vault:pki/issue/normalizer",
          "file": "/etc/kafka/secrets/tls.key"
        },
        "keystore": {
          "reference": "vault:pki/issue/normalizer",
          "file": "/etc/kafka/secrets/keystore.pem"
        }
      },
      "sasl": null,
      "registry": {
        "url": "https://registry.myfarsi.example/apis/ccompat/v7",
        "ca": {
          "reference": "vault:pki/ca",
          "file": "/etc/kafka/secrets/registry.ca.crt"
        },
        "username": null,
        "password": null
      },
      "produces": {
        "media.ingested.v1": {
          "schemas": {
            "key": null,
            "value": {
              "subject": "media.ingested.v1-value",
              "format": "AVRO",
              "version": 1
            },
            "subject_name_strategy": "io.confluent.kafka.serializers.subject.TopicNameStrategy"
          },
          "key": "asset_id",
          "max_message_bytes": null,
          "dead_letters_of": null
        },
        "media.raw_ingest.v1.normalizer.dlq": {
          "schemas": {
            "key": null,
            "value": null,
            "subject_name_strategy": null
          },
          "key": "asset_id",
          "max_message_bytes": 3145728,
          "dead_letters_of": "media.raw_ingest.v1"
        }
      },
      "consumes": {
        "media.raw_ingest.v1": {
          "schemas": {
            "key": null,
            "value": {
              "subject": "media.raw_ingest.v1-value",
              "format": "AVRO",
              "version": 3
            },
            "subject_name_strategy": "io.confluent.kafka.serializers.subject.TopicNameStrategy"
          },
          "groups": [
            "normalizer"
          ],
          "dlq": "media.raw_ingest.v1.normalizer.dlq",
          "retries": [],
          "max_lag": 5000,
          "retention": 2592000000,
          "transactional": false
        }
      },
      "transactional_ids": [
        "normalizer-*"
      ],
      "application_id": null,
      "connect": null,
      "groups": [
        "normalizer"
      ],
      "headers": {
        "deployment.env": "production",
        "service.name": "normalizer"
      },
      "configs": {
        "common": {
          "client.id": "normalizer",
          "retry.backoff.max.ms": "1000",
          "retry.backoff.ms": "100",
          "ssl.endpoint.identification.algorithm": "https"
        },
        "producer": {
          "acks": "all",
          "delivery.timeout.ms": "120000",
          "enable.idempotence": "true",
          "max.in.flight.requests.per.connection": "5",
          "max.request.size": "3145728",
          "retries": "2147483647"
        },
        "consumer": {
          "enable.auto.commit": "false"
        },
        "serializer": {
          "auto.register.schemas": "false"
        }
      }
    }
    "#);
}

#[test]
fn a_partner_reaches_the_listener_that_its_principal_is_for() {
    let workspace = sample_with(None);
    let config = config_of(&workspace, "production", "royalty-clearing");
    assert_eq!(config.listener.as_deref(), Some("EDGE_TLS"));
    assert_eq!(config.principals, ["User:CN=royalty-clearing.example".parse().unwrap()]);
    assert_eq!(config.access().unwrap().brokers[0], "kafka-0.production.bus.myfarsi.example:9095");
}

#[test]
fn listeners_of_the_nodes_themselves_are_for_nobody_else() {
    let workspace = sample_with(None);
    let config = config_of(&workspace, "staging", "recommender");
    assert_eq!(config.listeners.keys().collect::<Vec<_>>(), ["CLIENT_TLS", "EDGE_TLS"]);
    assert_eq!(config.groups, ["recommender", "recommender-training"]);
    assert!(config.configs.producer.is_empty() && config.configs.serializer.is_empty());
}

#[test]
fn a_service_that_reads_what_is_written_in_transactions_reads_what_was_committed() {
    let workspace = sample_with(None);
    // The normalizer writes media.ingested.v1 in transactions.
    let config = config_of(&workspace, "production", "metadata-indexer");
    assert_eq!(config.configs.consumer["isolation.level"], "read_committed");
    let config = config_of(&workspace, "production", "normalizer");
    assert!(!config.configs.consumer.contains_key("isolation.level"));
}

#[test]
fn a_cluster_sets_more_than_the_bus_and_its_secrets_are_references() {
    let more = "clients:
  listener: EDGE_TLS
  tls: { ca: file:/etc/ssl/bus.pem, certificate: 'vault:pki/issue/{service}' }
  registry: { password: 'vault:secret/bus/{service}#registry' }
  secrets: /run/secrets/bus/
  config: { client.dns.lookup: use_all_dns_ips }
  producer: { linger.ms: 5ms, batch.size: 64KiB }
";
    let workspace = sample_with(Some(("clusters/production.yaml", more)));
    let config = config_of(&workspace, "production", "normalizer");
    assert_eq!(config.listener.as_deref(), Some("EDGE_TLS"));
    assert_eq!(config.configs.producer["linger.ms"], "5");
    assert_eq!(config.configs.producer["batch.size"], "65536");
    let registry = config.registry.unwrap();
    assert_eq!(registry.username.as_deref(), Some("normalizer"));
    let password = registry.password.unwrap();
    assert_eq!(password.reference.to_string(), "vault:secret/bus/normalizer#registry");
    assert_eq!(password.file.as_deref(), Some("/run/secrets/bus/registry.password"));
    assert_eq!(config.tls.unwrap().ca.unwrap().file.as_deref(), Some("/etc/ssl/bus.pem"));
}

#[test]
fn a_service_that_is_not_for_a_cluster_has_nothing_there() {
    let workspace = sample_with(Some(("acls/recommender.yaml", "clusters: [staging]\n")));
    let (desired, _) = Desired::resolve(&workspace, &workspace.clusters["production"]);
    assert_eq!(ClientConfig::of(&desired, "recommender"), None);
    assert_eq!(ClientConfig::of(&desired, "nobody"), None);
    assert!(!ClientConfig::all(&desired).contains_key("recommender"));
}

#[test]
fn an_authority_of_the_machine_of_busctl_is_given_to_no_service() {
    let authorities = |ca: &str, clients: &str| {
        let tls = format!("tls: {{ ca: \"{ca}\" }}");
        let cluster = format!(
            "cluster: c\nconnection: {{ bootstrap: [\"b:9093\"], {tls} }}\nschema_registry: r\nclients: {{ {clients} }}\n"
        );
        let registry = format!("registry: r\nurl: \"https://r.example\"\n{tls}\n");
        let workspace = read_files(&[
            ("clusters/c.yaml", &cluster),
            ("clusters/r.yaml", &registry),
            ("acls/till.yaml", "service: till\n"),
        ]);
        let config = config_of(&workspace, "c", "till");
        let registry = config.registry.expect("a registry");
        assert_eq!((registry.username, registry.password), (None, None));
        [config.tls.expect("TLS").ca, registry.ca].map(|ca| ca.and_then(|ca| ca.file))
    };
    let delivered = ["ca.crt", "registry.ca.crt"].map(|file| Some(format!("/etc/kafka/secrets/{file}")));
    assert_eq!(authorities("vault:pki/ca", ""), delivered);
    assert_eq!(authorities("file:../pki/ca.pem", ""), [None, None]);
    assert_eq!(authorities("env:THE_CA", ""), [None, None]);
    let own = "tls: { ca: file:/etc/bus/ca.pem }, registry: { ca: \"file:/etc/{service}/ca.pem\" }";
    let expected = ["/etc/bus/ca.pem", "/etc/till/ca.pem"].map(|file| Some(file.to_owned()));
    assert_eq!(authorities("file:../pki/ca.pem", own), expected);
}

#[test]
fn a_certificate_that_is_asked_for_need_not_be_shown_where_a_login_tells_who_it_is() {
    let lacking = |protocol: &str, auth: &str| {
        let cluster = format!(
            "cluster: c
kafka:
  nodes: [{{ id: 1, host: k1, roles: [broker] }}]
  listeners: {{ CLIENTS: {{ port: 9092, protocol: {protocol}, client_auth: {auth} }} }}
clients: {{ listener: CLIENTS, sasl: {{ mechanism: scram-sha-512, password: 'vault:secret/bus/{{service}}#kafka' }} }}
"
        );
        let workspace = read_files(&[("clusters/c.yaml", &cluster), ("acls/till.yaml", "service: till\n")]);
        config_of(&workspace, "c", "till").lacking().map(|lacking| lacking.message)
    };
    let asks = "the listener CLIENTS of `c` asks for a certificate, and nothing says where `till` has one";
    assert_eq!(lacking("sasl_ssl", "requested"), None);
    assert_eq!(lacking("sasl_ssl", "required").as_deref(), Some(asks));
    // Without one it would be `User:ANONYMOUS` there.
    assert_eq!(lacking("ssl", "requested").as_deref(), Some(asks));
    assert_eq!(lacking("ssl", "none"), None);
}

#[test]
fn a_listener_that_is_chosen_tells_who_the_service_is_there() {
    let cluster = "cluster: c
kafka:
  nodes: [{ id: 1, host: k1, roles: [broker] }]
  listeners:
    TLS: { port: 9092, protocol: ssl, client_auth: required }
    LOGIN: { port: 9093, protocol: sasl_plaintext }
clients: { listener: TLS, sasl: { mechanism: plain, password: 'vault:secret/bus/{service}#kafka' } }
";
    let service = "service: till\nprincipals: { c: { TLS: \"User:CN=till\", LOGIN: \"User:till\" } }\n";
    let workspace = read_files(&[("clusters/c.yaml", cluster), ("acls/till.yaml", service)]);
    let (desired, _) = Desired::resolve(&workspace, &workspace.clusters["c"]);
    let at = |listener: Option<&str>| {
        let config = ClientConfig::at(&desired, "till", listener).expect("its configuration");
        let principals: Vec<String> = config.principals.iter().map(ToString::to_string).collect();
        let checks_names = config.configs.common.contains_key("ssl.endpoint.identification.algorithm");
        (principals.join(","), config.sasl.and_then(|sasl| sasl.username), checks_names)
    };
    assert_eq!(at(None), ("User:CN=till".to_owned(), Some("CN=till".to_owned()), true));
    assert_eq!(at(Some("LOGIN")), ("User:till".to_owned(), Some("till".to_owned()), false));
}
