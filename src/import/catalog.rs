//! Owners: domains, services and teams, each with the questions that only people can answer.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::domains::undeclared;
use super::skeleton::Skeleton;
use super::{About, Import};
use crate::model::{Name, counted};
use crate::resources::catalog::ServiceKind;
use crate::resources::format::is_same;
use crate::resources::{WorkspaceFiles, load};
use crate::source::edit::Edits;
use crate::source::write::{list, mapping, scalar};
use crate::source::{FileId, Node, Value, parse_yaml};

/// The team of what no domain's team answers for.
const UNASSIGNED: &str = "unassigned";

/// What stands above teams that nobody but their names is known of.
const ASK_TEAMS: &str = "# question: who are they, and how are they reached?\n";

/// The services that are new.
#[derive(Debug, Default)]
pub struct Parties {
    services: BTreeMap<String, Party>,
}

#[derive(Debug)]
struct Party {
    kind: ServiceKind,
    domain: Option<String>,
    about: About,
}

impl Parties {
    /// Adds a service.
    pub fn service(&mut self, name: &str, kind: ServiceKind, domain: Option<String>, about: About) {
        self.services.insert(name.to_owned(), Party { kind, domain, about });
    }
}

/// Writes what is not declared yet: behind what a file of the catalog has, or into a file of its own.
pub fn write(import: &mut Import<'_>, skeleton: &Skeleton, parties: &Parties) {
    let known = &skeleton.workspace.catalog;
    let domains = undeclared(import, &skeleton.workspace);
    let team_of = |domain: Option<&String>| match domain {
        Some(domain) if domains.contains_key(domain) => domain.clone(),
        Some(domain) => known.domains.get(domain).map_or(UNASSIGNED.to_owned(), |spec| spec.owner.value.to_string()),
        None => UNASSIGNED.to_owned(),
    };
    let is_team = |owner: &&String| owner.parse::<Name>().is_ok();
    let mut teams: BTreeSet<String> = domains.keys().cloned().collect();
    let owners = import.topics.keys().filter_map(|topic| import.found.topics[topic].about.owner.as_ref());
    teams.extend(owners.filter(is_team).cloned());
    let domain_entries: Vec<String> = domains.iter().map(|(domain, prefixes)| domain_entry(domain, prefixes)).collect();
    let new = parties.services.iter().filter(|(name, _)| !known.services.contains_key(*name));
    let service_entries: Vec<String> = new
        .map(|(name, party)| {
            let said = party.about.owner.as_ref().filter(is_team).cloned();
            let owner = said.unwrap_or_else(|| team_of(party.domain.as_ref()));
            let mut entries: Vec<_> =
                party.about.description().map(|text| ("description".to_owned(), text)).into_iter().collect();
            entries.push(("owner".to_owned(), scalar(&owner)));
            let is_declared = |domain: &&String| domains.contains_key(*domain) || known.domains.contains_key(*domain);
            let domain = party.domain.as_ref().filter(is_declared);
            entries.extend(domain.map(|domain| ("domain".to_owned(), scalar(domain))));
            if party.kind != ServiceKind::Service {
                entries.push(("kind".to_owned(), party.kind.to_string()));
            }
            teams.insert(owner);
            mapping(&scalar(name), &entries, 2)
        })
        .collect();
    teams.retain(|team| !known.teams.contains_key(team));
    let team_entries: Vec<String> = teams.iter().map(|team| format!("  {}: {{}}\n", scalar(team))).collect();
    for (key, head, entries, (ask, rest)) in [
        ("domains", "", domain_entries, ("which team answers for", "")),
        ("services", "", service_entries, ("what does", " do, and is its owner right")),
        ("teams", ASK_TEAMS, team_entries, ("who is", ", and how is it reached")),
    ] {
        if entries.is_empty() {
            continue;
        }
        let path = add(import, key, head, &entries);
        let one = &key[..key.len() - 1];
        let what = match entries.len() {
            1 => format!("the {one}"),
            count => format!("each of {}", counted(count as u64, one)),
        };
        import.made.questions.push(format!("{ask} {what}{rest}? ({})", path.display()));
    }
}

fn domain_entry(domain: &str, prefixes: &[&str]) -> String {
    let name = scalar(domain);
    let prefixes: Vec<String> = prefixes.iter().map(|prefix| scalar(prefix)).collect();
    let prefixes: String = list("prefixes", &prefixes).lines().map(|line| format!("    {line}\n")).collect();
    format!("  {name}:\n    # question: which team answers for it?\n    owner: {name}\n{prefixes}")
}

