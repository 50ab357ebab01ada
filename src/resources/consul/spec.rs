use crate::model::{KeyPrefix, SecretRef};
use crate::resources::cluster::TlsSpec;
use crate::source::{Spanned, manifest};

manifest! {
    "`consul`"
    /// The Consul that the configuration of clients is published in, and that knows services.
    pub struct ConsulSpec {
        /// Its HTTP API, `https://HOST:PORT`.
        address: Spanned<String>,
        /// The datacenter that is asked; by default that of the agent at the address.
        datacenter: Option<Spanned<String>>,
        /// The namespace of Consul Enterprise.
        namespace: Option<Spanned<String>>,
        /// TLS to it.
        tls: Option<TlsSpec>,
        /// The ACL token; a Consul without ACLs needs none.
        token: Option<Spanned<SecretRef>>,
        /// The folder of the key-value store that the configuration of clients is published below, one folder for each
        /// service. What is below it is ours; without it nothing is published.
        prefix: Option<Spanned<KeyPrefix>>,
    }
}
