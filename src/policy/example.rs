use std::collections::BTreeMap;
use std::path::PathBuf;

use super::{Content, Example};
use crate::resources::{ReadProblem, WorkspaceFiles};

/// The workspace that examples are laid over. It breaks no rule.
pub const BASE: &[(&str, &str)] = &[
    (
        "busctl.yaml",
        "version: 1
classes:
  raw: { cleanup: [delete], retention: 30d }
  state: { cleanup: [compact] }
",
    ),
    (
        "clusters/production.yaml",
        "cluster: production
environment: production
cluster_id: KjaDqFKeSJGm-ebAeEki8g
connection:
  bootstrap: [kafka-0.example.com:9094]
  tls: { ca: file:ca.pem, certificate: file:busctl.pem }
schema_registry: main
defaults: { replication_factor: 3, min_insync_replicas: 2 }
kafka:
  deployment: self_managed
  authorizer: standard
  super_users: [{ principal: User:CN=kafka, reason: The brokers. }]
  nodes:
    - { id: 0, rack: a, roles: [broker, controller] }
    - { id: 1, rack: b, roles: [broker, controller] }
    - { id: 2, rack: c, roles: [broker, controller] }
",
    ),
    (
        "clusters/registry.yaml",
        "registry: main
url: https://registry.example.com/apis/ccompat/v7
",
    ),
    (
        "catalog/catalog.yaml",
        "domains:
  media: { owner: media-platform }
services:
  ingest-gateway: { owner: media-platform }
  normalizer: { owner: media-platform }
teams:
  media-platform: { contacts: { email: media-platform@example.com } }
",
    ),
    (
        "topics/media/media.raw_ingest.v1.yaml",
        "topic: media.raw_ingest.v1
class: raw
description: One record for each asset that the ingest gateway accepted.
key: asset_id
producers: [ingest-gateway]
consumers: [normalizer]
retention_rationale: Thirty days let the normalizer reprocess a whole billing month.
change_request: CR-2041
",
    ),
    (
        "acls/ingest-gateway.yaml",
        "service: ingest-gateway
produces: [media.raw_ingest.v1]
",
    ),
    (
        "acls/normalizer.yaml",
        "service: normalizer
consumes: [media.raw_ingest.v1]
",
    ),
    (
        "schemas/media/media.raw_ingest.v1.avsc",
        r#"{
  "type": "record",
  "name": "RawIngest",
  "namespace": "example.media",
  "fields": [{ "name": "asset_id", "type": "string", "doc": "The asset's id." }]
}
"#,
    ),
    ("schemas/media/fixtures/media.raw_ingest.v1/plain.json", "{ \"asset_id\": \"a-1\" }\n"),
];

/// The files of a workspace: the base with an example laid over it.
pub fn lay_over(example: &Example) -> WorkspaceFiles {
    lay(example.0.iter().filter_map(|(path, content)| match content {
        Content::Text(text) => Some((*path, Ok(*text))),
        Content::Unreadable(why) => Some((*path, Err(*why))),
        Content::Base(_) | Content::Live(_) | Content::Answer(_) | Content::Client(_) => None,
    }))
}

fn lay<'e>(above: impl Iterator<Item = (&'e str, Result<&'e str, &'e str>)>) -> WorkspaceFiles {
    let mut files: BTreeMap<&str, Result<String, &str>> =
        BASE.iter().map(|(path, text)| (*path, Ok((*text).to_owned()))).collect();
    for (path, content) in above {
        match content {
            Ok("") => {
                files.remove(path);
            }
            Ok(text) => {
                let below = files.get(path).and_then(|known| known.as_deref().ok()).filter(|_| path.ends_with(".yaml"));
                let text = below.map_or_else(|| text.to_owned(), |below| replace_keys(below, text));
                files.insert(path, Ok(text));
            }
            Err(why) => {
                files.insert(path, Err(why));
            }
        }
    }
    let mut workspace = WorkspaceFiles::default();
    for (path, content) in files {
        let path = PathBuf::from(path);
        if path.starts_with("docs") {
            workspace.documents.insert(path);
            continue;
        }
        let text = content.map(Into::into).map_err(|why| ReadProblem { message: why.into(), help: String::new() });
        workspace.texts.insert(path, text);
    }
    workspace
}

