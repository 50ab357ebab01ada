use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use super::RegisteredVersion;
use super::unit::Unit;
use crate::diag::Diagnostic;
use crate::resources::Workspace;
use crate::resources::schema::{SchemaFile, place_error};
use crate::schema::{
    Canonical, ParsedSchema, ResolvedReference, SchemaError, SchemaFormat, canonical, parse_registered,
};
use crate::source::{FileId, merge_conflict};

/// A version of a schema.
pub struct Version {
    /// Its number in Git; none of one that only a registry has.
    pub number: Option<u32>,
    /// `v3`, as in "a consumer on v3 cannot read records of v4".
    pub name: String,
    /// Its text.
    pub file: FileId,
    /// What it says.
    pub schema: ParsedSchema,
}

/// A text that is no schema, as `validate` finds it. `referred` are the files that it refers to, by its names for them.
pub fn invalid(file: SchemaFile, error: SchemaError, referred: &[(&str, FileId)]) -> Diagnostic {
    let message = format!("not a valid {}: {}", file.format.schema(), error.told());
    let finding = place_error(Diagnostic::new("BUS301", message), file.file, &error, referred);
    error.help.into_iter().fold(finding, Diagnostic::help)
}

/// A version before it is parsed.
struct Text<'t> {
    /// Its number, in Git or in the registry.
    number: u32,
    file: SchemaFile,
    form: Rc<Form<'t>>,
    references: Vec<ResolvedReference<'t>>,
    /// What each of them is, by the name that the version has for it.
    referred: BTreeMap<&'t str, Rc<Form<'t>>>,
}

/// What texts are compared by.
struct Form<'t> {
    format: SchemaFormat,
    text: &'t str,
    /// None of a text that cannot be read, which equals only itself.
    canonical: Option<Canonical>,
}

/// The versions of a schema, the oldest first and the present one last, and what is wrong with those that are none.
pub fn versions(
    workspace: &Workspace,
    unit: &Unit<'_>,
    registered: &[RegisteredVersion],
) -> (Vec<Version>, Vec<Diagnostic>) {
    let mut forms = Forms { workspace, known: HashMap::new() };
    let earlier = workspace.schemas.earlier(&unit.path);
    let newest = earlier.last().map_or(0, |version| version.number);
    let in_git = earlier.iter().map(|version| (version.number, version.schema));
    let references = workspace.resolve_references(unit.references);
    let files = workspace.reference_files(unit.references);
    let in_git = in_git.chain([(newest.saturating_add(1), unit.file)]).map(|(number, file)| {
        // What a schema of another format referred to is not known any more.
        let references = if file.format == unit.file.format { references.clone() } else { Vec::new() };
        forms.text(number, file, references)
    });
    let in_git: Vec<Text<'_>> = in_git.collect();
    let of_registry = registered.iter().map(|one| {
        let refers = one.references.iter().map(|to| ResolvedReference { name: &to.name, text: &to.text });
        forms.text(one.number, SchemaFile { file: one.file, format: one.format }, refers.collect())
    });
    let of_registry: Vec<Text<'_>> = of_registry.collect();
    let mut versions = Vec::new();
    let mut findings = Vec::new();
    let mut add = |number: Option<u32>, name: String, one: &Text<'_>| match one.parse(&files) {
        Ok(schema) => versions.push(Version { number, name, file: one.file.file, schema }),
        Err(finding) => findings.push((*finding).resource(&unit.address)),
    };
    // Those of the registry stand where they were registered: before the version in Git with their text.
    let mut waiting = of_registry.as_slice();
    for one in &in_git {
        let has_text = |waiting: &Text<'_>| one.form.is_met_by(&waiting.form);
        let count = if one.file == unit.file {
            waiting.len()
        } else {
            let first = waiting.iter().position(has_text).unwrap_or_default();
            first + waiting[first..].iter().take_while(|waiting| has_text(waiting)).count()
        };
        let (passed, later) = waiting.split_at(count);
        waiting = later;
        for passed in passed.iter().filter(|passed| !in_git.iter().any(|one| one.is_met_by(passed))) {
            add(None, format!("version {} of the registry", passed.number), passed);
        }
        add(Some(one.number), format!("v{}", one.number), one);
    }
    (versions, findings)
}

/// Makes each form once: versions share what they refer to.
struct Forms<'t> {
    workspace: &'t Workspace,
    known: HashMap<(SchemaFormat, &'t str), Rc<Form<'t>>>,
}

impl<'t> Forms<'t> {
    fn text(&mut self, number: u32, file: SchemaFile, references: Vec<ResolvedReference<'t>>) -> Text<'t> {
        let form = self.form(file.format, &self.workspace.sources.file(file.file).text);
        let referred = references.iter().map(|to| (to.name, self.form(file.format, to.text))).collect();
        Text { number, file, form, references, referred }
    }

    fn form(&mut self, format: SchemaFormat, text: &'t str) -> Rc<Form<'t>> {
        let make = || Rc::new(Form { format, text, canonical: canonical(format, text).ok() });
        self.known.entry((format, text)).or_insert_with(make).clone()
    }
}

impl Form<'_> {
    /// Whether `live` is the same text.
    fn is_met_by(&self, live: &Form<'_>) -> bool {
        self.format == live.format
            && (self.text == live.text
                || matches!((&self.canonical, &live.canonical), (Some(own), Some(live)) if own.is_met_by(live)))
    }
}

impl Text<'_> {
    /// Whether a version of the registry is this one: has its text, and refers to the same texts.
    fn is_met_by(&self, live: &Text<'_>) -> bool {
        let refers = |name| Some((self.referred.get(name)?, live.referred.get(name)?));
        self.form.is_met_by(&live.form)
            && self.referred.len() == live.referred.len()
            && self.referred.keys().all(|name| refers(*name).is_some_and(|(own, live)| own.is_met_by(live)))
    }

    fn parse(&self, files: &[(&str, FileId)]) -> Result<ParsedSchema, Box<Diagnostic>> {
        let parsed = parse_registered(self.file.format, self.form.text, &self.references);
        parsed.map_err(|error| {
            let conflict = merge_conflict(self.file.file, self.form.text).filter(|_| error.reference.is_none());
            Box::new(conflict.unwrap_or_else(|| invalid(self.file, error, files)))
        })
    }
}
