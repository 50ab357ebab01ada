//! Where a manifest has its bearer tokens from: the same keys under a cluster's `sasl` and under a registry's `auth`.

use super::{ConnectionProblem, SecretPlace, problem_of_text};
use crate::ports::connection::{Bearer, ClientCredentials, PersonalLogin, TokenSource};
use crate::resources::cluster::spec::{LoginSpec, SaslSpec};
use crate::resources::registry::RegistryAuthSpec;
use crate::source::{Span, Spanned};

/// The keys of a mapping that bearer tokens come from.
pub(crate) struct BearerFields<'a> {
    /// Who needs them, as a message begins.
    who: &'static str,
    /// The mapping's key.
    mapping: &'static str,
    place: Span,
    token: &'a Option<SecretPlace>,
    token_endpoint: &'a Option<Spanned<String>>,
    client_id: &'a Option<Spanned<String>>,
    client_secret: &'a Option<SecretPlace>,
    scope: &'a Option<Spanned<String>>,
    resource: &'a Option<Spanned<String>>,
    ca: &'a Option<SecretPlace>,
    login: &'a Option<Spanned<LoginSpec>>,
}

impl<'a> BearerFields<'a> {
    pub(super) fn of_sasl(spec: &'a Spanned<SaslSpec>) -> Self {
        let SaslSpec { token, token_endpoint, client_id, client_secret, scope, resource, ca, login, .. } = &spec.value;
        let (who, mapping, place) = ("the SASL mechanism oauthbearer", "sasl", spec.span);
        Self { who, mapping, place, token, token_endpoint, client_id, client_secret, scope, resource, ca, login }
    }

    pub(crate) fn of_registry(spec: &'a RegistryAuthSpec, place: Span) -> Self {
        let RegistryAuthSpec { token, token_endpoint, client_id, client_secret, scope, resource, ca, login, .. } = spec;
        let (who, mapping) = ("authentication by a token", "auth");
        Self { who, mapping, place, token, token_endpoint, client_id, client_secret, scope, resource, ca, login }
    }

    /// The keys that are written, and where.
    pub(crate) fn written(&self) -> Vec<(&'static str, Span)> {
        let mut written = vec![("token", self.token.as_ref().map(|value| value.span))];
        written.extend(self.of_credentials());
        written.push(("login", self.login.as_ref().map(|value| value.span)));
        written.into_iter().filter_map(|(key, span)| Some((key, span?))).collect()
    }

    fn of_credentials(&self) -> [(&'static str, Option<Span>); 6] {
        [
            ("token_endpoint", self.token_endpoint.as_ref().map(|value| value.span)),
            ("client_id", self.client_id.as_ref().map(|value| value.span)),
            ("client_secret", self.client_secret.as_ref().map(|value| value.span)),
            ("scope", self.scope.as_ref().map(|value| value.span)),
            ("resource", self.resource.as_ref().map(|value| value.span)),
            ("ca", self.ca.as_ref().map(|value| value.span)),
        ]
    }

    /// Where the tokens come from, or everything that is wrong with it.
    pub(crate) fn read(&self) -> Result<Bearer<SecretPlace>, Vec<ConnectionProblem>> {
        let texts = [self.token, self.client_secret].into_iter().flatten();
        let mut problems: Vec<ConnectionProblem> = texts.filter_map(problem_of_text).collect();
        let login = self.login.as_ref().and_then(|login| personal_login(login).map_err(|p| problems.push(p)).ok());
        let has_credentials = self.of_credentials().iter().any(|(_, span)| span.is_some());
        let own = match self.token {
            Some(token) => {
                for (key, span) in self.of_credentials() {
                    if let Some(span) = span {
                        let message = format!("`{key}` beside `token`");
                        let help = "a token that is kept somewhere is not fetched: remove one of the two";
                        problems.push(ConnectionProblem::new(span, message, help));
                    }
                }
                Some(TokenSource::Kept(token.clone()))
            }
            None if has_credentials => self.credentials(&mut problems).map(TokenSource::ClientCredentials),
            None => None,
        };
        if own.is_none() && self.login.is_none() && !has_credentials {
            let message = format!("{} needs `token_endpoint`, `token` or `login`", self.who);
            let help = format!(
                "add `token_endpoint`, `client_id` and `client_secret` to `{}`, or `token`, or `login` for people alone",
                self.mapping
            );
            problems.push(ConnectionProblem::new(self.place, message, help));
        }
        if problems.is_empty() { Ok(Bearer { own, login }) } else { Err(problems) }
    }

    fn credentials(&self, problems: &mut Vec<ConnectionProblem>) -> Option<ClientCredentials<SecretPlace>> {
        if let Some(endpoint) = self.token_endpoint {
            check_address(endpoint, problems);
        }
        for (key, is_there) in [
            ("token_endpoint", self.token_endpoint.is_some()),
            ("client_id", self.client_id.is_some()),
            ("client_secret", self.client_secret.is_some()),
        ] {
            if !is_there {
                let message = format!("{} needs `{key}`", self.who);
                let help = format!("add `{key}` to `{}`", self.mapping);
                problems.push(ConnectionProblem::new(self.place, message, help));
            }
        }
        Some(ClientCredentials {
            token_endpoint: self.token_endpoint.as_ref()?.value.clone(),
            client_id: self.client_id.as_ref()?.value.clone(),
            client_secret: self.client_secret.clone()?,
            scope: self.scope.as_ref().map(|scope| scope.value.clone()),
            resource: self.resource.as_ref().map(|resource| resource.value.clone()),
            ca: self.ca.clone(),
        })
    }
}

/// How a person logs in, as a manifest says it.
pub fn personal_login(spec: &LoginSpec) -> Result<PersonalLogin<SecretPlace>, ConnectionProblem> {
    let mut problems = Vec::new();
    check_address(&spec.issuer, &mut problems);
    match problems.pop() {
        Some(problem) => Err(problem),
        None => Ok(PersonalLogin {
            issuer: spec.issuer.value.clone(),
            client_id: spec.client_id.value.clone(),
            scope: spec.scope.as_ref().map(|scope| scope.value.clone()),
            resource: spec.resource.as_ref().map(|resource| resource.value.clone()),
            ca: spec.ca.clone(),
        }),
    }
}

/// A token that travels in clear text is everybody's.
fn check_address(address: &Spanned<String>, problems: &mut Vec<ConnectionProblem>) {
    const HELP: &str = "client credentials and tokens travel only over TLS: write https://HOST/PATH";
    let rest = address.strip_prefix("https://");
    let authority = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    match authority {
        // The text is not repeated: it holds a password.
        Some(authority) if authority.contains('@') => {
            let help = "remove what stands before the @";
            problems.push(ConnectionProblem::new(address.span, "the address holds credentials", help));
        }
        Some(authority) if !authority.is_empty() && !address.contains(char::is_whitespace) => {}
        _ => {
            let message = format!("`{}` is not an https: address", address.value);
            problems.push(ConnectionProblem::new(address.span, message, HELP));
        }
    }
}
