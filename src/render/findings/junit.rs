//! Findings as test results: a suite for each file, a case for each finding, named so that it is the same one from run to
//! run. What is no error is shown as skipped, which fails nothing.

use std::collections::HashMap;
use std::io::{self, Write};

use super::found::{Entry, Found};
use crate::diag::{Level, Position, Repeats};
use crate::render::plain;

#[derive(Default)]
struct Suite {
    errors: usize,
    /// Where its findings are: there may be very many.
    findings: Vec<Position>,
}

pub(super) fn write(found: &Found<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut suites: Vec<(String, Suite)> = Vec::new();
    let mut indexes: HashMap<String, usize> = HashMap::new();
    for (position, finding) in found.findings().worst_first() {
        let path = found.entry(&finding).spot_or_stand_in().path;
        let index = *indexes.entry(path.clone()).or_insert(suites.len());
        if index == suites.len() {
            suites.push((path, Suite::default()));
        }
        let suite = &mut suites[index].1;
        suite.errors += usize::from(finding.level == Level::Error);
        suite.findings.push(position);
    }
    let errors: usize = suites.iter().map(|(_, suite)| suite.errors).sum();
    let tests = found.findings().shown().max(1);
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"busctl\" tests=\"{tests}\" failures=\"{errors}\" errors=\"0\">")?;
    // Jenkins takes a file without any test for a broken one.
    if suites.is_empty() {
        writeln!(out, "  <testsuite name=\"busctl\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\">")?;
        writeln!(out, "    <testcase classname=\"busctl\" name=\"no findings\"/>")?;
        writeln!(out, "  </testsuite>")?;
    }
    let mut names = Repeats::default();
    for (path, suite) in &suites {
        let (path, tests) = (escaped(path), suite.findings.len());
        write!(out, "  <testsuite name=\"{path}\" tests=\"{tests}\" failures=\"{}\" errors=\"0\"", suite.errors)?;
        writeln!(out, " skipped=\"{}\" file=\"{path}\">", tests - suite.errors)?;
        let mut findings = suite.findings.iter().filter_map(|position| found.findings().at(*position));
        findings.try_for_each(|finding| case(&found.entry(&finding), &mut names, out))?;
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

fn case(entry: &Entry<'_>, names: &mut Repeats, out: &mut dyn Write) -> io::Result<()> {
    let code = entry.finding.code;
    let sentence = entry.sentence();
    let mut name = format!("{}: {sentence}", plain::line(&entry.spot_or_stand_in().path));
    // Readers take two cases of one name for one.
    match names.of(&[code, &name]) {
        0 => {}
        before => name.push_str(&format!(" ({})", before + 1)),
    }
    writeln!(out, "    <testcase classname=\"busctl.{}\" name=\"{}\">", escaped(code), escaped(&name))?;
    let message = escaped(&sentence);
    let place = entry.spot.as_ref().map(|spot| spot.shown());
    let details = escaped(&place.into_iter().chain(entry.lines()).collect::<Vec<_>>().join("\n"));
    match entry.finding.level {
        Level::Error => {
            writeln!(out, "      <failure type=\"{}\" message=\"{message}\">{details}</failure>", escaped(code))?;
        }
        level => {
            writeln!(out, "      <skipped message=\"{}: {message}\">{details}</skipped>", level.as_str())?;
        }
    }
    writeln!(out, "    </testcase>")
}

/// Text in XML. What XML cannot have, even as a reference, has become visible.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in plain::lines(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("&#10;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push(char::REPLACEMENT_CHARACTER),
            c => escaped.push(c),
        }
    }
    escaped
}
