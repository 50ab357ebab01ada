//! A connection's TLS and SASL in krafka's terms.

use std::time::Duration;

use krafka::auth::{AuthConfig, OidcTokenProvider, TlsConfig};

use crate::ports::connection::{ClientCredentials, Connection, Sasl, Tls};

/// What `Kafka::builder` needs to know of TLS and SASL.
pub(super) fn auth(connection: &Connection) -> krafka::Result<AuthConfig> {
    let sasl = match &connection.sasl {
        None => AuthConfig::plaintext(),
        Some(Sasl::Plain(login)) => AuthConfig::sasl_plain(&login.username, login.password.expose()),
        Some(Sasl::ScramSha256(login)) => AuthConfig::sasl_scram_sha256(&login.username, login.password.expose()),
        Some(Sasl::ScramSha512(login)) => AuthConfig::sasl_scram_sha512(&login.username, login.password.expose()),
        Some(Sasl::OauthBearer(client)) => {
            AuthConfig::sasl_oauthbearer_provider(token_provider(client, connection.timeout)?)
        }
    };
    Ok(match &connection.tls {
        None => sasl,
        Some(tls) => sasl.with_tls(tls_config(tls)),
    })
}

fn tls_config(tls: &Tls) -> TlsConfig {
    let mut config = match &tls.ca {
        Some(ca) => TlsConfig::new().with_ca_cert_pem(ca.expose()),
        None => TlsConfig::new().with_native_roots(),
    };
    if let Some(identity) = &tls.identity {
        let key = identity.key.as_ref().unwrap_or(&identity.certificate);
        config = config.with_client_cert_pem(identity.certificate.expose(), key.expose().as_bytes().to_vec());
    }
    match &tls.server_name {
        Some(name) => config.with_sni_hostname(name),
        None => config,
    }
}

fn token_provider(client: &ClientCredentials, timeout: Duration) -> krafka::Result<OidcTokenProvider> {
    let credentials = krafka::auth::ClientCredentials::secret(&client.client_id, client.client_secret.expose());
    let mut provider =
        OidcTokenProvider::builder(&client.token_endpoint).credentials(credentials).request_timeout(timeout);
    if let Some(scope) = &client.scope {
        provider = provider.scope(scope);
    }
    match &client.ca {
        Some(ca) => provider.ca_cert_pem(ca.expose()),
        None => provider.native_roots(),
    }
    .build()
}
