//! Classes: which one a topic has, and which ones there are on a bus that has none.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use super::configs::{Configs, Layers, beside, effective, overruled};
use super::naming::dead_letter_end;
use super::{Found, Import};
use crate::model::Duration;
use crate::resources::topic::ConfigValue;
use crate::source::write;

/// The class of dead-letter topics, by which the rules know them.
pub const DEAD_LETTERS: &str = "dlq";

/// More classes than people tell apart help nobody: what is rarer differs from its class in its own manifest.
const MOST: usize = 12;

/// A class that is made of topics.
#[derive(Debug, Clone, PartialEq)]
struct Derived {
    name: String,
    configs: Configs,
}

/// What topics of one class have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Likeness {
    is_dead_letter: bool,
    cleanup: String,
    /// How long records are kept, where the cleanup policy goes by it.
    retention: Option<i64>,
}

/// The classes of a bus that has none, as the key `classes` of `busctl.yaml`; nothing where nothing is known of topics.
pub fn derive(import: &Import<'_>) -> String {
    let mut alike: BTreeMap<Likeness, Vec<Configs>> = BTreeMap::new();
    for (name, adoption) in &import.topics {
        if !adoption.is_ours() {
            continue;
        }
        let own = super::configs::set_on(&import.found.topics[name]);
        if let Some(likeness) = Likeness::of(import.found, name.as_str(), &own) {
            alike.entry(likeness).or_default().push(own);
        }
    }
    let mut classes: Vec<Derived> = Vec::new();
    for (likeness, members) in most_common(alike) {
        let name = likeness.name();
        // What dead letters keep differs; they are one class all the same.
        if classes.iter().all(|class| class.name != name) {
            classes.push(Derived { name, configs: likeness.configs(import.found, &members) });
        }
    }
    classes.sort_by(|a, b| a.name.cmp(&b.name));
    if classes.is_empty() {
        return String::new();
    }
    classes.iter().fold("classes:\n".to_owned(), |text, class| text + &class.text())
}

/// The largest groups, and the largest one of each cleanup policy, so that every topic has a class that cleans up as it does.
fn most_common(alike: BTreeMap<Likeness, Vec<Configs>>) -> Vec<(Likeness, Vec<Configs>)> {
    let mut groups: Vec<_> = alike.into_iter().collect();
    groups.sort_by_key(|(likeness, members)| (std::cmp::Reverse(members.len()), likeness.clone()));
    let mut known: Vec<(bool, String)> = Vec::new();
    let mut kept = Vec::new();
    for (rank, (likeness, members)) in groups.into_iter().enumerate() {
        let policy = (likeness.is_dead_letter, likeness.cleanup.clone());
        let is_first = !known.contains(&policy);
        if is_first || (rank < MOST && members.len() > 1) {
            known.push(policy);
            kept.push((likeness, members));
        }
    }
    kept
}

impl Likeness {
    fn of(found: &Found, name: &str, own: &Configs) -> Option<Self> {
        let cleanup = effective(found, own, "cleanup.policy")?;
        // A class that says nothing of it leaves it to the brokers; and what no manifest can say cannot be a class either.
        cleanup.to_manifest("cleanup.policy").filter(|_| !cleanup.as_str().is_empty())?;
        let cleanup = cleanup.as_str().to_owned();
        let deletes = cleanup.split(',').any(|policy| policy == "delete");
        let retention = effective(found, own, "retention.ms").and_then(|value| value.as_i64());
        let is_dead_letter = dead_letter_end(name).is_some();
        Some(Self { is_dead_letter, cleanup, retention: retention.filter(|_| deletes) })
    }

    fn name(&self) -> String {
        if self.is_dead_letter {
            return DEAD_LETTERS.to_owned();
        }
        let time = match self.retention {
            Some(time) if time < 0 => "forever".to_owned(),
            Some(time) => Duration(time).to_string(),
            None => String::new(),
        };
        match self.cleanup.as_str() {
            "compact" => "state".to_owned(),
            "compact,delete" => format!("state-{time}").trim_end_matches('-').to_owned(),
            "delete" => format!("keep-{time}").trim_end_matches('-').to_owned(),
            _ => "other".to_owned(),
        }
    }

    /// What a class of these topics says: how it cleans up, and what all of them have and most of them set.
    fn configs(&self, found: &Found, members: &[Configs]) -> Configs {
        let mut configs = Configs::new();
        let mut counted: BTreeMap<(&Arc<str>, &str), usize> = BTreeMap::new();
        for (key, value) in members.iter().flatten() {
            *counted.entry((key, value.as_str())).or_default() += 1;
        }
        for ((key, value), count) in counted {
            let value = ConfigValue::of_kafka(key, value);
            let all_have = || members.iter().all(|own| effective(found, own, key).as_ref() == Some(&value));
            let is_own = !matches!(&**key, "cleanup.policy" | "retention.ms" | "min.insync.replicas");
            if is_own
                && members.len() > 1
                && count * 2 > members.len()
                && all_have()
                && value.to_manifest(key).is_some()
            {
                configs.insert(key.clone(), value);
            }
        }
        configs.insert("cleanup.policy".into(), ConfigValue::of_kafka("cleanup.policy", &self.cleanup));
        if let Some(retention) = self.retention {
            configs.insert("retention.ms".into(), ConfigValue::of_kafka("retention.ms", &retention.to_string()));
        }
        configs
    }
}

impl Derived {
    /// Its lines.
    fn text(&self) -> String {
        let mut text = format!("  {}:\n", write::scalar(&self.name));
        let mut more = Vec::new();
        for (key, value) in &self.configs {
            match &**key {
                "cleanup.policy" => {
                    let words: Vec<&str> = value.as_str().split(',').collect();
                    let _ = writeln!(text, "    cleanup: [{}]", words.join(", "));
                }
                "retention.ms" => {
                    if let Some(time) = value.to_manifest(key) {
                        let _ = writeln!(text, "    retention: {time}");
                    }
                }
                _ => more.extend(value.to_manifest(key).map(|value| (write::scalar(key), value))),
            }
        }
        text + &write::mapping("config", &more, 4)
    }
}

/// The class of a topic, with what its manifest has to say beside it: the one that leaves least to say, among those that
/// clean up as the topic does. Dead letters have their own, and no other topic has it.
pub fn choose<'l>(
    found: &Found,
    own: &Configs,
    is_dead_letter: bool,
    classes: &'l BTreeMap<String, Layers>,
    without: &Layers,
) -> (Option<&'l str>, Configs) {
    let mut best: Option<(usize, &str, Configs)> = None;
    for (name, layers) in classes {
        if (name == DEAD_LETTERS) != (is_dead_letter && classes.contains_key(DEAD_LETTERS)) {
            continue;
        }
        if overruled(found, own, layers).next().is_some() {
            continue;
        }
        let configs = beside(found, own, layers);
        if configs.contains_key("cleanup.policy") {
            continue;
        }
        let cost = configs.len() + usize::from(configs.contains_key("retention.ms"));
        if best.as_ref().is_none_or(|(least, ..)| cost < *least) {
            best = Some((cost, name, configs));
        }
    }
    match best {
        Some((_, name, configs)) => (Some(name), configs),
        None => (None, beside(found, own, without)),
    }
}
