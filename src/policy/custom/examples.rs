//! Examples of rules of the bus's own: what keeps a rule, and what breaks it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::compile::{CustomRule, CustomRules, Verdict, compile_those};
use super::item::{Fields, Item, Record};
use super::shape::{CLUSTER, Holds, Shape};
use crate::diag::{Diagnostic, Level};
use crate::model::{Bytes, Duration};
use crate::policy::rules::custom::UNREADABLE;
use crate::resources::Workspace;
use crate::resources::settings::ExamplesSpec;
use crate::source::{Decode, Decoder, Node, Value, closest};

/// What the examples of rules showed.
#[derive(Debug, Default)]
pub struct Tested {
    /// The rules that were tested, by code.
    pub rules: Vec<TestedRule>,
    /// What is wrong: with examples, and with rules that cannot be read.
    pub findings: Vec<Diagnostic>,
}

/// What the examples of a rule showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestedRule {
    /// Its code.
    pub code: &'static str,
    /// Its name, where it has one.
    pub name: Option<String>,
    /// How many examples should keep it.
    pub good: usize,
    /// How many should break it.
    pub bad: usize,
    /// How many did not do what they should.
    pub failed: usize,
}

/// Asks each rule of its examples; all of them, or those of these codes.
pub fn test(workspace: &Workspace, codes: &[String]) -> Tested {
    let is_meant = |code: &str| codes.is_empty() || codes.iter().any(|meant| meant.eq_ignore_ascii_case(code));
    let (rules, findings) = compile_those(workspace, is_meant);
    let mut tested = Tested { findings, ..Tested::default() };
    for rule in &rules.rules {
        let result = test_rule(&rules, rule, &mut tested.findings);
        tested.rules.push(result);
    }
    tested
}

fn test_rule(rules: &CustomRules<'_>, rule: &CustomRule<'_>, findings: &mut Vec<Diagnostic>) -> TestedRule {
    let none = ExamplesSpec { good: Vec::new(), bad: Vec::new() };
    let examples = rule.spec.examples.as_ref().map_or(&none, |examples| &examples.value);
    let before = findings.len();
    for (good, examples) in [(true, &examples.good), (false, &examples.bad)] {
        examples.iter().for_each(|example| findings.extend(test_example(rules, rule, good, example)));
    }
    let failed = findings.len() - before;
    for (kind, examples) in [("good", &examples.good), ("bad", &examples.bad)] {
        if examples.is_empty() {
            let message = format!("{} has no {kind} example", rule.code);
            let help = format!(
                "write one below `examples: {{ {kind}: […] }}`: the fields of a {} that matter",
                shape(rule).name
            );
            findings.push(Diagnostic::new(rule.code, message).level(Level::Warn).at(rule.span, "").help(help));
        }
    }
    TestedRule {
        code: rule.code,
        name: rule.spec.name.as_ref().map(|name| name.value.clone()),
        good: examples.good.len(),
        bad: examples.bad.len(),
        failed,
    }
}

fn shape(rule: &CustomRule<'_>) -> &'static Shape {
    rule.spec.over.value.shape()
}

/// What an example does that it should not; several findings where it cannot be read.
fn test_example(rules: &CustomRules<'_>, rule: &CustomRule<'_>, good: bool, example: &Node) -> Vec<Diagnostic> {
    let mut decoder = Decoder::default();
    let (resource, cluster) = read(example, shape(rule), &mut decoder);
    if !decoder.findings.is_empty() {
        return decoder.findings;
    }
    let variables = if shape(rule) == &CLUSTER { vec![&resource] } else { vec![&resource, &cluster] };
    let message = match (good, rules.judge(rule, &variables)) {
        (true, Verdict::Kept) | (false, Verdict::Broken(..)) => return Vec::new(),
        (true, Verdict::NotAsked) => format!("{} is not asked of this good example: `when` is false", rule.code),
        (true, Verdict::Broken(message, _)) => format!("this good example breaks {}: {message}", rule.code),
        (false, Verdict::Kept) => format!("this bad example keeps {}", rule.code),
        (false, Verdict::NotAsked) => format!("{} is not asked of this bad example: `when` is false", rule.code),
        (_, Verdict::Failed(why)) => format!("{} yields nothing for this example: {why}", rule.code),
    };
    let finding =
        Diagnostic::new(rule.code, message).at(example.span, "").help(format!("it saw {}", saw(rule, &variables)));
    vec![finding]
}

/// The fields that a rule asked for, with what they had.
fn saw(rule: &CustomRule<'_>, variables: &[&Record<'_>]) -> String {
    let mut seen = Vec::new();
    for record in variables {
        for (index, field) in
            record.shape.fields.iter().enumerate().filter(|(index, _)| rule.uses(record.shape, *index))
        {
            let value = record.said(index).map(|item| shown(item, field.holds));
            let value = value.or_else(|| record.default(index).map(|item| shown(&item, field.holds)));
            seen.push(format!("{}.{} = {}", record.shape.name, field.name, value.unwrap_or_else(|| "nothing".into())));
        }
    }
    if seen.is_empty() { "no field".to_owned() } else { seen.join(", ") }
}

