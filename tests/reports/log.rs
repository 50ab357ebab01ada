//! The forms that are written into a log, and what any form may not do to one.

use crate::estate::{FORMS, findings, hostile, places, validate};
use crate::runner::{self, Command, is_invisible};

#[test]
fn github_finds_an_annotation_for_each_finding_and_nothing_else() {
    let scratch = hostile();
    let findings = findings(&scratch);
    let out = validate(&scratch, "github").ended(3).out;
    let commands: Vec<Command> = out
        .split_inclusive('\n')
        .map(|line| runner::github(line.trim_end_matches('\n')).unwrap_or_else(|| panic!("no command: {line}")))
        .collect();
    let levels: Vec<_> = commands.iter().map(|command| command.name.as_str()).collect();
    let rank = |name: &&str| ["error", "warning", "notice"].iter().position(|known| known == name).expect("a level");
    assert!(levels.is_sorted_by_key(rank), "{levels:?}");
    let mut found = Vec::new();
    for Command { properties, data, .. } in &commands {
        let number = |name: &str| properties.get(name).map(|value| value.parse::<u64>().unwrap());
        let known = ["file", "line", "endLine", "col", "endColumn", "title"];
        assert!(properties.keys().all(|name| known.contains(&name.as_str())), "{properties:?}");
        assert!(!data.is_empty() && !data.contains('\r'), "{data}");
        // The runner takes columns away where lines differ, and complains.
        let is_one_line = number("line") == number("endLine");
        assert_eq!(properties.contains_key("col"), is_one_line && number("endLine").is_some(), "{properties:?}");
        assert!(number("endColumn") >= number("col"), "{properties:?}");
        let code = properties["title"].split(' ').next().unwrap().to_owned();
        found.push((properties["file"].clone(), number("line").unwrap(), code));
    }
    found.sort();
    // Names with invisible characters are shown with what stands for these.
    let harmless = |(path, ..): &(String, u64, String)| path.contains("/plain") || path.contains("/ünï");
    let expected: Vec<_> = places(&findings).into_iter().filter(harmless).collect();
    assert!(expected.len() > 40, "{expected:?}");
    assert_eq!(found.len(), findings.len());
    assert_eq!(found.into_iter().filter(harmless).collect::<Vec<_>>(), expected);
}

#[test]
fn azure_finds_an_issue_for_each_error_and_warning_and_nothing_else() {
    let scratch = hostile();
    let findings = findings(&scratch);
    let out = validate(&scratch, "azure").ended(3).out;
    let (mut found, mut infos) = (Vec::new(), 0);
    for line in out.lines() {
        let Some(Command { name, properties, data }) = runner::azure(line) else {
            assert!(line.starts_with("info "), "{line}");
            infos += 1;
            continue;
        };
        assert_eq!(name, "task.logissue", "{line}");
        let known = ["type", "sourcepath", "linenumber", "columnnumber", "code"];
        assert!(properties.keys().all(|name| known.contains(&name.as_str())), "{properties:?}");
        assert!(["error", "warning"].contains(&properties["type"].as_str()) && !data.is_empty(), "{line}");
        found.push((
            properties["sourcepath"].clone(),
            properties["linenumber"].parse().unwrap(),
            properties["code"].clone(),
        ));
    }
    found.sort();
    let harmless = |(path, ..): &(String, u64, String)| path.contains("/plain") || path.contains("/ünï");
    let (no_issue, issues): (Vec<_>, Vec<_>) = findings.into_iter().partition(|finding| finding["level"] == "info");
    assert_eq!((found.len(), infos), (issues.len(), no_issue.len()));
    let expected: Vec<_> = places(&issues).into_iter().filter(harmless).collect();
    assert_eq!(found.into_iter().filter(harmless).collect::<Vec<_>>(), expected);
}

#[test]
fn no_form_brings_a_command_or_an_invisible_character_into_a_log() {
    let scratch = hostile();
    for form in FORMS {
        let run = validate(&scratch, form).ended(3);
        assert!(run.out.contains("everyone"), "{form} shows nothing of it");
        for line in run.out.lines().chain(run.err.lines()) {
            assert!(!line.contains(is_invisible), "{form}: {line:?}");
            if form != "github" {
                assert_eq!(runner::github(line), None, "{form}: {line}");
            }
            if form != "azure" {
                assert_eq!(runner::azure(line), None, "{form}: {line}");
            }
        }
    }
}
