use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::{Files, Reading};
use crate::import::{About, FoundRegistry, FoundSubject, FoundTopic};
use crate::model::{Principal, Subject, TopicName, counted};
use crate::ports::kafka::{Acl, Quota, ScramMechanism, ScramUser};
use crate::ports::registry::{NewSchema, Reference, RegisteredSchema};
use crate::resources::scram::BUILT_IN_ITERATIONS;
use crate::schema::SchemaFormat;
use crate::source::{FileId, Node, Sources, Span, Value, parse_exported_yaml};

/// The files of a tool while they are read, and what was found in them by now.
pub struct Reader<'f> {
    files: &'f Files<'f>,
    /// The cluster that is meant.
    cluster: Option<&'f str>,
    sources: Sources,
    acls: BTreeSet<Acl>,
    /// What the files have of other clusters.
    elsewhere: BTreeMap<String, usize>,
    /// JSON files that hold nothing of the tool.
    foreign: BTreeSet<PathBuf>,
    /// Files that others name.
    named: BTreeSet<PathBuf>,
    /// What was found.
    pub out: Reading,
}

impl<'f> Reader<'f> {
    /// Nothing was read yet.
    pub fn new(files: &'f Files<'f>, cluster: Option<&'f str>) -> Self {
        let sources = Sources::default();
        Self {
            files,
            cluster,
            sources,
            acls: BTreeSet::new(),
            elsewhere: BTreeMap::new(),
            foreign: BTreeSet::new(),
            named: BTreeSet::new(),
            out: Reading::default(),
        }
    }

    /// What was read.
    pub fn finish(mut self) -> Reading {
        self.out.found.is_declared = true;
        self.out.found.acls = self.acls.into_iter().collect();
        // What two readings of a file stumble over is said once.
        let mut said = BTreeSet::new();
        self.out.left.retain(|line| said.insert(line.clone()));
        for (cluster, count) in self.elsewhere {
            let things = counted(count as u64, "thing");
            self.out
                .left
                .push(format!("{things} of cluster `{cluster}`: import it on its own, with --cluster {cluster}"));
        }
        let mut foreign = self.foreign.difference(&self.named).map(|path| path.display().to_string());
        if let Some(first) = foreign.next() {
            let more = match foreign.count() {
                0 => String::new(),
                more => format!(" and {}", counted(more as u64, "more JSON file")),
            };
            self.out.left.push(format!("{first}{more}: nothing of the tool is in there"));
        }
        self.out
    }

    /// The documents of all files. `prepare` may put the folder of a file, or what else is known, into its text. Much that
    /// lies beside is JSON, such as schemas: of it those files alone are the tool's that have one of these keys.
    pub fn documents(&mut self, marks: &[&str], prepare: &dyn Fn(&Path, &str) -> Option<String>) -> Vec<Node> {
        let files = self.files;
        let is_yaml = |path: &Path| path.extension().is_none_or(|extension| extension != "properties");
        let mut documents = Vec::new();
        for (path, text) in &files.texts {
            match text {
                Ok(_) if !is_yaml(path) => {}
                Ok(text) => {
                    let prepared = prepare(path, text).map_or_else(|| text.clone(), Arc::from);
                    let read = self.parse(path, prepared);
                    let has_mark = |document: &Node| marks.iter().any(|mark| document.get(mark).is_some());
                    match path.extension().is_some_and(|it| it == "json") && !read.iter().any(has_mark) {
                        true => drop(self.foreign.insert(normal(path))),
                        false => documents.extend(read),
                    }
                }
                Err(problem) => {
                    self.out.unread += 1;
                    self.out.left.push(format!("{}: {}: {}", path.display(), problem.message, problem.help));
                }
            }
        }
        documents
    }

    /// The texts of files with an extension.
    pub fn texts(&self, extension: &str) -> Vec<(&'f Path, Arc<str>)> {
        let files = self.files;
        let is_one = |path: &Path| path.extension().is_some_and(|it| it == extension);
        let texts = files.texts.iter().filter(|(path, _)| is_one(path));
        texts.filter_map(|(path, text)| Some((path.as_path(), text.as_ref().ok()?.clone()))).collect()
    }

