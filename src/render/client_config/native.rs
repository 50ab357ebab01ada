//! The configs of librdkafka.

use super::{Client, fixed_id, java::Configs, place_of};
use crate::resources::client_config::keys::{self, Library};
use crate::resources::client_config::{ClientConfig, SecretAccess};
use crate::resources::cluster::SaslMechanism;

/// The configs of one client, and what the application sets itself: librdkafka fills nothing in.
pub(super) fn configs(config: &ClientConfig, client: &Client<'_>) -> (Configs, Vec<String>) {
    let mut configs = Configs::new();
    let mut remarks = Vec::new();
    let of_client = match client {
        Client::Producer => &config.configs.producer,
        // Streams is for Java alone.
        Client::Consumer(_) | Client::Streams(_) => &config.configs.consumer,
    };
    for (key, value) in config.configs.common.iter().chain(of_client) {
        if keys::find(Library::Java, key).is_some_and(|known| known.is_of_registry()) {
            remarks.push(for_serializers(key, value));
            continue;
        }
        match translated(key, value) {
            Some((key, value)) => drop(configs.insert(key.to_owned(), value)),
            None => remarks.push(format!("{key}: librdkafka has nothing of the kind")),
        }
    }
    let mut set = |key: &str, value: &str| drop(configs.insert(key.to_owned(), value.to_owned()));
    match client {
        Client::Producer => fixed_id(config).into_iter().for_each(|id| set("transactional.id", id)),
        Client::Consumer(group) | Client::Streams(group) => set("group.id", group),
    }
    let Some(access) = config.access() else { return (configs, remarks) };
    set("bootstrap.servers", &access.brokers.join(","));
    set("security.protocol", &access.security_protocol.to_ascii_lowercase());
    let mut file = |key: &str, in_memory: &str, secret: Option<&SecretAccess>| match secret {
        Some(SecretAccess { file: Some(file), .. }) => set(key, file),
        Some(secret) => remarks.push(format!("{in_memory} is to be set from {}", place_of(secret))),
        None => {}
    };
    if access.security_protocol.ends_with("SSL")
        && let Some(tls) = &config.tls
    {
        file("ssl.ca.location", "ssl.ca.pem", tls.ca.as_ref());
        if access.asks_certificate {
            file("ssl.certificate.location", "ssl.certificate.pem", tls.certificate.as_ref());
            file("ssl.key.location", "ssl.key.pem", tls.key.as_ref());
        }
    }
    if access.security_protocol.starts_with("SASL")
        && let Some(sasl) = &config.sasl
    {
        set("sasl.mechanism", &sasl.mechanism.as_str().to_ascii_uppercase());
        let mut own = |key: &str, value: Option<&String>| {
            if let Some(value) = value {
                set(key, value);
            }
        };
        let secret = match sasl.mechanism {
            SaslMechanism::OauthBearer => {
                own("sasl.oauthbearer.method", Some(&"oidc".to_owned()));
                own("sasl.oauthbearer.client.id", sasl.client_id.as_ref());
                own("sasl.oauthbearer.token.endpoint.url", sasl.token_endpoint.as_ref());
                own("sasl.oauthbearer.scope", sasl.scope.as_ref());
                ("sasl.oauthbearer.client.secret", sasl.client_secret.as_ref())
            }
            _ => {
                own("sasl.username", sasl.username.as_ref());
                ("sasl.password", sasl.password.as_ref())
            }
        };
        if let (key, Some(secret)) = secret {
            remarks.push(format!("{key} is to be set from {}", place_of(secret)));
        }
    }
    if let Some(url) = config.registry.as_ref().and_then(|registry| registry.url.as_ref()) {
        remarks.push(for_serializers("schema.registry.url", url));
        if client.is_producer() {
            remarks.extend(config.configs.serializer.iter().map(|(key, value)| for_serializers(key, value)));
        }
    }
    (configs, remarks)
}

/// librdkafka refuses what serializers have: they are beside it.
fn for_serializers(key: &str, value: &str) -> String {
    format!("{key}, for the serializers: {value}")
}

/// A config of Java's clients as librdkafka has it.
fn translated(key: &str, value: &str) -> Option<(&'static str, String)> {
    // librdkafka has a config of this name, which is the time that brokers have, and not the client.
    let same = keys::find(Library::Librdkafka, key).filter(|_| key != "request.timeout.ms");
    let translation = || keys::find(Library::Librdkafka, keys::translation(Library::Librdkafka, key)?);
    let known = same.or_else(translation)?;
    match key {
        "buffer.memory" => Some((known.name, (value.parse::<i64>().ok()? / 1024).to_string())),
        // Classes of Java, and stores in its own formats.
        "partitioner.class" | "ssl.truststore.location" => None,
        _ => Some((known.name, value.to_owned())),
    }
}
