//! Findings as SARIF 2.1.0, which code scanning reads.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Value, json};

use super::found::{Entry, Found, Spot};
use crate::diag::Level;
use crate::policy::{Rule, rule};
use crate::render::json::{Each, write_json};
use crate::render::plain;
use crate::render::words::counted;
use crate::source::percent_encode;

/// GitHub refuses a file with more. It shows the first 5,000 of them.
const MOST_RESULTS: usize = 25_000;

/// The longest message of a result, a place or a rule, of which code scanning shows no more.
const LONGEST: usize = 1_024;

/// What paths are counted from.
const ROOT: &str = "%SRCROOT%";

#[derive(Serialize)]
struct Log<R> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<R>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<R> {
    tool: Value,
    invocations: Value,
    original_uri_base_ids: Value,
    column_kind: &'static str,
    results: R,
}

pub(super) fn write(found: &Found<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut indexes = BTreeMap::new();
    for code in found.each(|entry| entry.finding.code).take(MOST_RESULTS) {
        indexes.insert(code, 0);
    }
    let rules: Vec<Value> = indexes.keys().map(|code| descriptor(code, rule(code))).collect();
    for (index, value) in indexes.values_mut().enumerate() {
        *value = index;
    }
    let driver = json!({
        "name": "busctl",
        "version": env!("CARGO_PKG_VERSION"),
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "rules": rules,
    });
    let result = |entry: &Entry<'_>, fingerprint| result(entry, fingerprint, indexes[entry.finding.code]);
    let run = Run {
        tool: json!({ "driver": driver }),
        invocations: json!([invocation(found.findings().shown().saturating_sub(MOST_RESULTS))]),
        original_uri_base_ids: json!({ ROOT: { "description": { "text": "The root of the repository." } } }),
        column_kind: "unicodeCodePoints",
        results: Each(|| found.each_known(&result).take(MOST_RESULTS)),
    };
    let schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
    write_json(&Log { schema, version: "2.1.0", runs: [run] }, out)
}

/// The run itself, which says what was left out.
fn invocation(left_out: usize) -> Value {
    if left_out == 0 {
        return json!({ "executionSuccessful": true });
    }
    let text = format!("{} did not fit: run `busctl validate` to see them.", counted(left_out, "finding"));
    let notification = json!({ "level": "warning", "message": { "text": text } });
    json!({ "executionSuccessful": true, "toolExecutionNotifications": [notification] })
}

fn descriptor(code: &str, rule: Option<&Rule>) -> Value {
    // What a comparison of schemas finds is known by the word that the registry has for it.
    let Some(rule) = rule else {
        let summary = text(code);
        return json!({ "id": code, "shortDescription": summary, "fullDescription": summary, "help": summary });
    };
    let explanation = rule.explanation.trim();
    let first = explanation.split("\n\n").next().unwrap_or_default().replace('\n', " ");
    let mut descriptor = json!({
        "id": code,
        "name": rule.name,
        "shortDescription": text(rule.summary),
        "fullDescription": text(&first),
        "help": { "text": explanation, "markdown": rule.page() },
        "defaultConfiguration": { "level": level(rule.level) },
    });
    if let Some(page) = page(env!("CARGO_PKG_REPOSITORY"), rule) {
        descriptor["helpUri"] = json!(page);
    }
    descriptor
}

/// Where the page of a rule is published, of this version. Where the package names no repository there is no such address, and
/// a relative one is none that SARIF takes.
fn page(repository: &str, rule: &Rule) -> Option<String> {
    let version = env!("CARGO_PKG_VERSION");
    let anchor = format!("{}-{}", rule.code.to_lowercase(), rule.name);
    let repository = repository.trim_end_matches('/');
    (!repository.is_empty()).then(|| format!("{repository}/blob/v{version}/docs/rules.md#{anchor}"))
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warn => "warning",
        Level::Info => "note",
        Level::Off => "none",
    }
}

fn result(entry: &Entry<'_>, fingerprint: String, index: usize) -> Value {
    let finding = entry.finding;
    let mut location = location(&entry.spot_or_stand_in());
    if let Some(address) = &finding.resource {
        location["logicalLocations"] = json!([{ "fullyQualifiedName": address, "kind": "resource" }]);
    }
    let mut result = json!({
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": level(finding.level),
        "message": text(&std::iter::once(entry.sentence()).chain(entry.help()).collect::<Vec<_>>().join("\n")),
        "locations": [location],
        // GitHub knows a finding again by the second name alone, and counts from lines where it is not there.
        "partialFingerprints": { "busctl/v1": fingerprint, "primaryLocationLineHash": fingerprint },
    });
    let related = entry.related().enumerate().map(|(id, spot)| {
        let mut location = self::location(&spot);
        location["id"] = json!(id + 1);
        if !spot.text.is_empty() {
            location["message"] = text(&plain::line(spot.text));
        }
        location
    });
    let related: Vec<Value> = related.collect();
    if !related.is_empty() {
        result["relatedLocations"] = json!(related);
    }
    if let Some(cluster) = &finding.cluster {
        result["properties"] = json!({ "cluster": cluster });
    }
    result
}

/// A message, in which brackets followed by parentheses are no link.
fn text(message: &str) -> Value {
    json!({ "text": plain::cut(message.replace("](", "]\u{200b}("), LONGEST) })
}

fn location(spot: &Spot<'_>) -> Value {
    let artifact = match spot.path.strip_prefix('/') {
        // Outside of the repository.
        Some(_) => json!({ "uri": format!("file://{}", encoded(&spot.path)) }),
        None => json!({ "uri": encoded(&spot.path), "uriBaseId": ROOT }),
    };
    let region = match spot.range {
        Some((start, end)) => json!({
            "startLine": start.line,
            "startColumn": start.column,
            "endLine": end.line,
            "endColumn": end.column,
        }),
        // Code scanning takes no place without a line.
        None => json!({ "startLine": 1 }),
    };
    json!({ "physicalLocation": { "artifactLocation": artifact, "region": region } })
}

/// A path as the reference of a URI.
fn encoded(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len());
    percent_encode(path.as_bytes(), b"/", &mut encoded);
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_has_its_page_where_the_repository_is_known() {
        let rule = rule("BUS107").expect("there is one");
        let page = |repository| page(repository, rule);
        let address = "https://git.example.com/bus/busctl";
        let expected = format!("{address}/blob/v{}/docs/rules.md#bus107-{}", env!("CARGO_PKG_VERSION"), rule.name);
        assert_eq!(page(address), Some(expected.clone()));
        assert_eq!(page("https://git.example.com/bus/busctl/"), Some(expected));
        assert_eq!(page(""), None);
    }
}