    /// The YAML documents of a file that another one names; nothing where it was read for itself.
    pub fn documents_of(&mut self, span: Span, name: &str) -> Vec<Node> {
        let Some(path) = self.beside(span, name) else { return Vec::new() };
        if self.files.texts.keys().any(|known| normal(known) == path) {
            return Vec::new();
        }
        match self.text_of(span, name) {
            Some(text) => self.parse(&path, text),
            None => Vec::new(),
        }
    }

    fn parse(&mut self, path: &Path, text: Arc<str>) -> Vec<Node> {
        let is_template = ["{{", "{%"].iter().any(|mark| text.contains(mark));
        let id = self.sources.add(path, text.clone());
        let (documents, findings) = parse_exported_yaml(id, &text);
        if !findings.is_empty() {
            self.out.unread += 1;
        }
        for finding in findings {
            let span = finding.labels.first().map_or(Span::whole(id), |label| label.span);
            let why = if is_template { "; it is a template: render it, and import what comes of it" } else { "" };
            self.leave(span, format!("is not read as YAML: {}{why}", finding.message));
        }
        documents.into_iter().filter(|document| !document.is_null()).collect()
    }

    /// Notes what is not taken over.
    pub fn leave(&mut self, span: Span, what: impl Display) {
        let place = self.sources.place(span);
        self.out.left.push(format!("{}:{}: {what}", place.file, place.line));
    }

    /// Notes a question.
    pub fn ask(&mut self, span: Span, what: impl Display) {
        let place = self.sources.place(span);
        self.out.questions.push(format!("{what} ({}:{})", place.file, place.line));
    }

    /// The path of a file.
    pub fn path_of(&self, id: FileId) -> &Path {
        &self.sources.file(id).path
    }

    /// Whether what is for a cluster of this name is meant. Names are noted; of several clusters one is meant.
    pub fn is_meant(&mut self, clusters: &BTreeSet<String>, name: Option<&str>) -> bool {
        let Some(name) = name else { return true };
        let is_meant = clusters.len() < 2 || self.cluster.is_none_or(|cluster| cluster == name);
        if !is_meant {
            *self.elsewhere.entry(name.to_owned()).or_default() += 1;
        }
        is_meant
    }

    /// Adds a topic; answers whether it is new.
    pub fn topic(&mut self, span: Span, name: &str, topic: FoundTopic) -> bool {
        let name = match name.parse::<TopicName>() {
            Ok(name) => name,
            Err(error) => {
                self.leave(span, format!("the topic `{name}`: {error}"));
                return false;
            }
        };
        if name.is_reserved() {
            self.leave(span, format!("the topic {name} is Kafka's own, or one of busctl's"));
            return false;
        }
        if self.out.found.topics.contains_key(&name) {
            self.leave(span, format!("the topic {name} is there twice; the first one counts"));
            return false;
        }
        self.out.found.topics.insert(name, topic);
        true
    }

    /// Adds an ACL.
    pub fn acl(&mut self, acl: Acl) {
        self.acls.insert(acl);
    }

    /// A principal, as brokers show it.
    pub fn principal(&mut self, span: Span, text: &str) -> Option<Principal> {
        let principal = text.parse().map_err(|error| self.leave(span, format!("{error}")));
        principal.ok()
    }

    /// Adds what is said of a principal.
    pub fn about(&mut self, principal: &Principal, about: About) {
        let known = self.out.found.principals.entry(principal.clone()).or_default();
        known.description = known.description.take().or(about.description);
        known.owner = known.owner.take().or(about.owner);
        for note in about.notes {
            if !known.notes.contains(&note) {
                known.notes.push(note);
            }
        }
    }

