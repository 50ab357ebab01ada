//! Findings in the diagnostic format of reviewdog.

use std::io::{self, Write};

use serde::Serialize;

use super::found::{Entry, Found, Spot, line};
use super::lines::Point;
use crate::diag::Level;
use crate::render::json::{Each, write_json};
use crate::render::markdown::inert;

#[derive(Serialize)]
struct DiagnosticResult<D> {
    source: Source,
    diagnostics: D,
}

#[derive(Serialize)]
struct Source {
    name: &'static str,
}

#[derive(Serialize)]
struct Diagnostic {
    message: String,
    location: Location,
    severity: &'static str,
    code: Code,
    #[serde(rename = "relatedLocations", skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<RelatedLocation>,
}

#[derive(Serialize)]
struct RelatedLocation {
    message: String,
    location: Location,
}

#[derive(Serialize)]
struct Code {
    value: &'static str,
}

#[derive(Serialize)]
struct Location {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<Range>,
}

#[derive(Serialize)]
struct Range {
    start: Position,
    end: Position,
}

/// Columns are counted in bytes here.
#[derive(Serialize)]
struct Position {
    line: usize,
    column: usize,
}

pub(super) fn write(found: &Found<'_>, out: &mut dyn Write) -> io::Result<()> {
    let diagnostics = Each(|| found.each(diagnostic));
    write_json(&DiagnosticResult { source: Source { name: "busctl" }, diagnostics }, out)
}

fn diagnostic(entry: &Entry<'_>) -> Diagnostic {
    let severity = match entry.finding.level {
        Level::Error => "ERROR",
        Level::Warn => "WARNING",
        Level::Info | Level::Off => "INFO",
    };
    // reviewdog takes a message for Markdown where it writes a comment.
    let message: Vec<String> = std::iter::once(entry.sentence()).chain(entry.help()).map(|line| inert(&line)).collect();
    let related =
        entry.related().map(|spot| RelatedLocation { message: inert(&line(spot.text)), location: location(&spot) });
    Diagnostic {
        message: message.join("\n\n"),
        location: location(&entry.spot_or_stand_in()),
        severity,
        code: Code { value: entry.finding.code },
        related_locations: related.collect(),
    }
}

fn location(spot: &Spot<'_>) -> Location {
    let position = |point: Point<'_>| Position { line: point.line, column: point.offset + 1 };
    let range = spot.range.map(|(start, end)| Range { start: position(start), end: position(end) });
    Location { path: spot.path.clone(), range }
}
