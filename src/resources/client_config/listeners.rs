//! The listeners of a cluster that are for clients, and the one that a service reaches.

use std::collections::BTreeMap;

use super::model::{ListenerAccess, security_protocol};
use crate::resources::acl::{PrincipalsSpec, principals_for};
use crate::resources::broker_config::text;
use crate::resources::cluster::{ClientAuth, ClusterSpec, KafkaSpec, ListenerProtocol, addresses_at};
use crate::source::{Span, Spanned};

/// The listeners for clients, by name. The controllers' and the brokers' own are for nobody else. A cluster that declares
/// none has the one that `connection` reaches, by the name that Kafka gives it.
pub(super) fn listeners(cluster: &ClusterSpec) -> BTreeMap<String, ListenerAccess> {
    let connection = cluster.connection.as_deref();
    let declared = cluster.kafka.as_deref().filter(|kafka| !kafka.listeners.is_empty());
    let Some(kafka) = declared else {
        let Some(connection) = connection.filter(|connection| !connection.bootstrap.is_empty()) else {
            return BTreeMap::new();
        };
        let protocol = match (&connection.tls, &connection.sasl) {
            (None, None) => ListenerProtocol::Plaintext,
            (Some(_), None) => ListenerProtocol::Ssl,
            (None, Some(_)) => ListenerProtocol::SaslPlaintext,
            (Some(_), Some(_)) => ListenerProtocol::SaslSsl,
        };
        let shows_certificate = connection.tls.as_ref().is_some_and(|tls| tls.certificate.is_some());
        let access = ListenerAccess {
            brokers: connection.bootstrap.iter().map(|broker| broker.trim().to_owned()).collect(),
            security_protocol: security_protocol(protocol),
            asks_certificate: shows_certificate,
            needs_certificate: shows_certificate,
            optional: false,
            description: None,
        };
        return [(access.security_protocol.to_owned(), access)].into();
    };
    let inner = inner(kafka);
    let outer = kafka.listeners.iter().filter(|(name, _)| !inner.iter().any(|inner| **inner == *name.value));
    outer
        .map(|(name, spec)| {
            let mut brokers = addresses_at(&kafka.nodes, spec.port.value);
            if brokers.is_empty() {
                // No host is declared; the addresses that busctl reaches may be this listener's.
                let port = format!(":{}", spec.port.value);
                let written = connection.iter().flat_map(|connection| &connection.bootstrap);
                brokers.extend(written.map(|at| at.trim().to_owned()).filter(|broker| broker.ends_with(&port)));
            }
            let is_tls = matches!(spec.protocol.value, ListenerProtocol::Ssl | ListenerProtocol::SaslSsl);
            let auth = spec.client_auth.as_ref().filter(|_| is_tls).map_or(ClientAuth::None, |auth| auth.value);
            let access = ListenerAccess {
                brokers,
                security_protocol: security_protocol(spec.protocol.value),
                asks_certificate: auth != ClientAuth::None,
                // Without SASL the certificate alone says who somebody is.
                needs_certificate: match auth {
                    ClientAuth::None => false,
                    ClientAuth::Requested => spec.protocol.value == ListenerProtocol::Ssl,
                    ClientAuth::Required => true,
                },
                optional: spec.optional.is_some_and(|optional| optional.value),
                description: spec.description.as_ref().map(|description| description.value.clone()),
            };
            (name.value.to_string(), access)
        })
        .collect()
}

/// Where a cluster says how services reach it by a listener: where that is declared or named, else at its own connection.
pub fn place_of_listener(cluster: &ClusterSpec, listener: Option<&str>) -> Span {
    let is_meant = |name: &str| listener == Some(name);
    let declared = cluster.kafka.iter().flat_map(|kafka| kafka.listeners.keys()).find(|name| is_meant(&name.value));
    let clients = cluster.clients.as_ref();
    let named = clients.and_then(|clients| clients.listener.as_ref()).filter(|name| is_meant(&name.value));
    let connection = || cluster.connection.as_ref().map(|connection| connection.span);
    let declared = declared.map(|name| name.span).or_else(|| named.map(|name| name.span));
    declared.or_else(connection).unwrap_or(cluster.cluster.span)
}

/// The listeners that are for the nodes themselves.
fn inner(kafka: &KafkaSpec) -> Vec<String> {
    let configs = kafka.config.iter();
    let named =
        configs.filter(|(key, _)| matches!(&*key.value, "inter.broker.listener.name" | "controller.listener.names"));
    let names: Vec<_> = named.filter_map(|(key, node)| text(key, node)).collect();
    names.iter().flat_map(|names| names.split(',')).map(|name| name.trim().to_owned()).collect()
}

/// The listener that the clients of a cluster reach for whom these principals are written.
pub fn listener_of_clients(
    cluster: &ClusterSpec,
    principals: Option<&BTreeMap<Spanned<Box<str>>, PrincipalsSpec>>,
) -> Option<String> {
    chosen(cluster, principals.unwrap_or(&BTreeMap::new()), &listeners(cluster))
}

/// The listener that a service reaches: the one that its manifest has a principal for, else the one that `clients` or
/// `connection` names, else the one that busctl reaches too, else the only one that the cluster always has.
pub(super) fn chosen(
    cluster: &ClusterSpec,
    principals: &BTreeMap<Spanned<Box<str>>, PrincipalsSpec>,
    listeners: &BTreeMap<String, ListenerAccess>,
) -> Option<String> {
    let of_service = principals_for(cluster, principals).map(|(_, spec)| spec.by_listener.as_slice());
    if let Some([(listener, _)]) = of_service {
        return Some(listener.value.to_string());
    }
    let of_clients = cluster.clients.as_deref().and_then(|clients| clients.listener.as_ref());
    let connection = cluster.connection.as_deref();
    if let Some(named) = of_clients.or_else(|| connection.and_then(|connection| connection.listener.as_ref())) {
        return Some(named.value.clone());
    }
    let reached = connection.and_then(|connection| connection.bootstrap.first());
    let same =
        |access: &ListenerAccess| reached.is_some_and(|reached| access.brokers.contains(&reached.trim().to_owned()));
    if let Some((name, _)) = listeners.iter().find(|(_, access)| same(access)) {
        return Some(name.clone());
    }
    let mut always = listeners.iter().filter(|(_, access)| !access.optional);
    match (always.next(), always.next()) {
        (Some((name, _)), None) => Some(name.clone()),
        _ => None,
    }
}