    /// Adds what a user logs in with by SCRAM, and in words where its password is kept, as far as the files tell.
    pub fn scram(&mut self, span: Span, user: &str, mechanism: &str, iterations: Option<u32>, kept: Option<String>) {
        let word = mechanism.to_ascii_lowercase().replace('_', "-");
        let known = ScramMechanism::WORDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(&word));
        let Some((_, mechanism)) = known else {
            return self.leave(span, format!("the user {user} logs in with `{mechanism}`, which is not taken over"));
        };
        let found = &mut self.out.found;
        let place = found.scram_users.iter().position(|known| known.name == user).unwrap_or_else(|| {
            found.scram_users.push(ScramUser { name: user.to_owned(), credentials: BTreeMap::new() });
            found.scram_users.len() - 1
        });
        found.scram_users[place].credentials.insert(*mechanism, iterations.unwrap_or(BUILT_IN_ITERATIONS));
        if let Some(kept) = kept {
            found.passwords.entry(user.to_owned()).or_insert(kept);
        }
    }

    /// Adds a quota.
    pub fn quota(&mut self, span: Span, quota: Quota) {
        if quota.values.is_empty() {
            return;
        }
        if self.out.found.quotas.iter().any(|known| known.entity == quota.entity) {
            return self.leave(span, "this quota is there twice; the first one counts");
        }
        self.out.found.quotas.push(quota);
    }

    /// Adds a subject.
    pub fn subject(&mut self, span: Span, name: &str, schema: NewSchema, level: Option<String>) {
        let subject = match name.parse::<Subject>() {
            Ok(subject) => subject,
            Err(error) => return self.leave(span, format!("the subject `{name}`: {error}")),
        };
        let latest = RegisteredSchema { version: 0, id: 0, schema, properties: BTreeMap::new() };
        let registry = self.out.found.registry.get_or_insert_with(FoundRegistry::default);
        if registry.subjects.contains_key(&subject) {
            return self.leave(span, format!("the subject {subject} is there twice; the first one counts"));
        }
        registry.subjects.insert(subject, FoundSubject { latest, level, earlier: Vec::new() });
    }

    /// A schema that stands in a file beside the one that names it.
    pub fn schema_file(&mut self, node: &Node, format: SchemaFormat, references: Vec<Reference>) -> Option<NewSchema> {
        let name = node.scalar()?;
        let text = self.text_of(node.span, name)?.to_string();
        Some(NewSchema { format, text, references })
    }

    /// The text of a file that another one names, seen from there.
    fn text_of(&mut self, span: Span, name: &str) -> Option<Arc<str>> {
        let path = self.beside(span, name)?;
        self.named.insert(path.clone());
        match (self.files.read)(&path) {
            Ok(text) => Some(text),
            Err(problem) => {
                self.out.unread += 1;
                self.leave(span, format!("{}: {}: {}", path.display(), problem.message, problem.help));
                None
            }
        }
    }

    /// The path that a file means by a name. What leads out of the folder that was named is nobody's here.
    fn beside(&mut self, span: Span, name: &str) -> Option<PathBuf> {
        let name = name.strip_prefix("file://").unwrap_or(name);
        if name.contains("://") || name.starts_with("classpath:") {
            self.leave(span, format!("{name}: it is not read from servers and archives"));
            return None;
        }
        let folder = self.path_of(span.file).parent().unwrap_or(Path::new("")).to_owned();
        let root = normal(self.files.root);
        // A path that is given from the folder itself is understood too: tools are started there.
        let candidates = [normal(&folder.join(name)), normal(Path::new(name)), normal(&self.files.root.join(name))];
        let is_down = |rest: &Path| rest.components().all(|component| matches!(component, Component::Normal(_)));
        let is_inside = |path: &PathBuf| path.strip_prefix(&root).is_ok_and(is_down);
        let known: Vec<PathBuf> = candidates.into_iter().filter(is_inside).collect();
        let Some(first) = known.first().cloned() else {
            self.out.unread += 1;
            self.leave(
                span,
                format!("{name} lies outside of {}: name a folder that holds both", self.files.root.display()),
            );
            return None;
        };
        Some(known.into_iter().find(|path| (self.files.read)(path).is_ok()).unwrap_or(first))
    }
}

/// A path without `.` and, as far as the names say it, without `..`.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if normal.file_name().is_some() => drop(normal.pop()),
            other => normal.push(other),
        }
    }
    normal
}

/// The entries of a mapping, or nothing.
pub fn entries(node: &Node) -> &[crate::source::Entry] {
    match &node.value {
        Value::Mapping(entries) => entries,
        _ => &[],
    }
}
