//! The listener that a connection chooses by its name.

use std::fmt::Display;

use super::ConnectionProblem;
use crate::resources::cluster::rules::brokers;
use crate::resources::cluster::spec::{
    ClientAuth, ConnectionSpec, KafkaSpec, ListenerProtocol, ListenerSpec, NodeSpec,
};
use crate::source::{Spanned, closest};

/// The addresses of a listener on each broker whose host is declared.
pub(crate) fn addresses_at(nodes: &[Spanned<NodeSpec>], port: u16) -> Vec<String> {
    let hosts = brokers(nodes).filter_map(|node| node.host.as_ref());
    hosts.map(|host| host_and_port(&host.value, port)).collect()
}

/// `HOST:PORT`. An address of IPv6 has colons of its own, and is put between brackets where it is not yet.
pub(crate) fn host_and_port(host: &str, port: impl Display) -> String {
    match host.contains(':') && !host.starts_with('[') {
        true => format!("[{host}]:{port}"),
        false => format!("{host}:{port}"),
    }
}

/// A listener that `kafka.listeners` declares.
pub(super) struct Chosen<'a> {
    name: &'a Spanned<String>,
    listener: &'a ListenerSpec,
    kafka: &'a KafkaSpec,
}

impl<'a> Chosen<'a> {
    pub(super) fn find(name: &'a Spanned<String>, kafka: Option<&'a KafkaSpec>) -> Result<Self, ConnectionProblem> {
        let listeners = kafka.iter().flat_map(|kafka| kafka.listeners.iter().map(|(name, spec)| (&*name.value, spec)));
        let found = listeners.clone().find(|(known, _)| *known == name.value);
        if let (Some((_, listener)), Some(kafka)) = (found, kafka) {
            return Ok(Self { name, listener, kafka });
        }
        let known: Vec<&str> = listeners.map(|(name, _)| name).collect();
        let help = match closest(&name.value, known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None if known.is_empty() => "declare the listeners of the brokers below `kafka.listeners`".to_owned(),
            None => format!("declared are {}", known.join(", ")),
        };
        Err(ConnectionProblem::new(name.span, format!("`{}` is no listener of this cluster", name.value), help))
    }

    /// The listener's address on each broker whose host is declared.
    pub(super) fn addresses(&self, spec: &Spanned<ConnectionSpec>) -> Result<Vec<String>, ConnectionProblem> {
        let port = self.listener.port.value;
        let addresses = addresses_at(&self.kafka.nodes, port);
        if !addresses.is_empty() {
            return Ok(addresses);
        }
        let message = "`bootstrap` names no broker, and no node of `kafka.nodes` has a `host`";
        let help = format!("write `bootstrap: [HOST:{port}]`, or the `host` of each node");
        Err(ConnectionProblem::new(spec.span, message, help))
    }

    /// What the listener expects and the connection does not have, or the reverse.
    pub(super) fn misfits(&self, spec: &ConnectionSpec) -> Vec<ConnectionProblem> {
        use ListenerProtocol::{SaslPlaintext, SaslSsl, Ssl};
        let protocol = self.listener.protocol.value;
        let name = &self.name.value;
        let (is_tls, is_sasl) = (matches!(protocol, Ssl | SaslSsl), matches!(protocol, SaslPlaintext | SaslSsl));
        let mut problems = Vec::new();
        let mut wrong = |span, message: &str, help: &str| {
            let message = format!("the listener {name} is {protocol}, and the connection has {message}");
            problems.push(ConnectionProblem::new(span, message, help));
        };
        let at = self.name.span;
        match (&spec.tls, is_tls) {
            (None, true) => {
                wrong(at, "no `tls`", "add `tls: {}` to trust the system's authorities, or `tls: { ca: file:… }`")
            }
            (Some(_), false) => wrong(at, "`tls`", "remove `tls`, or choose a listener with TLS"),
            (Some(tls), true) => {
                let is_required =
                    self.listener.client_auth.as_ref().is_some_and(|auth| auth.value == ClientAuth::Required);
                if is_required && tls.certificate.is_none() {
                    wrong(at, "no certificate, which it requires", "add `certificate` and `key` to `tls`");
                }
            }
            (None, false) => {}
        }
        match (&spec.sasl, is_sasl) {
            (None, true) => wrong(at, "no `sasl`", "add `sasl: { mechanism: …, … }`"),
            (Some(sasl), false) => wrong(sasl.span, "`sasl`", "remove `sasl`, or choose a listener with SASL"),
            _ => {}
        }
        problems
    }
}
