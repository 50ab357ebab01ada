//! How Kubernetes delivers the certificate and the credentials of a service: what of its secrets is kept in Vault, and in which
//! files of a Secret the service finds it.

use std::collections::BTreeMap;

use super::model::{ClientConfig, SecretAccess};
use super::secrets::files;
use super::spec::ExternalSecretsSpec;
use crate::model::{Duration, PkiRole, SecretRef, VaultRef};
use crate::resources::Desired;
use crate::source::{Spanned, word_enum};

/// What is delivered to one service on one cluster.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// The name of the Secret, and of the ExternalSecret.
    pub name: String,
    /// The namespace, where the manifests name one.
    pub namespace: Option<String>,
    /// The service.
    pub service: String,
    /// The cluster.
    pub cluster: String,
    /// The store that passwords are read from.
    pub store: Store,
    /// How often everything is read, and the certificate issued, anew.
    pub refresh: String,
    /// The Vault that issues the certificate.
    pub vault: VaultAccess,
    /// The certificate that Vault issues.
    pub identity: Option<Identity>,
    /// Authorities of Vault's PKI, by what their values are called.
    pub authorities: BTreeMap<&'static str, Authority>,
    /// Fields of secrets in Vault, by what their values are called.
    pub fields: BTreeMap<&'static str, Field>,
    /// The files of the Secret, each with its template.
    pub files: BTreeMap<&'static str, String>,
    /// Secrets that are not in Vault, and so not delivered.
    pub left: Vec<String>,
}

/// A store of secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    /// Its name.
    pub name: String,
    /// `ClusterSecretStore` or `SecretStore`.
    pub kind: &'static str,
}

/// How the operator logs in to Vault to have a certificate issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultAccess {
    /// Its address.
    pub server: Option<String>,
    /// The namespace of Vault Enterprise.
    pub namespace: Option<String>,
    /// Where the authorities are kept that issue its certificate, where the manifests name them.
    pub ca: Option<SecretRef>,
    /// Where the method `kubernetes` is mounted.
    pub mount: String,
    /// The role.
    pub role: String,
    /// The service account.
    pub service_account: String,
}

/// A certificate that Vault issues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The role.
    pub role: PkiRole,
    /// The common name to ask for.
    pub common_name: String,
    /// How long it is good, where the manifests say it.
    pub ttl: Option<String>,
}

/// An authority of Vault's PKI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// The PKI engine's mount.
    pub mount: String,
    /// Whether those above it are meant too.
    pub chain: bool,
}

/// A field of a secret in Vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The path.
    pub path: String,
    /// The field.
    pub field: String,
}

/// The key and the chain that Vault's PKI answered, with what is above the certificate.
const CHAIN: &str = "{{ .identity_certificate }}\n{{ with index . \"identity_ca_chain\" }}{{ . | fromJson | join \"\\n\" }}\
                     {{ else }}{{ .identity_issuing_ca }}{{ end }}\n";

impl Delivery {
    /// What is delivered to a service; `None` where none of its secrets is in Vault.
    pub fn of(desired: &Desired<'_>, config: &ClientConfig) -> Option<Self> {
        let cluster = desired.cluster;
        let spec = cluster.clients.as_ref().and_then(|clients| clients.external_secrets.as_ref());
        let text = |of: fn(&ExternalSecretsSpec) -> Option<&Spanned<String>>| {
            let written = spec.and_then(|spec| of(spec));
            written.map(|text| text.value.replace("{service}", &config.service))
        };
        let vault = cluster.vault.as_ref().or(desired.workspace.settings.vault.as_ref());
        let kind = spec.and_then(|spec| spec.store_kind.as_ref()).map_or(StoreKind::Cluster, |kind| kind.value);
        let service = kubernetes_name(&config.service);
        let mut delivery = Self {
            name: kubernetes_name(&format!("{}-{}-kafka", config.service, config.cluster)),
            namespace: text(|spec| spec.namespace.as_ref()).map(|name| kubernetes_name(&name)),
            service: config.service.clone(),
            cluster: config.cluster.clone(),
            store: Store {
                name: text(|spec| spec.store.as_ref()).unwrap_or_else(|| "vault".to_owned()),
                kind: kind.as_str(),
            },
            refresh: in_go(spec.and_then(|spec| spec.refresh.as_ref()).map_or(REFRESH, |refresh| refresh.value)),
            vault: VaultAccess {
                server: vault.and_then(|vault| vault.address.as_ref()).map(|address| address.value.clone()),
                namespace: vault.and_then(|vault| vault.namespace.as_ref()).map(|namespace| namespace.value.clone()),
                ca: vault.and_then(|vault| vault.tls.as_ref()?.ca.as_ref()).map(|ca| ca.value.clone()),
                mount: text(|spec| spec.mount.as_ref()).unwrap_or_else(|| "kubernetes".to_owned()),
                role: text(|spec| spec.role.as_ref()).unwrap_or_else(|| config.service.clone()),
                service_account: text(|spec| spec.service_account.as_ref()).unwrap_or(service),
            },
            identity: None,
            authorities: BTreeMap::new(),
            fields: BTreeMap::new(),
            files: BTreeMap::new(),
            left: Vec::new(),
        };
        if let Some(tls) = &config.tls {
            let common_name = config.principals.first().map_or_else(|| config.service.clone(), |who| who.common_name());
            let ttl = spec.and_then(|spec| spec.ttl.as_ref()).map(|ttl| in_go(ttl.value));
            delivery.certificate(tls.certificate.as_ref(), tls.key.as_ref(), common_name, ttl);
            delivery.take("ca", files::CA, tls.ca.as_ref());
        }
        if let Some(sasl) = &config.sasl {
            delivery.take("sasl_password", files::PASSWORD, sasl.password.as_ref());
            delivery.take("sasl_client_secret", files::CLIENT_SECRET, sasl.client_secret.as_ref());
        }
        if let Some(registry) = &config.registry {
            delivery.take("registry_ca", files::REGISTRY_CA, registry.ca.as_ref());
            delivery.take("registry_password", files::REGISTRY_PASSWORD, registry.password.as_ref());
        }
        (!delivery.files.is_empty()).then_some(delivery)
    }

