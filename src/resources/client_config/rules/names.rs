//! Names of configs and the form of their values.

use super::Checked;
use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Client;
use crate::policy::{Check, Example, Rule};
use crate::resources::client_config::file::{Of, Setting};
use crate::resources::client_config::keys::{self, Library};
use crate::resources::client_config::model::ClientKind;

const FILE: &str = "client.properties";

/// BUS850.
pub static UNREADABLE: Rule = Rule {
    code: "BUS850",
    name: "unreadable-client-file",
    summary: "A client's configuration can be read",
    explanation: "`busctl client-check` reads Java properties, variables of an environment, YAML, JSON, Spring's \
`application.yml` and `application.properties`, and the files of librdkafka; it tells them apart by what is in them. A line \
that it cannot take apart may be one that the client cannot take apart either. Nothing of a file that cannot be read is shown: \
what in it is a secret is not known.",
    level: Level::Error,
    floor: Level::Error,
    bad: Example(&[(FILE, Client("acks=all\nlinger.ms\n"))]),
    good: Example(&[(FILE, Client("acks=all\nlinger.ms=5\n"))]),
    check: Check::ClientFile,
};

/// BUS851.
pub static UNKNOWN: Rule = Rule {
    code: "BUS851",
    name: "unknown-client-config",
    summary: "A client knows each config that it is given",
    explanation: "Kafka's Java clients take a name that they do not know without a word, or with one in their log: \
`enable.idempotance=true` sets nothing. librdkafka refuses to start. A config that is for the other kind of client, such as \
`acks` of a consumer, sets nothing either. What is for an interceptor, a serializer or a metrics reporter of your own may be \
right: it is a warning, and a waiver says so.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(FILE, Client("acks=all\nenable.idempotance=true\n"))]),
    good: Example(&[(FILE, Client("acks=all\nenable.idempotence=true\n"))]),
    check: Check::Client(check_unknown),
};

fn check_unknown(checked: &Checked<'_>, findings: &mut Vec<Diagnostic>) {
    let library = checked.file.library;
    for setting in &checked.file.settings {
        match setting.key(library) {
            None => findings.extend(unknown(library, setting)),
            Some(key) => {
                let of_other = match setting.of {
                    Of::Kind(ClientKind::Producer) if key.is_of_consumers() => Some("producer"),
                    Of::Kind(ClientKind::Consumer) if key.is_of_producers() => Some("consumer"),
                    _ => None,
                };
                if let Some(kind) = of_other {
                    let message = format!("`{}` sets nothing of a {kind}", setting.name);
                    let help = "take the line away, or write it for the other client";
                    findings.push(UNKNOWN.finding(message).at(setting.key_span, "").help(help));
                }
            }
        }
    }
}

fn unknown(library: Library, setting: &Setting) -> Option<Diagnostic> {
    let name = &setting.name;
    // Of these another rule speaks.
    if keys::find(library.other(), name).is_some() || keys::successor(name).is_some() {
        return None;
    }
    let level = if library == Library::Librdkafka { Level::Error } else { UNKNOWN.level };
    let does = if library == Library::Librdkafka { "refuses it" } else { "passes over it" };
    let message = format!("`{name}` is no config of {}, which {does}", plural(library));
    let help = match keys::meant(library, name) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "correct the name, or take the line away".to_owned(),
    };
    Some(UNKNOWN.finding(message).level(level).at(setting.key_span, "").help(help))
}

fn plural(library: Library) -> &'static str {
    match library {
        Library::Java => "a Java client of Kafka",
        Library::Librdkafka => "librdkafka",
    }
}

