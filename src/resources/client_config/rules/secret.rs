//! Secrets in the configuration of a client.

use super::{Checked, addresses_in};
use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Client;
use crate::policy::{Check, Example, Rule};
use crate::resources::client_config::file::{FileForm, Setting, is_filled_in};
use crate::source::Span;

const FILE: &str = "client.properties";

/// BUS860.
pub static SECRET: Rule = Rule {
    code: "BUS860",
    name: "secret-in-client-file",
    summary: "No secret stands in a client's configuration",
    explanation: "A password in a file of configuration is in the image, in the repository and in every copy of both. Take it out, \
change it where it is used, and have it filled in when the client starts: by a provider of Kafka's \
(`${directory:/etc/kafka/secrets:sasl.password}`, `${env:NAME}`), by Spring's `${NAME}`, or by the application, which reads the \
file that Kubernetes mounts. `busctl client-config` writes it so. The finding never shows the value.",
    level: Level::Error,
    floor: Level::Error,
    bad: Example(&[(FILE, Client("acks=all\nssl.key.password=correct-horse\n"))]),
    good: Example(&[(FILE, Client("acks=all\nssl.key.password=${directory:/etc/kafka/secrets:key.password}\n"))]),
    check: Check::Client(check),
};

fn check(checked: &Checked<'_>, findings: &mut Vec<Diagnostic>) {
    let known = places(checked);
    for (setting, span, what) in &known {
        let message = format!("`{}` holds {what} as it is", setting.name);
        let help = "take it out, change it where it is used, and have it filled in: `${directory:FOLDER:FILE}`, \
                    `${env:NAME}` or a file that the application reads";
        findings.push(SECRET.finding(message).at(*span, "").help(help));
    }
    // What looks like one in any other place, by what stands around it or by its key.
    let mut told: Vec<Span> = known.iter().map(|(_, span, _)| *span).collect();
    let file = checked.workspace.sources.get(checked.file.file);
    let by_form = file
        .map_or(&[][..], |file| file.secrets())
        .iter()
        .map(|secret| (Span::new(checked.file.file, secret.range.start, secret.range.end), secret.what));
    let by_key = checked.file.secrets.iter().map(|span| (*span, "a secret"));
    for (span, what) in by_form.chain(by_key) {
        if told.iter().any(|told| told.start < span.end && span.start < told.end) {
            continue;
        }
        told.push(span);
        let finding = SECRET.finding(format!("this looks like {what}")).at(span, "");
        findings.push(finding.help("take it out, and change it where it is used"));
    }
}

/// Where the settings of a file hold secrets: each with the setting, its place and what it is.
fn places<'c>(checked: &'c Checked<'_>) -> Vec<(&'c Setting, Span, &'static str)> {
    places_in(&checked.file.settings, checked.file.library).collect()
}

fn places_in(
    settings: &[Setting],
    library: crate::resources::client_config::keys::Library,
) -> impl Iterator<Item = (&Setting, Span, &'static str)> {
    settings.iter().filter_map(move |setting| {
        let value = setting.value.as_str();
        if value.trim().is_empty() {
            return None;
        }
        let what = match setting.name.as_str() {
            "sasl.jaas.config" => jaas_has_secret(value, setting.form).then_some("a password")?,
            "basic.auth.user.info" | "schema.registry.basic.auth.user.info" => {
                let password = value.split_once(':').map(|(_, password)| password);
                password.filter(|password| !is_filled_in(password, setting.form)).map(|_| "a password")?
            }
            "bootstrap.servers" | "metadata.broker.list" | "schema.registry.url" => {
                addresses_in(value).into_iter().find_map(|address| login_in(address, setting.form))?
            }
            name => {
                let known = [library, library.other()].into_iter();
                let known = known.filter_map(|library| crate::resources::client_config::keys::find(library, name));
                let is_secret = known.into_iter().any(|key| key.is_secret());
                (is_secret && !setting.is_filled_in()).then_some("a secret")?
            }
        };
        Some((setting, setting.value_span, what))
    })
}

/// The places of secrets in a file, so that it is shown without them.
pub fn secret_spans(file: &crate::resources::client_config::file::ClientFile) -> Vec<Span> {
    let known = places_in(&file.settings, file.library).map(|(_, span, _)| span);
    known.chain(file.secrets.iter().copied()).collect()
}

/// What the login in an address is, where it is there as it is. A user without a password is a token as often as not.
fn login_in(address: &str, form: FileForm) -> Option<&'static str> {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let (login, _) = rest.split('/').next()?.rsplit_once('@')?;
    let (secret, what) = match login.split_once(':') {
        Some((user, "")) => (user, "a login"),
        Some((_, password)) => (password, "a password"),
        None => (login, "a login"),
    };
    (!secret.is_empty() && !is_filled_in(secret, form)).then_some(what)
}

/// Whether an option of a login module that is a secret has a value of its own.
fn jaas_has_secret(value: &str, form: FileForm) -> bool {
    const SECRETS: [&str; 4] = ["password", "clientSecret", "keyPassword", "storePassword"];
    value.split([' ', ';', '\n']).filter_map(|part| part.split_once('=')).any(|(name, value)| {
        let value = value.trim_matches(['"', '\'']);
        SECRETS.iter().any(|secret| name.trim().eq_ignore_ascii_case(secret))
            && !value.is_empty()
            && !is_filled_in(value, form)
    })
}