/// Adds entries below a key of the catalog; answers the file.
fn add(import: &mut Import<'_>, key: &str, head: &str, entries: &[String]) -> PathBuf {
    let new: String = entries.concat();
    let sources = &import.request.workspace.sources;
    let files = sources.iter().filter(|(_, file)| file.path.starts_with("catalog")).map(|(_, file)| file.path.clone());
    for path in files.collect::<Vec<_>>() {
        let Some(text) = import.text_of(&path) else { continue };
        if let Some(edited) = behind(&path, &text, key, &new) {
            import.made.changed.insert(path.clone(), edited);
            return path;
        }
    }
    let path = import.paths.free("catalog", key, "yaml");
    import.create(path.clone(), format!("{head}{key}:\n{new}"));
    path
}

/// The text of a file with entries behind those that a key has, where each of these stands on lines of its own. It is read
/// again: an edit that changed anything else is none.
fn behind(path: &Path, text: &str, key: &str, new: &str) -> Option<String> {
    let (documents, findings) = parse_yaml(FileId(0), text);
    let place = documents.iter().position(|document| document.get(key).is_some()).filter(|_| findings.is_empty())?;
    let Value::Mapping(entries) = &documents[place].get(key)?.value else { return None };
    let (first, last) = (entries.first()?, entries.last()?);
    let line = &text[..first.key.span.start as usize];
    let indent = &line[line.rfind('\n').map_or(0, |newline| newline + 1)..];
    if indent.is_empty() || !indent.bytes().all(|byte| byte == b' ') {
        return None;
    }
    let new: Vec<String> = new.lines().map(|line| format!("{indent}{}", &line[2..])).collect();
    // The place of a mapping ends with its last value.
    let end = last.value.span.end.max(last.key.span.end) as usize;
    let mut edits = Edits::default();
    edits.insert_line(text, end, &new.join("\n"));
    let edited = edits.apply(text);
    let (after, findings) = parse_yaml(FileId(0), &edited);
    let others = |documents: &[Node]| {
        let without = |(index, document): (usize, &Node)| match &document.value {
            Value::Mapping(entries) if index == place => {
                let entries = entries.iter().filter(|entry| &*entry.key.value != key).cloned().collect();
                Node { span: document.span, value: Value::Mapping(entries) }
            }
            _ => document.clone(),
        };
        documents.iter().enumerate().map(without).collect::<Vec<_>>()
    };
    let Some(Value::Mapping(now)) = after.get(place).and_then(|document| document.get(key)).map(|it| &it.value) else {
        return None;
    };
    let (before, now_others) = (others(&documents), others(&after));
    let is_kept = findings.is_empty()
        && before.len() == now_others.len()
        && before.iter().zip(&now_others).all(|(a, b)| is_same(a, b))
        && entries.iter().zip(now).all(|(a, b)| a.key.value == b.key.value && is_same(&a.value, &b.value));
    let texts = [(path.to_owned(), Ok(Arc::from(edited.as_str())))].into();
    let loads = || load(WorkspaceFiles { texts, ..WorkspaceFiles::default() }).1.is_empty();
    (is_kept && loads()).then_some(edited)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_behind_others_and_comments_stay() {
        let text =
            "# Who.\nservices:\n    a: { owner: t } # one\n    # about b\n    b: { owner: t }\n\nteams:\n  t: {}\n";
        let edited = behind(Path::new("catalog/a.yaml"), text, "services", "  c: { owner: t }\n");
        let expected = text.replace("    b: { owner: t }\n", "    b: { owner: t }\n    c: { owner: t }\n");
        assert_eq!(edited.as_deref(), Some(expected.as_str()));
        let returns = text.replace('\n', "\r\n");
        let edited = behind(Path::new("catalog/a.yaml"), &returns, "services", "  c: { owner: t }\n");
        assert_eq!(edited, Some(expected.replace('\n', "\r\n")));
        assert_eq!(
            behind(Path::new("catalog/a.yaml"), "services: { a: { owner: t } }\n", "services", "  c: {}\n"),
            None
        );
        assert_eq!(behind(Path::new("catalog/a.yaml"), text, "domains", "  c: { owner: t }\n"), None);
    }
}
