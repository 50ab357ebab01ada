use std::collections::BTreeMap;

use super::{Edit, Lack, What};
use crate::diag::Level;
use crate::model::{Address, Label};
use crate::plan::FieldValue;
use crate::resources::broker_config::{BrokerScope, DesiredBrokerConfigs, Setting, is_of_one_cluster, is_same, shown};
use crate::resources::cluster::ClusterSpec;
use crate::resources::quota::{DesiredQuota, DesiredQuotas, QuotaEntity, entry_of};
use crate::resources::topic::config::decode_config;
use crate::resources::topic::{State, TopicSpec};
use crate::resources::{Desired, Workspace};
use crate::source::write::{config_value, scalar};
use crate::source::{Decoder, Node, Span, Spanned, Value};

/// Both clusters, and the word by which the second is named where it is to have more.
struct Pair<'w> {
    workspace: &'w Workspace,
    from: &'w ClusterSpec,
    to: &'w ClusterSpec,
    word: String,
}

/// Everything that `to` lacks of `from`.
pub(super) fn of(workspace: &Workspace, from: &ClusterSpec, to: &ClusterSpec) -> Vec<Lack> {
    let pair = Pair { workspace, from, to, word: word_of(workspace, to) };
    let (desired, _) = Desired::resolve(workspace, to);
    let mut lacks = Vec::new();
    for topic in workspace.written_topics().filter(|topic| topic.is_present()) {
        let address = Address::topic(&topic.topic.value).to_string();
        lacks.extend(pair.selection(&address, ("topic", topic.topic.as_str()), &["clusters"], &topic.clusters));
        if workspace.selects(&topic.clusters, from) {
            pair.overrides(&address, topic, &desired, &mut lacks);
        }
        if let Some(schema) = &topic.schema {
            let document = ("topic", topic.topic.as_str());
            lacks.extend(pair.selection(&address, document, &["schema", "clusters"], &schema.clusters));
        }
    }
    let stays = |state: &Option<Spanned<State>>| state.is_none_or(|state| state.value == State::Present);
    for (service, grant) in workspace.grants.iter().filter(|(_, grant)| stays(&grant.state)) {
        lacks.extend(pair.selection(
            &format!("service/{service}"),
            ("service", service.as_str()),
            &["clusters"],
            &grant.clusters,
        ));
    }
    for (subject, spec) in workspace.subjects.iter().filter(|(_, spec)| stays(&spec.state)) {
        let address = Address::schema(subject).to_string();
        lacks.extend(pair.selection(&address, ("subject", subject.as_str()), &["clusters"], &spec.clusters));
    }
    for (role, spec) in &workspace.catalog.roles {
        let path = ["roles", role.as_str(), "clusters"];
        lacks.extend(pair.in_document("roles", &format!("role/{role}"), &path, &spec.clusters));
    }
    lacks.extend(pair.quotas());
    lacks.extend(pair.broker_configs());
    for (code, rule) in &workspace.settings.policy {
        let path = ["policy", &*code.value, "clusters"];
        lacks.extend(pair.in_document("version", &format!("policy/{}", code.value), &path, &rule.clusters));
    }
    lacks.extend(pair.levels());
    lacks
}

/// How manifests name a cluster: by its environment where that is its alone, else by its name.
fn word_of(workspace: &Workspace, cluster: &ClusterSpec) -> String {
    let alone = |word: &Label| {
        workspace.clusters.values().all(|other| other.cluster == cluster.cluster || !other.answers_to(word.as_str()))
    };
    let environment = cluster.environment.as_ref().filter(|environment| alone(environment));
    environment.map_or_else(|| cluster.cluster.to_string(), |environment| environment.value.to_string())
}

/// The value of an override, as it is written and as it is compared.
struct Own<'n> {
    written: String,
    meant: String,
    shown: FieldValue,
    span: Span,
    node: Option<&'n Node>,
}

