//! Where services log in with what: certificates, passwords and client secrets, as references.

use super::model::{ListenerAccess, RegistryAccess, SaslAccess, SecretAccess, TlsAccess};
use super::spec::{ClientSaslSpec, ClientsSpec};
use crate::model::{Principal, SecretRef, SecretRefTemplate, VaultRef};
use crate::ports::kafka::ScramMechanism;
use crate::resources::Workspace;
use crate::resources::acl::GrantSpec;
use crate::resources::cluster::{ClusterSpec, SaslMechanism};
use crate::resources::registry::RegistrySpec;
use crate::source::{Span, Spanned, secret_fingerprint};

/// The folder of the files of secrets, where no manifest names one.
pub const SECRETS_FOLDER: &str = "/etc/kafka/secrets";

/// The names of the files below the folder of secrets.
pub mod files {
    /// The authorities of the brokers.
    pub const CA: &str = "ca.crt";
    /// The certificate chain.
    pub const CERTIFICATE: &str = "tls.crt";
    /// The key.
    pub const KEY: &str = "tls.key";
    /// Key and chain, as Java reads them.
    pub const KEYSTORE: &str = "keystore.pem";
    /// The password of SASL.
    pub const PASSWORD: &str = "sasl.password";
    /// The client secret of OAUTHBEARER.
    pub const CLIENT_SECRET: &str = "sasl.client_secret";
    /// The authorities of the registry.
    pub const REGISTRY_CA: &str = "registry.ca.crt";
    /// The password of the registry.
    pub const REGISTRY_PASSWORD: &str = "registry.password";
}

/// The first config of clients of a cluster, by its name and the place of its value, that is a secret itself: by its name or by what it
/// looks like, and not excepted. Nobody gets a configuration with it.
pub fn secret_in_configs<'w>(workspace: &'w Workspace, cluster: &'w ClusterSpec) -> Option<(&'w str, Span)> {
    let is_excepted = |text: &str| {
        let fingerprint = secret_fingerprint(text);
        workspace.settings.not_secrets.iter().any(|known| known.value == fingerprint)
    };
    let bus = workspace.settings.clients.iter().flat_map(|it| [&it.config, &it.producer, &it.consumer]);
    let own = cluster.clients.iter().flat_map(|it| [&it.config, &it.producer, &it.consumer]);
    bus.chain(own).flatten().find_map(|(key, node)| {
        let file = workspace.sources.file(node.span.file);
        let (start, end) = (node.span.start as usize, node.span.end as usize);
        let found = file.hidden().map(|secret| secret.range.clone());
        let mut found = found.filter(|range| range.start < end && start < range.end);
        found.any(|range| !is_excepted(&file.text[range])).then_some((&*key.value, node.span))
    })
}

/// Resolves the secrets of one service on a cluster.
pub(super) struct Secrets<'c> {
    pub(super) cluster: &'c ClusterSpec,
    pub(super) service: &'c str,
}

