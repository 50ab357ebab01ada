//! Findings as GitHub's workflow commands, which become annotations on the lines of a pull request.
//!
//! GitHub shows ten errors and ten warnings of a step; the worst come first.

use std::io::{self, Write};

use super::found::{Entry, Found};
use crate::diag::Level;
use crate::render::plain;

/// The longest message, which the runner cuts, and the longest title, which the checks of GitHub refuse.
const LONGEST: usize = 4_096;
const LONGEST_TITLE: usize = 255;

pub(super) fn write(found: &Found<'_>, out: &mut dyn Write) -> io::Result<()> {
    found.each(command).try_for_each(|command| writeln!(out, "{command}"))
}

fn command(entry: &Entry<'_>) -> String {
    let name = match entry.finding.level {
        Level::Error => "error",
        Level::Warn => "warning",
        Level::Info | Level::Off => "notice",
    };
    let mut command = format!("::{name} ");
    let mut property = |name: &str, value: &str| command.push_str(&format!("{name}={},", escaped(value, true)));
    if let Some(spot) = &entry.spot {
        property("file", &plain::line(&spot.path));
        property("line", &spot.line().to_string());
        if let Some((start, end)) = spot.range {
            property("endLine", &end.line.to_string());
            // Columns are for places within a line alone.
            if start.line == end.line {
                property("col", &start.column.to_string());
                property("endColumn", &end.column.to_string());
            }
        }
    }
    command.push_str(&format!("title={}::", escaped(&plain::cut(entry.title(), LONGEST_TITLE), true)));
    command + &escaped(&plain::cut(entry.lines().join("\n"), LONGEST), false)
}

/// Text in a command, in which nothing ends it or its line.
fn escaped(text: &str, is_property: bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '%' => escaped.push_str("%25"),
            '\r' => escaped.push_str("%0D"),
            '\n' => escaped.push_str("%0A"),
            ':' if is_property => escaped.push_str("%3A"),
            ',' if is_property => escaped.push_str("%2C"),
            c => escaped.push(c),
        }
    }
    escaped
}