    fn certificate(
        &mut self,
        certificate: Option<&SecretAccess>,
        key: Option<&SecretAccess>,
        common_name: String,
        ttl: Option<String>,
    ) {
        match certificate.map(|certificate| &certificate.reference) {
            Some(SecretRef::Vault(VaultRef::Issue(role))) => {
                self.identity = Some(Identity { role: role.clone(), common_name, ttl });
                let key = "{{ .identity_private_key }}\n";
                self.files.insert(files::CERTIFICATE, CHAIN.to_owned());
                self.files.insert(files::KEY, key.to_owned());
                self.files.insert(files::KEYSTORE, format!("{key}{CHAIN}"));
            }
            _ => {
                self.take("tls_certificate", files::CERTIFICATE, certificate);
                self.take("tls_key", files::KEY, key);
            }
        }
    }

    /// Whether the operator itself asks Vault for something.
    pub fn asks_vault(&self) -> bool {
        self.identity.is_some() || !self.authorities.is_empty()
    }

    /// Delivers a secret as a file, where it is in Vault.
    fn take(&mut self, name: &'static str, file: &'static str, secret: Option<&SecretAccess>) {
        let Some(secret) = secret else { return };
        match &secret.reference {
            SecretRef::Vault(VaultRef::Field { path, field }) => {
                self.fields.insert(name, Field { path: path.clone(), field: field.clone() });
                self.files.insert(file, format!("{{{{ .{name} }}}}"));
            }
            SecretRef::Vault(VaultRef::Authority { mount, chain }) => {
                self.authorities.insert(name, Authority { mount: mount.clone(), chain: *chain });
                self.files.insert(file, format!("{{{{ .{name}_certificate }}}}\n"));
            }
            // A certificate is issued once, and holds its key.
            SecretRef::Vault(VaultRef::Issue(_)) => {}
            SecretRef::Env(_) | SecretRef::File(_) => self.left.push(secret.reference.to_string()),
        }
    }
}

/// How often everything is read anew, where no manifest says it.
pub const REFRESH: Duration = Duration(12 * 3_600_000);

/// A time as Go's programs read it, which know no days.
fn in_go(time: Duration) -> String {
    match time.0 {
        millis if millis % 3_600_000 == 0 => format!("{}h", millis / 3_600_000),
        millis if millis % 60_000 == 0 => format!("{}m", millis / 60_000),
        millis if millis % 1000 == 0 => format!("{}s", millis / 1000),
        millis => format!("{millis}ms"),
    }
}

word_enum! {
    /// The kind of a store of secrets.
    StoreKind, "kind of store", {
        /// One for all namespaces.
        Cluster = "ClusterSecretStore",
        /// One in the namespace of the service.
        Namespaced = "SecretStore",
    }
}

/// A name as Kubernetes takes it for objects: lower-case letters, digits and `-` (RFC 1123), at most 63, so that it may be a
/// label too. What is longer ends in a fingerprint of the whole.
pub fn kubernetes_name(name: &str) -> String {
    const LONGEST: usize = 63;
    let lower = name.to_ascii_lowercase();
    let plain: String = lower.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let plain = plain.trim_matches('-');
    if plain.len() <= LONGEST && !plain.is_empty() {
        return plain.to_owned();
    }
    use sha2::Digest;
    let digest = sha2::Sha256::digest(name.as_bytes());
    let end: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let start = plain[..plain.len().min(LONGEST - end.len() - 1)].trim_end_matches('-');
    if start.is_empty() { format!("x-{end}") } else { format!("{start}-{end}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_go() {
        let texts = [3 * 86_400_000, 90 * 60_000, 45_000].map(|millis| in_go(Duration(millis)));
        assert_eq!(texts, ["72h", "90m", "45s"]);
    }

    #[test]
    fn names_are_what_kubernetes_takes() {
        assert_eq!(kubernetes_name("normalizer-production-kafka"), "normalizer-production-kafka");
        assert_eq!(kubernetes_name("Media_Connect.v2"), "media-connect-v2");
        let long = kubernetes_name(&"a".repeat(100));
        assert_eq!(long.len(), 63);
        assert_ne!(long, kubernetes_name(&"a".repeat(101)));
        assert_eq!(kubernetes_name("__").len(), 10);
    }
}
