//! The configs of Kafka's Java clients.

use std::collections::{BTreeMap, BTreeSet};

use super::{Client, consumed, fixed_id, folder_and_name, produced};
use crate::model::SecretRef;
use crate::resources::client_config::{ClientConfig, SaslAccess, SecretAccess};
use crate::resources::cluster::SaslMechanism;

/// How a value is filled in with a secret when the client starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FillIn {
    /// By Kafka's providers of configs (KIP-297): `${directory:FOLDER:FILE}`, `${env:NAME}`.
    Providers,
    /// By Spring, which reads folders of files as trees of properties: `${FILE}`, `${NAME}`.
    Spring,
}

/// Configs in the order of their names.
pub(super) type Configs = BTreeMap<String, String>;

/// Collects the configs of a client.
pub(super) struct Made {
    pub configs: Configs,
    fill_in: FillIn,
    providers: BTreeSet<&'static str>,
    /// Folders whose files are filled in.
    pub folders: BTreeSet<String>,
}

impl Made {
    pub(super) fn new(fill_in: FillIn) -> Self {
        Self { configs: Configs::new(), fill_in, providers: BTreeSet::new(), folders: BTreeSet::new() }
    }

    fn set(&mut self, key: &str, value: impl Into<String>) {
        self.configs.insert(key.to_owned(), value.into());
    }

    /// What stands for a secret.
    fn secret(&mut self, secret: &SecretAccess) -> String {
        match (&secret.reference, &secret.file, self.fill_in) {
            (SecretRef::Env(name), ..) => match self.fill_in {
                FillIn::Providers => {
                    self.providers.insert("env");
                    format!("${{env:{name}}}")
                }
                FillIn::Spring => format!("${{{name}}}"),
            },
            (_, Some(file), FillIn::Providers) => {
                self.providers.insert("directory");
                let (folder, name) = folder_and_name(file);
                format!("${{directory:{folder}:{name}}}")
            }
            (_, Some(file), FillIn::Spring) => {
                let (folder, name) = folder_and_name(file);
                self.folders.insert(folder.to_owned());
                format!("${{{name}}}")
            }
            // Only what is in the environment has no file.
            (_, None, _) => String::new(),
        }
    }

    /// How the brokers are reached.
    pub(super) fn connection(&mut self, config: &ClientConfig) {
        let Some(access) = config.access() else { return };
        self.set("bootstrap.servers", access.brokers.join(","));
        self.set("security.protocol", access.security_protocol);
        if access.security_protocol.ends_with("SSL")
            && let Some(tls) = &config.tls
        {
            if let Some(ca) = &tls.ca {
                self.trust("", ca);
            }
            match (&tls.keystore, &tls.certificate, &tls.key) {
                _ if !access.asks_certificate => {}
                (Some(SecretAccess { file: Some(file), .. }), ..) => {
                    self.set("ssl.keystore.type", "PEM");
                    self.set("ssl.keystore.location", file);
                }
                (_, Some(certificate), Some(key)) => {
                    self.set("ssl.keystore.type", "PEM");
                    let (certificate, key) = (self.secret(certificate), self.secret(key));
                    self.set("ssl.keystore.certificate.chain", certificate);
                    self.set("ssl.keystore.key", key);
                }
                _ => {}
            }
        }
        if access.security_protocol.starts_with("SASL")
            && let Some(sasl) = &config.sasl
        {
            self.sasl(sasl);
        }
    }

    fn trust(&mut self, before: &str, ca: &SecretAccess) {
        self.set(&format!("{before}ssl.truststore.type"), "PEM");
        match &ca.file {
            Some(file) => self.set(&format!("{before}ssl.truststore.location"), file),
            None => {
                let certificates = self.secret(ca);
                self.set(&format!("{before}ssl.truststore.certificates"), certificates);
            }
        }
    }

