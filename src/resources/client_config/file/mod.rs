//! Configurations of clients as services have them: which form a text has, and which config each of its lines is.

mod lines;
mod locate;
mod tree;

use std::path::Path;

use self::lines::Dialect;
use super::keys::{self, Key, Library};
use super::model::ClientKind;
use crate::diag::Diagnostic;
use crate::model::{SecretRef, VaultRef};
use crate::source::{FileId, Span, is_secret_setting, is_secret_value, secrets, word_enum};

word_enum! {
    /// The form of a client's configuration.
    FileForm, "form of a client configuration", {
        /// Java properties, and the `KEY=VALUE` of librdkafka and kcat.
        Properties = "properties",
        /// Variables of an environment.
        Env = "env",
        /// YAML or JSON.
        Yaml = "yaml",
        /// Spring's `application.yml` or `application.properties`.
        Spring = "spring",
    }
}

/// One value of a file, at the path of its keys.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    /// The keys that lead to it, with dots between them.
    pub path: String,
    /// Where the last of them stands.
    pub key_span: Span,
    /// The value.
    pub value: String,
    /// Where that stands.
    pub value_span: Span,
}

/// Which client a setting is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// Every client of the file.
    All,
    /// Producers or consumers.
    Kind(ClientKind),
    /// A client of administration, or a Streams application itself.
    Other,
}

/// A setting of a client.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The config, by the name that a library has for it.
    pub name: String,
    /// Which client it is for.
    pub of: Of,
    /// Where the key stands.
    pub key_span: Span,
    /// The value.
    pub value: String,
    /// Where the value stands.
    pub value_span: Span,
    /// The form of the file, which says what fills values in.
    pub form: FileForm,
    /// Whether Spring reads it under a name of its own: then it takes units, and turns them into numbers.
    pub is_springs: bool,
}

impl Setting {
    /// The config, where the library knows it.
    pub fn key(&self, library: Library) -> Option<Key> {
        keys::find(library, &self.name)
    }

    /// Whether something fills the value in when the client starts: then nobody knows it here.
    pub fn is_filled_in(&self) -> bool {
        is_filled_in(&self.value, self.form)
    }
}

/// What fills values in whatever the form is: Kafka and Spring, templates of the file, and tokens that a pipeline replaces.
const PLACEHOLDERS: [(&str, &str); 4] = [("${", "}"), ("{{", "}}"), ("#{", "}"), ("%(", ")s")];

/// Whether a value, or a part of it, is filled in later. A sign of it that is not closed is a letter of the value, and so is what
/// fills in nothing in a file of this form.
pub fn is_filled_in(value: &str, form: FileForm) -> bool {
    let is_closed = |(open, close): &(&str, &str)| {
        let last = value.rfind(close).unwrap_or_default();
        let mut starts = value.match_indices(open).map(|(at, _)| at + open.len());
        starts.any(|start| start < last && !value[start..].starts_with(close))
    };
    // Shells, Kubernetes, and what puts secrets of Vault into the environment of a container.
    let is_of_environment = || {
        let is_name = |rest: &str| rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        value.strip_prefix('$').is_some_and(is_name)
            || is_closed(&("$(", ")"))
            || matches!(value.parse(), Ok(SecretRef::Vault(VaultRef::Field { .. })))
    };
    PLACEHOLDERS.iter().any(is_closed) || (form == FileForm::Env && is_of_environment())
}

/// A topic that a file names.
#[derive(Debug, Clone)]
pub struct NamedTopic {
    /// Which client it is for.
    pub of: Of,
    /// Its name as written.
    pub name: String,
    /// Where.
    pub span: Span,
}

/// A client's configuration that was read.
#[derive(Debug, Clone)]
pub struct ClientFile {
    /// The file.
    pub file: FileId,
    /// Its form.
    pub form: FileForm,
    /// The library that it is for.
    pub library: Library,
    /// What it sets.
    pub settings: Vec<Setting>,
    /// Topics that it names.
    pub topics: Vec<NamedTopic>,
    /// What the application is called, where the file says it.
    pub application: Option<String>,
    /// Where values stand that look like secrets by their keys and not by what stands around them in the text.
    pub secrets: Vec<Span>,
}

impl ClientFile {
    /// Reads a configuration. What the library is, where it is not given, is told by the names that only one of them has.
    /// Of a file that is none, the findings say why.
    ///
    /// # Errors
    ///
    /// What is wrong with the text.
    pub fn read(file: FileId, path: &Path, text: &str, library: Option<Library>) -> Result<Self, Vec<Diagnostic>> {
        let read = Self::read_as(file, path, text, library)?;
        // Its names tell whose it is, and that tells what a backslash in it is.
        match (library, read.library, read.form) {
            (None, Library::Librdkafka, FileForm::Properties) => {
                Self::read_as(file, path, text, Some(Library::Librdkafka))
            }
            _ => Ok(read),
        }
    }