fn shown(item: &Item<'_>, holds: Holds) -> String {
    match (item, holds) {
        (Item::Bool(value), _) => value.to_string(),
        (Item::Int(value), Holds::Millis) => Duration(*value).to_string(),
        (Item::Int(value), Holds::Bytes) => Bytes(*value).to_string(),
        (Item::Int(value), _) => value.to_string(),
        (Item::Text(text), _) => format!("'{text}'"),
        (Item::List(items), _) => {
            format!("[{}]", items.iter().map(|item| shown(item, Holds::Text)).collect::<Vec<_>>().join(", "))
        }
        (Item::Map(entries), _) => {
            let entries = entries.iter().map(|(key, text)| format!("'{key}': '{text}'"));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        (Item::Record(record), _) => {
            let said = record.shape.fields.iter().enumerate();
            let said = said.filter_map(|(index, field)| {
                Some(format!("{}: {}", field.name, shown(record.said(index)?, field.holds)))
            });
            format!("{{{}}}", said.collect::<Vec<_>>().join(", "))
        }
    }
}

/// The resource of an example, and the cluster that stands beside its fields as `cluster`.
fn read<'n>(example: &'n Node, shape: &'static Shape, decoder: &mut Decoder) -> (Record<'n>, Record<'n>) {
    let beside = if shape == &CLUSTER { None } else { example.get(CLUSTER.name) };
    let cluster = match beside {
        Some(node) => record(node, &CLUSTER, None, decoder),
        None => Record::new(&CLUSTER, Fields::ALL),
    };
    (record(example, shape, beside.map(|_| CLUSTER.name), decoder), cluster)
}

fn record<'n>(node: &'n Node, shape: &'static Shape, passed: Option<&str>, decoder: &mut Decoder) -> Record<'n> {
    let mut record = Record::new(shape, Fields::ALL);
    let Value::Mapping(entries) = &node.value else {
        decoder.wrong_type(node, "a mapping");
        return record;
    };
    for entry in entries.iter().filter(|entry| Some(&*entry.key.value) != passed) {
        let Some(index) = shape.index(&entry.key.value) else {
            let names = || shape.fields.iter().map(|field| field.name);
            let help = match closest(&entry.key.value, names()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("fields of a {}: {}", shape.name, names().collect::<Vec<_>>().join(", ")),
            };
            let message = format!("a {} has no `{}`", shape.name, entry.key.value);
            decoder.report(UNREADABLE.finding(message).at(entry.key.span, "").help(help));
            continue;
        };
        let field = &shape.fields[index];
        if let Some(item) = item(&entry.value, field.holds, decoder) {
            record.put_at(field.name, Some(entry.value.span), || Some(item));
        }
    }
    record
}

fn item<'n>(node: &'n Node, holds: Holds, decoder: &mut Decoder) -> Option<Item<'n>> {
    Some(match holds {
        Holds::Bool => Item::Bool(bool::decode(node, decoder)?),
        Holds::Int => Item::Int(i64::decode(node, decoder)?),
        Holds::Millis => Item::Int(Duration::decode(node, decoder)?.0),
        Holds::Bytes => Item::Int(Bytes::decode(node, decoder)?.0),
        Holds::Text => Item::Text(text(node, decoder)?),
        Holds::Texts => {
            let nodes = sequence(node, decoder)?;
            Item::List(nodes.iter().filter_map(|node| Some(Item::Text(text(node, decoder)?))).collect())
        }
        Holds::Records(shape) => {
            let nodes = sequence(node, decoder)?;
            Item::List(nodes.iter().map(|node| Item::Record(record(node, shape, None, decoder))).collect())
        }
        Holds::Map => {
            let Value::Mapping(entries) = &node.value else {
                decoder.wrong_type(node, "a mapping");
                return None;
            };
            let mut texts = BTreeMap::new();
            for entry in entries {
                texts.insert(Cow::Borrowed(&*entry.key.value), text(&entry.value, decoder)?);
            }
            Item::Map(texts)
        }
    })
}

/// Whatever a scalar looks like: configs are numbers and truths, and rules see them as Kafka writes them.
fn text<'n>(node: &'n Node, decoder: &mut Decoder) -> Option<Cow<'n, str>> {
    let found = node.scalar().map(Cow::Borrowed);
    if found.is_none() {
        decoder.wrong_type(node, "a string");
    }
    found
}

fn sequence<'n>(node: &'n Node, decoder: &mut Decoder) -> Option<&'n [Node]> {
    match &node.value {
        Value::Sequence(nodes) => Some(nodes),
        _ => {
            decoder.wrong_type(node, "a sequence");
            None
        }
    }
}