impl Secrets<'_> {
    fn clients(&self) -> Option<&ClientsSpec> {
        self.cluster.clients.as_deref()
    }

    /// What is in the environment stays there, what is a file is where it is, and what is in Vault is delivered to a file.
    fn access(&self, reference: SecretRef, name: &str) -> SecretAccess {
        let file = match &reference {
            SecretRef::Env(_) => None,
            SecretRef::File(path) => Some(path.clone()),
            SecretRef::Vault(_) => {
                let folder = self.clients().and_then(|clients| clients.secrets.as_ref());
                let folder = folder.map_or(SECRETS_FOLDER, |folder| folder.value.trim_end_matches('/'));
                Some(format!("{folder}/{name}"))
            }
        };
        SecretAccess { reference, file }
    }

    fn of_template(&self, template: Option<&Spanned<SecretRefTemplate>>, name: &str) -> Option<SecretAccess> {
        Some(self.access(template?.value.of(self.service)?, name))
    }

    /// The authority that busctl itself trusts, where services can have it too: a file or a variable of busctl's machine is
    /// none of theirs.
    fn shared(&self, ca: Option<&Spanned<SecretRef>>, name: &str) -> Option<SecretAccess> {
        let ca = &ca?.value;
        matches!(ca, SecretRef::Vault(_)).then(|| self.access(ca.clone(), name))
    }

    /// Certificates: those that `clients` names, else the authority of `connection` and the identity that Vault issues.
    pub(super) fn tls(&self, asks_certificate: bool) -> TlsAccess {
        let spec = self.clients().and_then(|clients| clients.tls.as_ref());
        let of_connection = || {
            let tls = self.cluster.connection.as_ref()?.tls.as_ref()?;
            self.shared(tls.ca.as_ref(), files::CA)
        };
        let ca = self.of_template(spec.and_then(|tls| tls.ca.as_ref()), files::CA).or_else(of_connection);
        let mut tls = TlsAccess { ca, certificate: None, key: None, keystore: None };
        if !asks_certificate {
            return tls;
        }
        let certificate = spec.and_then(|tls| tls.certificate.as_ref());
        let Some(certificate) =
            certificate.and_then(|template| template.value.of(self.service)).or_else(|| self.issued())
        else {
            return tls;
        };
        tls.key = self.of_template(spec.and_then(|tls| tls.key.as_ref()), files::KEY);
        match &certificate {
            // What Vault issues is a chain with its key.
            SecretRef::Vault(VaultRef::Issue(_)) => {
                tls.key.get_or_insert_with(|| self.access(certificate.clone(), files::KEY));
                tls.keystore = Some(self.access(certificate.clone(), files::KEYSTORE));
            }
            // A file that holds both is a key store as it is.
            SecretRef::File(_) if tls.key.is_none() => {
                tls.key = Some(self.access(certificate.clone(), files::KEY));
                tls.keystore = tls.key.clone();
            }
            SecretRef::Env(_) | SecretRef::File(_) | SecretRef::Vault(_) => {}
        }
        tls.certificate = Some(self.access(certificate, files::CERTIFICATE));
        tls
    }

    /// The certificate that Vault issues to the service, where `identities` says so.
    fn issued(&self) -> Option<SecretRef> {
        let template = self.cluster.identities.as_ref()?.vault.as_ref()?;
        Some(SecretRef::Vault(VaultRef::Issue(template.role(self.service)?)))
    }

    /// How the service logs in: as `clients` says, else with its own `scram`.
    pub(super) fn sasl(&self, grants: &GrantSpec, principals: &[Principal]) -> Option<SaslAccess> {
        let spec = self.clients().and_then(|clients| clients.sasl.as_deref());
        let scram = grants.scram.as_ref().map(|scram| scram.on(self.cluster)).filter(|scram| !scram.is_absent());
        let own = scram.as_ref().and_then(|scram| {
            // The strongest that it has.
            let mechanism = match scram.credentials().into_keys().next_back()? {
                ScramMechanism::Sha256 => SaslMechanism::ScramSha256,
                ScramMechanism::Sha512 => SaslMechanism::ScramSha512,
            };
            Some((mechanism, scram.password?.value.clone()))
        });
        let mechanism = own.as_ref().map(|(mechanism, _)| *mechanism);
        let mechanism = mechanism.or_else(|| spec.map(|spec| spec.mechanism.value))?;
        let mut access = SaslAccess {
            mechanism,
            username: None,
            password: None,
            token_endpoint: None,
            client_id: None,
            client_secret: None,
            scope: None,
        };
        if mechanism == SaslMechanism::OauthBearer {
            let text = |text: Option<&Spanned<String>>| text.map(|text| self.filled(&text.value));
            access.token_endpoint = text(spec.and_then(|spec| spec.token_endpoint.as_ref()));
            access.client_id = text(spec.and_then(|spec| spec.client_id.as_ref()));
            access.client_id.get_or_insert_with(|| self.service.to_owned());
            let secret = spec.and_then(|spec| spec.client_secret.as_ref());
            access.client_secret = self.of_template(secret, files::CLIENT_SECRET);
            access.scope = text(spec.and_then(|spec| spec.scope.as_ref()));
            return Some(access);
        }
        let user = grants.scram.as_ref().and_then(|scram| scram.user_of(self.cluster, self.service, grants).ok());
        access.username = user
            .filter(|_| own.is_some())
            .or_else(|| Some(self.filled(&spec?.username.as_ref()?.value)))
            .or_else(|| principals.first().map(|principal| principal.name().to_owned()));
        access.password = match own {
            Some((_, password)) => Some(self.access(password, files::PASSWORD)),
            None => self.of_template(spec.and_then(|spec: &ClientSaslSpec| spec.password.as_ref()), files::PASSWORD),
        };
        Some(access)
    }

    /// How the registry is reached. busctl's own login there is nobody else's.
    pub(super) fn registry(&self, registry: &RegistrySpec) -> RegistryAccess {
        let spec = self.clients().and_then(|clients| clients.registry.as_deref());
        let ca = self.of_template(spec.and_then(|spec| spec.ca.as_ref()), files::REGISTRY_CA);
        let of_busctl = || self.shared(registry.tls.as_ref()?.ca.as_ref(), files::REGISTRY_CA);
        let login = spec.filter(|spec| spec.ca.is_none() || spec.username.is_some() || spec.password.is_some());
        let username = |spec: &Spanned<String>| self.filled(&spec.value);
        RegistryAccess {
            url: registry.url.as_ref().map(|url| url.value.trim().trim_end_matches('/').to_owned()),
            ca: ca.or_else(of_busctl),
            username: login.map(|login| login.username.as_ref().map_or(self.service.to_owned(), username)),
            password: self.of_template(login.and_then(|login| login.password.as_ref()), files::REGISTRY_PASSWORD),
        }
    }

    fn filled(&self, template: &str) -> String {
        template.replace("{service}", self.service)
    }
}

/// Whether anything of the listeners needs TLS.
pub(super) fn has_tls(access: &ListenerAccess) -> bool {
    matches!(access.security_protocol, "SSL" | "SASL_SSL")
}

/// Whether anything of the listeners needs a login.
pub(super) fn has_sasl(access: &ListenerAccess) -> bool {
    access.security_protocol.starts_with("SASL")
}
