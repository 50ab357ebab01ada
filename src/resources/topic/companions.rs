//! The topics that `dlq:` of a consumer asks for beside its own: for dead letters, for retries, for what is parked. Where no
//! manifest declares one, it is made here, as if one did; everything else sees no difference.

use std::collections::BTreeMap;

use super::{
    Cleanup, ConsumerSpec, DEAD_LETTER_CLASS, ManagedBy, ProducerSpec, TopicOverrideSpec, TopicSchemaSpec, TopicSpec,
};
use crate::model::{Bytes, Name, TopicName};
use crate::resources::Workspace;
use crate::resources::acl::{ConsumesSpec, ProducesSpec};
use crate::resources::settings::{NamePattern, Settings};
use crate::source::{Entries, Node, Span, Spanned, Value};

/// What a topic is for that belongs to a topic and a consumer of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CompanionKind {
    /// It holds records that the consumer could not process.
    DeadLetters,
    /// Records wait in it to be tried again by this consumer alone.
    Retry,
    /// It holds dead letters that came back too often.
    Parking,
}

impl CompanionKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::DeadLetters, Self::Retry, Self::Parking];

    /// What such a topic is called in a sentence.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DeadLetters => "dead-letter topic",
            Self::Retry => "retry topic",
            Self::Parking => "parking topic",
        }
    }

    /// The key of `naming` that says how such topics are named.
    pub fn naming_key(self) -> &'static str {
        match self {
            Self::DeadLetters => "dlq",
            Self::Retry => "retry",
            Self::Parking => "parking",
        }
    }

    /// How such topics are named.
    pub fn pattern(self, settings: &Settings) -> &NamePattern {
        match self {
            Self::DeadLetters => &settings.dlq_pattern,
            Self::Retry => &settings.retry_pattern,
            Self::Parking => &settings.parking_pattern,
        }
    }

    /// The name of such a topic.
    pub fn name(self, settings: &Settings, topic: &str, service: &str) -> String {
        self.pattern(settings).make(&[("topic", topic), ("service", service)])
    }

    /// Whether a consumer asks for such a topic.
    pub fn is_wanted_by(self, consumer: &ConsumerSpec) -> bool {
        consumer.dead_letters().is_some_and(|letters| match self {
            Self::DeadLetters => true,
            Self::Retry => letters.has_retry(),
            Self::Parking => letters.has_parking(),
        })
    }
}

/// A topic that no manifest declares and that `dlq:` of consumers asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derived {
    /// What it is for.
    pub kind: CompanionKind,
    /// The topic that its records are of.
    pub of: TopicName,
    /// The consumers that ask for it: several where the name has no `<service>`.
    pub services: Vec<String>,
    /// The `dlq:` of the first of them.
    pub span: Span,
}

/// A topic that belongs to another one and a consumer of it, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Companion<'w> {
    /// What it is for.
    pub kind: CompanionKind,
    /// The topic that its records are of.
    pub of: &'w TopicName,
    /// The service that reads that.
    pub service: &'w str,
}

impl Workspace {
    /// Of a topic that belongs to another one and to one consumer of it, by its name: what it is for, whose records it holds, and
    /// the service that reads them. A name without `<service>` tells none of that; see [`Self::companion_kind_of`].
    pub fn companion_of<'t>(&'t self, name: &'t str) -> Option<Companion<'t>> {
        CompanionKind::ALL.into_iter().find_map(|kind| {
            let pattern = kind.pattern(&self.settings);
            let (of, _) = self.topics.get_key_value(pattern.part(name, "topic")?)?;
            Some(Companion { kind, of, service: pattern.part(name, "service")? })
        })
    }

