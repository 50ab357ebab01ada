//! Findings as a Code Quality report of GitLab.

use std::io::{self, Write};

use serde::Serialize;

use super::found::{Entry, Found};
use crate::diag::Level;
use crate::render::json::{Each, write_json};
use crate::render::markdown::inert;

#[derive(Serialize)]
struct Issue {
    r#type: &'static str,
    categories: [&'static str; 1],
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

pub(super) fn write(found: &Found<'_>, out: &mut dyn Write) -> io::Result<()> {
    write_json(&Each(|| found.each_known(issue)), out)
}

fn issue(entry: &Entry<'_>, fingerprint: String) -> Issue {
    let severity = match entry.finding.level {
        Level::Error => "critical",
        Level::Warn => "minor",
        Level::Info | Level::Off => "info",
    };
    let spot = entry.spot_or_stand_in();
    let lines = Lines { begin: spot.line(), end: spot.range.map_or(1, |(_, end)| end.line) };
    Issue {
        // GitLab does without these two; they are asked for by the format that it has taken over, and by others who read it.
        r#type: "issue",
        categories: ["Bug Risk"],
        // There is one line for it in the list of a merge request. GitLab shows it as text; others that read the format make
        // comments of it.
        description: std::iter::once(entry.sentence())
            .chain(entry.help())
            .map(|line| inert(&line))
            .collect::<Vec<_>>()
            .join("; "),
        check_name: entry.finding.code,
        fingerprint,
        severity,
        location: Location { path: spot.path, lines },
    }
}
