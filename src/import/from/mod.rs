//! What the files of other tools say of a bus, so that a team can move: texts in, [`Found`] out.
//!
//! Nothing that a file says is dropped unsaid: what is not taken over is listed with its place and the reason. What no file
//! says, such as how many partitions the brokers give a topic, is left open in [`Found`].

mod acls;
mod jikkou;
mod julie;
mod kafka_gitops;
mod keys;
mod reader;
mod strimzi;
mod topicctl;
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Found;
use crate::resources::ReadProblem;
use crate::resources::cluster::ReachTls;

use reader::Reader;

/// A tool whose files are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// Jikkou: resources with `apiVersion` and `kind`.
    Jikkou,
    /// JulieOps, the Kafka Topology Builder: topologies.
    Julie,
    /// kafka-gitops: a state file.
    KafkaGitops,
    /// topicctl: a file a cluster and a file a topic.
    Topicctl,
    /// Strimzi: `KafkaTopic` and `KafkaUser`.
    Strimzi,
}

impl Tool {
    /// Every tool with its word on the command line.
    pub const WORDS: &'static [(&'static str, Self)] = &[
        ("jikkou", Self::Jikkou),
        ("julie", Self::Julie),
        ("kafka-gitops", Self::KafkaGitops),
        ("strimzi", Self::Strimzi),
        ("topicctl", Self::Topicctl),
    ];

    /// Its word on the command line.
    pub fn as_str(self) -> &'static str {
        Self::WORDS.iter().find(|(_, tool)| *tool == self).map_or("", |(word, _)| word)
    }

    /// What the names of its files end in.
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Jikkou | Self::Strimzi => &["yaml", "yml", "json"],
            // How topics are called stands in the properties that Julie is started with.
            Self::Julie => &["yaml", "yml", "json", "properties"],
            Self::KafkaGitops | Self::Topicctl => &["yaml", "yml"],
        }
    }

    /// Whether a file below the folder is read for itself, and not only where another one names it.
    pub fn is_read(self, path: &Path) -> bool {
        path.extension().is_some_and(|extension| self.extensions().iter().any(|known| extension == *known))
    }
}

/// The texts of files, by the paths that people know them by.
pub struct Files<'f> {
    /// The folder that they lie in. A file outside of it is not read, whoever names it.
    pub root: &'f Path,
    /// Those that are read for themselves.
    pub texts: BTreeMap<PathBuf, Result<Arc<str>, ReadProblem>>,
    /// Reads one that another one names, such as a schema.
    pub read: &'f dyn Fn(&Path) -> Result<Arc<str>, ReadProblem>,
}

/// What was read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// What the bus has when the other tool has applied its files.
    pub found: Found,
    /// What is not taken over, each with its place and the reason.
    pub left: Vec<String>,
    /// What nobody but people can answer.
    pub questions: Vec<String>,
    /// How many files could not be read.
    pub unread: usize,
    /// The names of the clusters that the files are for, where they say so.
    pub clusters: BTreeSet<String>,
    /// How the cluster is reached, where the files say so.
    pub bootstrap: Vec<String>,
    /// TLS, where the files say that it is used.
    pub tls: Option<ReachTls>,
}

impl Reading {
    /// Whether nothing of a bus is in it.
    pub fn is_empty(&self) -> bool {
        let found = &self.found;
        let has_subjects = found.registry.as_ref().is_some_and(|registry| !registry.subjects.is_empty());
        let has_users = !found.quotas.is_empty() || !found.scram_users.is_empty();
        found.topics.is_empty() && found.acls.is_empty() && !has_users && !has_subjects
    }

    /// Fills in from a live state what the files leave to the servers: numbers of partitions and replicas, defaults, the
    /// level of the registry, and who reads what.
    pub fn complete(&mut self, live: &Found) {
        let found = &mut self.found;
        found.cluster_id.clone_from(&live.cluster_id);
        found.defaults.clone_from(&live.defaults);
        found.readers.clone_from(&live.readers);
        for (name, topic) in &mut found.topics {
            let Some(known) = live.topics.get(name) else { continue };
            for (number, known) in
                [(&mut topic.partitions, known.partitions), (&mut topic.replication_factor, known.replication_factor)]
            {
                if *number == 0 {
                    *number = known;
                }
            }
        }
        if let (Some(registry), Some(known)) = (&mut found.registry, &live.registry) {
            registry.level.clone_from(&known.level);
        }
    }
}

/// Reads the files of a tool. Where they are for several clusters, `cluster` says which one is meant.
pub fn read(tool: Tool, files: &Files<'_>, cluster: Option<&str>) -> Reading {
    let mut reader = Reader::new(files, cluster);
    match tool {
        Tool::Jikkou => jikkou::read(&mut reader),
        Tool::Julie => julie::read(&mut reader),
        Tool::KafkaGitops => kafka_gitops::read(&mut reader),
        Tool::Strimzi => strimzi::read(&mut reader),
        Tool::Topicctl => topicctl::read(&mut reader),
    }
    reader.finish()
}

#[cfg(test)]
mod tests;
