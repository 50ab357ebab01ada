//! From a manifest's `connection:` to one that a client can be set up from.

use std::time::Duration;

use super::spec::{ConnectionSpec, SaslMechanism, SaslSpec, TlsSpec};
use crate::model::{Secret, SecretRef};
use crate::ports::connection::{ClientCredentials, Connection, Identity, Login, Sasl, Tls};
use crate::ports::secrets::{SecretError, Secrets};
use crate::source::{Span, Spanned};

/// What is wrong with a `connection:`, and where it is written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConnectionProblem {
    /// The place in the manifest.
    pub span: Span,
    /// One sentence without a full stop.
    pub message: String,
    /// How to mend it.
    pub help: Option<String>,
}

impl ConnectionProblem {
    pub(crate) fn new(span: Span, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { span, message: message.into(), help: Some(help.into()) }
    }
}

/// A reference to a secret and the place where it is written.
pub type SecretPlace = Spanned<SecretRef>;

/// The connection that a manifest declares, its secrets not yet read, or everything that is wrong with it.
pub fn connection(
    spec: &Spanned<ConnectionSpec>,
    timeout: Duration,
) -> Result<Connection<SecretPlace>, Vec<ConnectionProblem>> {
    let mut problems = bootstrap_problems(spec);
    let mut keep = |result: Result<_, ConnectionProblem>| result.map_err(|problem| problems.push(problem)).ok();
    let tls = spec.tls.as_ref().map(|tls| keep(self::tls(tls)));
    let sasl = spec.sasl.as_ref().map(|spec| sasl(spec).map_err(|found| problems.extend(found)).ok());
    if !problems.is_empty() {
        return Err(problems);
    }
    let bootstrap = spec.bootstrap.iter().map(|address| address.trim().to_owned()).collect();
    Ok(Connection { bootstrap, tls: tls.flatten(), sasl: sasl.flatten(), timeout })
}

/// What to write where an address of a broker is none.
pub const WRITE_ADDRESS: &str = "write HOST:PORT of a broker's listener, for example kafka-0.example.com:9092";

fn bootstrap_problems(spec: &Spanned<ConnectionSpec>) -> Vec<ConnectionProblem> {
    if spec.bootstrap.is_empty() {
        return vec![ConnectionProblem::new(spec.span, "`bootstrap` names no broker", WRITE_ADDRESS)];
    }
    let wrong = spec.bootstrap.iter().filter(|address| !is_address(address.trim()));
    wrong
        .map(|address| {
            ConnectionProblem::new(address.span, format!("`{}` is not HOST:PORT", address.value), WRITE_ADDRESS)
        })
        .collect()
}

/// Whether a text is the address of a broker.
pub fn is_address(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    let bracketed = host.starts_with('[') && host.ends_with(']');
    let plain = !host.contains([':', '[', ']', '/', ',', '@']) && !host.contains(char::is_whitespace);
    !host.is_empty() && (bracketed || plain) && port.parse::<u16>().is_ok_and(|port| port > 0)
}

/// The TLS that a manifest declares, its secrets not yet read.
pub fn tls(spec: &TlsSpec) -> Result<Tls<SecretPlace>, ConnectionProblem> {
    let identity = match (&spec.certificate, &spec.key) {
        (Some(certificate), key) => Some(Identity { certificate: certificate.clone(), key: key.clone() }),
        (None, None) => None,
        (None, Some(key)) => {
            return Err(ConnectionProblem::new(
                key.span,
                "`key` without `certificate`",
                "add the certificate that belongs to the key, or remove the key",
            ));
        }
    };
    let server_name = spec.server_name.as_ref().map(|name| name.value.clone());
    Ok(Tls { ca: spec.ca.clone(), identity, server_name })
}

