use rayon::prelude::*;

use crate::diag::{Diagnostic, Fix, Level, Safety};
use crate::model::{Address, Bytes, Duration};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Workspace;
use crate::resources::format::{is_manifest_key_order, keys_of, ordered};
use crate::resources::head_of;
use crate::resources::topic::config::{ConfigType, config_type};
use crate::source::{Entries, File, FileId, Node, Span, Spanned, Value, parse_yaml};

/// BUS650.
pub static RAW_NUMBER: Rule = Rule {
    code: "BUS650",
    name: "raw-number",
    summary: "Times and sizes are written with their unit",
    explanation: "Nobody sees that `2592000000` is thirty days, nor that a digit is missing. Write `30d` and `2MiB`; plans and \
the catalog show the same words. `validate --fix` writes them.",
    level: Level::Info,
    floor: Level::Off,
    bad: Example(&[("topics/media/media.raw_ingest.v1.yaml", Text("config: { max.message.bytes: 2097152 }\n"))]),
    good: Example(&[("topics/media/media.raw_ingest.v1.yaml", Text("config: { max.message.bytes: 2MiB }\n"))]),
    check: Check::Workspace(check_numbers),
};

/// BUS651.
pub static KEY_ORDER: Rule = Rule {
    code: "BUS651",
    name: "key-order",
    summary: "The keys of a manifest stand in the order of the reference",
    explanation: "Who looks for the retention of a topic finds it in the same place of each manifest. The order is that of \
docs/manifests.md. Off by default: `busctl fmt` writes the order without it, `validate --fix` where it is on.",
    level: Level::Off,
    floor: Level::Off,
    bad: Example(&[
        ("busctl.yaml", Text("rules: { BUS651: info }\n")),
        ("catalog/indexer.yaml", Text("teams:\n  search: {}\nservices:\n  indexer: { owner: search }\n")),
    ]),
    good: Example(&[
        ("busctl.yaml", Text("rules: { BUS651: info }\n")),
        ("catalog/indexer.yaml", Text("services:\n  indexer: { owner: search }\nteams:\n  search: {}\n")),
    ]),
    check: Check::Workspace(check_order),
};

/// What is measured.
#[derive(Clone, Copy)]
enum Quantity {
    Time,
    Size,
}

fn check_numbers(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    let mut numbers = Numbers { workspace, findings };
    let settings = &workspace.settings;
    settings.defaults.iter().for_each(|defaults| numbers.configs(&defaults.config, None));
    for class in settings.classes.values() {
        class.retention.iter().for_each(|retention| numbers.number(retention.span, Quantity::Time, None));
        numbers.configs(&class.config, None);
    }
    for cluster in workspace.clusters.values() {
        let about = format!("cluster/{}", cluster.cluster.value);
        let about = Some(about.as_str());
        cluster.defaults.iter().for_each(|defaults| numbers.configs(&defaults.config, about));
        if let Some(storage) = cluster.kafka.as_ref().and_then(|kafka| kafka.storage.as_ref()) {
            numbers.number(storage.per_broker.span, Quantity::Size, about);
            storage.retention.iter().for_each(|retention| numbers.number(retention.span, Quantity::Time, about));
        }
    }
    for topic in workspace.written_topics() {
        let configs = std::iter::once(&topic.config).chain(topic.overrides.values().map(|spec| &spec.config));
        let configs: Vec<_> = configs.filter(|config| !config.is_empty()).collect();
        if !configs.is_empty() {
            let about = Address::topic(&topic.topic.value).to_string();
            configs.into_iter().for_each(|config| numbers.configs(config, Some(&about)));
        }
    }
}

struct Numbers<'a> {
    workspace: &'a Workspace,
    findings: &'a mut Vec<Diagnostic>,
}

impl Numbers<'_> {
    fn configs(&mut self, configs: &Entries<Node>, about: Option<&str>) {
        for (key, node) in configs {
            match config_type(key) {
                ConfigType::Duration => self.number(node.span, Quantity::Time, about),
                ConfigType::Size => self.number(node.span, Quantity::Size, about),
                _ => {}
            }
        }
    }

    /// Looks at what is written, not at what it means.
    fn number(&mut self, span: Span, quantity: Quantity, about: Option<&str>) {
        let file = self.workspace.sources.file(span.file);
        let Some(written) = file.text.get(span.start as usize..span.end as usize) else { return };
        let Some(human) = with_unit(written, quantity) else { return };
        let mut finding = RAW_NUMBER
            .finding(format!("`{written}` is {human}"))
            .at(span, "")
            .help(format!("write `{human}`"))
            .fix(Fix::new(Safety::Safe, format!("write `{human}` for `{written}`")).replace(span, &human));
        finding.resource = about.map(str::to_owned);
        self.findings.push(finding);
    }
}

