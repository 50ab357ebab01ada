//! What `clients` of the manifests gives to every service.

use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Workspace;
use crate::resources::client_config::delivery::REFRESH;
use crate::resources::client_config::keys::{self, Library};
use crate::resources::client_config::standards::Standard;
use crate::resources::client_config::{listeners, value};
use crate::resources::cluster::{ClusterSpec, SaslMechanism};
use crate::source::{Decoder, Entries, Node, Span, closest};

const SETTINGS: &str = "busctl.yaml";

/// BUS867.
pub static DEFAULTS: Rule = Rule {
    code: "BUS867",
    name: "client-defaults",
    summary: "`clients` gives services what clients take and the rules of clients allow",
    explanation: "What `clients` of busctl.yaml and of a cluster sets, `busctl client-config` gives to every service. A name that no \
client knows sets nothing, and a value that a rule of clients forbids would be found by `client-check` in each of them. Names are \
those of Kafka's Java clients; the form for librdkafka translates them. How a service connects and who it is follows from the \
cluster's listeners, `clients.tls` and `clients.sasl`: no config says it again, and none holds a secret.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(SETTINGS, Text("clients:\n  producer: { acks: 1 }\n"))]),
    good: Example(&[(SETTINGS, Text("clients:\n  producer: { linger.ms: 5ms }\n"))]),
    check: Check::Workspace(check),
};

fn check(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    if let Some(clients) = &workspace.settings.clients {
        for entries in [&clients.config, &clients.producer, &clients.consumer] {
            check_entries(entries, findings);
        }
    }
    for cluster in workspace.clusters.values() {
        if let Some(clients) = &cluster.clients {
            for entries in [&clients.config, &clients.producer, &clients.consumer] {
                check_entries(entries, findings);
            }
            check_access(cluster, findings);
        }
    }
}

fn check_entries(entries: &Entries<Node>, findings: &mut Vec<Diagnostic>) {
    for (key, node) in entries {
        let name = &*key.value;
        let mut told = |span: Span, message: String, help: String| {
            findings.push(DEFAULTS.finding(message).at(span, "").help(help));
        };
        let Some(known) = keys::find(Library::Java, name) else {
            let meant = keys::translation(Library::Java, name).or_else(|| keys::meant(Library::Java, name));
            let help = match meant {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "write the name that Kafka's Java clients have for it".to_owned(),
            };
            told(key.span, format!("`{name}` is no config of Kafka's Java clients"), help);
            continue;
        };
        if known.is_secret() || is_resolved(name) {
            let help =
                "take it away, and see `clients.tls`, `clients.sasl` and `clients.registry` of the cluster".to_owned();
            told(key.span, format!("`{name}` follows from how the service connects, and is not set here"), help);
            continue;
        }
        let mut decoder = Decoder::default();
        let Some(value) = value::decode(key, node, &mut decoder) else {
            for wrong in decoder.findings {
                told(node.span, wrong.message, wrong.help.unwrap_or_default());
            }
            continue;
        };
        if let Some(expected) = known.refuses(&value) {
            told(node.span, format!("`{name}` takes {expected}, and not `{value}`"), format!("write {expected}"));
        } else if let Some(standard) = Standard::of(name).filter(|standard| !standard.requires.is_met_by(&value)) {
            let message = format!("`{name}` is `{value}`, which {} forbids: {}", standard.code, standard.why);
            told(node.span, message, format!("write {}", standard.requires.in_words()));
        }
    }
}

/// Whether a config is told by other keys of the manifests.
fn is_resolved(name: &str) -> bool {
    const NAMES: [&str; 8] = [
        "application.id",
        "bootstrap.servers",
        "client.id",
        "group.id",
        "schema.registry.url",
        "security.protocol",
        "transactional.id",
        "ssl.endpoint.identification.algorithm",
    ];
    NAMES.contains(&name)
        || ["sasl.mechanism", "sasl.jaas", "ssl.keystore.", "ssl.truststore."].iter().any(|it| name.starts_with(it))
}

/// The listener and the login that a cluster gives to services.
fn check_access(cluster: &ClusterSpec, findings: &mut Vec<Diagnostic>) {
    let Some(clients) = &cluster.clients else { return };
    let mut told = |span: Span, message: String, help: String| {
        findings.push(DEFAULTS.finding(message).at(span, "").help(help));
    };
    let listeners = listeners::listeners(cluster);
    if let Some(listener) = clients.listener.as_ref().filter(|listener| !listeners.contains_key(listener.as_str())) {
        let names = || listeners.keys().map(String::as_str);
        let help = match closest(listener, names()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None if listeners.is_empty() => "declare it in `kafka.listeners`".to_owned(),
            None => format!("write one that is: {}", names().collect::<Vec<_>>().join(", ")),
        };
        told(listener.span, format!("`{}` is no listener for clients of this cluster", listener.value), help);
    }
    let secrets = [
        clients.tls.as_ref().and_then(|tls| tls.key.as_ref()),
        clients.tls.as_ref().and_then(|tls| tls.certificate.as_ref()),
        clients.sasl.as_ref().and_then(|sasl| sasl.password.as_ref()),
        clients.sasl.as_ref().and_then(|sasl| sasl.client_secret.as_ref()),
    ];
    // What is a file or a variable is another one at each service.
    for secret in secrets.into_iter().flatten().filter(|secret| {
        let reference = secret.value.of("service");
        !secret.value.is_of_each() && matches!(reference, Some(crate::model::SecretRef::Vault(_)))
    }) {
        let help = "write {service} where its name belongs".to_owned();
        told(secret.span, "every service would have the same secret".to_owned(), help);
    }
    if let Some(spec) = &clients.external_secrets {
        let refresh = spec.refresh.map_or(REFRESH, |refresh| refresh.value);
        let wrong = spec.refresh.filter(|refresh| refresh.value.0 <= 0);
        if let Some(wrong) = wrong {
            told(
                wrong.span,
                "a secret that is read once is never renewed".to_owned(),
                "write a time, such as 12h".to_owned(),
            );
        } else if let Some(ttl) = spec.ttl.filter(|ttl| ttl.value <= refresh) {
            let message = format!("a certificate is good for {}, and is issued anew every {refresh}", ttl.value);
            told(ttl.span, message, "write a longer `ttl`, or a shorter `refresh`".to_owned());
        }
    }
    if let Some(sasl) = &clients.sasl {
        let lacking = match sasl.mechanism.value {
            SaslMechanism::OauthBearer if sasl.token_endpoint.is_none() => Some("token_endpoint"),
            SaslMechanism::OauthBearer if sasl.client_secret.is_none() => Some("client_secret"),
            SaslMechanism::OauthBearer => None,
            _ if sasl.password.is_none() => Some("password"),
            _ => None,
        };
        if let Some(key) = lacking {
            let message = format!("`sasl` of clients has no `{key}`, which {} needs", sasl.mechanism.value);
            findings.push(DEFAULTS.finding(message).lacks(sasl.span, key).help(format!("add `{key}`")));
        }
    }
}