fn sasl(spec: &Spanned<SaslSpec>) -> Result<Sasl<SecretPlace>, Vec<ConnectionProblem>> {
    let mechanism = spec.mechanism.value;
    let mut fields = SaslFields { spec, problems: Vec::new() };
    let sasl = if mechanism == SaslMechanism::OauthBearer {
        fields.unused("username", spec.username.as_ref().map(|value| value.span));
        fields.unused("password", spec.password.as_ref().map(|value| value.span));
        let token_endpoint = fields.needed("token_endpoint", &spec.token_endpoint);
        fields.check_endpoint(token_endpoint.as_ref());
        let client_id = fields.needed("client_id", &spec.client_id);
        let client_secret = fields.needed("client_secret", &spec.client_secret);
        token_endpoint.zip(client_id).zip(client_secret).map(|((token_endpoint, client_id), client_secret)| {
            Sasl::OauthBearer(ClientCredentials {
                token_endpoint: token_endpoint.value,
                client_id: client_id.value,
                client_secret,
                scope: spec.scope.as_ref().map(|scope| scope.value.clone()),
                ca: spec.ca.clone(),
            })
        })
    } else {
        fields.unused("token_endpoint", spec.token_endpoint.as_ref().map(|value| value.span));
        fields.unused("client_id", spec.client_id.as_ref().map(|value| value.span));
        fields.unused("client_secret", spec.client_secret.as_ref().map(|value| value.span));
        fields.unused("scope", spec.scope.as_ref().map(|value| value.span));
        fields.unused("ca", spec.ca.as_ref().map(|value| value.span));
        let username = fields.needed("username", &spec.username);
        let password = fields.needed("password", &spec.password);
        username.zip(password).map(|(username, password)| {
            let login = Login { username: username.value, password };
            match mechanism {
                SaslMechanism::ScramSha256 => Sasl::ScramSha256(login),
                SaslMechanism::ScramSha512 => Sasl::ScramSha512(login),
                SaslMechanism::Plain | SaslMechanism::OauthBearer => Sasl::Plain(login),
            }
        })
    };
    match sasl {
        Some(sasl) if fields.problems.is_empty() => Ok(sasl),
        _ => Err(fields.problems),
    }
}

/// Reads the fields of `sasl:` and notes those that the mechanism needs and lacks, or has and cannot use.
struct SaslFields<'a> {
    spec: &'a Spanned<SaslSpec>,
    problems: Vec<ConnectionProblem>,
}

impl SaslFields<'_> {
    fn needed<T: Clone>(&mut self, key: &str, value: &Option<Spanned<T>>) -> Option<Spanned<T>> {
        if value.is_none() {
            let mechanism = self.spec.mechanism.value;
            let message = format!("the SASL mechanism {mechanism} needs `{key}`");
            self.problems.push(ConnectionProblem::new(self.spec.span, message, format!("add `{key}` to `sasl`")));
        }
        value.clone()
    }

    fn unused(&mut self, key: &str, span: Option<Span>) {
        if let Some(span) = span {
            let mechanism = self.spec.mechanism.value;
            let message = format!("the SASL mechanism {mechanism} has no `{key}`");
            self.problems.push(ConnectionProblem::new(span, message, format!("remove `{key}`")));
        }
    }

    /// A token that travels in clear text is everybody's.
    fn check_endpoint(&mut self, endpoint: Option<&Spanned<String>>) {
        if let Some(endpoint) = endpoint.filter(|endpoint| !endpoint.starts_with("https://")) {
            let message = format!("`{}` is not an https: address", endpoint.value);
            let help = "client credentials and tokens travel only over TLS: write https://HOST/PATH";
            self.problems.push(ConnectionProblem::new(endpoint.span, message, help));
        }
    }
}

