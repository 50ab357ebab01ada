//! From a manifest's `sasl:` to what a client authenticates with.

use super::bearer::BearerFields;
use super::{ConnectionProblem, SecretPlace, problem_of_text};
use crate::ports::connection::{Login, Sasl};
use crate::resources::cluster::spec::{SaslMechanism, SaslSpec};
use crate::source::{Span, Spanned};

pub(super) fn sasl(spec: &Spanned<SaslSpec>) -> Result<Sasl<SecretPlace>, Vec<ConnectionProblem>> {
    let mechanism = spec.mechanism.value;
    let mut fields = SaslFields { spec, problems: Vec::new() };
    let bearer = BearerFields::of_sasl(spec);
    let sasl = if mechanism == SaslMechanism::OauthBearer {
        fields.unused("username", spec.username.as_ref().map(|value| value.span));
        fields.unused("password", spec.password.as_ref().map(|value| value.span));
        bearer.read().map(Sasl::OauthBearer).map_err(|found| fields.problems.extend(found)).ok()
    } else {
        for (key, span) in bearer.written() {
            fields.unused(key, Some(span));
        }
        let username = fields.needed("username", &spec.username);
        let password = fields.needed("password", &spec.password);
        fields.problems.extend(password.as_ref().and_then(problem_of_text));
        username.zip(password).map(|(username, password)| {
            let login = Login { username: username.value, password };
            match mechanism {
                SaslMechanism::ScramSha256 => Sasl::ScramSha256(login),
                SaslMechanism::ScramSha512 => Sasl::ScramSha512(login),
                SaslMechanism::Plain | SaslMechanism::OauthBearer => Sasl::Plain(login),
            }
        })
    };
    match sasl {
        Some(sasl) if fields.problems.is_empty() => Ok(sasl),
        _ => Err(fields.problems),
    }
}

/// Reads the fields of `sasl:` and notes those that the mechanism needs and lacks, or has and cannot use.
struct SaslFields<'a> {
    spec: &'a Spanned<SaslSpec>,
    problems: Vec<ConnectionProblem>,
}

impl SaslFields<'_> {
    fn needed<T: Clone>(&mut self, key: &str, value: &Option<Spanned<T>>) -> Option<Spanned<T>> {
        if value.is_none() {
            let mechanism = self.spec.mechanism.value;
            let message = format!("the SASL mechanism {mechanism} needs `{key}`");
            self.problems.push(ConnectionProblem::new(self.spec.span, message, format!("add `{key}` to `sasl`")));
        }
        value.clone()
    }

    fn unused(&mut self, key: &str, span: Option<Span>) {
        if let Some(span) = span {
            let mechanism = self.spec.mechanism.value;
            let message = format!("the SASL mechanism {mechanism} has no `{key}`");
            self.problems.push(ConnectionProblem::new(span, message, format!("remove `{key}`")));
        }
    }
}
