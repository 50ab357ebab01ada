use crate::model::{Name, SecretRef};
use crate::resources::cluster::{LoginSpec, TlsSpec};
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
    /// HTTP authentication: basic with user and password, or a bearer token from where OAUTHBEARER has it too.
    pub struct RegistryAuthSpec {
        /// The user of basic authentication.
        username: Option<Spanned<String>>,
        /// The password of basic authentication.
        password: Option<Spanned<SecretRef>>,
        /// A bearer token, which somebody else renews.
        token: Option<Spanned<SecretRef>>,
        /// Where client credentials are exchanged for a token.
        token_endpoint: Option<Spanned<String>>,
        /// The client id.
        client_id: Option<Spanned<String>>,
        /// The client secret.
        client_secret: Option<Spanned<SecretRef>>,
        /// The scope to ask for.
        scope: Option<Spanned<String>>,
        /// The server that the token is for (RFC 8707), where the issuer asks for it.
        resource: Option<Spanned<String>>,
        /// The authorities to trust at the token endpoint, PEM; the system's by default.
        ca: Option<Spanned<SecretRef>>,
        /// How people log in (`busctl login`). Who has logged in is asked for as himself.
        login: Option<Spanned<LoginSpec>>,
    }
}