/// A bare number with the unit that it is a whole number of; `None` where that is no shorter.
fn with_unit(written: &str, quantity: Quantity) -> Option<String> {
    let value: i64 = written.parse().ok().filter(|value| *value != 0 && *value != i64::MAX)?;
    let (human, smallest) = match quantity {
        Quantity::Time => (Duration(value).to_string(), "ms"),
        Quantity::Size => (Bytes(value).to_string(), "B"),
    };
    let number = human.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    (human.strip_suffix(smallest) != Some(number)).then_some(human)
}

fn check_order(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    // It reads every manifest once more, which is not done for nothing.
    let level = workspace.settings.rules.iter().find(|(code, _)| code.value.eq_ignore_ascii_case(KEY_ORDER.code));
    if level.is_none_or(|(_, levels)| levels.all().all(|level| level.value == Level::Off)) {
        return;
    }
    let files: Vec<(FileId, &File)> = workspace.sources.iter().collect();
    let is_manifest =
        |file: &File| file.path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
    let found =
        files.into_par_iter().filter(|(_, file)| is_manifest(file)).flat_map_iter(|(id, file)| disordered(id, file));
    findings.par_extend(found);
}

/// The documents of a file whose keys stand in another order. One fix mends all of them.
fn disordered(id: FileId, file: &File) -> Vec<Diagnostic> {
    let (documents, _) = parse_yaml(id, &file.text);
    let wrong: Vec<&Node> = documents
        .iter()
        .filter(|document| {
            keys_of(Some(&file.path), document).is_some_and(|keys| !is_manifest_key_order(document, keys))
        })
        .collect();
    let mut fix =
        if wrong.is_empty() { None } else { ordered(Some(&file.path), &file.text).map(|text| whole(id, file, &text)) };
    let finding = |document: &Node| {
        let first = out_of_order(file, document).unwrap_or(Spanned::new("", document.span));
        let mut finding = KEY_ORDER
            .finding(format!("`{}` stands before keys that the reference has first", first.value))
            .at(first.span, "")
            .help("`busctl fmt` puts them in order")
            .fix(fix.take());
        finding.resource = head_of(document).map(|(kind, name)| {
            let kind = if kind == "subject" { "schema" } else { kind };
            format!("{kind}/{}", name.value)
        });
        finding
    };
    wrong.into_iter().map(finding).collect()
}

/// The first key behind which one stands that belongs before it.
fn out_of_order<'d>(file: &File, document: &'d Node) -> Option<Spanned<&'d str>> {
    let keys = keys_of(Some(&file.path), document)?;
    let Value::Mapping(entries) = &document.value else { return None };
    let ranked: Vec<_> = entries
        .iter()
        .filter_map(|entry| Some((keys.iter().position(|field| field.key == &*entry.key.value)?, entry)))
        .collect();
    let place =
        ranked.iter().enumerate().position(|(at, (rank, _))| ranked[at + 1..].iter().any(|(other, _)| other < rank))?;
    let key = &ranked[place].1.key;
    Some(Spanned::new(&*key.value, key.span))
}

/// The part of a file that differs, in the place of the old one.
fn whole(id: FileId, file: &File, after: &str) -> Fix {
    let before = &*file.text;
    let start = before.bytes().zip(after.bytes()).take_while(|(a, b)| a == b).count();
    let start = before[..before.floor_char_boundary(start)].rfind('\n').map_or(0, |newline| newline + 1);
    let same = before[start..].bytes().rev().zip(after[start..].bytes().rev()).take_while(|(a, b)| a == b).count();
    let end = before.ceil_char_boundary(before.len() - same);
    let end = before[end..].find('\n').map_or(before.len(), |newline| end + newline + 1);
    let new = &after[start..after.len() - (before.len() - end)];
    // Returns come with the file's own line breaks.
    Fix::new(Safety::Safe, "put the keys in the order of the reference")
        .replace(Span::new(id, start, end), new.replace("\r\n", "\n"))
}
