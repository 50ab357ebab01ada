//! From a registry's manifest to a connection that a client can be set up from.

use std::time::Duration;

use super::spec::{RegistryAuthSpec, RegistrySpec};
use crate::ports::connection::{Login, RegistryAuth, RegistryConnection};
use crate::ports::secrets::Secrets;
use crate::resources::cluster::{
    BearerFields, ConnectionProblem, SecretPlace, problem_of_text, read_bearer, read_password, read_tls_secrets, tls,
};
use crate::source::{Span, Spanned};

/// The connection that a manifest declares, its secrets not yet read, or everything that is wrong with it.
pub fn registry_connection(
    spec: &RegistrySpec,
    timeout: Duration,
) -> Result<RegistryConnection<SecretPlace>, Vec<ConnectionProblem>> {
    let mut problems = Vec::new();
    let auth = spec.auth.as_ref().map(|auth| check_auth(auth, spec.registry.span));
    let auth = auth.transpose().map_err(|found| problems.extend(found)).ok().flatten();
    let mut keep = |problem| problems.push(problem);
    let url = match &spec.url {
        Some(url) => check_url(url).map_err(&mut keep).ok(),
        None => {
            let help = "add `url:`, the base of its Confluent API";
            keep(ConnectionProblem::new(spec.registry.span, "this registry has no address", help));
            None
        }
    };
    let tls = spec.tls.as_ref().map(|spec| tls(spec).map_err(&mut keep).ok());
    if let (Some(url), Some(tls)) = (&spec.url, &spec.tls)
        && url.starts_with("http:")
        && let Some(place) = [&tls.ca, &tls.certificate, &tls.key].into_iter().flatten().next()
    {
        keep(ConnectionProblem::new(place.span, "`tls` for an address that starts with http:", "write https:"));
    }
    match url {
        Some(url) if problems.is_empty() => Ok(RegistryConnection { url, tls: tls.flatten(), auth, timeout }),
        _ => Err(problems),
    }
}

fn check_url(url: &Spanned<String>) -> Result<String, ConnectionProblem> {
    match problem_of_url(&url.value) {
        None => Ok(url.value.trim().trim_end_matches('/').to_owned()),
        Some((message, help)) => Err(ConnectionProblem::new(url.span, message, help)),
    }
}

/// Why an address is none of a registry's API, and what to do. The text is not repeated: it may hold a password.
pub fn problem_of_url(url: &str) -> Option<(&'static str, &'static str)> {
    const HELP: &str = "write http://HOST:PORT/PATH or https://HOST:PORT/PATH; Apicurio's path is /apis/ccompat/v7";
    let text = url.trim();
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    let Some(authority) = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default()) else {
        return Some(("the registry's `url` is no http: or https: address", HELP));
    };
    if authority.contains('@') {
        let help = "remove what stands before the @ and use `auth: { username: …, password: env:NAME }`";
        return Some(("the registry's `url` holds credentials", help));
    }
    if authority.is_empty() || text.contains(['?', '#']) || text.contains(char::is_whitespace) {
        return Some(("the registry's `url` is not the base of an API", HELP));
    }
    None
}

fn check_auth(auth: &RegistryAuthSpec, place: Span) -> Result<RegistryAuth<SecretPlace>, Vec<ConnectionProblem>> {
    let bearer = BearerFields::of_registry(auth, place);
    let of_bearer = bearer.written();
    match (&auth.username, &auth.password) {
        (Some(username), Some(password)) if of_bearer.is_empty() => {
            if let Some(problem) = problem_of_text(password) {
                return Err(vec![problem]);
            }
            Ok(RegistryAuth::Basic(Login { username: username.value.clone(), password: password.clone() }))
        }
        (None, None) if !of_bearer.is_empty() => bearer.read().map(RegistryAuth::Bearer),
        (username, password) => {
            let written = username.as_ref().map(|value| value.span);
            let written = written.or(password.as_ref().map(|value| value.span));
            let written = written.or(of_bearer.first().map(|(_, span)| *span));
            let help = "write `username` and `password`, or what a token comes from alone";
            let message = "`auth` is neither basic authentication nor a token";
            Err(vec![ConnectionProblem::new(written.unwrap_or(place), message, help)])
        }
    }
}

/// Reads the secrets of a connection.
pub async fn read_registry_secrets(
    connection: RegistryConnection<SecretPlace>,
    secrets: &impl Secrets,
) -> Result<RegistryConnection, ConnectionProblem> {
    let tls = match connection.tls {
        Some(tls) => Some(read_tls_secrets(tls, secrets).await?),
        None => None,
    };
    let auth = match connection.auth {
        Some(RegistryAuth::Basic(login)) => {
            let password = read_password(&login.password, secrets).await?;
            Some(RegistryAuth::Basic(Login { username: login.username, password }))
        }
        Some(RegistryAuth::Bearer(bearer)) => Some(RegistryAuth::Bearer(read_bearer(bearer, secrets).await?)),
        None => None,
    };
    Ok(RegistryConnection { url: connection.url, tls, auth, timeout: connection.timeout })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Decode, Decoder, FileId, parse_yaml};

    fn outcome(yaml: &str) -> String {
        let (documents, _) = parse_yaml(FileId(0), yaml);
        let spec = RegistrySpec::decode(&documents[0], &mut Decoder::default()).unwrap();
        match registry_connection(&spec, Duration::from_secs(1)) {
            Ok(connection) => connection.url,
            Err(problems) => problems.iter().map(|problem| problem.message.as_str()).collect::<Vec<_>>().join("; "),
        }
    }

    #[test]
    fn an_address_is_checked_and_its_credentials_are_never_repeated() {
        assert_eq!(
            outcome("{ registry: main, url: 'https://r.example/apis/ccompat/v7/' }"),
            "https://r.example/apis/ccompat/v7"
        );
        assert_eq!(outcome("{ registry: main }"), "this registry has no address");
        assert_eq!(
            outcome("{ registry: main, url: 'r.example:8081' }"),
            "the registry's `url` is no http: or https: address"
        );
        assert_eq!(
            outcome("{ registry: main, url: 'http://u:secret@r.example' }"),
            "the registry's `url` holds credentials"
        );
        assert_eq!(outcome("{ registry: main, url: 'http://' }"), "the registry's `url` is not the base of an API");
        assert_eq!(
            outcome("{ registry: main, url: 'http://r', tls: { ca: env:CA }, auth: { username: u } }"),
            "`auth` is neither basic authentication nor a token; `tls` for an address that starts with http:",
        );
    }
}
