//! How clients reach a local bus: the connection file and the variables of an environment.

use std::path::PathBuf;

use super::error::Result;
use super::secrets::{ADMIN, Login, Secrets};

/// Where a running bus answers and who may log in.
#[derive(Debug, Clone)]
pub struct Access {
    /// The name of the cluster that the bus stands for.
    pub cluster: String,
    /// The id of the Kafka cluster.
    pub cluster_id: String,
    /// `host:port` of the broker.
    pub bootstrap: String,
    /// The address of the registry's Confluent API, where there is a registry.
    pub registry_url: Option<String>,
    /// The file with the connection.
    pub connection_file: PathBuf,
    /// The passwords.
    pub secrets: Secrets,
}

impl Access {
    /// The login of the super user.
    ///
    /// # Errors
    ///
    /// Its password cannot be read.
    pub fn admin(&self) -> Result<Login> {
        self.secrets.login(ADMIN)
    }

    /// The environment that gives a command the bus as its Kafka and its registry, logged in as `login`.
    ///
    /// # Errors
    ///
    /// There is no such login.
    pub fn environment(&self, login: &str) -> Result<Vec<(&'static str, String)>> {
        let login = self.secrets.login(login)?;
        let mut environment = vec![
            ("KAFKA_BOOTSTRAP_SERVERS", self.bootstrap.clone()),
            ("KAFKA_SECURITY_PROTOCOL", "SASL_PLAINTEXT".to_owned()),
            ("KAFKA_SASL_MECHANISM", "PLAIN".to_owned()),
            ("KAFKA_SASL_JAAS_CONFIG", login.jaas()),
            ("KAFKA_SASL_USERNAME", login.name),
            ("KAFKA_SASL_PASSWORD", login.password.expose().to_owned()),
            ("BUSCTL_DEV_DIR", self.secrets.directory().display().to_string()),
        ];
        if let Some(url) = &self.registry_url {
            environment.push(("SCHEMA_REGISTRY_URL", url.clone()));
        }
        Ok(environment)
    }

    /// The connection as a YAML document. Its `connection:` has the form of that block in a cluster's manifest.
    pub(super) fn document(&self) -> String {
        // JSON strings are YAML strings, whatever the path holds.
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let password = quoted(&format!("file:{}", self.secrets.file(ADMIN).display()));
        let mut document = format!(
            "# Written by `busctl dev up`; gone with `busctl dev reset`.\n\
             cluster: {}\n\
             cluster_id: {}\n\
             connection:\n\
             \x20 bootstrap: [{}]\n\
             \x20 sasl: {{ mechanism: plain, username: {ADMIN}, password: {password} }}\n",
            quoted(&self.cluster),
            quoted(&self.cluster_id),
            quoted(&self.bootstrap),
        );
        if let Some(url) = &self.registry_url {
            document.push_str(&format!("registry: {{ url: {} }}\n", quoted(url)));
        }
        document
    }
}

pub(super) fn bootstrap(port: u16) -> String {
    format!("127.0.0.1:{port}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_the_connection() {
        let access = Access {
            cluster: "dev".to_owned(),
            cluster_id: "MkU3OEVBNTcwNTJENDM2Qg".to_owned(),
            bootstrap: bootstrap(41_234),
            registry_url: Some("http://127.0.0.1:41235/apis/ccompat/v7".to_owned()),
            connection_file: PathBuf::from("/w/.busctl/local/dev/connection.yaml"),
            secrets: Secrets::in_directory(PathBuf::from("/w \"x\"/.busctl/local/dev/secrets")),
        };
        insta::assert_snapshot!(access.document(), @r##"
        # Written by `busctl dev up`; gone with `busctl dev reset`.
        cluster: "dev"
        cluster_id: "MkU3OEVBNTcwNTJENDM2Qg"
        connection:
          bootstrap: ["127.0.0.1:41234"]
          sasl: { mechanism: plain, username: admin, password: "file:/w \"x\"/.busctl/local/dev/secrets/admin" }
        registry: { url: "http://127.0.0.1:41235/apis/ccompat/v7" }
        "##);
    }
}
