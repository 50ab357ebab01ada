//! What the clients of the bus are set to: each rule asks for the [standards](STANDARDS) that have its code.

use super::Checked;
use crate::diag::{Diagnostic, Level};
use crate::policy::Content::{Client, Text};
use crate::policy::{Check, Example, Rule};
use crate::resources::client_config::file::FileForm;
use crate::resources::client_config::keys::Library;
use crate::resources::client_config::model::ClientKind;
use crate::resources::client_config::standards::{STANDARDS, Scope, Standard};

const FILE: &str = "client.properties";

/// BUS854.
pub static ACKS: Rule = Rule {
    code: "BUS854",
    name: "producer-acks",
    summary: "Producers wait until a record is on all replicas that are in sync",
    explanation: "With `acks=1` a record that the producer takes for written is gone when the leader dies before the others have \
it; with `acks=0` nobody knows whether it ever arrived. `min.insync.replicas` of the topic counts for `acks=all` alone. \
Kafka 3.0 made that the default, so that the line is best left out. An idempotent producer of Java does not start with \
another value.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(FILE, Client("client.id=ingest-gateway\nacks=1\n"))]),
    good: Example(&[(FILE, Client("client.id=ingest-gateway\nacks=all\n"))]),
    check: Check::Client(|checked, findings| ask(&ACKS, checked, findings)),
};

/// BUS855.
pub static IDEMPOTENCE: Rule = Rule {
    code: "BUS855",
    name: "producer-idempotence",
    summary: "Producers are idempotent, with at most five requests in flight",
    explanation: "A producer that is not idempotent writes a record twice when an answer is lost, and writes the later one first when \
one of several requests in flight is tried again. Java's default is `enable.idempotence=true`, and setting \
`max.in.flight.requests.per.connection` above five makes it fail, or in older versions switches it off in silence. \
librdkafka's default is `false`: its producers must say so.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(FILE, Client("client.id=ingest-gateway\nacks=all\nmax.in.flight.requests.per.connection=10\n"))]),
    good: Example(&[(FILE, Client("client.id=ingest-gateway\nacks=all\nmax.in.flight.requests.per.connection=5\n"))]),
    check: Check::Client(|checked, findings| ask(&IDEMPOTENCE, checked, findings)),
};

/// BUS856.
pub static RETRIES: Rule = Rule {
    code: "BUS856",
    name: "client-retries",
    summary: "Clients try again, with pauses, and not for ever",
    explanation: "Leaders move in every rolling update: a producer with `retries=0` loses records then. What bounds the tries is time, \
`delivery.timeout.ms`, two minutes by default; behind it the application hears of the failure and can do something. A \
producer that tries for ever fills its buffer, blocks, and tells nobody. Between two tries a client waits, longer each time.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(FILE, Client("client.id=ingest-gateway\nacks=all\nretries=0\n"))]),
    good: Example(&[(FILE, Client("client.id=ingest-gateway\nacks=all\ndelivery.timeout.ms=120000\n"))]),
    check: Check::Client(|checked, findings| ask(&RETRIES, checked, findings)),
};

/// BUS857.
pub static AUTO_COMMIT: Rule = Rule {
    code: "BUS857",
    name: "consumer-auto-commit",
    summary: "Consumers commit what they have done, not what the clock says",
    explanation: "With `enable.auto.commit=true`, which is the default, a consumer commits offsets every five seconds, whatever has \
become of their records. What was handed to a thread, a batch or a retry and was not done when the process died is never \
read again. Commit behind the work, or let the framework do so (Spring's listener containers do, and set this to `false`).",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(FILE, Client("group.id=normalizer\nenable.auto.commit=true\n"))]),
    good: Example(&[(FILE, Client("group.id=normalizer\nenable.auto.commit=false\n"))]),
    check: Check::Client(|checked, findings| ask(&AUTO_COMMIT, checked, findings)),
};

/// BUS865.
pub static REGISTRATION: Rule = Rule {
    code: "BUS865",
    name: "schema-registration",
    summary: "Serializers register no schemas",
    explanation: "Schemas are registered by `busctl apply`, from Git, after their review and their comparison with earlier versions. \
`auto.register.schemas=true`, the serializers' default, registers whatever class the producer was compiled with, from a \
developer's machine as well. The service has no right to do that, or should not have it.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(
        FILE,
        Client(
            "client.id=ingest-gateway\nacks=all\nschema.registry.url=https://registry.example.com/apis/ccompat/v7\n\
             auto.register.schemas=true\n",
        ),
    )]),
    good: Example(&[(
        FILE,
        Client(
            "client.id=ingest-gateway\nacks=all\nschema.registry.url=https://registry.example.com/apis/ccompat/v7\n\
             auto.register.schemas=false\n",
        ),
    )]),
    check: Check::Client(|checked, findings| ask(&REGISTRATION, checked, findings)),
};

