//! A connection's TLS and SASL in krafka's terms.

use std::sync::Arc;

use krafka::auth::{AuthConfig, TlsConfig};

use super::access::Access;
use crate::ports::connection::{Connection, Sasl, Tls};

/// What `Kafka::builder` needs to know of TLS and SASL. Tokens are asked of `access`.
pub(super) fn auth(connection: &Connection, access: &Arc<Access>) -> AuthConfig {
    let sasl = match &connection.sasl {
        None => AuthConfig::plaintext(),
        Some(Sasl::Plain(login)) => AuthConfig::sasl_plain(&login.username, login.password.expose()),
        Some(Sasl::ScramSha256(login)) => AuthConfig::sasl_scram_sha256(&login.username, login.password.expose()),
        Some(Sasl::ScramSha512(login)) => AuthConfig::sasl_scram_sha512(&login.username, login.password.expose()),
        Some(Sasl::OauthBearer(_)) => {
            let access = access.clone();
            AuthConfig::sasl_oauthbearer_provider(move || {
                let access = access.clone();
                async move { access.krafka_token().await }
            })
        }
    };
    match &connection.tls {
        None => sasl,
        Some(tls) => sasl.with_tls(tls_config(tls)),
    }
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