/// BUS852.
pub static OTHER_LIBRARY: Rule = Rule {
    code: "BUS852",
    name: "config-of-other-library",
    summary: "A configuration has the names of its own library",
    explanation: "Kafka's Java clients and librdkafka share many names and not all of them: trust stores, buffers and logins are \
called otherwise. librdkafka refuses to start with `sasl.jaas.config`; Java passes over `ssl.ca.location` and then trusts \
whom the JDK trusts. Which library a file is for is told by the names that only one of them has, or by `--library`.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(
        FILE,
        Client("acks=all\nbuffer.memory=33554432\nmax.block.ms=5000\nssl.ca.location=/etc/kafka/secrets/ca.crt\n"),
    )]),
    good: Example(&[(
        FILE,
        Client(
            "acks=all\nbuffer.memory=33554432\nmax.block.ms=5000\nssl.truststore.type=PEM\n\
             ssl.truststore.location=/etc/kafka/secrets/ca.crt\n",
        ),
    )]),
    check: Check::Client(check_library),
};

fn check_library(checked: &Checked<'_>, findings: &mut Vec<Diagnostic>) {
    let library = checked.file.library;
    for setting in &checked.file.settings {
        let name = &setting.name;
        let is_foreign = setting.key(library).is_none() && keys::find(library.other(), name).is_some();
        // A name that Java had too is an old one.
        if !is_foreign || (library == Library::Java && keys::successor(name).is_some()) {
            continue;
        }
        let (own, other) = (library.title(), library.other().title());
        let message = format!("`{name}` is a config of {other}, and this file is for {own}");
        let help = match keys::translation(library, name) {
            Some(translation) => format!("write `{translation}`"),
            None => format!("take it away: {own} has nothing of the kind"),
        };
        findings.push(OTHER_LIBRARY.finding(message).at(setting.key_span, "").help(help));
    }
}

/// BUS853.
pub static DEPRECATED: Rule = Rule {
    code: "BUS853",
    name: "deprecated-client-config",
    summary: "A configuration has the names that clients have now",
    explanation: "Names that clients had once are passed over in silence by newer ones, and what they set is the default again \
from one update to the next.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(FILE, Client("acks=all\nblock.on.buffer.full=true\n"))]),
    good: Example(&[(FILE, Client("acks=all\nmax.block.ms=60000\n"))]),
    check: Check::Client(check_deprecated),
};

fn check_deprecated(checked: &Checked<'_>, findings: &mut Vec<Diagnostic>) {
    let library = checked.file.library;
    for setting in &checked.file.settings {
        let name = &setting.name;
        let known = setting.key(library);
        let help = match (known, keys::successor(name)) {
            (Some(key), _) if !key.deprecated => continue,
            (_, Some("")) => "take the line away".to_owned(),
            (_, Some(new)) => format!("write `{new}`"),
            (Some(_), None) => "take the line away: it does nothing, or is about to".to_owned(),
            (None, None) => continue,
        };
        let message = format!("`{name}` is a name that {} had", library.title());
        findings.push(DEPRECATED.finding(message).at(setting.key_span, "").help(help));
    }
}

/// BUS868.
pub static VALUE: Rule = Rule {
    code: "BUS868",
    name: "client-config-value",
    summary: "A client can take the value of each config",
    explanation: "A client does not start with `true` where it wants a number, nor with a unit: Kafka's clients know neither `5s` \
nor `64KiB`. Values that something fills in when the client starts are not looked at.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(FILE, Client("acks=all\nlinger.ms=5ms\n"))]),
    good: Example(&[(FILE, Client("acks=all\nlinger.ms=5\n"))]),
    check: Check::Client(check_values),
};

fn check_values(checked: &Checked<'_>, findings: &mut Vec<Diagnostic>) {
    for setting in checked.file.settings.iter().filter(|setting| !setting.is_filled_in()) {
        let Some(key) = setting.key(checked.file.library) else { continue };
        // Spring takes units, and turns them into numbers.
        let has_unit = setting.is_springs && super::with_unit(&setting.value).is_some();
        if let Some(expected) = key.refuses(&setting.value).filter(|_| !has_unit && !key.is_secret()) {
            let message = format!("`{}` takes {expected}, and not `{}`", setting.name, setting.value);
            let help = format!("write {expected}");
            findings.push(VALUE.finding(message).at(setting.value_span, "").help(help));
        }
    }
}
