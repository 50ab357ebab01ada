use std::collections::BTreeMap;

use super::SuperUsersSpec;
use crate::model::{
    Bytes, ClusterName, Duration, Label, Name, Pattern, Percent, Principal, PrincipalTemplate, Rate, Risk, SecretRef,
};
use crate::resources::client_config::ClientsSpec;
use crate::resources::consul::ConsulSpec;
use crate::resources::identity::IdentitiesSpec;
use crate::resources::personal::ResidencySpec;
use crate::resources::quota::ClusterQuotaSpec;
use crate::resources::scram::ClusterScramUserSpec;
use crate::resources::topic::configs_shape;
use crate::resources::vault::VaultSpec;
use crate::source::{Entries, Node, Spanned, manifest, word_enum};

manifest! {
    "a cluster"
    /// A Kafka cluster.
    pub struct ClusterSpec {
        /// The cluster's name.
        cluster: Spanned<ClusterName>,
        /// Its environment; topics and grants select and override by it.
        environment: Option<Spanned<Label>>,
        /// More words to select it by.
        labels: Vec<Spanned<Label>>,
        /// What it is for.
        description: Option<Spanned<String>>,
        /// The id that the brokers must answer; another cluster at this address is an error.
        cluster_id: Option<Spanned<String>>,
        /// Where it runs.
        region: Option<Spanned<String>>,
        /// The area that it is in, where the region is not one of a known provider.
        residency: Option<ResidencySpec>,
        /// How it is reached. A local cluster (`kafka.deployment: local`) is reached through what `busctl dev up` wrote.
        connection: Option<Spanned<ConnectionSpec>>,
        /// The schema registry, as declared in `clusters/`.
        schema_registry: Option<Spanned<Name>>,
        /// What of the cluster is ours; everything outside is never touched.
        manages: Option<ManagesSpec>,
        /// How principals are made from services: `User:CN={service}`; by default `User:{service}`.
        principal: Option<Spanned<PrincipalTemplate>>,
        /// How services connect.
        clients: Option<Spanned<ClientsSpec>>,
        /// Who hands out the identities of services.
        identities: Option<Spanned<IdentitiesSpec>>,
        /// The Vault that its secrets are read from; by default that of `busctl.yaml`.
        vault: Option<Spanned<VaultSpec>>,
        /// The Consul that the configuration of clients is published in, and that knows services.
        consul: Option<Spanned<ConsulSpec>>,
        /// What topics of this cluster have where nothing else says it.
        defaults: Option<ClusterDefaultsSpec>,
        /// The most risk that apply takes without `--allow`: safe (default), disruptive or destructive.
        allow: Option<Spanned<Risk>>,
        /// Topics that are never deleted here, whatever their manifest says.
        protect: Vec<Spanned<Pattern>>,
        /// Client quotas of everybody who is no service: operators, client ids, addresses, and whoever has none of its own.
        quotas: Vec<Spanned<ClusterQuotaSpec>>,
        /// Users that log in with SCRAM and are no service: roles, people, tools.
        scram_users: Vec<Spanned<ClusterScramUserSpec>>,
        /// The brokers.
        kafka: Option<Spanned<KafkaSpec>>,
    }
}

manifest! {
    "`manages`"
    /// The declared scope of ownership; each defaults to everything.
    pub struct ManagesSpec {
        /// Topics.
        topics: Option<Vec<Spanned<Pattern>>>,
        /// Consumer groups and transactional ids.
        groups: Option<Vec<Spanned<Pattern>>>,
        /// Principals, as the broker shows them.
        principals: Option<Vec<Spanned<Pattern>>>,
    }
}

manifest! {
    "a cluster's `defaults`"
    /// What topics of a cluster have where nothing else says it.
    pub struct ClusterDefaultsSpec {
        /// Number of partitions.
        partitions: Option<Spanned<u32>>,
        /// Number of replicas of each partition.
        replication_factor: Option<Spanned<u32>>,
        /// Replicas that must have a record before it is acknowledged (`min.insync.replicas`).
        min_insync_replicas: Option<Spanned<u32>>,
        /// Topic configs.
        config: Entries<Node> => configs_shape(),
    }
}

