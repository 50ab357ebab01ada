//! Reads the secrets that a connection refers to.

use super::{ConnectionProblem, SecretPlace};
use crate::model::Secret;
use crate::ports::connection::{
    Bearer, ClientCredentials, Connection, Identity, Login, PersonalLogin, Sasl, Tls, TokenSource,
};
use crate::ports::secrets::{SecretError, Secrets};

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
        Some(Sasl::OauthBearer(bearer)) => Some(Sasl::OauthBearer(read_bearer(bearer, secrets).await?)),
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

/// Reads what tokens are had for.
pub async fn read_bearer(bearer: Bearer<SecretPlace>, secrets: &impl Secrets) -> Result<Bearer, ConnectionProblem> {
    let own = match bearer.own {
        Some(TokenSource::Kept(token)) => Some(TokenSource::Kept(read_password(&token, secrets).await?)),
        Some(TokenSource::ClientCredentials(client)) => Some(TokenSource::ClientCredentials(ClientCredentials {
            token_endpoint: client.token_endpoint,
            client_id: client.client_id,
            client_secret: read_password(&client.client_secret, secrets).await?,
            scope: client.scope,
            resource: client.resource,
            ca: read_optional(client.ca.as_ref(), secrets).await?,
        })),
        None => None,
    };
    let login = match bearer.login {
        Some(login) => Some(read_login_secrets(login, secrets).await?),
        None => None,
    };
    Ok(Bearer { own, login })
}

/// Reads what a person's login trusts.
pub async fn read_login_secrets(
    login: PersonalLogin<SecretPlace>,
    secrets: &impl Secrets,
) -> Result<PersonalLogin, ConnectionProblem> {
    let ca = read_optional(login.ca.as_ref(), secrets).await?;
    let PersonalLogin { issuer, client_id, scope, resource, .. } = login;
    Ok(PersonalLogin { issuer, client_id, scope, resource, ca })
}

async fn read_identity(identity: Identity<SecretPlace>, secrets: &impl Secrets) -> Result<Identity, ConnectionProblem> {
    let certificate = read_certificate(&identity.certificate, secrets).await?;
    let (key, place) = match &identity.key {
        Some(place) => (Some(read_pem(place, secrets).await?), place),
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
    let secret = read_pem(place, secrets).await?;
    if secret.expose().contains("-----BEGIN CERTIFICATE-----") {
        return Ok(secret);
    }
    let message = format!("`{}` holds no certificate", place.value);
    Err(ConnectionProblem::new(place.span, message, "it must hold PEM with BEGIN CERTIFICATE"))
}

/// Reads PEM. In a variable its line ends are easily lost.
async fn read_pem(place: &SecretPlace, secrets: &impl Secrets) -> Result<Secret, ConnectionProblem> {
    let secret = read(place, secrets).await?;
    let pem = secret.expose().trim();
    if pem.starts_with("-----BEGIN ") && (pem.contains("\\n") || !pem.contains('\n')) {
        let how = if pem.contains("\\n") { "its line ends are written out as `\\n`" } else { "it has no line ends" };
        let message = format!("`{}` is no PEM that can be read: {how}", place.value);
        let help = "keep its lines as they are in the file: export NAME=\"$(cat FILE)\"";
        return Err(ConnectionProblem::new(place.span, message, help));
    }
    Ok(secret)
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
