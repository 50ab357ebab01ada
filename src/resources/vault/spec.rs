use crate::model::SecretRef;
use crate::resources::cluster::TlsSpec;
use crate::source::{Spanned, manifest};

manifest! {
    "`vault`"
    /// The Vault that `vault:` references are read from. A cluster may have another one than the workspace.
    pub struct VaultSpec {
        /// Its address, `https://HOST:PORT`; by default `VAULT_ADDR` in the environment.
        address: Option<Spanned<String>>,
        /// The namespace of Vault Enterprise; by default `VAULT_NAMESPACE` in the environment.
        namespace: Option<Spanned<String>>,
        /// TLS to it. Its authorities are by default those in the file `VAULT_CACERT` of the environment, else the system's.
        tls: Option<TlsSpec>,
        /// How the tool logs in. Where the environment has a `VAULT_TOKEN` for this Vault, that token is used instead.
        auth: Option<Spanned<VaultAuthSpec>>,
    }
}

manifest! {
    "Vault's `auth`"
    /// How the tool logs in to Vault, in one of these ways.
    pub struct VaultAuthSpec {
        /// A token that somebody else has had.
        token: Option<Spanned<SecretRef>>,
        /// AppRole.
        approle: Option<Spanned<AppRoleSpec>>,
        /// The service account of the pod that the tool runs in.
        kubernetes: Option<Spanned<KubernetesSpec>>,
        /// A JSON Web Token, such as pipelines have.
        jwt: Option<Spanned<JwtSpec>>,
    }
}

manifest! {
    "`approle`"
    /// Login by AppRole.
    pub struct AppRoleSpec {
        /// The id of the role.
        role_id: Spanned<SecretRef>,
        /// The secret of whoever may take the role.
        secret_id: Spanned<SecretRef>,
        /// Where the method is mounted; `approle` by default.
        mount: Option<Spanned<String>>,
    }
}

manifest! {
    "`kubernetes`"
    /// Login by a Kubernetes service account.
    pub struct KubernetesSpec {
        /// The role.
        role: Spanned<String>,
        /// The account's token; by default the file that Kubernetes gives each pod.
        token: Option<Spanned<SecretRef>>,
        /// Where the method is mounted; `kubernetes` by default.
        mount: Option<Spanned<String>>,
    }
}

manifest! {
    "`jwt`"
    /// Login by a JSON Web Token.
    pub struct JwtSpec {
        /// The role; the method's default one otherwise.
        role: Option<Spanned<String>>,
        /// The token.
        token: Spanned<SecretRef>,
        /// Where the method is mounted; `jwt` by default.
        mount: Option<Spanned<String>>,
    }
}