manifest! {
    "a connection"
    /// How a cluster is reached; the administration client and the data-plane client are both built from it.
    pub struct ConnectionSpec {
        /// Brokers to ask first, `HOST:PORT`; where a listener is named, by default all declared nodes with that
        /// listener's port.
        bootstrap: Vec<Spanned<String>>,
        /// The listener that it reaches, one of `kafka.listeners`; `tls` and `sasl` must fit it.
        listener: Option<Spanned<String>>,
        /// TLS; without it the connection is plaintext. `{}` trusts the system's certificate authorities.
        tls: Option<TlsSpec>,
        /// SASL; without it the certificate alone, or nobody, authenticates.
        sasl: Option<Spanned<SaslSpec>>,
        /// Who the tool is to the brokers, `User:CN=busctl`: no plan takes from it what it needs. By default the user of
        /// SASL; of a certificate or a token nobody but the brokers knows it.
        principal: Option<Spanned<Principal>>,
    }
}

manifest! {
    "`tls`"
    /// TLS to a server.
    pub struct TlsSpec {
        /// The authorities to trust, PEM; the system's by default.
        ca: Option<Spanned<SecretRef>>,
        /// The client's certificate chain, PEM. May hold the key too.
        certificate: Option<Spanned<SecretRef>>,
        /// The client's key, PEM (PKCS#8).
        key: Option<Spanned<SecretRef>>,
        /// The name that the server's certificate must carry, where it is not the host's.
        server_name: Option<Spanned<String>>,
    }
}

manifest! {
    "`sasl`"
    /// SASL authentication.
    pub struct SaslSpec {
        /// plain, scram-sha-256, scram-sha-512 or oauthbearer.
        mechanism: Spanned<SaslMechanism>,
        /// The user of PLAIN and SCRAM.
        username: Option<Spanned<String>>,
        /// The password of PLAIN and SCRAM.
        password: Option<Spanned<SecretRef>>,
        /// The token of OAUTHBEARER, which somebody else renews. It is read again for each connection.
        token: Option<Spanned<SecretRef>>,
        /// Where OAUTHBEARER's client credentials are exchanged for a token.
        token_endpoint: Option<Spanned<String>>,
        /// The client id of OAUTHBEARER.
        client_id: Option<Spanned<String>>,
        /// The client secret of OAUTHBEARER.
        client_secret: Option<Spanned<SecretRef>>,
        /// The scope to ask for.
        scope: Option<Spanned<String>>,
        /// The server that the token is for (RFC 8707), where the issuer asks for it.
        resource: Option<Spanned<String>>,
        /// The authorities to trust at the token endpoint, PEM; the system's by default.
        ca: Option<Spanned<SecretRef>>,
        /// How people log in for OAUTHBEARER (`busctl login`). Who has logged in connects as himself.
        login: Option<Spanned<LoginSpec>>,
    }
}

manifest! {
    "`login`"
    /// How a person logs in at an issuer of OpenID Connect (`busctl login`).
    pub struct LoginSpec {
        /// The issuer, an https: address.
        issuer: Spanned<String>,
        /// The id of busctl at the issuer: a public client with the device authorization grant.
        client_id: Spanned<String>,
        /// The scope to ask for; `offline_access` lets a login be refreshed.
        scope: Option<Spanned<String>>,
        /// The server that the token is for (RFC 8707), where the issuer asks for it.
        resource: Option<Spanned<String>>,
        /// The authorities to trust at the issuer, PEM; the system's by default.
        ca: Option<Spanned<SecretRef>>,
    }
}

word_enum! {
    /// SASL mechanisms.
    SaslMechanism, "SASL mechanism", {
        /// PLAIN (RFC 4616).
        Plain = "plain",
        /// SCRAM-SHA-256 (RFC 7677).
        ScramSha256 = "scram-sha-256",
        /// SCRAM-SHA-512.
        ScramSha512 = "scram-sha-512",
        /// OAUTHBEARER (RFC 7628) with client credentials, a token from elsewhere, or a person's login.
        OauthBearer = "oauthbearer",
    }
}