    /// What a topic is for that belongs to another one, and that topic, also where its name tells no consumer.
    pub fn companion_kind_of<'w>(&'w self, name: &TopicName) -> Option<(CompanionKind, &'w TopicSpec)> {
        if let Some(derived) = self.derived.get(name) {
            return Some((derived.kind, self.topics.get(&derived.of)?));
        }
        CompanionKind::ALL.into_iter().find_map(|kind| {
            let of = kind.pattern(&self.settings).part(name.as_str(), "topic")?;
            Some((kind, self.topics.get(of)?))
        })
    }

    /// Whether no manifest declares the topic, and `dlq:` of a consumer asks for it.
    pub fn is_derived(&self, name: &TopicName) -> bool {
        self.derived.contains_key(name)
    }

    /// The topics that have a manifest of their own.
    pub fn written_topics(&self) -> impl Iterator<Item = &TopicSpec> {
        self.topics.values().filter(|topic| !self.is_derived(&topic.topic))
    }

    /// Takes away what follows from `dlq:` of consumers, so that manifests can be added.
    pub(in crate::resources) fn withdraw_companions(&mut self) {
        for name in std::mem::take(&mut self.derived).into_keys() {
            self.topics.remove(&name);
        }
        for grant in self.grants.values_mut() {
            grant.produces.retain(|produces| !produces.is_derived);
            grant.consumes.retain(|consumes| !consumes.is_derived);
        }
    }

    /// Adds what follows from `dlq:` of consumers: topics that no manifest declares, and what the consumers ask for of them.
    /// Where the naming of the bus is not known, nothing follows.
    pub(in crate::resources) fn derive_companions(&mut self) {
        if !self.knows_settings() {
            return;
        }
        let mut made: BTreeMap<TopicName, (Derived, TopicSpec)> = BTreeMap::new();
        let mut asked: Vec<(String, TopicName, CompanionKind, Spanned<TopicName>)> = Vec::new();
        for topic in self.topics.values().filter(|topic| topic.is_present() && !topic.is_internal()) {
            for consumer in &topic.consumers {
                let Some(span) = consumer.dead_letters().map(|letters| letters.span) else { continue };
                let service = consumer.service.as_str();
                if !self.declares_client(service) {
                    continue;
                }
                for kind in CompanionKind::ALL.into_iter().filter(|kind| kind.is_wanted_by(consumer)) {
                    let Ok(name) = kind.name(&self.settings, topic.topic.as_str(), service).parse::<TopicName>() else {
                        continue;
                    };
                    if !self.declares("topic", name.as_str()) {
                        let derived = Derived { kind, of: topic.topic.value.clone(), services: Vec::new(), span };
                        let fresh = || (derived.clone(), self.companion_spec(topic, kind, &name, service, span));
                        let (known, spec) = made.entry(name.clone()).or_insert_with(fresh);
                        if (known.kind, &known.of) != (kind, &topic.topic.value) {
                            continue;
                        }
                        if !known.services.iter().any(|other| other == service) {
                            known.services.push(service.to_owned());
                            if kind == CompanionKind::DeadLetters {
                                spec.producers
                                    .push(ProducerSpec { service: Spanned::new(consumer.service.value.clone(), span) });
                            }
                            if kind == CompanionKind::Retry {
                                let service = Spanned::new(consumer.service.value.clone(), span);
                                spec.consumers.push(ConsumerSpec { service, max_lag: None, dlq: None });
                            }
                        }
                    }
                    asked.push((service.to_owned(), topic.topic.value.clone(), kind, Spanned::new(name, span)));
                }
            }
        }
        for (name, (derived, spec)) in made {
            self.topics.insert(name.clone(), spec);
            self.derived.insert(name, derived);
        }
        for (service, of, kind, name) in asked {
            if let Some(grant) = self.grants.get_mut(&service) {
                grant.ask_for(&of, kind, name);
            }
        }
    }

    /// A topic that belongs to another one, without those who use it.
    fn companion_spec(
        &self,
        of: &TopicSpec,
        kind: CompanionKind,
        name: &TopicName,
        service: &str,
        span: Span,
    ) -> TopicSpec {
        let text = |text: String| Some(Spanned::new(text, span));
        let (origin, is_retry) = (of.topic.as_str(), kind == CompanionKind::Retry);
        let class = match is_retry {
            true => of.class.clone(),
            false => DEAD_LETTER_CLASS.parse::<Name>().ok().map(|class| Spanned::new(class, span)),
        };
        let (description, rationale) = match kind {
            CompanionKind::DeadLetters => (
                format!(
                    "Records of {origin} that {service} could not process, as they were, with the error in their headers."
                ),
                "Each dead letter is looked into, and sent back or given up, before it goes.",
            ),
            CompanionKind::Retry => (
                format!("Records of {origin} that {service} is to try again. No other consumer of {origin} sees them."),
                "As long as those that they are copies of.",
            ),
            CompanionKind::Parking => (
                format!("Dead letters of {service} from {origin} that came back too often to be sent again by a run."),
                "Each of them is looked into by a person, and sent back or given up, before it goes.",
            ),
        };
        let overrides = of.overrides.iter().map(|(key, spec)| {
            let config = self.companion_config(kind, of, &spec.config, span);
            let (partitions, replication_factor) = (spec.partitions, spec.replication_factor);
            (key.clone(), TopicOverrideSpec { partitions, replication_factor, config })
        });
        let owner = self.owner_of(of).and_then(|owner| owner.parse::<Name>().ok());
        TopicSpec {
            topic: Spanned::new(name.clone(), span),
            state: None,
            reason: None,
            // Where an operator of topics owns them all, it owns this one too.
            managed_by: of.managed_by.filter(|manager| manager.value == ManagedBy::Strimzi),
            clusters: of.clusters.clone(),
            class,
            deprecated_by: None,
            description: text(description),
            owner: of.owner.clone().or_else(|| owner.map(|owner| Spanned::new(owner, span))),
            key: of.key.clone(),
            partitions: of.partitions,
            replication_factor: of.replication_factor,
            producers: Vec::new(),
            consumers: Vec::new(),
            retention_rationale: text(rationale.to_owned()),
            change_request: of.change_request.clone(),
            adr: None,
            personal_data: of.personal_data.clone().filter(|_| is_retry),
            schema: of.schema.clone().filter(|_| is_retry).map(|schema| TopicSchemaSpec { ..schema }),
            config: self.own_companion_config(kind, of, span),
            overrides: overrides.collect(),
        }
    }

    fn own_companion_config(&self, kind: CompanionKind, of: &TopicSpec, span: Span) -> Entries<Node> {
        let class = of.class.as_ref().and_then(|class| self.settings.classes.get(class.as_str()));
        let mut config = of.config.to_vec();
        if kind != CompanionKind::Retry {
            // The class is another one, and does not say how large records are.
            let of_class = class.into_iter().flat_map(|class| &class.config);
            let is_new =
                |(key, _): &&(Spanned<Box<str>>, Node)| !of.config.iter().any(|(own, _)| own.value == key.value);
            config.extend(of_class.filter(is_new).cloned());
        }
        let mut config = self.companion_config(kind, of, &config, span).into_vec();
        if kind == CompanionKind::Retry && of.is_compacted(&self.settings) {
            // The last record of a key is not the only one that is to be tried again.
            config.retain(|(key, _)| &*key.value != "cleanup.policy");
            config.push(entry("cleanup.policy", "delete", span));
            let keeps = |config: &[(Spanned<Box<str>>, Node)]| config_of(config, "retention.ms").is_some();
            let dead = self.settings.classes.get(DEAD_LETTER_CLASS).and_then(|class| class.retention);
            if let Some(kept) = dead.filter(|_| !keeps(&config) && class.is_none_or(|class| class.retention.is_none()))
            {
                config.push(entry("retention.ms", &kept.value.to_string(), span));
            }
        }
        config.sort_by(|(a, _), (b, _)| a.cmp(b));
        config.into_boxed_slice()
    }

    /// What a companion has of these configs of its topic: a retry topic all, the others the size of records, with room for
    /// the failure in their headers.
    fn companion_config(
        &self,
        kind: CompanionKind,
        of: &TopicSpec,
        configs: &[(Spanned<Box<str>>, Node)],
        span: Span,
    ) -> Entries<Node> {
        const SIZE: &str = "max.message.bytes";
        const HEADERS: i64 = 1 << 20;
        match kind {
            CompanionKind::Retry => configs.to_vec().into_boxed_slice(),
            CompanionKind::DeadLetters | CompanionKind::Parking => {
                let size = config_of(configs, SIZE).filter(|_| !of.is_dead_letter()).and_then(Node::scalar);
                let size = size.and_then(|size| size.parse::<Bytes>().ok()).filter(|size| size.0 >= 0);
                let larger = size.map(|size| Bytes(size.0.saturating_add(HEADERS).min(i64::from(i32::MAX))));
                larger.map(|larger| entry(SIZE, &larger.to_string(), span)).into_iter().collect()
            }
        }
    }
}

