//! A workspace whose every round is an apply of two hundred changes, and what must hold once a round has gone through.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use busctl::adapters::kafka::KafkaClient;
use busctl::model::{Subject, TopicName};
use busctl::ports::kafka::{AclOperation, KafkaAdmin};
use busctl::ports::registry::Registry;

use crate::sample::{connect, name, plain};
use crate::server::Bus;
use crate::support::registries::RunningRegistry;
use crate::support::three_nodes::ThreeNodes;
use crate::support::workspace::{Run, Running, Scratch};

/// Each has a change of the topic, one of its schema and two of its grants.
const TOPICS: usize = 50;

/// A round is no fewer changes than this.
const CHANGES: usize = 200;

/// A workspace on a bus.
pub struct Estate {
    domain: &'static str,
    scratch: Scratch,
    registry: &'static RunningRegistry,
    hand: KafkaClient,
    round: usize,
    /// Before the first apply of the round.
    since: String,
    /// The changes of the round.
    addresses: BTreeSet<String>,
}

impl Estate {
    /// On the single node, by a listener for super users.
    pub async fn on(bus: &Bus, domain: &'static str, port: u16, registry: &'static RunningRegistry) -> Self {
        let estate = Self::empty(domain, registry, bus.hand().await);
        connect(&estate.scratch, domain, &plain(port));
        estate
    }

    /// On three nodes.
    pub async fn on_three(nodes: &ThreeNodes, domain: &'static str, registry: &'static RunningRegistry) -> Self {
        let hand = KafkaClient::connect(nodes.connection(&nodes.admin)).await.unwrap();
        let estate = Self::empty(domain, registry, hand);
        let node = |id| format!("    - {{ id: {id}, rack: rack-{id}, roles: [broker, controller] }}\n");
        estate.scratch.write(
            "clusters/main.yaml",
            format!(
                "cluster: main\nenvironment: production\ncluster_id: {}\nconnection:\n{}schema_registry: main\n\
                 principal: \"User:CN={{service}}\"\ndefaults: {{ replication_factor: 3, min_insync_replicas: 2 }}\n\
                 kafka:\n  deployment: self_managed\n  authorizer: standard\n  nodes:\n{}{}{}",
                nodes.cluster_id,
                nodes.manifest(),
                node(1),
                node(2),
                node(3)
            ),
        );
        estate
    }

    fn empty(domain: &'static str, registry: &'static RunningRegistry, hand: KafkaClient) -> Self {
        let scratch = Scratch::with(&[(
            "busctl.yaml",
            "version: 1\nclasses:\n  processed: { cleanup: [delete], retention: 14d }\n",
        )]);
        scratch.write("clusters/registry.yaml", format!("registry: main\nurl: {}\n", registry.url));
        let service = |part: &str| format!("  {domain}-{part}: {{ owner: sales }}\n");
        scratch.write(
            "catalog/catalog.yaml",
            format!(
                "domains:\n  {domain}: {{ owner: sales }}\nservices:\n{}{}{}\
                 teams:\n  sales: {{ contacts: {{ email: sales@example.com }} }}\n",
                service("writer-a"),
                service("writer-b"),
                service("reader")
            ),
        );
        let addresses = BTreeSet::new();
        Self { domain, scratch, registry, hand, round: 0, since: String::new(), addresses }
    }

    /// Writes what the manifests say from now on: every topic has a larger limit, a third of them more partitions, every
    /// schema one more field, and the topics go over to another writer.
    pub fn next_round(&mut self) {
        self.round += 1;
        let names: Vec<String> = (0..TOPICS).map(|index| self.topic(index).to_string()).collect();
        for (index, name) in names.iter().enumerate() {
            let domain = self.domain;
            self.scratch.write(
                &format!("topics/{domain}/{name}.yaml"),
                format!(
                    "topic: {name}\nclass: processed\ndescription: One record for each step.\nkey: id\npartitions: {}\n\
                     producers: [{}]\nconsumers: [{domain}-reader]\nchange_request: CR-1\n\
                     retention_rationale: Two weeks are enough to do it again.\n\
                     config: {{ max.message.bytes: {}MiB }}\n",
                    self.partitions(index),
                    self.writer(),
                    self.round
                ),
            );
            self.scratch.write(&format!("schemas/{domain}/{name}.avsc"), self.schema(index));
        }
        for part in ["writer-a", "writer-b", "reader"] {
            let service = format!("{}-{part}", self.domain);
            let list = names.join(", ");
            let does = match part {
                "reader" => format!("consumes: [{list}]\n"),
                _ if service == self.writer() => format!("produces: [{list}]\n"),
                _ => String::new(),
            };
            self.scratch.write(&format!("acls/{part}.yaml"), format!("service: {service}\n{does}"));
        }
        let plan = self.scratch.run(&["plan", "--format", "json"]).ended(0).json();
        let addresses = plan["changes"].as_array().unwrap().iter();
        self.addresses = addresses.map(|change| change["address"].as_str().unwrap().to_owned()).collect();
        assert!(self.addresses.len() >= CHANGES, "{} changes", self.addresses.len());
        self.since = jiff::Timestamp::now().to_string();
    }

    pub fn topic(&self, index: usize) -> TopicName {
        name(&format!("{}.step{index:02}.v1", self.domain))
    }

    /// The name of a topic of which this round changes the limit alone.
    pub fn topic_with_its_partitions(&self) -> TopicName {
        let index = (0..TOPICS).find(|index| !(self.round + index).is_multiple_of(3)).unwrap();
        self.topic(index)
    }

    fn partitions(&self, index: usize) -> usize {
        6 + (self.round + index) / 3
    }

