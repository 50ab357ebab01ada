//! How a Kafka cluster and a schema registry are reached, in terms that every client library can be set up from.

use std::time::Duration;

use futures::future::BoxFuture;

use crate::model::Secret;
use crate::ports::Failure;

/// How a cluster is reached. `S` is what stands for a secret: a reference before it is read, and [`Secret`] afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection<S = Secret> {
    /// Brokers to ask first, each `HOST:PORT`.
    pub bootstrap: Vec<String>,
    /// TLS; `None` = plaintext.
    pub tls: Option<Tls<S>>,
    /// SASL; `None` = only the certificate, or nobody, authenticates.
    pub sasl: Option<Sasl<S>>,
    /// How long a server may take to answer, the connecting included.
    pub timeout: Duration,
}

/// TLS to a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls<S = Secret> {
    /// The only authorities to trust, PEM; `None` = those of the system.
    pub ca: Option<S>,
    /// What we show of ourselves.
    pub identity: Option<Identity<S>>,
    /// The name that the server's certificate must carry, where it is not the host's.
    pub server_name: Option<String>,
}

/// A client certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity<S = Secret> {
    /// The chain, PEM, our own certificate first. It may hold the key too.
    pub certificate: S,
    /// The key, PEM; `None` = it stands with the certificate.
    pub key: Option<S>,
}

/// SASL authentication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sasl<S = Secret> {
    /// PLAIN (RFC 4616).
    Plain(Login<S>),
    /// SCRAM-SHA-256 (RFC 7677).
    ScramSha256(Login<S>),
    /// SCRAM-SHA-512.
    ScramSha512(Login<S>),
    /// OAUTHBEARER (RFC 7628).
    OauthBearer(Bearer<S>),
}

/// Where bearer tokens (RFC 6750) come from. A person's token is used where one has logged in, otherwise the tool's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer<S = Secret> {
    /// How the tool itself gets a token; `None` = only people have one.
    pub own: Option<TokenSource<S>>,
    /// How people log in (`busctl login`); `None` = they do not.
    pub login: Option<PersonalLogin<S>>,
}

/// How the tool gets a token of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenSource<S = Secret> {
    /// A token that somebody else renews where it is kept.
    Kept(S),
    /// OAuth's client credentials.
    ClientCredentials(ClientCredentials<S>),
}

/// How a person logs in: OAuth 2.0's device authorization grant (RFC 8628) at an issuer of OpenID Connect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonalLogin<S = Secret> {
    /// The issuer; `https:`.
    pub issuer: String,
    /// The id of the tool at the issuer: a public client, which has no secret.
    pub client_id: String,
    /// The scope to ask for.
    pub scope: Option<String>,
    /// The server that the token is for (RFC 8707).
    pub resource: Option<String>,
    /// The only authorities to trust at the issuer, PEM; `None` = those of the system.
    pub ca: Option<S>,
}

/// A user and a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login<S = Secret> {
    /// The user.
    pub username: String,
    /// The password.
    pub password: S,
}

impl TokenSource {
    /// What is sent for a token, or is one.
    pub fn secret(&self) -> &Secret {
        match self {
            Self::Kept(token) => token,
            Self::ClientCredentials(credentials) => &credentials.client_secret,
        }
    }
}

/// OAuth 2.0 client credentials (RFC 6749, section 4.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCredentials<S = Secret> {
    /// Where they are exchanged for a token; `https:`.
    pub token_endpoint: String,
    /// The client's id.
    pub client_id: String,
    /// The client's secret.
    pub client_secret: S,
    /// The scope to ask for.
    pub scope: Option<String>,
    /// The server that the token is for (RFC 8707).
    pub resource: Option<String>,
    /// The only authorities to trust at the token endpoint, PEM; `None` = those of the system.
    pub ca: Option<S>,
}

impl<S> Connection<S> {
    /// The servers, for messages.
    pub fn server(&self) -> String {
        self.bootstrap.join(",")
    }
}

impl Connection {
    /// What must not be repeated of what is sent with it: one that a server repeats would be printed. Fetched tokens are not
    /// among them.
    pub fn secrets(&self) -> Vec<Secret> {
        match &self.sasl {
            Some(Sasl::Plain(login) | Sasl::ScramSha256(login) | Sasl::ScramSha512(login)) => {
                vec![login.password.clone()]
            }
            Some(Sasl::OauthBearer(bearer)) => bearer.own.iter().map(TokenSource::secret).cloned().collect(),
            None => Vec::new(),
        }
    }
}

/// How a schema registry is reached. `S` is as in [`Connection`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryConnection<S = Secret> {
    /// The base of its Confluent API, without credentials.
    pub url: String,
    /// TLS beyond what `https:` asks for: other authorities, a client certificate.
    pub tls: Option<Tls<S>>,
    /// How we authenticate; `None` = only the certificate, or nobody, does.
    pub auth: Option<RegistryAuth<S>>,
    /// How long the registry may take to answer, the connecting and the retries included.
    pub timeout: Duration,
}

impl RegistryConnection {
    /// What must not be repeated of what is sent with it; a password also with what it is sent in, together with the name. Fetched
    /// tokens are not among them.
    pub fn secrets(&self) -> Vec<Secret> {
        match &self.auth {
            Some(RegistryAuth::Basic(Login { username, password })) => {
                vec![Secret::new(format!("{username}:{}", password.expose())), password.clone()]
            }
            Some(RegistryAuth::Bearer(bearer)) => bearer.own.iter().map(TokenSource::secret).cloned().collect(),
            None => Vec::new(),
        }
    }
}

/// HTTP authentication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegistryAuth<S = Secret> {
    /// Basic (RFC 7617).
    Basic(Login<S>),
    /// A bearer token.
    Bearer(Bearer<S>),
}

/// Reads the secrets of a connection again: certificates, keys and tokens are replaced where they are kept while the tool
/// runs. `C` is [`Connection`] or [`RegistryConnection`].
pub trait Renew<C>: Send + Sync {
    /// The connection with its secrets as they are now.
    fn renew(&self) -> BoxFuture<'_, Result<C, Failure>>;
}
