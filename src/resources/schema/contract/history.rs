use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use super::RegisteredVersion;
use super::unit::Unit;
use crate::diag::Diagnostic;
use crate::resources::Workspace;
use crate::resources::schema::{Past, PastVersion, SchemaFile, files_of, place_error};
use crate::schema::{
    Canonical, ParsedSchema, ResolvedReference, SchemaError, SchemaFormat, canonical, parse_registered,
};
use crate::source::{FileId, merge_conflict};

/// A version of a schema.
pub struct Version {
    /// Its place among the versions in Git, the oldest first; none of one that only a registry has.
    pub place: Option<usize>,
    /// The number of its text in Git; none of one that only a registry has.
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

/// The versions in Git before the present one, in their order: those with texts of their own, and behind them the present
/// text with earlier versions of what it refers to.
pub fn in_git<'p, 'w>(past: &'p Past<'w>) -> impl Iterator<Item = &'p PastVersion<'w>> {
    past.kept.iter().chain(&past.carried)
}

/// A version before it is parsed.
struct Text<'t> {
    /// Its number, in Git or in the registry.
    number: u32,
    file: SchemaFile,
    form: Rc<Form<'t>>,
    references: Vec<ResolvedReference<'t>>,
    /// What it may refer to besides.
    otherwise: Option<Vec<ResolvedReference<'t>>>,
    /// The files that it refers to, by its names for them.
    files: Vec<(&'t str, FileId)>,
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
    past: &Past<'_>,
    registered: &[RegisteredVersion],
) -> (Vec<Version>, Vec<Diagnostic>) {
    let mut forms = Forms { workspace, known: HashMap::new() };
    let newest = past.kept.last().map_or(0, |version| version.number);
    let mut before: Vec<Text<'_>> = Vec::new();
    for one in in_git(past) {
        let text = forms.text(one.number, one.schema, workspace.texts_of(&one.references));
        let otherwise = one.otherwise.as_deref().map(|referred| workspace.texts_of(referred));
        before.push(Text { otherwise, files: one.read_with(), ..text });
    }
    let present = forms.text(newest.saturating_add(1), unit.file, workspace.texts_of(&past.references));
    let present = Text { files: files_of(&past.references), ..present };
    let of_registry = registered.iter().map(|one| {
        let refers = one.references.iter().map(|to| ResolvedReference { name: &to.name, text: &to.text });
        forms.text(one.number, SchemaFile { file: one.file, format: one.format }, refers.collect())
    });
    let of_registry: Vec<Text<'_>> = of_registry.collect();
    let names: Vec<String> = in_git(past).map(PastVersion::name).chain([format!("v{}", present.number)]).collect();
    let in_git: Vec<Text<'_>> = before.into_iter().chain([present]).collect();
    let mut versions = Vec::new();
    let mut findings = Vec::new();
    let mut add = |place: Option<usize>, name: String, one: &Text<'_>| match one.parse() {
        Ok(schema) => {
            let number = place.map(|_| one.number);
            versions.push(Version { place, number, name, file: one.file.file, schema });
        }
        // The present text was written for a later version of what it refers to.
        Err(_) if place.is_some_and(|place| (past.kept.len()..names.len() - 1).contains(&place)) => {}
        Err(finding) => findings.push((*finding).resource(&unit.address)),
    };
    // Those of the registry stand where they were registered: before the version in Git with their text.
    let mut waiting = of_registry.as_slice();
    for (place, one) in in_git.iter().enumerate() {
        let has_text = |waiting: &Text<'_>| one.form.is_met_by(&waiting.form);
        let count = if place + 1 == in_git.len() {
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
        add(Some(place), names[place].clone(), one);
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
        Text { number, file, form, references, otherwise: None, files: Vec::new(), referred }
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

    fn parse(&self) -> Result<ParsedSchema, Box<Diagnostic>> {
        let parse = |references: &[_]| parse_registered(self.file.format, self.form.text, references);
        let parsed = parse(&self.references);
        let parsed = match &self.otherwise {
            Some(references) if parsed.is_err() => parse(references),
            _ => parsed,
        };
        parsed.map_err(|error| {
            let conflict = merge_conflict(self.file.file, self.form.text).filter(|_| error.reference.is_none());
            Box::new(conflict.unwrap_or_else(|| invalid(self.file, error, &self.files)))
        })
    }
}
