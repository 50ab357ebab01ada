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
    for (_, listener) in &mut kafka.value.listeners {
        listener.protocol.value = crate::resources::cluster::ListenerProtocol::SaslSsl;
    }
    workspace
}

fn printed(workspace: &Workspace, service: &str, kind: Option<ClientKind>, format: ClientFormat) -> String {
    render(&config_of(workspace, "production", service), Choice { kind, group: None }, format)
}

#[test]
fn properties_have_the_rules_of_the_bus_and_no_secret() {
    let text = printed(&with_logins(), "normalizer", None, ClientFormat::Properties);
    insta::assert_snapshot!(text, @"");
}

#[test]
fn variables_are_quoted_as_shells_read_them() {
    let text = printed(&with_logins(), "ingest-gateway", None, ClientFormat::Env);
    insta::assert_snapshot!(text, @"");
}

#[test]
fn spring_fills_secrets_in_by_itself() {
    let text = printed(&with_logins(), "normalizer", None, ClientFormat::Spring);
    insta::assert_snapshot!(text, @"");
}

#[test]
fn librdkafka_takes_each_config_of_its_form() {
    for workspace in [sample_with(None), with_logins()] {
        for service in workspace.grants.keys() {
            let config = config_of(&workspace, "production", service);
            for client in clients(&config, Choice::default()) {
                if matches!(client, Client::Streams(_)) {
                    continue;
                }
                let (configs, _) = librdkafka::configs(&config, &client);
                let mut made = rdkafka::ClientConfig::new();
                for (key, value) in &configs {
                    // Files are looked for when a client is made of it, and are not here.
                    made.set(key, value);
                    let one = rdkafka::ClientConfig::new().set(key, value).create_native_config().map(|_| ());
                    assert!(one.is_ok(), "{service}: {key}={value}: {one:?}");
                }
                assert!(made.create_native_config().is_ok(), "{service}: {configs:?}");
            }
        }
    }
    insta::assert_snapshot!(printed(&with_logins(), "ingest-gateway", None, ClientFormat::Librdkafka), @"");
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
    use ClientFormat::{Env, Librdkafka, Properties, Spring};
    let mut workspace = sample_with(None);
    let services: Vec<String> = workspace.grants.keys().cloned().collect();
    for service in services {
        let formats = [("a.properties", Properties), ("b.env", Env), ("c.yml", Spring), ("d.conf", Librdkafka)];
        for (name, format) in formats {
            let config = config_of(&workspace, "production", &service);
            if clients(&config, Choice::default()).is_empty()
                || (format == Librdkafka && config.application_id.is_some())
            {
                continue;
            }
            let text = render(&config, Choice::default(), format);
            let library = (format == Librdkafka).then_some(Library::Librdkafka);
            let question =
                ClientQuestion { cluster: Some("production".to_owned()), service: Some(service.clone()), library };
            let found = check_client(&mut workspace, Path::new(name), &text, &question).findings;
            assert!(found.is_empty(), "{service} {name}: {found:?}\n{text}");
        }
    }
}