impl TopicSpec {
    /// Whether its own manifest or its class has the last record of each key kept.
    pub(in crate::resources) fn is_compacted(&self, settings: &Settings) -> bool {
        let is_compact = |word: &str| word == Cleanup::Compact.as_str();
        if let Some(policy) = config_of(&self.config, "cleanup.policy") {
            return match &policy.value {
                Value::Sequence(words) => words.iter().filter_map(Node::scalar).any(is_compact),
                _ => policy.scalar().is_some_and(|words| words.split(',').any(|word| is_compact(word.trim()))),
            };
        }
        let class = self.class.as_ref().and_then(|class| settings.classes.get(class.as_str()));
        class.is_some_and(|class| class.cleanup.iter().any(|policy| policy.value == Cleanup::Compact))
    }
}

fn config_of<'c>(configs: &'c [(Spanned<Box<str>>, Node)], key: &str) -> Option<&'c Node> {
    configs.iter().find(|(known, _)| &*known.value == key).map(|(_, node)| node)
}

fn entry(key: &str, value: &str, span: Span) -> (Spanned<Box<str>>, Node) {
    let value = Value::Scalar { text: value.into(), quoted: false };
    (Spanned::new(key.into(), span), Node { span, value })
}

impl crate::resources::acl::GrantSpec {
    /// Asks for a topic that belongs to one that the service reads, in the same groups.
    fn ask_for(&mut self, of: &TopicName, kind: CompanionKind, name: Spanned<TopicName>) {
        let reads: Vec<_> = self.consumes.iter().filter(|consumes| consumes.topic.value == *of).collect();
        if reads.is_empty() {
            return;
        }
        match kind {
            CompanionKind::DeadLetters if !self.produces.iter().any(|known| known.topic.value == name.value) => {
                self.produces.push(ProducesSpec { topic: name, is_derived: true });
            }
            CompanionKind::Retry if !self.consumes.iter().any(|known| known.topic.value == name.value) => {
                let same = |read: &&ConsumesSpec| ConsumesSpec {
                    topic: name.clone(),
                    group: read.group.clone(),
                    is_derived: true,
                };
                let entries: Vec<ConsumesSpec> = reads.iter().map(same).collect();
                self.consumes.extend(entries);
            }
            CompanionKind::DeadLetters | CompanionKind::Retry | CompanionKind::Parking => {}
        }
    }
}

#[cfg(test)]
mod tests;
