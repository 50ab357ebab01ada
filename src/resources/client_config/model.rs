use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use crate::model::{Bytes, Duration, GroupId, Pattern, Principal, SecretRef, Subject, TopicName};
use crate::resources::cluster::{ListenerProtocol, SaslMechanism};
use crate::schema::SchemaFormat;
use crate::source::word_enum;

word_enum! {
    /// What a client of Kafka is.
    ClientKind, "kind of client", {
        /// It writes records.
        Producer = "producer",
        /// It reads records, as a member of a group.
        Consumer = "consumer",
    }
}

/// What the clients of a service bootstrap from on one cluster. It holds no secret: where one is needed it says where that
/// is kept, and in which file the service finds it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClientConfig {
    /// The version of this document: 1.
    pub format_version: u32,
    /// The service.
    pub service: String,
    /// The cluster's name in the workspace.
    pub cluster: String,
    /// The cluster's environment.
    pub environment: Option<String>,
    /// Who the service is to the brokers, on the listener that is meant.
    pub principals: Vec<Principal>,
    /// The listener that is meant; `None` where nothing says which one.
    pub listener: Option<String>,
    /// The listeners for clients, by name.
    pub listeners: BTreeMap<String, ListenerAccess>,
    /// Certificates, where a listener has TLS.
    pub tls: Option<TlsAccess>,
    /// How it logs in, where a listener has SASL.
    pub sasl: Option<SaslAccess>,
    /// The schema registry.
    pub registry: Option<RegistryAccess>,
    /// Topics that it writes, by name.
    pub produces: BTreeMap<TopicName, ProducedTopic>,
    /// Topics that it reads, by name.
    pub consumes: BTreeMap<TopicName, ConsumedTopic>,
    /// Its transactional ids; a trailing `*` stands for what the service chooses.
    pub transactional_ids: Vec<String>,
    /// The id of its Kafka Streams application.
    pub application_id: Option<GroupId>,
    /// Its Connect workers and their connectors.
    pub connect: Option<ConnectAccess>,
    /// Every group that it may be in, in order.
    pub groups: Vec<String>,
    /// Headers of each record that it writes; `schema.version` is beside each schema.
    pub headers: BTreeMap<&'static str, String>,
    /// What its clients are set to, by the names of Kafka's Java client: the rules of the bus and its defaults.
    pub configs: ClientConfigs,
}

/// Configs by the names that Kafka's Java client has for them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ClientConfigs {
    /// Of every client.
    pub common: BTreeMap<String, String>,
    /// Of producers.
    pub producer: BTreeMap<String, String>,
    /// Of consumers.
    pub consumer: BTreeMap<String, String>,
    /// Of the serializers that speak to the registry.
    pub serializer: BTreeMap<String, String>,
}

/// How a listener is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListenerAccess {
    /// Brokers, `HOST:PORT`.
    pub brokers: Vec<String>,
    /// The protocol, as clients call it: `SSL`, `SASL_SSL` …
    pub security_protocol: &'static str,
    /// Whether brokers ask for the client's certificate.
    pub asks_certificate: bool,
    /// Whether nobody is let in, or known, without one. A listener may ask for one that need not be shown.
    #[serde(skip)]
    pub needs_certificate: bool,
    /// Whether the cluster may be without it.
    pub optional: bool,
    /// What it is for.
    pub description: Option<String>,
}

/// A secret: where it is kept, and where the service finds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SecretAccess {
    /// Where it is kept.
    pub reference: SecretRef,
    /// The file in which the service finds it; `None` where it is in the environment.
    pub file: Option<String>,
}

/// Certificates. Everything is PEM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TlsAccess {
    /// The authorities to trust; the system's where there is none.
    pub ca: Option<SecretAccess>,
    /// The service's certificate chain.
    pub certificate: Option<SecretAccess>,
    /// The service's key.
    pub key: Option<SecretAccess>,
    /// The key followed by the chain in one file, which is a key store for Java.
    pub keystore: Option<SecretAccess>,
}

/// How a service logs in with SASL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SaslAccess {
    /// The mechanism.
    pub mechanism: SaslMechanism,
    /// The user of PLAIN and SCRAM.
    pub username: Option<String>,
    /// The password of PLAIN and SCRAM.
    pub password: Option<SecretAccess>,
    /// Where OAUTHBEARER has its token from.
    pub token_endpoint: Option<String>,
    /// The client id of OAUTHBEARER.
    pub client_id: Option<String>,
    /// The client secret of OAUTHBEARER.
    pub client_secret: Option<SecretAccess>,
    /// The scope to ask for.
    pub scope: Option<String>,
}