    fn read_as(file: FileId, path: &Path, text: &str, library: Option<Library>) -> Result<Self, Vec<Diagnostic>> {
        let (is_lines, mut entries) = entries(file, path, text, library)?;
        let is_spring = entries.iter().any(|entry| entry.path.to_ascii_lowercase().starts_with("spring.kafka."));
        let is_env = is_lines && entries.iter().all(|entry| locate::is_variable(&entry.path));
        let is_spring_env = is_env && entries.iter().any(|entry| entry.path.starts_with("SPRING_KAFKA_"));
        let form = match () {
            () if is_env => FileForm::Env,
            () if is_spring => FileForm::Spring,
            () if is_lines => FileForm::Properties,
            () => FileForm::Yaml,
        };
        if is_env {
            lines::without_quotes(&mut entries, text);
        }
        let located = locate::locate(&entries, form, is_spring_env);
        if located.settings.is_empty() {
            let message = "nothing in this file is a config of a Kafka client";
            let help = "give a file of properties, variables, JSON, YAML, Spring or librdkafka";
            return Err(vec![unreadable(message, help).at(Span::whole(file), "")]);
        }
        let library = library.unwrap_or_else(|| library_of(&located.settings));
        let application = entries.iter().find(|entry| {
            matches!(&*entry.path, "spring.application.name" | "SPRING_APPLICATION_NAME" | "OTEL_SERVICE_NAME")
        });
        let known = secrets(text);
        let is_known = |span: &Span| {
            let (start, end) = (span.start as usize, span.end as usize);
            known.iter().any(|secret| secret.range.start < end && start < secret.range.end)
        };
        let is_secret = |entry: &Entry| {
            let name = entry.path.trim_end_matches(']');
            is_secret_value(name, &entry.value) || (is_secret_setting(name, &entry.value) && !is_elsewhere(entry))
        };
        let secrets = entries.iter().filter(|entry| {
            !is_filled_in(&entry.value, form)
                && !is_reference(entry)
                && is_secret(entry)
                && !is_known(&entry.value_span)
        });
        let secrets = secrets.map(|entry| entry.value_span).collect();
        Ok(Self {
            file,
            form,
            library,
            settings: located.settings,
            topics: located.topics,
            application: application.map(|entry| entry.value.clone()),
            secrets,
        })
    }

    /// The settings that count for a kind of client: its own, and those of all where it has none of its own.
    pub fn settings_of(&self, kind: ClientKind, name: &str) -> impl Iterator<Item = &Setting> {
        let named = move |setting: &&Setting| setting.name == name;
        let own = self.settings.iter().filter(move |setting| setting.of == Of::Kind(kind)).filter(named);
        let has_own = own.clone().next().is_some();
        let all = self.settings.iter().filter(move |setting| !has_own && setting.of == Of::All).filter(named);
        own.chain(all)
    }

    /// The kinds of client that it is for.
    pub fn kinds(&self) -> Vec<ClientKind> {
        let of_kind = |kind: ClientKind| {
            let is_of_one = |key: &Key| match kind {
                ClientKind::Producer => key.is_of_producers(),
                ClientKind::Consumer => key.is_of_consumers(),
            };
            self.settings.iter().any(|setting| match setting.of {
                Of::Kind(of) => of == kind,
                Of::All => setting.key(self.library).is_some_and(|key| is_of_one(&key)),
                Of::Other => false,
            })
        };
        [ClientKind::Producer, ClientKind::Consumer].into_iter().filter(|kind| of_kind(*kind)).collect()
    }
}

/// Whether an entry is where busctl's own documents say that a secret is kept.
fn is_reference(entry: &Entry) -> bool {
    entry.path.rsplit('.').next() == Some("reference") && entry.value.parse::<SecretRef>().is_ok()
}

/// Whether an entry says where a secret is: in a file, or in a Secret of Kubernetes by the names that charts of Helm have for that.
fn is_elsewhere(entry: &Entry) -> bool {
    let last = entry.path.rsplit('.').next().unwrap_or_default();
    let names =
        ["existingSecret", "imagePullSecrets", "passwordSecret", "passwordsSecret", "tlsSecret", "credentialsSecret"];
    entry.value.starts_with(['/', '.']) || names.contains(&last)
}

pub(super) fn unreadable(message: impl Into<String>, help: &str) -> Diagnostic {
    Diagnostic::new("BUS850", message).help(help)
}

/// The values of a file, and whether it is one of lines. Which of both is told by the text, and by the name where a text could
/// be either.
fn entries(
    file: FileId,
    path: &Path,
    text: &str,
    library: Option<Library>,
) -> Result<(bool, Vec<Entry>), Vec<Diagnostic>> {
    let text_is_empty = text.trim().is_empty();
    if text_is_empty {
        let empty = unreadable("this file is empty", "name the file of a client's configuration");
        return Err(vec![empty.at(Span::whole(file), "")]);
    }
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let is_json = extension == "json" || text.trim_start().starts_with('{');
    let is_structured = is_json || matches!(extension, "yaml" | "yml");
    let is_lines = matches!(extension, "properties" | "env" | "conf" | "cfg" | "ini" | "config");
    let dialect = match library {
        Some(Library::Librdkafka) => Dialect::Librdkafka,
        _ if extension == "properties" => Dialect::Java,
        _ => Dialect::Any,
    };
    let read_tree = || tree::read(file, text, is_json, library);
    if is_structured {
        return read_tree().map(|entries| (false, entries));
    }
    if is_lines {
        return lines::read(file, text, dialect).map(|entries| (true, entries));
    }
    match (lines::read(file, text, dialect), read_tree()) {
        // Lines of `key: value` are both, and mean the same.
        (Ok(_), Ok(entries)) => Ok((false, entries)),
        (Ok(entries), Err(_)) => Ok((true, entries)),
        (Err(_), Ok(entries)) => Ok((false, entries)),
        (Err(findings), Err(_)) => Err(findings),
    }
}

/// The library whose own names are more.
fn library_of(settings: &[Setting]) -> Library {
    let own = |library: Library| {
        let is_own = |setting: &&Setting| setting.key(library).is_some() && setting.key(library.other()).is_none();
        settings.iter().filter(is_own).count()
    };
    if own(Library::Librdkafka) > own(Library::Java) { Library::Librdkafka } else { Library::Java }
}
