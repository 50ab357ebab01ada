mod jikkou;
mod julie;
mod kafka_gitops;
mod strimzi;
mod topicctl;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::select;

use super::{Files, Reading, Tool, read};
use crate::import::{Imported, Request, import};
use crate::model::PatternType;
use crate::ports::kafka::AclPermission;
use crate::resources::cluster::Reach;
use crate::resources::{ReadProblem, Workspace, WorkspaceFiles, load};

/// Reads files of these texts; those that the tool does not look for are there where another one names them.
fn of_cluster(tool: Tool, texts: &[(&str, &str)], cluster: Option<&str>) -> Reading {
    let read_named = |path: &Path| {
        let found = texts.iter().find(|(known, _)| Path::new(known) == path);
        let missing = ReadProblem { message: "there is no such file".into(), help: "see the name".into() };
        found.map(|(_, text)| Arc::from(*text)).ok_or(missing)
    };
    let own = texts.iter().filter(|(path, _)| tool.is_read(Path::new(path)));
    let own = own.map(|(path, text)| (PathBuf::from(path), Ok(Arc::from(*text))));
    read(tool, &Files { root: Path::new("it"), texts: own.collect(), read: &read_named }, cluster)
}

fn reading(tool: Tool, texts: &[(&str, &str)]) -> Reading {
    of_cluster(tool, texts, None)
}

/// What becomes of what was read in an empty workspace.
fn imported(reading: &Reading) -> Imported {
    let request = Request {
        cluster: &"production".parse().expect("a name"),
        workspace: &Workspace::default(),
        reach: &Reach::default(),
        only: &[],
        samples: 0,
    };
    import(&reading.found, request)
}

