use super::RegisteredVersion;
use super::unit::Unit;
use crate::diag::Diagnostic;
use crate::resources::Workspace;
use crate::resources::schema::SchemaFile;
use crate::schema::{ParsedSchema, SchemaError, is_met_by, parse_registered};
use crate::source::{FileId, Span};

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

/// A text that is no schema, as `validate` finds it.
pub fn invalid(file: SchemaFile, error: SchemaError) -> Diagnostic {
    let inside = error.reference.as_ref().map(|name| format!("in `{name}`: ")).unwrap_or_default();
    let range = error.range.filter(|_| error.reference.is_none()).unwrap_or_default();
    let message = format!("not a valid {} schema: {inside}{}", file.format, error.message);
    let finding = Diagnostic::new("BUS301", message).at(Span::new(file.file, range.start, range.end), "");
    error.help.into_iter().fold(finding, Diagnostic::help)
}

/// The versions of a schema, the oldest first and the present one last, and what is wrong with those that are none.
pub fn versions(
    workspace: &Workspace,
    unit: &Unit<'_>,
    registered: &[RegisteredVersion],
) -> (Vec<Version>, Vec<Diagnostic>) {
    let earlier = workspace.schemas.earlier(&unit.path);
    let newest = earlier.last().map_or(0, |version| version.number);
    let in_git = earlier.iter().map(|version| (version.number, version.schema));
    let in_git: Vec<(u32, SchemaFile)> = in_git.chain([(newest.saturating_add(1), unit.file)]).collect();
    let references = workspace.resolve_references(unit.references);
    let text = |file: FileId| &*workspace.sources.file(file).text;
    let mut versions = Vec::new();
    let mut findings = Vec::new();
    let mut add = |number: Option<u32>, name: String, file: SchemaFile| match parse_registered(
        file.format,
        text(file.file),
        &references,
    ) {
        Ok(schema) => versions.push(Version { number, name, file: file.file, schema }),
        Err(error) => findings.push(invalid(file, error).resource(&unit.address)),
    };
    // Those of the registry stand where they were registered: behind the version in Git that the one before them is.
    let mut waiting = registered.iter().peekable();
    let is_same = |one: &RegisteredVersion, file: SchemaFile| {
        one.format == file.format && is_met_by(file.format, text(file.file), text(one.file))
    };
    let is_in_git = |one: &RegisteredVersion| in_git.iter().any(|(_, file)| is_same(one, *file));
    for (number, file) in &in_git {
        let is_present = *file == unit.file;
        if is_present || registered.iter().any(|one| is_same(one, *file)) {
            while let Some(one) = waiting.next_if(|one| !is_same(one, *file)) {
                if !is_in_git(one) {
                    let schema = SchemaFile { file: one.file, format: one.format };
                    add(None, format!("version {} of the registry", one.number), schema);
                }
            }
            waiting.next_if(|one| is_same(one, *file));
        }
        add(Some(*number), format!("v{number}"), *file);
    }
    (versions, findings)
}
