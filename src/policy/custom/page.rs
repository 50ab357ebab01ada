//! The page of a rule of the bus's own, for `busctl explain`.

use std::fmt::Write;

use super::compile::level_of;
use crate::diag::Code;
use crate::resources::Workspace;
use crate::resources::settings::PolicySpec;
use crate::source::Node;

/// The page of a rule, in Markdown, as the pages of busctl's own rules are.
pub fn page(workspace: &Workspace, code: Code, spec: &PolicySpec) -> String {
    let name = spec.name.as_ref().map(|name| format!(" {}", name.value.trim())).unwrap_or_default();
    let mut page = format!("## {code}{name}\n\n");
    if let Some(description) = &spec.description {
        let _ = write!(page, "{}\n\n", description.value.trim());
    }
    let _ = write!(page, "Level: {}. Asked of each {}", level_of(spec).as_str(), spec.over.value);
    if !spec.clusters.is_empty() {
        let clusters: Vec<_> = spec.clusters.iter().map(|cluster| cluster.as_str()).collect();
        let _ = write!(page, " on {}", clusters.join(", "));
    }
    let place = workspace.place(spec.check.span);
    let _ = write!(page, "; written at {place}.\n\n```cel\n");
    if let Some(when) = &spec.when {
        let _ = writeln!(page, "// only where\n{}\n// must be true", when.value.trim());
    }
    let _ = write!(page, "{}\n```\n\nSays: {}\n", spec.check.value.trim(), spec.message.value.trim());
    if let Some(help) = &spec.help {
        let _ = write!(page, "\nHelp: {}\n", help.value.trim());
    }
    if let Some(examples) = &spec.examples {
        for (title, examples) in [("Bad", &examples.value.bad), ("Good", &examples.value.good)] {
            if !examples.is_empty() {
                let _ = write!(page, "\n{title}:\n\n```yaml\n");
                examples.iter().for_each(|example| _ = writeln!(page, "{}", written(workspace, example)));
                page.push_str("```\n");
            }
        }
    }
    page
}

/// An example as its author wrote it, without the indentation that it has in its file.
fn written(workspace: &Workspace, node: &Node) -> String {
    let text = &workspace.sources.file(node.span.file).text;
    let indentation = workspace.place(node.span).column as usize - 1;
    let mut range = node.span.start as usize..node.span.end as usize;
    // The place of a mapping ends with its last value.
    let rest = text.get(range.end..).unwrap_or_default();
    if text.get(range.start..).is_some_and(|text| text.starts_with('{')) && rest.trim_start().starts_with('}') {
        range.end += rest.len() - rest.trim_start().len() + 1;
    }
    let lines = text.get(range).unwrap_or_default().trim_end().lines().enumerate().map(|(number, line)| {
        let blanks = line.len() - line.trim_start_matches(' ').len();
        &line[if number == 0 { 0 } else { blanks.min(indentation) }..]
    });
    lines.collect::<Vec<_>>().join("\n")
}
