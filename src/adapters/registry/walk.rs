//! Walks to a registry, step by step, and says where and why it ends.

use std::sync::Arc;

use reqwest::Url;

use super::RegistryClient;
use super::http::Request;
use crate::adapters::trust::Words;
use crate::adapters::walk::{is_there, reach};
use crate::ports::connection::{RegistryAuth, RegistryConnection, Renew, Tls};
use crate::ports::registry::Registry;
use crate::ports::walk::{Step, StepKind, Walk};
use crate::ports::{Failure, FailureKind};

/// Walks to a registry.
pub async fn walk(system: &str, connection: RegistryConnection, renew: Arc<dyn Renew<RegistryConnection>>) -> Walk {
    let client = RegistryClient::new(&connection).map(|client| client.renewed_by(renew));
    let client = match client {
        Ok(client) => client,
        Err(failure) => {
            let steps = vec![Step::of_failure(StepKind::Settings, &failure)];
            return Walk { system: system.to_owned(), address: connection.url, named_by: "url".to_owned(), steps };
        }
    };
    let address = client.server().to_owned();
    let mut steps = Vec::new();
    if let Some((place, is_tls)) = place(&connection.url) {
        let trust = connection.tls.clone().unwrap_or(Tls { ca: None, identity: None, server_name: None });
        steps = reach(&place, is_tls.then_some(&trust), Words::REGISTRY, connection.timeout).await;
    }
    if is_there(&steps) {
        steps.extend(asked(&connection, &client).await);
    }
    Walk { system: system.to_owned(), address, named_by: "url".to_owned(), steps }
}

/// Where the address leads, `HOST:PORT`, and whether that speaks TLS.
fn place(url: &str) -> Option<(String, bool)> {
    let url = Url::parse(url).ok()?;
    Some((format!("{}:{}", url.host_str()?, url.port_or_known_default()?), url.scheme() == "https"))
}

async fn asked(connection: &RegistryConnection, client: &RegistryClient) -> Vec<Step> {
    const TRIED: &str = "list the subjects";
    let shown = match &connection.auth {
        Some(RegistryAuth::Basic(login)) => format!("basic authentication as {}", login.username),
        Some(RegistryAuth::Bearer(_)) => "a bearer token".to_owned(),
        None if connection.tls.as_ref().is_some_and(|tls| tls.identity.is_some()) => "a client certificate".to_owned(),
        None => "nothing: requests are anonymous".to_owned(),
    };
    let authenticated = Step::passed(StepKind::Authentication, [shown]);
    let request = Request::get(&["subjects"]).query("limit", "1").large();
    let answer = match client.http.send(TRIED, request).await {
        Ok(answer) => answer.read::<Vec<String>>(client.http.place(TRIED)).map(drop),
        Err(failure) => Err(failure),
    };
    match answer {
        Ok(()) => {
            let authorized = Step::passed(StepKind::Authorization, ["subjects may be listed".to_owned()]);
            vec![authenticated, authorized, dialect(client).await]
        }
        Err(failure) => match failure.kind {
            FailureKind::Authentication => vec![of(StepKind::Authentication, &failure, connection)],
            FailureKind::Authorization => vec![authenticated, of(StepKind::Authorization, &failure, connection)],
            // Whoever does not answer as a registry does has not said that it knows us.
            _ => vec![of(StepKind::Api, &failure, connection)],
        },
    }
}

/// A failure of another server than the registry, the issuer of tokens, names that one.
fn of(step: StepKind, failure: &Failure, connection: &RegistryConnection) -> Step {
    let mut step = Step::of_failure(step, failure);
    if !connection.url.starts_with(&failure.server) {
        step.told = vec![failure.to_string()];
    }
    step
}

async fn dialect(client: &RegistryClient) -> Step {
    match client.info().await {
        Ok(info) => {
            let level = info.compatibility.as_deref().unwrap_or("not told");
            let mode = info.mode.as_deref().unwrap_or("not told");
            Step::passed(StepKind::Api, [format!("Confluent's API; global level {level}, mode {mode}")])
        }
        Err(failure) => Step::of_failure(StepKind::Api, &failure),
    }
}