impl Pair<'_> {
    /// That a manifest is for the one and not for the other.
    fn selection(
        &self,
        address: &str,
        (kind, name): (&'static str, &str),
        path: &[&str],
        selectors: &[Spanned<Label>],
    ) -> Option<Lack> {
        let lacking = self.workspace.selects(selectors, self.from) && !self.workspace.selects(selectors, self.to);
        let first = selectors.first().filter(|_| lacking)?;
        let names: Vec<&str> = selectors.iter().map(|selector| selector.as_str()).collect();
        Some(Lack {
            address: address.to_owned(),
            field: "clusters".to_owned(),
            before: FieldValue::plain(names.join(", ")),
            present: None,
            place: self.workspace.place(first.span),
            left: None,
            edit: Edit {
                file: None,
                document: (kind, Some(name.to_owned())),
                path: path.iter().map(|key| (*key).to_owned()).collect(),
                what: What::Item(scalar(&self.word)),
            },
        })
    }

    /// The same in a document that has no name, such as `busctl.yaml`: that with this key.
    fn in_document(
        &self,
        key: &'static str,
        address: &str,
        path: &[&str],
        selectors: &[Spanned<Label>],
    ) -> Option<Lack> {
        let mut lack = self.selection(address, (key, ""), path, selectors)?;
        lack.edit.document = (key, None);
        Some(lack)
    }

    /// Overrides for the one, where the other has none of the same field. What the other has of its own stays: somebody has
    /// decided it.
    fn overrides(&self, address: &str, topic: &TopicSpec, desired: &Desired<'_>, lacks: &mut Vec<Lack>) {
        let (theirs, ours) = (overridden(topic, self.from), overridden(topic, self.to));
        let resolved = desired.topics.get(topic.topic.as_str());
        for (field, theirs) in theirs {
            let own = ours.get(&field);
            if own.is_some_and(|own| own.meant == theirs.meant) {
                continue;
            }
            let number = match field.as_str() {
                "partitions" => resolved.map(|topic| topic.partitions.value),
                "replication_factor" => resolved.map(|topic| topic.replication_factor.value),
                _ => None,
            };
            let config = field.strip_prefix("config.").and_then(|key| Some((key, resolved?.configs.get(key)?)));
            let present = match (own, number, config) {
                (Some(own), ..) => Some(own.shown.clone()),
                (None, Some(number), _) => Some(FieldValue::plain(number)),
                (None, None, Some((key, value))) => {
                    Some(FieldValue::shown(value.value.as_str(), value.value.human(key)))
                }
                (None, None, None) => None,
            };
            if own.is_none() && present.as_ref().is_some_and(|present| present.value == theirs.meant) {
                continue;
            }
            let is_lower =
                number.zip(theirs.meant.parse().ok()).is_some_and(|(number, theirs): (u32, u32)| theirs < number);
            let left = match own {
                Some(own) => Some(format!("it has its own, at {}", self.workspace.place(own.span))),
                None if is_lower => Some("it has more, and less is seldom meant".to_owned()),
                None => None,
            };
            // A word that the topic uses already is used again.
            let known = [self.to.cluster.as_str(), self.word.as_str()];
            let used = known.iter().find(|word| topic.overrides.keys().any(|key| *key.value == ***word));
            let word = used.copied().unwrap_or(&self.word);
            let (path, key) = match field.strip_prefix("config.") {
                Some(config) => (vec!["overrides", word, "config"], config),
                None => (vec!["overrides", word], field.as_str()),
            };
            lacks.push(Lack {
                address: address.to_owned(),
                field: field.clone(),
                before: theirs.shown,
                present,
                place: self.workspace.place(theirs.span),
                left,
                edit: Edit {
                    file: None,
                    document: ("topic", Some(topic.topic.to_string())),
                    path: path.into_iter().map(str::to_owned).collect(),
                    what: What::Entry(key.to_owned(), theirs.node.and_then(written).unwrap_or(theirs.written)),
                },
            });
        }
    }

    /// Quotas that the cluster's own manifest declares. Those of services come with their manifests.
    fn quotas(&self) -> Vec<Lack> {
        let declared = |of: &ClusterSpec| DesiredQuotas::compile(self.workspace, of);
        let (theirs, ours) = (declared(self.from), declared(self.to));
        let of_cluster = theirs.wanted.iter().filter(|(entity, _)| !theirs.is_of_service(entity));
        let lack = |(entity, quota): (&QuotaEntity, &DesiredQuota)| {
            let (values, own) = (quota.values(), ours.wanted.get(entity));
            let item = entry_of(entity, &values).filter(|_| !values.is_empty())?;
            if own.is_some_and(|own| own.values() == values) || ours.is_of_service(entity) {
                return None;
            }
            let present = own.and_then(|own| entry_of(entity, &own.values()));
            Some(Lack {
                address: entity.address().to_string(),
                field: "quotas".to_owned(),
                before: FieldValue::plain(&item),
                present: present.map(FieldValue::plain),
                place: self.workspace.place(quota.span),
                left: own.map(|own| format!("it has its own, at {}", self.workspace.place(own.span))),
                edit: Edit {
                    file: Some(self.workspace.sources.file(self.to.cluster.span.file).path.clone()),
                    document: ("cluster", Some(self.to.cluster.to_string())),
                    path: vec!["quotas".to_owned()],
                    what: What::Item(item),
                },
            })
        };
        of_cluster.filter_map(lack).collect()
    }

    /// Configs of all brokers. Those of single ones are of brokers that the other has not.
    fn broker_configs(&self) -> Vec<Lack> {
        let declared = |of: &ClusterSpec| DesiredBrokerConfigs::resolve(of, &mut Decoder::default());
        let (mut theirs, ours) = (declared(self.from), declared(self.to));
        let ours = ours.wanted.get(&BrokerScope::All);
        let theirs = theirs.wanted.remove(&BrokerScope::All).unwrap_or_default();
        let lack = |(key, setting): (String, Setting)| {
            let value = setting.value?;
            let own = ours.and_then(|ours| ours.get(&key));
            let present = own.and_then(|own| own.value.as_deref());
            if present.is_some_and(|present| is_same(present, &value)) {
                return None;
            }
            Some(Lack {
                address: BrokerScope::All.address().to_string(),
                field: format!("config.{key}"),
                before: shown(&key, &value),
                present: present.map(|present| shown(&key, present)),
                place: self.workspace.place(setting.span),
                left: match own {
                    Some(own) => Some(format!("it has its own, at {}", self.workspace.place(own.span))),
                    None if is_of_one_cluster(&key) => Some("it names what each cluster has for itself".to_owned()),
                    None => None,
                },
                edit: Edit {
                    file: Some(self.workspace.sources.file(self.to.cluster.span.file).path.clone()),
                    document: ("cluster", Some(self.to.cluster.to_string())),
                    path: vec!["kafka".to_owned(), "config".to_owned()],
                    what: What::Entry(key, config_value(&value)),
                },
            })
        };
        theirs.into_iter().filter_map(lack).collect()
    }

    /// Levels of rules that `busctl.yaml` says for the one. A lower one is not taken over: policy is not given up by a
    /// promotion.
    fn levels(&self) -> Vec<Lack> {
        let mut lacks = Vec::new();
        for (code, levels) in &self.workspace.settings.rules {
            let said = |cluster: &ClusterSpec| {
                let of = |word: &str| levels.clusters.iter().find(|(key, _)| &*key.value == word);
                let environment = || of(cluster.environment.as_ref()?.as_str());
                of(cluster.cluster.as_str()).or_else(environment)
            };
            let (Some((_, theirs)), ours) = (said(self.from), levels.on(self.to)) else { continue };
            if ours == Some(theirs.value) {
                continue;
            }
            let is_lower =
                ours.is_some_and(|ours| theirs.value < ours) || (ours.is_none() && theirs.value == Level::Off);
            let left = match said(self.to) {
                Some((_, own)) => Some(format!("it has its own, at {}", self.workspace.place(own.span))),
                None if is_lower => Some("it would be given up there".to_owned()),
                None => None,
            };
            lacks.push(Lack {
                address: format!("rule/{}", code.value),
                field: "level".to_owned(),
                before: FieldValue::plain(theirs.value.as_str()),
                present: ours.map(|level| FieldValue::plain(level.as_str())),
                place: self.workspace.place(theirs.span),
                left,
                edit: Edit {
                    file: None,
                    document: ("version", None),
                    path: vec!["rules".to_owned(), code.value.to_string()],
                    what: What::Entry(self.word.clone(), theirs.value.as_str().to_owned()),
                },
            });
        }
        lacks
    }
}

