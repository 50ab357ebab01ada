use super::delivery::StoreKind;
use crate::model::{Duration, SecretRefTemplate};
use crate::resources::cluster::SaslMechanism;
use crate::source::{Entries, Node, Spanned, manifest};

manifest! {
    "a cluster's `clients`"
    /// How services connect to a cluster. `{service}` stands for the service's name.
    pub struct ClientsSpec {
        /// The listener that services reach, where their manifest does not name another one in `principals`.
        listener: Option<Spanned<String>>,
        /// The certificates of services. By default those of `identities`, and the authority of `connection`, where it
        /// is in Vault.
        tls: Option<ClientTlsSpec>,
        /// How services log in, where the listener has SASL. By default by their `scram`.
        sasl: Option<Spanned<ClientSaslSpec>>,
        /// How services reach the registry and log in to it.
        registry: Option<Spanned<ClientRegistrySpec>>,
        /// The folder in which a service finds the files of its secrets; `/etc/kafka/secrets` by default.
        secrets: Option<Spanned<String>>,
        /// How the External Secrets Operator delivers the secrets of services in Kubernetes.
        external_secrets: Option<ExternalSecretsSpec>,
        /// Configs of every client.
        config: Entries<Node>,
        /// Configs of producers.
        producer: Entries<Node>,
        /// Configs of consumers.
        consumer: Entries<Node>,
    }
}

manifest! {
    "`external_secrets`"
    /// How the External Secrets Operator delivers the secrets of services.
    pub struct ExternalSecretsSpec {
        /// The store that passwords are read from; `vault` by default.
        store: Option<Spanned<String>>,
        /// ClusterSecretStore (default) or SecretStore.
        store_kind: Option<Spanned<StoreKind>>,
        /// The namespace of a service; by default the manifests name none.
        namespace: Option<Spanned<String>>,
        /// Where Vault's login by service accounts is mounted; `kubernetes` by default.
        mount: Option<Spanned<String>>,
        /// The role that it logs in to Vault with; by default the service's name.
        role: Option<Spanned<String>>,
        /// The service account that it logs in to Vault with; by default the service's name.
        service_account: Option<Spanned<String>>,
        /// How often everything is read, and the certificate issued, anew; 12h by default.
        refresh: Option<Spanned<Duration>>,
        /// How long a certificate is good; by default what Vault's role says. Longer than `refresh`.
        ttl: Option<Spanned<Duration>>,
    }
}

manifest! {
    "`tls` of clients"
    /// The certificates of services.
    pub struct ClientTlsSpec {
        /// The authorities that services trust, PEM. By default those of `connection`, where they are in Vault.
        ca: Option<Spanned<SecretRefTemplate>>,
        /// A service's certificate chain, PEM. May hold the key too.
        certificate: Option<Spanned<SecretRefTemplate>>,
        /// A service's key, PEM (PKCS#8).
        key: Option<Spanned<SecretRefTemplate>>,
    }
}

manifest! {
    "`sasl` of clients"
    /// How services log in with SASL.
    pub struct ClientSaslSpec {
        /// plain, scram-sha-256, scram-sha-512 or oauthbearer.
        mechanism: Spanned<SaslMechanism>,
        /// The user of PLAIN and SCRAM; by default the name of the service's principal.
        username: Option<Spanned<String>>,
        /// The password of PLAIN and SCRAM.
        password: Option<Spanned<SecretRefTemplate>>,
        /// Where OAUTHBEARER's client credentials are exchanged for a token.
        token_endpoint: Option<Spanned<String>>,
        /// The client id of OAUTHBEARER; by default the service's name.
        client_id: Option<Spanned<String>>,
        /// The client secret of OAUTHBEARER.
        client_secret: Option<Spanned<SecretRefTemplate>>,
        /// The scope to ask for.
        scope: Option<Spanned<String>>,
    }
}

manifest! {
    "`registry` of clients"
    /// How services reach the registry and log in to it.
    pub struct ClientRegistrySpec {
        /// The authorities that services trust at the registry, PEM. By default those that busctl trusts there, where they are
        /// in Vault.
        ca: Option<Spanned<SecretRefTemplate>>,
        /// The user of basic authentication; by default the service's name.
        username: Option<Spanned<String>>,
        /// The password of basic authentication.
        password: Option<Spanned<SecretRefTemplate>>,
    }
}

manifest! {
    "`clients`"
    /// What the clients of every cluster are set to. A cluster's own `clients` wins.
    pub struct ClientDefaultsSpec {
        /// Configs of every client.
        config: Entries<Node>,
        /// Configs of producers.
        producer: Entries<Node>,
        /// Configs of consumers.
        consumer: Entries<Node>,
    }
}