/// BUS866.
pub static ISOLATION: Rule = Rule {
    code: "BUS866",
    name: "isolation-level",
    summary: "Consumers of topics that are written in transactions read what was committed",
    explanation: "A producer with a transactional id may abort what it wrote; its records stay in the topic. Java's consumers read \
them as if they counted, unless `isolation.level=read_committed` (librdkafka has that by default). Whether a producer of a \
topic has transactional ids, its manifest says.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[
        ("acls/ingest-gateway.yaml", Text("transactional_ids: [ingest-gateway-*]\n")),
        (FILE, Client("group.id=normalizer\nenable.auto.commit=false\nisolation.level=read_uncommitted\n")),
    ]),
    good: Example(&[
        ("acls/ingest-gateway.yaml", Text("transactional_ids: [ingest-gateway-*]\n")),
        (FILE, Client("group.id=normalizer\nenable.auto.commit=false\nisolation.level=read_committed\n")),
    ]),
    check: Check::Client(|checked, findings| ask(&ISOLATION, checked, findings)),
};

fn ask(rule: &Rule, checked: &Checked<'_>, findings: &mut Vec<Diagnostic>) {
    for standard in STANDARDS.iter().filter(|standard| standard.code == rule.code) {
        let before = findings.len();
        broken(rule, checked, standard, findings);
        if let Some(resource) = checked.resource() {
            findings[before..].iter_mut().for_each(|finding| finding.resource = Some(resource.clone()));
        }
    }
}

fn broken(rule: &Rule, checked: &Checked<'_>, standard: &Standard, findings: &mut Vec<Diagnostic>) {
    let kinds = checked.file.kinds();
    let kind = match standard.scope {
        Scope::Common => None,
        Scope::Producer => Some(ClientKind::Producer),
        Scope::Consumer => Some(ClientKind::Consumer),
        Scope::TransactionalConsumer => {
            if !checked.config.is_some_and(|config| config.reads_transactions()) {
                return;
            }
            Some(ClientKind::Consumer)
        }
        // Serializers are those of producers; a file that names no registry has none.
        Scope::Serializer => {
            if !checked.sets("schema.registry.url") {
                return;
            }
            kinds.contains(&ClientKind::Producer).then_some(ClientKind::Producer)
        }
    };
    let name = standard.key;
    let names = names(checked, name);
    let mut is_set = false;
    for setting in checked.file.settings.iter().filter(|setting| names.contains(&setting.name.as_str())) {
        is_set = true;
        let value = super::with_unit(&setting.value).filter(|_| setting.is_springs);
        let value = value.unwrap_or_else(|| setting.value.clone());
        if setting.is_filled_in() || standard.requires.is_met_by(&value) {
            continue;
        }
        let message = format!("`{}` is {}: {}", setting.name, shown(&setting.value), standard.why);
        let help = format!("write {}, which takes {}", line(&setting.name, standard), standard.requires.in_words());
        findings.push(rule.finding(message).at(setting.value_span, "").help(help));
    }
    let default = match checked.file.library {
        Library::Java => standard.java_default,
        Library::Librdkafka => standard.librdkafka_default,
    };
    // Spring sets this for its listeners and Streams for its consumers, whatever Kafka's default is.
    let decides = checked.file.form == FileForm::Spring || checked.sets("application.id");
    let is_frameworks = decides && standard.key == "enable.auto.commit";
    let counts = match (standard.scope, kind) {
        (Scope::Serializer, kind) => kind.is_some(),
        (_, Some(kind)) => kinds.contains(&kind),
        (_, None) => true,
    };
    if is_set || is_frameworks || !counts || standard.requires.is_met_by(default) {
        return;
    }
    let message = format!("`{name}` is not set, and is {default} by default: {}", standard.why);
    findings.push(rule.finding(message).at(checked.place_of(kind), "").help(format!("add {}", line(name, standard))));
}

/// A name with all others that mean the same.
fn names(checked: &Checked<'_>, name: &'static str) -> Vec<&'static str> {
    use crate::resources::client_config::keys;
    let library = checked.file.library;
    let root = keys::find(library, name).and_then(|key| key.alias_of);
    let others = keys::names(library).filter(|other| {
        let alias = keys::find(library, other).and_then(|key| key.alias_of);
        Some(*other) == root || alias == Some(name) || (root.is_some() && alias == root)
    });
    std::iter::once(name).chain(others).collect()
}

fn line(name: &str, standard: &Standard) -> String {
    format!("`{name}={}`", standard.value)
}

fn shown(value: &str) -> String {
    if value.is_empty() { "empty".to_owned() } else { format!("`{value}`") }
}
