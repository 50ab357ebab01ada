//! The files of schemas: where each is written, and which of them are there already.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::Writer;
use crate::import::paths::stem;
use crate::import::{FoundSubject, text_in};
use crate::ports::registry::{NewSchema, Reference, RegisteredSchema};
use crate::resources::Workspace;
use crate::resources::manifests::{ManifestKind, with_modeline};
use crate::schema::{SchemaFormat, is_met_by, text};
use crate::source::write::{list, scalar};

impl Writer<'_, '_, '_> {
    /// A path that nobody has, and that by convention is no topic's; that of a file which holds the schema already, where it is
    /// called so.
    pub(super) fn place(
        &mut self,
        folder: &str,
        name: &str,
        found: &FoundSubject,
        reserved: &BTreeSet<PathBuf>,
    ) -> PathBuf {
        let is_topics = |path: &Path| reserved.contains(&path.with_extension(""));
        let extension = found.latest.schema.format.extension();
        let called = PathBuf::from(format!("{folder}/{}.{extension}", stem(name)));
        if !is_topics(&called) && self.takes(&called, found) {
            return called;
        }
        let mut name = name.to_owned();
        loop {
            let path = self.import.paths.free(folder, &name, extension);
            if !is_topics(&path) {
                return path;
            }
            name += "-schema";
        }
    }

    /// Takes a file for a subject that is there already, with what stands beside it, and says the same; answers whether it does.
    /// Whose manifest was taken away has left it there.
    pub(super) fn takes(&mut self, path: &Path, found: &FoundSubject) -> bool {
        let workspace = self.import.request.workspace;
        let says_it = |path: &Path, schema: &NewSchema| {
            text_in(workspace, path).map(|text| is_met_by(schema.format, text, &schema.text))
        };
        let says_all = || {
            earlier_of(path, found).all(|(path, version)| {
                let is_recorded =
                    |(path, text): (PathBuf, String)| text_in(workspace, &path).is_none_or(|it| it == text);
                says_it(&path, &version.schema).unwrap_or(true)
                    && record_of(workspace, &path, &version.schema).is_none_or(is_recorded)
            })
        };
        says_it(path, &found.latest.schema) == Some(true) && says_all() && self.there.insert(path.to_owned())
    }

    /// Writes a schema and the versions before it, with what these refer to, as far as they are not there.
    pub(super) fn files(&mut self, path: &Path, found: &FoundSubject) {
        let workspace = self.import.request.workspace;
        let mut files = vec![(path.to_owned(), written(&found.latest.schema))];
        for (path, version) in earlier_of(path, found) {
            files.extend(record_of(workspace, &path, &version.schema));
            files.push((path, written(&version.schema)));
        }
        if self.there.contains(path) {
            files.retain(|(path, _)| text_in(workspace, path).is_none());
        }
        files.into_iter().for_each(|(path, text)| self.import.create(path, text));
    }
}

/// The versions of a subject before its newest one, each with its file beside that one's.
fn earlier_of<'f>(path: &Path, found: &'f FoundSubject) -> impl Iterator<Item = (PathBuf, &'f RegisteredSchema)> {
    let folder = path.with_file_name("versions").join(path.file_stem().unwrap_or_default());
    let file = move |version: &RegisteredSchema| {
        folder.join(format!("{}.{}", version.version, version.schema.format.extension()))
    };
    found.earlier.iter().map(move |version| (file(version), version))
}

/// The file that says what an earlier version refers to; none where that is nothing.
fn record_of(workspace: &Workspace, path: &Path, schema: &NewSchema) -> Option<(PathBuf, String)> {
    let references: Vec<String> = schema.references.iter().map(recorded).collect();
    let text = Some(list("references", &references)).filter(|text| !text.is_empty())?;
    let record = path.with_extension("yaml");
    let text = with_modeline(workspace, ManifestKind::Version, &record, text);
    Some((record, text))
}

/// A reference of an earlier version, which is to one version.
fn recorded(reference: &Reference) -> String {
    let (name, subject) = (scalar(&reference.name), scalar(reference.subject.as_str()));
    format!("{{ name: {name}, subject: {subject}, version: {} }}", reference.version)
}

/// A schema's text for people. Registries keep JSON on one line; where anything but white space would change, the text
/// stays as it is.
fn written(schema: &NewSchema) -> String {
    let pretty = match schema.format {
        SchemaFormat::Avro | SchemaFormat::Json => text::read(&schema.text).ok().map(|json| text::pretty(&json)),
        SchemaFormat::Protobuf => Some(format!("{}\n", schema.text.trim_end())),
    };
    let same = pretty.filter(|pretty| is_met_by(schema.format, pretty, &schema.text));
    same.unwrap_or_else(|| schema.text.clone())
}