/// `below` without the top-level keys that `above` has, followed by `above`.
fn replace_keys(below: &str, above: &str) -> String {
    let key_of = |line: &str| match line.split_once(':') {
        Some((key, _)) if !key.is_empty() && !key.starts_with([' ', '#', '-']) => Some(key.to_owned()),
        _ => None,
    };
    let replaced: Vec<String> = above.lines().filter_map(key_of).collect();
    let mut kept = String::new();
    let mut keep = true;
    for line in below.lines() {
        if let Some(key) = key_of(line) {
            keep = !replaced.contains(&key);
        }
        if keep {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept + above
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use serde_json::{Value, json};

    use super::*;
    use crate::diag::{Diagnostic, Findings, MemorySpill, Store};
    use crate::model::Date;
    use crate::plan::{PlanFinding, make_plan};
    use crate::policy::{
        Base, BaseState, Check, ClientQuestion, Rule, apply_levels, check, check_against, check_client, check_for,
        rules,
    };
    use crate::ports::registry::Verdict;
    use crate::resources::schema::compatibility::{self as registry, Answers, Histories, judge};
    use crate::resources::schema::contract::{self, Beside, Registered};
    use crate::resources::{Desired, Live, Workspace, load, load_with_base};

    /// The files that an example is compared with; `None` where it shows no base.
    fn base_of(example: &Example) -> Option<WorkspaceFiles> {
        let mut files = example.0.iter().filter_map(|(path, content)| match content {
            Content::Base(text) => Some((*path, Ok(*text))),
            _ => None,
        });
        let first = files.next()?;
        Some(lay(std::iter::once(first).chain(files)))
    }

    /// The workspace of an example with what is wrong with its manifests, and its base where it has one.
    fn loaded(example: &Example) -> (Workspace, Vec<Diagnostic>, Option<Workspace>) {
        match base_of(example) {
            Some(base) => {
                let [(workspace, loading), (base, _)] = load_with_base(lay_over(example), base, "main");
                (workspace, loading, Some(base))
            }
            None => {
                let (workspace, loading) = load(lay_over(example));
                (workspace, loading, None)
            }
        }
    }

    /// Every finding of an example: of its manifests, and of what the rule is about beside them, its live state or its sample
    /// records.
    fn findings(example: &Example, rule: &Rule) -> Vec<PlanFinding> {
        let today: Date = "2026-06-01".parse().expect("a day");
        let (mut workspace, loading, base) = loaded(example);
        let of_clients: Vec<Diagnostic> = example
            .0
            .iter()
            .filter_map(|(path, content)| match content {
                Content::Client(text) => Some((Path::new(path), text)),
                _ => None,
            })
            .flat_map(|(path, text)| check_client(&mut workspace, path, text, &ClientQuestion::default()).findings)
            .collect();
        let clusters: Vec<_> = workspace.clusters.values().collect();
        let mut found = Findings::listed(loading, &workspace.sources);
        found.extend(of_clients);
        let store = found.store().clone();
        found.append(match &base {
            Some(base) => {
                let base = BaseState::Manifests(Base { name: "main", workspace: base });
                check_against(&workspace, &clusters, base, &store)
            }
            None => check(&workspace, &clusters, &store),
        });
        let mut found = apply_levels(found, &workspace, today).into_vec();
        if matches!(rule.check, Check::Samples) {
            let beside = Beside { registered: Registered::new(), unfinished: BTreeSet::new(), today };
            let tested = contract::test(&workspace, &[], &beside).expect("no name is none");
            found.extend(tested.findings);
        }
        let mut found: Vec<PlanFinding> =
            found.iter().map(|finding| PlanFinding::new(finding, &workspace.sources)).collect();
        if matches!(rule.check, Check::Live) {
            let (desired, _) = Desired::resolve(&workspace, clusters[0]);
            let (live, histories) = live(&desired, example);
            let mut plan = make_plan(&desired, &live, today);
            judge(&mut plan, &desired, &live, histories.as_ref(), answers(example).as_ref(), today);
            found.extend(plan.findings);
        }
        found
    }

    /// What the registry says in an example, where it is asked there.
    fn answers(example: &Example) -> Option<Answers> {
        let answers = example.0.iter().filter_map(|(path, content)| match content {
            Content::Answer(text) => {
                let answer: Value = serde_json::from_str(text).expect("an answer");
                let messages = serde_json::from_value(answer["messages"].clone()).unwrap_or_default();
                let compatible = answer["is_compatible"].as_bool().expect("a verdict");
                let subject = path.split('/').nth(3).expect("a subject").parse().expect("a subject");
                Some((subject, registry::Answer::Said(Verdict { compatible, messages })))
            }
            _ => None,
        });
        let answers: Answers = answers.collect();
        (!answers.is_empty()).then_some(answers)
    }

    /// A cluster that has what the manifests ask for, with the live state of the example over it, and the versions of
    /// schemas that are saved with it.
    fn live(desired: &Desired<'_>, example: &Example) -> (Live, Option<Histories>) {
        let topics: serde_json::Map<String, Value> = desired
            .topics
            .values()
            .map(|topic| {
                let replicas: Vec<u32> = (0..topic.replication_factor.value).collect();
                let partitions: Vec<Value> =
                    (0..topic.partitions.value).map(|_| json!({ "replicas": replicas, "isr": replicas })).collect();
                let configs: serde_json::Map<String, Value> =
                    topic.configs.iter().map(|(key, value)| (key.to_string(), value.value.as_str().into())).collect();
                let live = json!({ "internal": false, "partitions": partitions, "configs": { "known": configs } });
                (topic.name.to_string(), live)
            })
            .collect();
        let id = desired.cluster.cluster_id.as_ref().map(|id| id.value.to_string()).unwrap_or_default();
        let mut live = json!({
            "cluster": { "id": id, "brokers": [], "controller": null },
            "topics": { "topics": topics, "hidden": {}, "defaults": {} },
            "acls": { "known": desired.grants.acls.keys().collect::<Vec<_>>() },
            "quotas": { "known": [] },
            "scram_users": { "known": [] },
            "registry": null,
        });
        for (_, content) in example.0 {
            if let Content::Live(text) = content {
                let shown: serde_json::Map<String, Value> = serde_json::from_str(text).expect("a live state");
                live.as_object_mut().expect("an object").extend(shown);
            }
        }
        // Brokers say that they have the super users that are declared, and not who they are.
        let has_super_users = desired.cluster.kafka.as_ref().is_some_and(|kafka| !kafka.super_users().is_empty());
        let brokers = live.pointer_mut("/facts/brokers").and_then(Value::as_object_mut).filter(|_| has_super_users);
        for broker in brokers.into_iter().flat_map(|brokers| brokers.values_mut()) {
            if let Some(settings) = broker.pointer_mut("/settings/known").and_then(Value::as_object_mut) {
                settings.entry("super.users").or_insert(Value::Null);
            }
        }
        let versions = live.get("versions").cloned();
        let histories = versions.map(|versions| serde_json::from_value(versions).expect("versions"));
        (serde_json::from_value(live).expect("a live state"), histories)
    }

    #[test]
    fn a_finding_of_a_schema_says_whose_it_is() {
        // What these find is of no resource: a file that nothing uses, versions and samples of no schema.
        let of_nobody = ["BUS305", "BUS326"];
        for rule in rules().iter().filter(|rule| rule.code.starts_with("BUS3") && !of_nobody.contains(&rule.code)) {
            for finding in findings(&rule.bad, rule).iter().filter(|finding| finding.code == rule.code) {
                assert!(finding.resource.is_some(), "{finding:?}");
            }
        }
    }

    #[test]
    fn a_bad_example_breaks_its_rule_and_no_other_and_a_good_one_breaks_none() {
        let mut wrong = Vec::new();
        for rule in rules() {
            let found = findings(&rule.bad, rule);
            let codes: BTreeSet<&str> = found.iter().map(|finding| finding.code.as_str()).collect();
            if codes != BTreeSet::from([rule.code]) {
                wrong.push(format!("the bad example of {}: {found:#?}", rule.code));
            }
            let found = findings(&rule.good, rule);
            if !found.is_empty() {
                wrong.push(format!("the good example of {}: {found:#?}", rule.code));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn what_is_found_is_the_same_wherever_it_is_kept() {
        let today: Date = "2026-06-01".parse().expect("a day");
        for example in rules().iter().flat_map(|rule| [&rule.bad, &rule.good]) {
            let (workspace, loading, base) = loaded(example);
            let clusters: Vec<_> = workspace.clusters.values().collect();
            let found = |store: &Store| {
                let mut found = store.findings();
                found.extend(loading.iter().cloned());
                found.append(match &base {
                    Some(base) => {
                        let base = BaseState::Manifests(Base { name: "main", workspace: base });
                        check_against(&workspace, &clusters, base, store)
                    }
                    None => check(&workspace, &clusters, store),
                });
                apply_levels(found, &workspace, today).into_vec()
            };
            let spilling = Store::spilling(&workspace.sources, 1, MemorySpill::default());
            assert_eq!(found(&spilling), found(&Store::in_memory(&workspace.sources)));
        }
    }

    #[test]
    fn who_asks_for_one_code_is_told_the_same_of_it() {
        for example in rules().iter().flat_map(|rule| [&rule.bad, &rule.good]) {
            let (workspace, _) = load(lay_over(example));
            let clusters: Vec<_> = workspace.clusters.values().collect();
            let store = Store::in_memory(&workspace.sources);
            let all = check(&workspace, &clusters, &store).into_vec();
            for code in all.iter().map(|finding| finding.code).collect::<BTreeSet<_>>() {
                let of = |findings: &[Diagnostic]| {
                    let said = findings.iter().filter(|finding| finding.code == code);
                    said.map(|finding| format!("{finding:?}")).collect::<Vec<_>>()
                };
                let found = check_for(&workspace, &clusters, BTreeSet::from([code]), &store).into_vec();
                assert_eq!(of(&found), of(&all));
            }
        }
    }
}
