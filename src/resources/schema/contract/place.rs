//! Sample records that stand where they are tested with nothing.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::name::Told;
use super::unit::{Unit, samples};
use crate::diag::Diagnostic;
use crate::model::{Address, counted};
use crate::resources::Workspace;
use crate::resources::schema::Part;
use crate::resources::schema::rules::sample::NO_SCHEMA;
use crate::source::{FileId, Span, closest};

/// The folder of the samples that are called after `schemas/DOMAIN/TOPIC`.
pub fn folder_of(of: &str) -> String {
    let (folder, name) = of.rsplit_once('/').unwrap_or(("schemas", of));
    format!("{folder}/fixtures/{name}")
}

/// Keys of a topic whose keys have no schema, or values of one whose values have none.
pub fn of_no_part(workspace: &Workspace, units: &[Unit<'_>]) -> Vec<Diagnostic> {
    let mut folders: BTreeMap<&str, Vec<&Unit<'_>>> = BTreeMap::new();
    for unit in units {
        folders.entry(&unit.folder).or_default().push(unit);
    }
    let mut findings = Vec::new();
    for (folder, units) in folders {
        for part in [Part::Key, Part::Value] {
            // Where one part was asked for by its subject, the other one is not looked at.
            let Some(unit) = units.first().filter(|_| !has_part(workspace, &units, part)) else { continue };
            let (one, all, way) = match part {
                Part::Key => (
                    "a key",
                    "keys",
                    "name their schema in the manifest, `schema: { key: FILE }`, or give the \
                    sample a name without `.key`",
                ),
                Part::Value => ("a value", "values", "write their schema, or call the sample NAME.key.json"),
            };
            for file in samples(workspace, folder, part) {
                let name = file_name(workspace, file);
                let message = format!("`{name}` is {one} by its name, and the {all} of `{}` have no schema", unit.name);
                findings.push(NO_SCHEMA.finding(message).at(Span::whole(file), "").help(way).resource(&unit.address));
            }
        }
    }
    findings
}

fn has_part(workspace: &Workspace, units: &[&Unit<'_>], part: Part) -> bool {
    let of_topic = |unit: &&Unit<'_>| {
        let topic = unit.topic?;
        Some(workspace.schemas_of(topic).iter().any(|schema| schema.part == part && schema.file.is_some()))
    };
    units.iter().any(|unit| unit.part == part || of_topic(unit) == Some(true))
}

/// Files of a sample's folder that are called otherwise.
pub fn misnamed(workspace: &Workspace, units: &[Unit<'_>]) -> Vec<Diagnostic> {
    let folders: BTreeMap<&str, &Unit<'_>> = units.iter().map(|unit| (unit.folder.as_str(), unit)).collect();
    let mut findings = Vec::new();
    for (folder, unit) in folders {
        for file in workspace.schemas.fixtures(folder).iter().copied() {
            let name = file_name(workspace, file);
            if Told::by(&name).is_none() {
                let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
                let finding =
                    NO_SCHEMA.finding(format!("`{name}` is tested with nothing: a sample's name ends with .json"));
                let help = format!("call it {stem}.json");
                findings.push(finding.at(Span::whole(file), "").help(help).resource(&unit.address));
            }
        }
    }
    findings
}

fn file_name(workspace: &Workspace, file: FileId) -> String {
    let name = workspace.sources.file(file).path.file_name();
    name.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Files below a folder of samples that are in no sample's place: of these schemas, or all.
pub fn strays(workspace: &Workspace, units: &[Unit<'_>], all: bool) -> Vec<Diagnostic> {
    // A topic with keys and values has its folder twice; the first one counts.
    let folders: HashMap<PathBuf, &Address> =
        units.iter().rev().map(|unit| (PathBuf::from(folder_of(&unit.folder)), &unit.address)).collect();
    let mut found: BTreeMap<&Path, (Option<&Address>, Vec<FileId>)> = BTreeMap::new();
    for file in workspace.schemas.strays() {
        let path = &workspace.sources.file(*file).path;
        let of = path.ancestors().find_map(|folder| folders.get(folder)).copied();
        if all || of.is_some() {
            found.entry(path.parent().unwrap_or(path)).or_insert((of, Vec::new())).1.push(*file);
        }
    }
    let said = found.into_iter().map(|(folder, (of, files))| {
        let count = counted(files.len() as u64, "file");
        let finding = NO_SCHEMA
            .finding(format!("nothing is tested in {}: {count} in no sample's place", folder.display()))
            .at(Span::whole(files[0]), "")
            .help("samples are schemas/DOMAIN/fixtures/TOPIC/NAME.json, without further folders");
        of.into_iter().fold(finding, Diagnostic::resource)
    });
    said.collect()
}

/// Folders of samples that no schema is tested with.
pub fn of_nobody(workspace: &Workspace, units: &[Unit<'_>]) -> Vec<Diagnostic> {
    let known: HashSet<&str> = units.iter().map(|unit| unit.folder.as_str()).collect();
    let mut forgotten: Vec<(&str, FileId)> = workspace
        .schemas
        .fixture_folders()
        .filter(|(folder, _)| !known.contains(folder))
        .filter_map(|(folder, files)| Some((folder, *files.first()?)))
        .collect();
    forgotten.sort_unstable();
    forgotten.into_iter().map(|(folder, first)| forgotten_folder(workspace, units, folder, first)).collect()
}

fn forgotten_folder(workspace: &Workspace, units: &[Unit<'_>], folder: &str, first: FileId) -> Diagnostic {
    let shown = folder_of(folder);
    let name = folder.rsplit('/').next().unwrap_or(folder);
    let called_so = |unit: &&Unit<'_>| unit.folder.rsplit('/').next() == Some(name);
    let topic = workspace.topics.get(name).filter(|topic| topic.is_present());
    let (message, help, of) = match (units.iter().find(called_so), topic) {
        (Some(unit), _) => (
            format!("the samples in {shown} are tested with nothing"),
            format!("move them to {}/, where those of `{}` are looked for", folder_of(&unit.folder), unit.name),
            Some(unit.address.clone()),
        ),
        (None, Some(topic)) => {
            let domain = workspace.domain_of(&topic.topic);
            let mut schemas = workspace.schemas.iter().map(|(path, _)| path);
            let help = match schemas.find(|path| path.file_stem().is_some_and(|stem| stem == name)) {
                Some(path) => format!("{} is not used: move it to schemas/{domain}/", path.display()),
                None => format!("its schema is schemas/{domain}/{name}.avsc, .json or .proto, or what `schema` names"),
            };
            let message = format!("the topic `{name}` has no schema that the samples in {shown} could be tested with");
            (message, help, Some(Address::topic(&topic.topic.value)))
        }
        (None, None) => {
            let known = units.iter().filter_map(|unit| unit.folder.rsplit('/').next());
            let help = match closest(name, known) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "call the folder schemas/DOMAIN/fixtures/TOPIC after what the samples are of, or remove it"
                    .to_owned(),
            };
            (format!("no topic with a schema and no subject is called after the samples in {shown}"), help, None)
        }
    };
    of.into_iter().fold(NO_SCHEMA.finding(message).at(Span::whole(first), "").help(help), Diagnostic::resource)
}