/// What a topic overrides on a cluster, by field; the cluster's own wins over its environment's.
fn overridden<'t>(topic: &'t TopicSpec, cluster: &ClusterSpec) -> BTreeMap<String, Own<'t>> {
    let mut fields = BTreeMap::new();
    let environment = cluster.environment.as_ref().map(|environment| environment.as_str());
    let words = environment.into_iter().chain([cluster.cluster.as_str()]);
    for spec in
        words.filter_map(|word| topic.overrides.iter().find(|(key, _)| &*key.value == word)).map(|(_, spec)| spec)
    {
        for (field, number) in [("partitions", spec.partitions), ("replication_factor", spec.replication_factor)] {
            let Some(number) = number else { continue };
            let text = number.value.to_string();
            let shown = FieldValue::plain(&text);
            fields.insert(
                field.to_owned(),
                Own { meant: text.clone(), written: text, shown, span: number.span, node: None },
            );
        }
        for (key, node) in &spec.config {
            // What is no value of such a config is a finding of the loader.
            let Some(value) = decode_config(key, node, &mut Decoder::default()) else { continue };
            let meant = value.as_str().to_owned();
            let shown = FieldValue::shown(&meant, value.human(&key.value));
            let own = Own { written: meant.clone(), meant, shown, span: node.span, node: Some(node) };
            fields.insert(format!("config.{}", key.value), own);
        }
    }
    fields
}

/// A value as YAML has it between braces.
fn written(node: &Node) -> Option<String> {
    match &node.value {
        Value::Scalar { text, quoted: true } => Some(serde_json::Value::from(&**text).to_string()),
        Value::Scalar { text, .. } => Some(text.to_string()),
        Value::Sequence(items) => {
            let items: Option<Vec<String>> = items.iter().map(written).collect();
            Some(format!("[{}]", items?.join(", ")))
        }
        Value::Mapping(_) => None,
    }
}
