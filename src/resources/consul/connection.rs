//! From a declared `consul:` to a connection that a client can be set up from.

use std::time::Duration;

use super::ConsulSpec;
use crate::ports::consul::ConsulConnection;
use crate::ports::secrets::Secrets;
use crate::resources::cluster::{
    ConnectionProblem, SecretPlace, address_of_api, problem_of_text, read_password, read_tls_secrets, tls,
};

/// The connection that a manifest declares, its secrets not yet read, or everything that is wrong with it.
pub fn consul_connection(
    spec: &ConsulSpec,
    timeout: Duration,
) -> Result<ConsulConnection<SecretPlace>, Vec<ConnectionProblem>> {
    let mut problems = Vec::new();
    let mut keep = |problem| problems.push(problem);
    let address = address_of_api("Consul", &spec.address.value);
    let address = address.map_err(|(message, help)| keep(ConnectionProblem::new(spec.address.span, message, help)));
    let tls_of = spec.tls.as_ref().map(|spec| tls(spec).map_err(&mut keep).ok());
    if let Some(tls) = &spec.tls
        && spec.address.trim().starts_with("http:")
        && let Some(place) = [&tls.ca, &tls.certificate, &tls.key].into_iter().flatten().next()
    {
        keep(ConnectionProblem::new(place.span, "`tls` for an address that starts with http:", "write https:"));
    }
    spec.token.as_ref().and_then(problem_of_text).into_iter().for_each(&mut keep);
    let words = [(&spec.datacenter, "datacenter"), (&spec.namespace, "namespace")];
    for (written, what) in words.iter().filter_map(|(word, what)| Some((word.as_ref()?, *what))) {
        if written.is_empty() || written.contains(|c: char| c.is_whitespace() || c.is_control()) {
            keep(ConnectionProblem::new(written.span, format!("this is no {what} of Consul"), "write its name"));
        }
    }
    match address {
        Ok(address) if problems.is_empty() => Ok(ConsulConnection {
            address,
            datacenter: spec.datacenter.as_ref().map(|datacenter| datacenter.value.clone()),
            namespace: spec.namespace.as_ref().map(|namespace| namespace.value.clone()),
            tls: tls_of.flatten(),
            token: spec.token.clone(),
            prefix: spec.prefix.as_ref().map(|prefix| prefix.to_string()),
            timeout,
        }),
        _ => Err(problems),
    }
}

/// Reads the secrets of a connection.
pub async fn read_consul_secrets(
    connection: ConsulConnection<SecretPlace>,
    secrets: &impl Secrets,
) -> Result<ConsulConnection, ConnectionProblem> {
    let tls = match connection.tls {
        Some(tls) => Some(read_tls_secrets(tls, secrets).await?),
        None => None,
    };
    let token = match &connection.token {
        Some(token) => Some(read_password(token, secrets).await?),
        None => None,
    };
    let ConsulConnection { address, datacenter, namespace, prefix, timeout, .. } = connection;
    Ok(ConsulConnection { address, datacenter, namespace, tls, token, prefix, timeout })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Decode, Decoder, FileId, parse_yaml};

    fn outcome(yaml: &str) -> String {
        let (documents, _) = parse_yaml(FileId(0), yaml);
        let mut decoder = Decoder::default();
        let Some(spec) = ConsulSpec::decode(&documents[0], &mut decoder) else {
            return decoder.findings.iter().map(|found| found.message.as_str()).collect::<Vec<_>>().join("; ");
        };
        match consul_connection(&spec, Duration::from_secs(1)) {
            Ok(connection) => format!("{} {:?}", connection.address, connection.prefix),
            Err(problems) => problems.iter().map(|problem| problem.message.as_str()).collect::<Vec<_>>().join("; "),
        }
    }

    #[test]
    fn a_declared_consul_is_checked_and_its_credentials_are_never_repeated() {
        assert_eq!(
            outcome("{ address: 'https://consul.example:8501/', token: env:T, prefix: kafka/production }"),
            "https://consul.example:8501 Some(\"kafka/production\")"
        );
        assert_eq!(outcome("{ address: consul.example }"), "Consul's address is no http: or https: address");
        assert_eq!(outcome("{ address: 'http://u:secret@c' }"), "Consul's address holds credentials");
        assert_eq!(
            outcome("{ address: 'http://c', tls: { ca: env:CA }, datacenter: 'a b', namespace: '' }"),
            "`tls` for an address that starts with http:; this is no datacenter of Consul; this is no namespace of Consul"
        );
        assert_eq!(
            outcome("{ address: 'http://c', prefix: /kafka/ }"),
            "this is no folder of Consul's key-value store: its parts are names with a single / between them"
        );
    }
}
