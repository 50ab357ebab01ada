//! Who a service is: its principal, the role that issues its certificate, and what brokers make of that certificate.

use std::collections::BTreeMap;

use crate::model::{PkiRole, Principal};
use crate::resources::Workspace;
use crate::resources::acl::{PrincipalsSpec, principals_for, principals_of};
use crate::resources::client_config::listener_of_clients;
use crate::resources::cluster::{ClusterSpec, MAPPING_RULES, Mapped, map_subject};
use crate::source::{Span, Spanned};

/// Why an identity is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct IdentityProblem {
    /// The place, where there is one.
    pub span: Option<Span>,
    /// One sentence without a full stop.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// Refuses a certificate that the brokers of a cluster, as its manifest declares them, take for somebody else at this listener.
///
/// # Errors
///
/// It is another principal, or nobody knows which one.
pub fn check_principal(
    cluster: &ClusterSpec,
    listener: Option<&str>,
    subject: &str,
    wanted: &Principal,
) -> Result<(), IdentityProblem> {
    let name = &cluster.cluster.value;
    let unknown = |span: Span, why: &str| IdentityProblem {
        span: Some(span),
        message: format!("which principal {subject} is to the brokers of `{name}` is not known: {why}"),
        help: "write rules as the brokers have them, such as RULE:^CN=([^,]+).*$/CN=$1/".into(),
    };
    if let Some((class, span)) = cluster.principal_builder(listener) {
        return Err(unknown(span, &format!("they ask the class {class}")));
    }
    let declared = cluster.config_at(listener, MAPPING_RULES, None);
    let mapped =
        declared.as_ref().map_or_else(|| Mapped::Name(subject.to_owned()), |(rules, _)| map_subject(rules, subject));
    let place = declared.map(|(_, span)| span);
    let made = match mapped {
        Mapped::Name(made) if made == wanted.name() => return Ok(()),
        Mapped::Name(made) => format!("User:{made}"),
        Mapped::NoRule => "nobody".to_owned(),
        Mapped::Unreadable(why) => return Err(unknown(place.unwrap_or(cluster.cluster.span), &why)),
    };
    Err(IdentityProblem {
        span: place,
        message: format!("{subject} is {made} to the brokers of `{name}`, and the grants are for {wanted}"),
        help: format!(
            "correct Vault's role, or declare how the brokers make principals: `{MAPPING_RULES}` in `kafka.config`, and \
             `principal` of the cluster"
        ),
    })
}

/// The principals of a service or role on a cluster.
///
/// # Errors
///
/// Nobody is called so.
pub fn principals_named(
    workspace: &Workspace,
    cluster: &ClusterSpec,
    name: &str,
) -> Result<Vec<Principal>, IdentityProblem> {
    if let Some(written) = principals_written(workspace, name) {
        return Ok(principals_of(cluster, name, written));
    }
    if workspace.catalog.services.contains_key(name) {
        return Ok(vec![cluster.template().principal(name)]);
    }
    let catalog = &workspace.catalog;
    let known = workspace.grants.keys().chain(catalog.services.keys()).chain(catalog.roles.keys());
    let help = match crate::source::closest(name, known.map(String::as_str)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "declare it in catalog/, and what it asks for in acls/".to_owned(),
    };
    Err(IdentityProblem { span: None, message: format!("no manifest declares a service or role `{name}`"), help })
}

/// What manifests write of the principals of a service or role that asks for access.
fn principals_written<'w>(
    workspace: &'w Workspace,
    name: &str,
) -> Option<&'w BTreeMap<Spanned<Box<str>>, PrincipalsSpec>> {
    let of_role = || workspace.catalog.roles.get(name).map(|role| &role.principals);
    workspace.grants.get(name).map(|grants| &grants.principals).or_else(of_role)
}

/// The listener at which a service or role is this principal: the one that a manifest writes it for, else the one that it reaches.
pub fn listener_of(workspace: &Workspace, cluster: &ClusterSpec, name: &str, principal: &Principal) -> Option<String> {
    let written = principals_written(workspace, name);
    let here = written.and_then(|written| principals_for(cluster, written));
    let mut here = here.iter().flat_map(|(_, spec)| &spec.by_listener);
    match here.find(|(_, known)| known == principal) {
        Some((listener, _)) => Some(listener.value.to_string()),
        None => listener_of_clients(cluster, written),
    }
}

/// The role of Vault's PKI that issues a service's certificate.
///
/// # Errors
///
/// The cluster does not say it.
pub fn role_of(cluster: &ClusterSpec, service: &str) -> Result<PkiRole, IdentityProblem> {
    let template = cluster.identities.as_ref().and_then(|identities| identities.vault.as_ref());
    let Some(template) = template else {
        return Err(IdentityProblem {
            span: Some(cluster.cluster.span),
            message: format!(
                "cluster `{}` does not say which role of Vault's PKI a service has",
                cluster.cluster.value
            ),
            help: "declare `identities: { vault: \"pki/issue/{service}\" }`, or give --role".into(),
        });
    };
    template.role(service).ok_or_else(|| IdentityProblem {
        span: Some(template.span),
        message: format!("`{service}` cannot stand in the path of a role"),
        help: "give --role".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::client_config::tests::read_files;

    /// busctl comes to the one listener, services to the other, and each has rules of its own.
    #[test]
    fn a_certificate_is_judged_by_the_listener_that_its_service_reaches() {
        let cluster = "cluster: c
connection: { bootstrap: [\"k1:9092\"], listener: TOOLS, tls: {} }
principal: \"User:CN={service}\"
kafka:
  nodes: [{ id: 1, host: k1, roles: [broker] }]
  listeners:
    TOOLS: { port: 9092, protocol: ssl, client_auth: required }
    SERVICES: { port: 9093, protocol: ssl, client_auth: required }
    EDGE: { port: 9094, protocol: ssl, client_auth: required }
  config:
    listener.name.tools.ssl.principal.mapping.rules: \"RULE:^CN=([^,]+).*$/$1/\"
    listener.name.services.ssl.principal.mapping.rules: \"RULE:^CN=([^,]+).*$/CN=$1/\"
    listener.name.edge.principal.builder.class: org.example.Builder
    listener.name.services.principal.builder.class: org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder
clients: { listener: SERVICES }
";
        let partner = "service: partner\nprincipals: { c: { EDGE: \"User:partner\" } }\n";
        let workspace = read_files(&[
            ("clusters/c.yaml", cluster),
            ("acls/till.yaml", "service: till\n"),
            ("acls/partner.yaml", partner),
        ]);
        let cluster = &workspace.clusters["c"];
        let judged = |name: &str, wanted: &str| {
            let wanted: Principal = wanted.parse().expect("a principal");
            let listener = listener_of(&workspace, cluster, name, &wanted);
            let subject = format!("CN={name},O=x");
            let problem = check_principal(cluster, listener.as_deref(), &subject, &wanted).err();
            (listener.unwrap_or_default(), problem.map(|problem| problem.message))
        };
        assert_eq!(judged("till", "User:CN=till"), ("SERVICES".to_owned(), None));
        let (listener, problem) = judged("partner", "User:partner");
        assert_eq!(listener, "EDGE");
        assert!(problem.is_some_and(|problem| problem.contains("org.example.Builder")));
        let (_, problem) = judged("till", "User:till");
        assert!(problem.is_some_and(|problem| problem.contains("CN=till,O=x is User:CN=till")));
    }
}