    fn sasl(&mut self, sasl: &SaslAccess) {
        const MODULES: &str = "org.apache.kafka.common.security";
        self.set("sasl.mechanism", sasl.mechanism.as_str().to_ascii_uppercase());
        let option = |name: &str, value: Option<String>| {
            value.map(|value| format!(" {name}=\"{}\"", escaped(&value))).unwrap_or_default()
        };
        let jaas = match sasl.mechanism {
            SaslMechanism::OauthBearer => {
                let secret = sasl.client_secret.as_ref().map(|secret| self.secret(secret));
                let options = [
                    option("clientId", sasl.client_id.clone()),
                    option("clientSecret", secret),
                    option("scope", sasl.scope.clone()),
                ];
                if let Some(endpoint) = &sasl.token_endpoint {
                    self.set("sasl.oauthbearer.token.endpoint.url", endpoint);
                }
                self.set(
                    "sasl.login.callback.handler.class",
                    format!("{MODULES}.oauthbearer.OAuthBearerLoginCallbackHandler"),
                );
                format!("{MODULES}.oauthbearer.OAuthBearerLoginModule required{};", options.concat())
            }
            mechanism => {
                let module = match mechanism {
                    SaslMechanism::Plain => "plain.PlainLoginModule",
                    _ => "scram.ScramLoginModule",
                };
                let password = sasl.password.as_ref().map(|password| self.secret(password));
                let options = [option("username", sasl.username.clone()), option("password", password)];
                format!("{MODULES}.{module} required{};", options.concat())
            }
        };
        self.set("sasl.jaas.config", jaas);
    }

    /// How the registry is reached, and what serializers do there.
    pub(super) fn registry(&mut self, config: &ClientConfig) {
        let Some(registry) = &config.registry else { return };
        let Some(url) = &registry.url else { return };
        self.set("schema.registry.url", url);
        if let Some(ca) = &registry.ca {
            self.trust("schema.registry.", ca);
        }
        if let (Some(username), Some(password)) = (&registry.username, &registry.password) {
            let password = self.secret(password);
            self.set("basic.auth.credentials.source", "USER_INFO");
            self.set("basic.auth.user.info", format!("{username}:{password}"));
        }
    }

    /// What one kind of client has beside.
    pub(super) fn client(&mut self, config: &ClientConfig, client: &Client<'_>) {
        match client {
            Client::Producer => {
                self.configs.extend(config.configs.producer.clone());
                self.configs.extend(config.configs.serializer.clone());
                self.strategy(&produced(config));
                if let Some(id) = fixed_id(config) {
                    self.set("transactional.id", id);
                }
            }
            Client::Consumer(group) => {
                self.configs.extend(config.configs.consumer.clone());
                self.set("group.id", *group);
                self.strategy(&consumed(config));
            }
            Client::Streams(id) => {
                self.set("application.id", *id);
                for (key, value) in &config.configs.producer {
                    self.set(&format!("producer.{key}"), value);
                }
                // When offsets are committed, Streams decides.
                for (key, value) in config.configs.consumer.iter().filter(|(key, _)| *key != "enable.auto.commit") {
                    self.set(&format!("consumer.{key}"), value);
                }
                self.configs.extend(config.configs.serializer.clone());
            }
        }
    }

    /// The strategy that all topics share, where it is not the serializers' own.
    fn strategy(&mut self, strategies: &BTreeMap<&'static str, Vec<&str>>) {
        let mut all = strategies.keys();
        if let (Some(one), None) = (all.next(), all.next())
            && !one.ends_with(".TopicNameStrategy")
        {
            self.set("value.subject.name.strategy", *one);
        }
    }

    /// Names the providers that fill values in.
    pub(super) fn finish(mut self) -> Configs {
        if !self.providers.is_empty() {
            const PROVIDERS: &str = "org.apache.kafka.common.config.provider";
            let names: Vec<&str> = self.providers.iter().copied().collect();
            self.set("config.providers", names.join(","));
            for name in names {
                let class = if name == "env" { "EnvVarConfigProvider" } else { "DirectoryConfigProvider" };
                self.set(&format!("config.providers.{name}.class"), format!("{PROVIDERS}.{class}"));
            }
        }
        self.configs
    }
}

/// The configs of one client.
pub(super) fn configs(config: &ClientConfig, client: &Client<'_>) -> Configs {
    let mut made = Made::new(FillIn::Providers);
    made.configs.extend(config.configs.common.clone());
    made.connection(config);
    made.registry(config);
    made.client(config, client);
    made.finish()
}

/// A value between the quotes of JAAS.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"")
}