/// Reads the secrets of a connection.
pub async fn read_secrets(
    connection: Connection<SecretPlace>,
    secrets: &impl Secrets,
) -> Result<Connection, ConnectionProblem> {
    let tls = match connection.tls {
        Some(tls) => Some(read_tls_secrets(tls, secrets).await?),
        None => None,
    };
    let sasl = match connection.sasl {
        Some(Sasl::Plain(login)) => Some(Sasl::Plain(read_login(login, secrets).await?)),
        Some(Sasl::ScramSha256(login)) => Some(Sasl::ScramSha256(read_login(login, secrets).await?)),
        Some(Sasl::ScramSha512(login)) => Some(Sasl::ScramSha512(read_login(login, secrets).await?)),
        Some(Sasl::OauthBearer(client)) => Some(Sasl::OauthBearer(ClientCredentials {
            token_endpoint: client.token_endpoint,
            client_id: client.client_id,
            client_secret: read_password(&client.client_secret, secrets).await?,
            scope: client.scope,
            ca: read_optional(client.ca.as_ref(), secrets).await?,
        })),
        None => None,
    };
    Ok(Connection { bootstrap: connection.bootstrap, tls, sasl, timeout: connection.timeout })
}

/// Reads the certificates and the key of a TLS connection and checks that they are PEM of the right kind.
pub async fn read_tls_secrets(tls: Tls<SecretPlace>, secrets: &impl Secrets) -> Result<Tls, ConnectionProblem> {
    let identity = match tls.identity {
        Some(identity) => Some(read_identity(identity, secrets).await?),
        None => None,
    };
    Ok(Tls { ca: read_optional(tls.ca.as_ref(), secrets).await?, identity, server_name: tls.server_name })
}

async fn read_identity(identity: Identity<SecretPlace>, secrets: &impl Secrets) -> Result<Identity, ConnectionProblem> {
    let certificate = read_certificate(&identity.certificate, secrets).await?;
    let (key, place) = match &identity.key {
        Some(place) => (Some(read(place, secrets).await?), place),
        None => (None, &identity.certificate),
    };
    let pem = key.as_ref().unwrap_or(&certificate).expose();
    if pem.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----") || pem.contains("Proc-Type: 4,ENCRYPTED") {
        let message = format!("the key in `{}` is encrypted", place.value);
        let help = "this version reads unencrypted keys only: openssl pkcs8 -topk8 -nocrypt -in KEY -out NEW";
        return Err(ConnectionProblem::new(place.span, message, help));
    }
    if !pem.contains("PRIVATE KEY-----") {
        let message = format!("`{}` holds no private key", place.value);
        let help = match key {
            Some(_) => "it must hold PEM with BEGIN PRIVATE KEY",
            None => "add `key`, or append the key's PEM to the certificate's",
        };
        return Err(ConnectionProblem::new(place.span, message, help));
    }
    Ok(Identity { certificate, key })
}

async fn read_login(login: Login<SecretPlace>, secrets: &impl Secrets) -> Result<Login, ConnectionProblem> {
    Ok(Login { username: login.username, password: read_password(&login.password, secrets).await? })
}

async fn read_optional(
    place: Option<&SecretPlace>,
    secrets: &impl Secrets,
) -> Result<Option<Secret>, ConnectionProblem> {
    match place {
        Some(place) => read_certificate(place, secrets).await.map(Some),
        None => Ok(None),
    }
}

async fn read_certificate(place: &SecretPlace, secrets: &impl Secrets) -> Result<Secret, ConnectionProblem> {
    let secret = read(place, secrets).await?;
    if secret.expose().contains("-----BEGIN CERTIFICATE-----") {
        return Ok(secret);
    }
    let message = format!("`{}` holds no certificate", place.value);
    Err(ConnectionProblem::new(place.span, message, "it must hold PEM with BEGIN CERTIFICATE"))
}

/// Reads a password. A file with one mostly ends in a newline that is not part of it.
pub async fn read_password(place: &SecretPlace, secrets: &impl Secrets) -> Result<Secret, ConnectionProblem> {
    let secret = read(place, secrets).await?;
    Ok(Secret::new(secret.expose().trim_end_matches(['\r', '\n'])))
}

async fn read(place: &SecretPlace, secrets: &impl Secrets) -> Result<Secret, ConnectionProblem> {
    secrets.read(&place.value).await.map_err(|error: SecretError| ConnectionProblem {
        span: place.span,
        message: error.to_string(),
        help: error.hint,
    })
}

#[cfg(test)]
mod tests;
