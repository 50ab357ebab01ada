//! Asks a cluster who it is, as a client would.

use std::path::PathBuf;
use std::time::Duration;

use krafka::Kafka;
use krafka::admin::DescribeClusterOptions;
use krafka::auth::{AuthConfig, TlsConfig};
use tokio::time::timeout;

use crate::localbus::secrets::Login;

/// How a client connects to a listener.
#[derive(Debug, Clone)]
pub enum ClientSecurity {
    /// `PLAINTEXT`.
    Plaintext,
    /// `SASL_PLAINTEXT` with the PLAIN mechanism.
    SaslPlaintext(Login),
    /// `SSL` with a certificate of the client, all in PEM files.
    MutualTls {
        /// The authority that the brokers' certificates are checked with.
        ca: PathBuf,
        /// The client's certificate.
        certificate: PathBuf,
        /// The client's private key.
        key: PathBuf,
    },
}

/// What a cluster says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterAnswer {
    /// The id of the cluster.
    pub cluster_id: String,
    /// How many brokers take part.
    pub brokers: usize,
}

/// How long one question may take.
const ONE_QUESTION: Duration = Duration::from_secs(5);

/// Asks a cluster for its id and its brokers, once.
///
/// # Errors
///
/// What came back instead, in words.
pub async fn ask(bootstrap: &str, security: &ClientSecurity) -> Result<ClusterAnswer, String> {
    let question = async {
        let kafka = Kafka::builder(bootstrap)
            .client_id("busctl-dev")
            .security(security.to_krafka())
            .connect_timeout(Duration::from_secs(2))
            .request_timeout(Duration::from_secs(4))
            .connect()
            .await?;
        let admin = kafka.admin().default_api_timeout(ONE_QUESTION);
        let answer = admin.describe_cluster(DescribeClusterOptions::default()).await;
        admin.close().await?;
        answer
    };
    match timeout(ONE_QUESTION, question).await {
        Ok(Ok(cluster)) => Ok(ClusterAnswer { cluster_id: cluster.cluster_id, brokers: cluster.brokers.len() }),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("no answer within {} s", ONE_QUESTION.as_secs())),
    }
}

impl ClientSecurity {
    fn to_krafka(&self) -> AuthConfig {
        match self {
            Self::Plaintext => AuthConfig::plaintext(),
            Self::SaslPlaintext(login) => AuthConfig::sasl_plain(&login.name, login.password.expose()),
            Self::MutualTls { ca, certificate, key } => AuthConfig::ssl(
                TlsConfig::new()
                    .with_ca_cert(ca.to_string_lossy())
                    .with_client_cert(certificate.to_string_lossy(), key.to_string_lossy()),
            ),
        }
    }
}
