//! What a service cannot connect without.

use super::ClientConfig;

/// Something without which a service does not connect: half a configuration is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lacking {
    /// What is not known.
    pub message: String,
    /// Where it is declared.
    pub help: String,
}

impl ClientConfig {
    /// The first thing that the listener which is meant asks for and no manifest says; `None` where the service can connect.
    pub fn lacking(&self) -> Option<Lacking> {
        let (service, cluster) = (&self.service, &self.cluster);
        let lacking = |message: String, help: String| Some(Lacking { message, help });
        let names = self.listeners.keys().cloned().collect::<Vec<_>>().join(", ");
        let Some(listener) = &self.listener else {
            let help = if names.is_empty() {
                "declare `kafka.listeners` or `connection` of the cluster".to_owned()
            } else {
                format!("write `clients: {{ listener: NAME }}` in the cluster's manifest, with one of {names}")
            };
            return lacking(format!("nothing says which listener of `{cluster}` `{service}` reaches"), help);
        };
        let Some(access) = self.listeners.get(listener) else {
            return lacking(
                format!("`{cluster}` has no listener `{listener}` for clients"),
                if names.is_empty() { "declare `kafka.listeners`".into() } else { format!("it has {names}") },
            );
        };
        if access.brokers.is_empty() {
            return lacking(
                format!("no address of the listener {listener} of `{cluster}` is known"),
                "declare the `host` of each node below `kafka.nodes`".into(),
            );
        }
        let has_certificate = self.tls.as_ref().is_some_and(|tls| tls.certificate.is_some());
        if access.needs_certificate && !has_certificate {
            return lacking(
                format!(
                    "the listener {listener} of `{cluster}` asks for a certificate, and nothing says where `{service}` has one"
                ),
                "declare `identities: { vault: \"pki/issue/{service}\" }`, or `clients: { tls: { certificate: … } }`"
                    .into(),
            );
        }
        if access.security_protocol.starts_with("SASL") && self.sasl.is_none() {
            return lacking(
                format!("the listener {listener} of `{cluster}` has SASL, and nothing says how `{service}` logs in"),
                format!("write `clients: {{ sasl: … }}` in the cluster's manifest, or `scram` in acls/{service}.yaml"),
            );
        }
        None
    }
}