/// The topics, one a line.
fn topics(reading: &Reading) -> String {
    let lines = reading.found.topics.iter().map(|(name, topic)| {
        let configs: String = topic.configs.iter().map(|(key, value)| format!(" {key}={value}")).collect();
        format!("{name} {}x{}{configs}", topic.partitions, topic.replication_factor)
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The ACLs, those of one resource for one principal on a line.
fn acls(reading: &Reading) -> String {
    let mut lines: Vec<(String, Vec<&str>)> = Vec::new();
    for acl in &reading.found.acls {
        let star = if acl.pattern == PatternType::Prefixed { "*" } else { "" };
        let host = if acl.host == "*" { String::new() } else { format!(" from {}", acl.host) };
        let deny = if acl.permission == AclPermission::Deny { "not " } else { "" };
        let line = format!("{} {} {}{star}{host}: {deny}", acl.principal, acl.resource, acl.name);
        match lines.iter_mut().find(|(known, _)| *known == line) {
            Some((_, operations)) => operations.push(acl.operation.as_str()),
            None => lines.push((line, vec![acl.operation.as_str()])),
        }
    }
    lines.sort();
    lines.into_iter().map(|(line, operations)| line + &operations.join(" ")).collect::<Vec<_>>().join("\n")
}

/// The quotas, one a line.
fn quotas(reading: &Reading) -> String {
    let lines = reading.found.quotas.iter().map(|quota| format!("{:?} {:?}", quota.entity, quota.values));
    lines.collect::<Vec<_>>().join("\n")
}

/// The subjects, one a line.
fn subjects(reading: &Reading) -> String {
    let subjects = reading.found.registry.iter().flat_map(|registry| &registry.subjects);
    let lines = subjects.map(|(name, subject)| {
        let schema = &subject.latest.schema;
        let references = schema.references.iter();
        let references: String = references.map(|it| format!(" {}={}@{}", it.name, it.subject, it.version)).collect();
        let level = subject.level.as_deref().unwrap_or("-");
        format!("{name} {:?} {level}{references}: {}", schema.format, schema.text.trim())
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// What is not taken over.
fn left(reading: &Reading) -> String {
    reading.left.join("\n")
}

#[test]
fn a_file_that_is_no_yaml_or_a_template_is_said_and_the_others_are_read() {
    let topic = "kind: KafkaTopic\nmetadata: { name: a }\nspec: { partitions: 1 }\n";
    let found = reading(
        Tool::Jikkou,
        &[
            ("it/a.yaml", topic),
            ("it/b.yaml", "kind: KafkaTopic\nmetadata: { name: '{{ values.name }}' }\nspec: {}\n"),
            ("it/c.yaml", "items:\n{% for topic in values.topics %}\n  - {{ topic }}\n{% endfor %}\n"),
            ("it/d.yaml", "kind: [\n"),
        ],
    );
    assert_eq!(topics(&found), "a 1x0");
    assert_eq!(found.unread, 2, "{:#?}", found.left);
    assert!(found.left.iter().any(|line| line.starts_with("it/b.yaml:2: `name` of") && line.contains("is a template")));
    assert!(found.left.iter().any(|line| line.starts_with("it/c.yaml:") && line.contains("render it")));
    assert!(found.left.iter().any(|line| line.starts_with("it/d.yaml:") && line.contains("is not read as YAML")));
}

/// Every text of the other tests.
const TEXTS: [(Tool, &str); 13] = [
    (Tool::Jikkou, jikkou::TOPICS),
    (Tool::Jikkou, jikkou::ACCESS),
    (Tool::Jikkou, jikkou::QUOTAS),
    (Tool::Jikkou, jikkou::SUBJECTS),
    (Tool::Julie, julie::TOPOLOGY),
    (Tool::Julie, julie::ROLES),
    (Tool::KafkaGitops, kafka_gitops::STATE),
    (Tool::KafkaGitops, kafka_gitops::SERVICES),
    (Tool::Strimzi, strimzi::TOPIC),
    (Tool::Strimzi, strimzi::USER),
    (Tool::Topicctl, topicctl::CLUSTER),
    (Tool::Topicctl, topicctl::TOPIC),
    (Tool::Topicctl, topicctl::ACLS),
];

proptest! {
    /// Whatever becomes of a text, it is read without a panic, and what is made of it loads.
    #[test]
    fn what_is_made_of_any_text_loads(
        (tool, text) in select(TEXTS.to_vec()),
        cut in (0_usize..80, 0_usize..6),
        (from, to) in (select(vec![": ", "[", "}", "-", "shop", "topic", "6", "User:"]), "[\\PC]{0,8}"),
        nth in 0_usize..12,
    ) {
        let lines: Vec<&str> = text.lines().collect();
        let kept = lines.iter().enumerate().filter(|(index, _)| !(cut.0..cut.0 + cut.1).contains(index));
        let text = kept.map(|(_, line)| *line).collect::<Vec<_>>().join("\n");
        let text = match text.match_indices(from).nth(nth) {
            Some((at, _)) => format!("{}{to}{}", &text[..at], &text[at + from.len()..]),
            None => text,
        };
        let made = imported(&reading(tool, &[("it/a.yaml", &text)])).created;
        let texts = made.into_iter().map(|(path, text)| (path, Ok(Arc::from(text)))).collect();
        let (_, findings) = load(WorkspaceFiles { texts, ..WorkspaceFiles::default() });
        prop_assert!(findings.is_empty(), "{findings:#?}");
    }
}

#[test]
fn a_file_outside_of_the_folder_is_not_read() {
    for name in ["../secret.avsc", "/etc/passwd", "../../it/../x.avsc", "https://example.com/a.avsc"] {
        let text =
            format!("kind: SchemaRegistrySubject\nmetadata: {{ name: a }}\nspec: {{ schema: {{ $ref: {name} }} }}\n");
        let found = reading(Tool::Jikkou, &[("it/a.yaml", &text), ("secret.avsc", "{}"), ("/etc/passwd", "root")]);
        assert_eq!(subjects(&found), "", "{name}");
        assert_eq!(found.left.len(), 1, "{name}: {:#?}", found.left);
    }
}

#[test]
fn files_of_another_tool_hold_nothing_and_each_says_so() {
    let texts = [
        ("it/a.yaml", "kind: KafkaTopic\nmetadata: { name: a }\nspec: { partitions: 1 }\n"),
        ("it/b.yaml", "topics: { a: { partitions: 1 } }\n"),
        ("it/c.yaml", "context: c\nprojects: []\n"),
        ("it/d.yaml", "meta: { name: a, cluster: c }\nspec: {}\n"),
        ("it/e.yaml", "- a\n"),
        ("it/f.yaml", "just a text\n"),
        ("it/g.yaml", ""),
    ];
    for (word, tool) in Tool::WORDS {
        let found = reading(*tool, &texts);
        for file in ["it/e.yaml:1: ", "it/f.yaml:1: "] {
            assert!(found.left.iter().any(|line| line.starts_with(file)), "{word}: {:#?}", found.left);
        }
        assert!(found.found.topics.len() <= 1, "{word}");
    }
}