manifest! {
    "`kafka`"
    /// The brokers and what people decided about them.
    pub struct KafkaSpec {
        /// The brokers' version.
        version: Option<Spanned<String>>,
        /// Features with the levels that the cluster works at, as numbers; one that it is without has 0.
        features: BTreeMap<Spanned<Box<str>>, Spanned<u16>>,
        /// How they are run: strimzi, self_managed, managed, or local for the bus of `busctl dev`.
        deployment: Option<Spanned<Deployment>>,
        /// standard (KRaft's StandardAuthorizer), none, or other.
        authorizer: Option<Spanned<Authorizer>>,
        /// Whether a resource without any ACL is open to everybody (brokers tell only whether it is
        /// set).
        allow_everyone_if_no_acl_found: Option<Spanned<bool>>,
        /// Principals that every authorizer lets through (brokers tell only whether there are some), or `unknown`.
        super_users: Option<SuperUsersSpec>,
        /// How long before its end a certificate that brokers show is to be renewed; 30 days by default.
        certificate_renewal: Option<Spanned<Duration>>,
        /// The nodes.
        nodes: Vec<Spanned<NodeSpec>>,
        /// The listeners by name.
        listeners: BTreeMap<Spanned<Box<str>>, ListenerSpec>,
        /// How the disks are sized.
        storage: Option<Spanned<StorageSpec>>,
        /// Configs of all brokers. Those that they take while they run are applied; the others are compared.
        config: Entries<Node>,
        /// Configs of all brokers of which nothing is to be set while they run.
        reset: Vec<Spanned<String>>,
    }
}

word_enum! {
    /// How brokers are run.
    Deployment, "deployment", {
        /// By Strimzi on Kubernetes.
        Strimzi = "strimzi",
        /// By the team itself.
        SelfManaged = "self_managed",
        /// By a provider.
        Managed = "managed",
        /// By `busctl dev`.
        Local = "local",
    }
}

word_enum! {
    /// The authorizer of a cluster.
    Authorizer, "authorizer", {
        /// KRaft's `StandardAuthorizer`.
        Standard = "standard",
        /// None: everybody may do everything.
        None = "none",
        /// Another one.
        Other = "other",
    }
}

manifest! {
    "a node"
    /// A KRaft node.
    pub struct NodeSpec {
        /// `node.id`.
        id: Spanned<i32>,
        /// Its host.
        host: Option<Spanned<String>>,
        /// Its rack (`broker.rack`).
        rack: Option<Spanned<String>>,
        /// broker, controller, or both.
        roles: Vec<Spanned<NodeRole>>,
        /// Configs of this broker alone.
        config: Entries<Node>,
        /// Configs of this broker of which nothing is to be set while it runs.
        reset: Vec<Spanned<String>>,
    }
}

word_enum! {
    /// What a KRaft node does (`process.roles`).
    NodeRole, "role", {
        /// Serves clients.
        Broker = "broker",
        /// Votes in the metadata quorum.
        Controller = "controller",
    }
}

manifest! {
    "a listener"
    /// A listener of the brokers.
    pub struct ListenerSpec {
        /// Its port.
        port: Spanned<u16>,
        /// Its security protocol.
        protocol: Spanned<ListenerProtocol>,
        /// Whether a client certificate is asked for (`ssl.client.auth`).
        client_auth: Option<Spanned<ClientAuth>>,
        /// What it is for.
        description: Option<Spanned<String>>,
        /// Whether the cluster may be without it.
        optional: Option<Spanned<bool>>,
    }
}

word_enum! {
    /// A listener's security protocol.
    ListenerProtocol, "security protocol", {
        /// PLAINTEXT.
        Plaintext = "plaintext",
        /// SSL.
        Ssl = "ssl",
        /// SASL_PLAINTEXT.
        SaslPlaintext = "sasl_plaintext",
        /// SASL_SSL.
        SaslSsl = "sasl_ssl",
    }
}

word_enum! {
    /// `ssl.client.auth`.
    ClientAuth, "client authentication", {
        /// A client certificate must be shown.
        Required = "required",
        /// One may be shown.
        Requested = "requested",
        /// None is asked for.
        None = "none",
    }
}

manifest! {
    "`storage`"
    /// How the brokers' disks are sized.
    pub struct StorageSpec {
        /// The disk of each broker.
        per_broker: Spanned<Bytes>,
        /// What producers write to the whole cluster on average, compressed, before replication.
        ingest: Spanned<Rate>,
        /// How long that is kept; 30 days by default.
        retention: Option<Spanned<Duration>>,
        /// The most use of a disk; 70 % by default.
        max_use: Option<Spanned<Percent>>,
    }
}
