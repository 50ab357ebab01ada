use crate::model::{Name, SecretRef};
use crate::resources::cluster::TlsSpec;
use crate::schema::Compatibility;
use crate::source::{Spanned, manifest, word_enum};

manifest! {
    "a schema registry"
    /// A schema registry with the Confluent API.
    pub struct RegistrySpec {
        /// Its name, which clusters refer to.
        registry: Spanned<Name>,
        /// The base of its Confluent API. A registry of `busctl dev` has none: it is found in what `dev up` wrote.
        url: Option<Spanned<String>>,
        /// local for the registry of `busctl dev`.
        deployment: Option<Spanned<RegistryDeployment>>,
        /// The level of subjects that have none of their own. Compared, not applied.
        compatibility: Option<Spanned<Compatibility>>,
        /// TLS to it.
        tls: Option<TlsSpec>,
        /// How the tool authenticates.
        auth: Option<RegistryAuthSpec>,
    }
}

word_enum! {
    /// How a registry is run.
    RegistryDeployment, "deployment", {
        /// By `busctl dev`.
        Local = "local",
        /// Elsewhere.
        Remote = "remote",
    }
}

manifest! {
    "a registry's `auth`"
    /// HTTP authentication: basic with user and password, or a bearer token.
    pub struct RegistryAuthSpec {
        /// The user of basic authentication.
        username: Option<Spanned<String>>,
        /// The password of basic authentication.
        password: Option<Spanned<SecretRef>>,
        /// A bearer token.
        token: Option<Spanned<SecretRef>>,
    }
}
