//! topicctl: a file a cluster, and files of topics and ACLs that say which cluster they are for.
//!
//! Source: <https://github.com/segmentio/topicctl> (the tables of its README, `pkg/config`).

use std::collections::BTreeSet;

use super::acls::{self, Grant};
use super::keys::Keys;
use super::reader::Reader;
use super::values::{about, configs};
use crate::import::{About, AboutCluster, FoundTopic};
use crate::model::PatternType;
use crate::ports::kafka::AclPermission;
use crate::resources::cluster::ReachTls;
use crate::source::Node;

/// Reads every cluster, topic and ACL.
pub fn read(reader: &mut Reader<'_>) {
    let documents = reader.documents(&[], &|_, _| None);
    let clusters: BTreeSet<String> = documents.iter().filter_map(cluster_of).map(str::to_owned).collect();
    reader.out.clusters.clone_from(&clusters);
    for document in &documents {
        let mut keys = Keys::of(document, "the document", reader);
        let (Some(meta), Some(spec)) = (keys.keys("meta", reader), keys.keys("spec", reader)) else {
            reader.leave(document.span, "it is no file of topicctl: it has no `meta` and `spec`");
            continue;
        };
        if reader.is_meant(&clusters, cluster_of(document)) {
            match document.get("spec").map(kind_of) {
                Some(Kind::Cluster) => cluster(reader, meta, spec),
                Some(Kind::Acls) => acl_file(reader, meta, spec),
                Some(Kind::User) => reader.leave(document.span, "users and their passwords are not taken over"),
                _ => topic(reader, meta, spec),
            }
        }
        keys.rest(reader);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Cluster,
    Acls,
    User,
    Topic,
}

fn kind_of(spec: &Node) -> Kind {
    if spec.get("bootstrapAddrs").is_some() || spec.get("zkAddrs").is_some() {
        Kind::Cluster
    } else if spec.get("acls").is_some() {
        Kind::Acls
    } else if ["authentication", "mechanism", "password"].iter().any(|key| spec.get(key).is_some()) {
        Kind::User
    } else {
        Kind::Topic
    }
}

/// The cluster that a file is for, or is.
fn cluster_of(document: &Node) -> Option<&str> {
    let meta = document.get("meta")?;
    let key = if kind_of(document.get("spec")?) == Kind::Cluster { "name" } else { "cluster" };
    meta.get(key)?.scalar()
}

fn cluster(reader: &mut Reader<'_>, mut meta: Keys<'_>, mut spec: Keys<'_>) {
    let name = meta.text("name", reader).unwrap_or_default();
    meta.called(format!("the cluster {name}"));
    spec.called(format!("the cluster {name}"));
    let mut said = |key: &str, reader: &mut Reader<'_>| meta.text(key, reader).map(str::to_owned);
    reader.out.found.cluster = AboutCluster {
        environment: said("environment", reader),
        description: said("description", reader),
        region: said("region", reader),
    };
    meta.rest(reader);
    reader.out.bootstrap = spec.texts("bootstrapAddrs", reader).into_iter().map(|(text, _)| text.to_owned()).collect();
    reader.out.found.cluster_id = spec.text("clusterID", reader).map(str::to_owned);
    if let Some(mut tls) = spec.keys("tls", reader) {
        if tls.is_true("enabled", reader) {
            reader.out.tls = Some(ReachTls::default());
        }
        let why = "say it with --ca, --certificate and --key, each a reference to a secret";
        tls.leave(&["caCertPath", "certPath", "keyPath", "caCert", "cert", "key"], why, reader);
        tls.leave(&["serverName", "skipVerify"], "connections have no word for it", reader);
        tls.rest(reader);
    }
    spec.leave(&["sasl"], "say it with --sasl, --username and --password; no secret is taken over", reader);
    let why = "it is no matter of manifests";
    spec.leave(&["zkAddrs", "zkPrefix", "zkLockPath"], "manifests know no ZooKeeper", reader);
    spec.leave(&["versionMajor", "defaultThrottleMB", "defaultRetentionDropStepDuration"], why, reader);
    spec.rest(reader);
}

/// What people say of a resource.
fn meta_of(reader: &mut Reader<'_>, meta: &mut Keys<'_>) -> About {
    meta.pass(&["cluster", "region", "environment"]);
    let mut about = about(meta, &["labels"], reader);
    about.description = meta.text("description", reader).map(str::to_owned).or(about.description);
    let consumers: Vec<&str> = meta.texts("consumers", reader).into_iter().map(|(text, _)| text).collect();
    if !consumers.is_empty() {
        about.notes.push(format!("expected to be read by: {}", consumers.join(", ")));
    }
    about
}

fn topic(reader: &mut Reader<'_>, mut meta: Keys<'_>, mut spec: Keys<'_>) {
    let Some(name) = meta.required("name", reader) else { return };
    meta.called(format!("the topic {name}"));
    spec.called(format!("the topic {name}"));
    let about = meta_of(reader, &mut meta);
    meta.rest(reader);
    let mut set = match spec.take("settings") {
        Some(node) => configs(node, spec.what(), reader),
        None => Default::default(),
    };
    if let Some(text) = spec.text("retentionMinutes", reader) {
        match text.parse::<i64>().ok().and_then(|minutes| minutes.checked_mul(60_000)) {
            // 0 is what topicctl has where nothing is said.
            Some(0) => {}
            Some(time) if time > 0 => drop(set.insert("retention.ms".into(), time.to_string())),
            _ => {
                reader.leave(spec.place("retentionMinutes"), format!("`retentionMinutes` of {name} is no time: {text}"))
            }
        }
    }
    if let Some(mut placement) = spec.keys("placement", reader) {
        match placement.text("strategy", reader) {
            None | Some("any") => {}
            Some(strategy) => {
                let what = format!("the placement {strategy} of {name}: manifests say how many replicas, not where");
                reader.leave(placement.place("strategy"), what);
            }
        }
        let why = "manifests say how many replicas, not where";
        placement.leave(&["picker", "staticAssignments", "staticRackAssignments"], why, reader);
        placement.rest(reader);
    }
    spec.leave(&["migration"], "it is how topicctl moves partitions", reader);
    let topic = FoundTopic {
        partitions: spec.count("partitions", reader).unwrap_or(0),
        replication_factor: spec.count("replicationFactor", reader).unwrap_or(0),
        configs: set,
        about,
        ..FoundTopic::default()
    };
    reader.topic(spec.span, name, topic);
    spec.rest(reader);
}

fn acl_file(reader: &mut Reader<'_>, mut meta: Keys<'_>, mut spec: Keys<'_>) {
    let name = meta.text("name", reader).unwrap_or_default();
    meta.called(format!("the ACLs {name}"));
    spec.called(format!("the ACLs {name}"));
    let mut about = meta_of(reader, &mut meta);
    meta.rest(reader);
    // It is said of a file of ACLs, and a service has more than one.
    about.notes.extend(about.description.take().map(|description| format!("{name}: {description}")));
    for node in spec.list("acls") {
        let mut keys = Keys::of(node, format!("an ACL of {name}"), reader);
        let operations = keys.texts("operations", reader);
        let operations: Vec<_> =
            operations.into_iter().filter_map(|(text, span)| acls::operation(text, span, reader)).collect();
        if let Some(mut resource) = keys.keys("resource", reader) {
            let place = resource.place("type");
            let kind = resource.required("type", reader).and_then(|text| acls::resource(text, place, reader));
            let name = resource.required("name", reader);
            let pattern = match resource.text("patternType", reader) {
                Some(text) => acls::pattern(text, resource.place("patternType"), reader),
                None => Some(PatternType::Literal),
            };
            let place = resource.place("principal");
            let principal = resource.required("principal", reader).and_then(|text| reader.principal(place, text));
            let host = resource.text("host", reader).unwrap_or("*");
            let permission = match resource.text("permission", reader) {
                Some(text) => acls::permission(text, resource.place("permission"), reader),
                None => Some(AclPermission::Allow),
            };
            if let (Some(kind), Some(name), Some(pattern), Some(principal), Some(permission)) =
                (kind, name, pattern, principal, permission)
            {
                let grant = Grant { principal: &principal, resource: kind, name, pattern, host, permission };
                grant.allow(&operations, reader);
                reader.about(&principal, about.clone());
            }
            resource.rest(reader);
        }
        keys.rest(reader);
    }
    spec.rest(reader);
}
