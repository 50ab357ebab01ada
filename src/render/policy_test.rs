//! What the examples of rules of the bus's own showed.

use serde::{Deserialize, Serialize};

use super::findings::{FindingEntry, FindingsView};
use super::json::to_json;
use super::markdown::code;
use super::words::{counted, number};
use super::{Style, View, paint::Paint};
use crate::policy::custom::TestedRule;

/// What examples showed.
#[derive(Debug, Clone, Copy)]
pub struct PolicyTestView<'a> {
    /// The rules.
    pub rules: &'a [TestedRule],
    /// What was found.
    pub findings: FindingsView<'a>,
}

/// The same as a document for programs; `docs/schemas/policy-test.schema.json` describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyTestDocument {
    /// The version of this document: 1.
    pub format_version: u32,
    /// The rules, by code.
    pub rules: Vec<RuleEntry>,
    /// What is wrong, the worst first, then by file and place.
    pub findings: Vec<FindingEntry>,
}

/// A rule and its examples.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleEntry {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: Option<String>,
    /// How many examples should keep it.
    pub good: usize,
    /// How many should break it.
    pub bad: usize,
    /// How many did not do what they should.
    pub failed: usize,
}

fn counts(rule: &TestedRule) -> String {
    let failed = if rule.failed > 0 { format!(", {} failed", rule.failed) } else { String::new() };
    format!("{} good and {}{failed}", number(rule.good), counted(rule.bad, "bad example"))
}

impl View for PolicyTestView<'_> {
    fn text(&self, style: Style) -> String {
        let mut out = String::new();
        if !self.findings.findings.is_empty() {
            out.push_str(&self.findings.text(style));
        }
        let paint = Paint::new(style);
        for rule in self.rules {
            let line = format!("{} {}", rule.code, counts(rule));
            out.push_str(&if rule.failed > 0 { paint.bad(&line) } else { line });
            out.push('\n');
        }
        out
    }

    fn json(&self) -> String {
        let entry = |rule: &TestedRule| RuleEntry {
            code: rule.code.to_owned(),
            name: rule.name.clone(),
            good: rule.good,
            bad: rule.bad,
            failed: rule.failed,
        };
        to_json(&PolicyTestDocument {
            format_version: 1,
            rules: self.rules.iter().map(entry).collect(),
            findings: FindingEntry::all(self.findings).collect(),
        })
    }

    fn markdown(&self) -> String {
        let mut out = String::from("| rule | good | bad | failed |\n| --- | --- | --- | --- |\n");
        for rule in self.rules {
            out.push_str(&format!("| {} | {} | {} | {} |\n", code(rule.code), rule.good, rule.bad, rule.failed));
        }
        if !self.findings.findings.is_empty() {
            out.push('\n');
            out.push_str(&self.findings.markdown());
        }
        out
    }
}