    fn writer(&self) -> String {
        format!("{}-writer-{}", self.domain, if self.round.is_multiple_of(2) { "b" } else { "a" })
    }

    /// The service that wrote until the last round, from which this one takes the access.
    pub fn former_writer(&self) -> String {
        format!("{}-writer-{}", self.domain, if self.round.is_multiple_of(2) { "a" } else { "b" })
    }

    fn schema(&self, index: usize) -> String {
        let note = |number| {
            format!(r#", {{ "name": "note_{number}", "type": ["null", "string"], "default": null, "doc": "A note." }}"#)
        };
        let notes: String = (1..self.round).map(note).collect();
        format!(
            r#"{{ "type": "record", "name": "Step{index:02}", "namespace": "example.{}", "doc": "One step.",
  "fields": [{{ "name": "id", "type": "string", "doc": "Its id." }}{notes}] }}"#,
            self.domain
        )
    }

    /// How many changes the round has.
    pub fn changes(&self) -> usize {
        self.addresses.len()
    }

    pub fn hand(&self) -> &KafkaClient {
        &self.hand
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.scratch.path(name)
    }

    /// Runs a command in the workspace.
    pub fn run(&self, arguments: &[&str]) -> Run {
        self.scratch.run(arguments)
    }

    /// Begins an apply of all that there is.
    pub fn apply(&self, more: &[&str]) -> Running {
        let mut arguments = vec!["apply", "--yes", "--allow", "disruptive"];
        arguments.extend(more);
        self.scratch.start(&arguments)
    }

    /// Begins an apply that writes its record beside it, and answers once that has so many lines. `None` where it ended
    /// before.
    pub async fn apply_up_to(&self, lines: usize, more: &[&str]) -> Result<Running, Run> {
        let log = self.path("record.jsonl");
        std::fs::remove_file(&log).ok();
        let mut arguments = vec!["--audit-log", "record.jsonl"];
        arguments.extend(more);
        let mut running = self.apply(&arguments);
        let written = || std::fs::read(&log).map_or(0, |text| text.iter().filter(|byte| **byte == b'\n').count());
        let deadline = Instant::now() + Duration::from_secs(100);
        while written() < lines {
            if running.has_ended() {
                return Err(running.wait());
            }
            assert!(Instant::now() < deadline, "the record never had {lines} lines");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(running)
    }

    /// Applies without any fault, and fails unless all is as it should be then.
    pub async fn finish(&self) {
        self.apply(&[]).wait().ended(0);
        self.assert_finished().await;
    }

    /// Fails unless the end state is the desired one, nothing was applied twice, and the record accounts for each change.
    pub async fn assert_finished(&self) {
        self.scratch.run(&["plan", "--detailed-exitcode"]).ended(0);
        self.assert_topics().await;
        self.assert_grants().await;
        self.assert_versions().await;
        self.assert_record();
    }

    async fn assert_topics(&self) {
        let names: Vec<TopicName> = (0..TOPICS).map(|index| self.topic(index)).collect();
        let described = self.hand.describe_topics(&names).await.unwrap();
        let configs = self.hand.topic_configs(&names).await.unwrap();
        for (index, (name, described)) in names.iter().zip(described).enumerate() {
            assert_eq!(described.unwrap().partitions.len(), self.partitions(index), "{name}");
            let limit = &configs.overrides[name].as_ref().unwrap()["max.message.bytes"];
            assert_eq!(*limit, (self.round << 20).to_string(), "{name}");
        }
    }

    async fn assert_grants(&self) {
        let acls = self.hand.acls().await.unwrap();
        let mut operations: BTreeMap<String, BTreeMap<AclOperation, usize>> = BTreeMap::new();
        for acl in acls.iter().filter(|acl| acl.name.starts_with(&format!("{}.", self.domain))) {
            let principal = acl.principal.to_string();
            let service = principal.rsplit([':', '=']).next().unwrap().to_owned();
            *operations.entry(service).or_default().entry(acl.operation).or_default() += 1;
        }
        let both = |operation| BTreeMap::from([(operation, TOPICS), (AclOperation::Describe, TOPICS)]);
        let expected = BTreeMap::from([
            (format!("{}-reader", self.domain), both(AclOperation::Read)),
            (self.writer(), both(AclOperation::Write)),
        ]);
        assert_eq!(operations, expected);
    }

    async fn assert_versions(&self) {
        let subjects: Vec<Subject> =
            (0..TOPICS).map(|index| format!("{}-value", self.topic(index)).parse().unwrap()).collect();
        for (subject, latest) in subjects.iter().zip(self.registry.client().latest(&subjects).await) {
            assert_eq!(latest.unwrap().unwrap().version as usize, self.round, "{subject}");
        }
    }

    /// Each change of the round was done once, by whichever apply, and of every other attempt it is known what became.
    fn assert_record(&self) {
        let all = ["audit", "--format", "json", "--limit", "100000", "--since", &self.since];
        let audit = self.scratch.run(&all).ended(0).json();
        let mut done: BTreeMap<String, usize> = BTreeMap::new();
        for entry in audit["entries"].as_array().unwrap() {
            let (address, status) = (entry["address"].as_str().unwrap(), entry["status"].as_str().unwrap());
            if !self.addresses.contains(address) {
                continue;
            }
            assert!(!["unknown", "under_way"].contains(&status), "{entry:#}");
            *done.entry(address.to_owned()).or_default() += usize::from(status == "done");
        }
        for address in &self.addresses {
            let entries = audit["entries"].as_array().unwrap().iter().filter(|entry| entry["address"] == **address);
            let entries: Vec<_> = entries.collect();
            assert_eq!(done.get(address), Some(&1), "how often {address} was done, by the record: {entries:#?}");
        }
    }
}