/// How the schema registry is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RegistryAccess {
    /// The base of its Confluent API; of a local registry it is not known from manifests.
    pub url: Option<String>,
    /// The authorities to trust; the system's where there is none.
    pub ca: Option<SecretAccess>,
    /// The user of basic authentication.
    pub username: Option<String>,
    /// The password of basic authentication.
    pub password: Option<SecretAccess>,
}

/// A schema that records of a topic have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SchemaAccess {
    /// The subject.
    pub subject: Subject,
    /// Its format.
    pub format: SchemaFormat,
    /// The present version, as the workspace numbers it: one more than the last one that is kept. The header
    /// `schema.version`.
    pub version: u32,
}

/// The schemas of a topic.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TopicSchemas {
    /// That of keys.
    pub key: Option<SchemaAccess>,
    /// That of values.
    pub value: Option<SchemaAccess>,
    /// The class by which serializers find the subject.
    pub subject_name_strategy: Option<&'static str>,
}

/// A topic that a service writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProducedTopic {
    /// Its schemas.
    pub schemas: TopicSchemas,
    /// The field or fields that order its records.
    pub key: Option<String>,
    /// The largest record, where the manifests say it.
    pub max_message_bytes: Option<Bytes>,
    /// The topic whose records it takes that this service could not process.
    pub dead_letters_of: Option<TopicName>,
}

/// A topic that a service reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConsumedTopic {
    /// Its schemas.
    pub schemas: TopicSchemas,
    /// The groups that read it.
    pub groups: Vec<String>,
    /// Where records go that cannot be processed.
    pub dlq: Option<TopicName>,
    /// Where records wait to be tried again, in the order of their names.
    pub retries: Vec<TopicName>,
    /// The most records that the service may be behind.
    pub max_lag: Option<u32>,
    /// How long records are kept, where the manifests say it.
    pub retention: Option<Duration>,
    /// Whether one of its producers writes in transactions.
    pub transactional: bool,
}

/// Connect workers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConnectAccess {
    /// The workers' group.
    pub worker: GroupId,
    /// The connectors, each with the group of a sink connector.
    pub connectors: BTreeMap<String, String>,
    /// The transactional id of their leader, where source connectors may write exactly once.
    #[serde(skip)]
    pub transactional_id: Option<String>,
}

impl ClientConfig {
    /// How the listener that is meant is reached.
    pub fn access(&self) -> Option<&ListenerAccess> {
        self.listeners.get(self.listener.as_ref()?)
    }

    /// Says where a local bus answers, which no manifest knows: services log in there with PLAIN, and the password of each is a
    /// file.
    pub fn reach_local(&mut self, brokers: Vec<String>, registry: Option<String>, secrets: &Path) {
        const NAME: &str = "LOCAL";
        let access = ListenerAccess {
            brokers,
            security_protocol: security_protocol(ListenerProtocol::SaslPlaintext),
            asks_certificate: false,
            needs_certificate: false,
            optional: false,
            description: None,
        };
        self.listener = Some(NAME.to_owned());
        self.listeners = [(NAME.to_owned(), access)].into();
        let file = secrets.join(&self.service).display().to_string();
        self.sasl = Some(SaslAccess {
            mechanism: SaslMechanism::Plain,
            username: Some(self.service.clone()),
            password: Some(SecretAccess { reference: SecretRef::File(file.clone()), file: Some(file) }),
            token_endpoint: None,
            client_id: None,
            client_secret: None,
            scope: None,
        });
        if let Some(of_registry) = &mut self.registry {
            of_registry.url = registry;
        }
    }

    /// Whether it reads something that is written in transactions.
    pub fn reads_transactions(&self) -> bool {
        self.consumes.values().any(|topic| topic.transactional)
    }

    /// Whether one of its transactional ids, or of its Streams application, takes in this one.
    pub fn has_transactional_id(&self, id: &str) -> bool {
        let of_streams = self.application_id.iter().map(|application| format!("{application}-*"));
        let of_connect = self.connect.iter().filter_map(|connect| connect.transactional_id.clone());
        let ids = self.transactional_ids.iter().cloned().chain(of_streams).chain(of_connect);
        ids.filter_map(|pattern| pattern.parse::<Pattern>().ok()).any(|pattern| pattern.matches(id))
    }
}

/// The name that clients have for a listener's protocol.
pub(super) fn security_protocol(protocol: ListenerProtocol) -> &'static str {
    match protocol {
        ListenerProtocol::Plaintext => "PLAINTEXT",
        ListenerProtocol::Ssl => "SSL",
        ListenerProtocol::SaslPlaintext => "SASL_PLAINTEXT",
        ListenerProtocol::SaslSsl => "SASL_SSL",
    }
}
