//! Findings as logging commands of Azure Pipelines.

use std::io::{self, Write};

use super::found::{Entry, Found};
use crate::diag::Level;
use crate::render::plain;

/// The longest message. The agent has no limit that is written down; the runner that GitHub made of it has this one.
const LONGEST: usize = 4_096;

pub(super) fn write(found: &Found<'_>, out: &mut dyn Write) -> io::Result<()> {
    found.each(line).try_for_each(|line| writeln!(out, "{line}"))
}

fn line(entry: &Entry<'_>) -> String {
    let kind = match entry.finding.level {
        Level::Error => "error",
        Level::Warn => "warning",
        // There is no issue for what is only worth knowing: it is a line of the log.
        Level::Info | Level::Off => {
            let place = entry.spot.as_ref().map(|spot| format!("{}: ", spot.shown())).unwrap_or_default();
            return format!("info {}: {place}{}", entry.finding.code, plain::cut(entry.lines().join("; "), LONGEST));
        }
    };
    let mut command = format!("##vso[task.logissue type={kind};");
    let mut property = |name: &str, value: &str| command.push_str(&format!("{name}={};", escaped(value)));
    if let Some(spot) = &entry.spot {
        property("sourcepath", &plain::line(&spot.path));
        property("linenumber", &spot.line().to_string());
        property("columnnumber", &spot.range.map_or(1, |(start, _)| start.column).to_string());
    }
    property("code", entry.finding.code);
    format!("{command}]{}", escaped(&plain::cut(entry.lines().join("\n"), LONGEST)))
}

/// Text in a command, in which nothing ends it or its line.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '%' => escaped.push_str("%AZP25"),
            '\r' => escaped.push_str("%0D"),
            '\n' => escaped.push_str("%0A"),
            ';' => escaped.push_str("%3B"),
            ']' => escaped.push_str("%5D"),
            c => escaped.push(c),
        }
    }
    escaped
}
