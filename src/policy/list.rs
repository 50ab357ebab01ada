use super::Rule;
use super::rules::{
    agreement, compatibility, custom, levels, live, loader, loosened, personal, principals, reference, secrets, style,
    unapplied,
};
use crate::resources::acl::rules as acl;
use crate::resources::catalog::rules as catalog;
use crate::resources::client_config::rules as client;
use crate::resources::cluster::facts as cluster_facts;
use crate::resources::cluster::rules as cluster;
use crate::resources::consul::rules as consul;
use crate::resources::identity::rules as identity;
use crate::resources::quota::rules as quota;
use crate::resources::schema::rules as schema;
use crate::resources::scram::rules as scram;
use crate::resources::topic::rules as topic;
use crate::resources::vault::rules as vault;

/// Every rule, by code.
static RULES: &[&Rule] = &[
    &loader::INVALID_YAML,
    &loader::UNREADABLE_FILE,
    &loader::DUPLICATE_KEY,
    &loader::UNKNOWN_KEY,
    &loader::WRONG_TYPE,
    &loader::BAD_VALUE,
    &loader::MISSING_KEY,
    &loader::DECLARED_TWICE,
    &reference::REFERENCE,
    &unapplied::UNAPPLIED,
    &loader::UNKNOWN_KIND,
    &cluster::words::CLUSTER_WORDS,
    &topic::naming::NAME,
    &topic::naming::METRIC_NAME,
    &topic::partitions::PARTITIONS,
    &topic::replication::REPLICATION_FACTOR,
    &topic::replication::MIN_INSYNC_REPLICAS,
    &topic::retention::CLASS,
    &topic::documented::DESCRIPTION,
    &topic::documented::OWNER,
    &topic::documented::PRODUCERS,
    &topic::documented::CONSUMERS,
    &topic::documented::SCHEMA,
    &topic::retention::RATIONALE,
    &topic::documented::CHANGE_REQUEST,
    &topic::decision::DECISION,
    &topic::configs::CONFIGS,
    &topic::retention::COMPACTED_KEY,
    &topic::dead_letter::DEAD_LETTER,
    &topic::tombstone::TOMBSTONE,
    &topic::dead_letter::ORPHAN,
    &topic::tombstone::PROTECTED,
    &topic::tombstone::RESERVED,
    &topic::retention::BRIEF,
    &topic::deprecated::STILL_USED,
    &agreement::TOPIC_CONSENT,
    &agreement::SERVICE_CONSENT,
    &acl::raw::RAW_ACL,
    &acl::wildcard::WILDCARD,
    &acl::external::EXTERNAL,
    &acl::raw::BYPASSED_CONSENT,
    &acl::shared::SHARED_ID,
    &principals::SHARED_PRINCIPAL,
    &agreement::NO_COMMON_CLUSTER,
    &schema::text::SCHEMA_TEXT,
    &schema::file::SUBJECT,
    &schema::text::FIELD_DOCS,
    &schema::reference::SCHEMA_REFERENCE,
    &schema::file::UNUSED_FILE,
    &schema::registry::NO_REGISTRY,
    &schema::history::HISTORY,
    &schema::versions::VERSIONS,
    &schema::names::LOOK_ALIKES,
    &schema::opinion::PROTOBUF_WIRE,
    &schema::opinion::PROTOBUF_JSON,
    &schema::opinion::PROTOBUF_SOURCE,
    &schema::opinion::NAMES,
    &schema::opinion::VALUES,
    &schema::opinion::MEANING,
    &schema::major::MAJOR,
    &schema::kept::UNKNOWN_REFERENCES,
    &schema::sample::MISFIT,
    &schema::sample::UNREADABLE,
    &schema::sample::ALTERED,
    &schema::sample::RENAMED,
    &schema::sample::NOT_SHOWN,
    &schema::sample::NO_SAMPLE,
    &schema::sample::NO_SCHEMA,
    &cluster::storage::STORAGE,
    &cluster::listeners::LISTENERS,
    &cluster::nodes::NODES,
    &cluster::scope::SCOPE,
    &cluster::identity::CLUSTER_ID,
    &cluster::grants::GRANTS_HOLD,
    &cluster::connection::CONNECTION,
    &quota::entries::ENTRIES,
    &scram::users::USERS,
    &scram::access::ACCESS,
    &cluster::min_insync::ONE_FOR_ALL,
    &vault::VAULT,
    &consul::CONSUL,
    &live::MIN_ISR,
    &live::NO_AUTHORIZER,
    &live::FEWER_PARTITIONS,
    &live::FACTOR_DIFFERS,
    &live::OTHER_CLUSTER,
    &live::READ_ONLY_REGISTRY,
    &live::LOCKED_OUT,
    &live::UNSEEN_DIFFERENCE,
    &live::LATER_VERSION,
    &compatibility::INCOMPATIBLE,
    &compatibility::REFUSED,
    &compatibility::ACCEPTED,
    &compatibility::NOT_COMPARED,
    &live::BROKER_CONFIGS,
    &cluster_facts::brokers::BROKERS,
    &cluster_facts::brokers::RACKS,
    &cluster_facts::version::VERSION,
    &cluster_facts::quorum::VOTERS,
    &cluster_facts::quorum::LAG,
    &cluster_facts::listeners::LISTENERS,
    &cluster_facts::access::AUTHORIZER,
    &cluster_facts::access::SUPER_USERS,
    &cluster_facts::disks::USE,
    &cluster_facts::disks::OFFLINE,
    &cluster_facts::unseen::UNSEEN,
    &cluster_facts::features::FEATURES,
    &identity::UNHELD,
    &levels::EXPIRED_WAIVER,
    &levels::UNUSED_WAIVER,
    &levels::UNKNOWN_CODE,
    &levels::MALFORMED_WAIVER,
    &levels::FIXED_RULE,
    &custom::UNREADABLE,
    &custom::FAILED,
    &catalog::limits::PARTITIONS,
    &catalog::limits::RETENTION,
    &catalog::sums::TOPICS,
    &catalog::sums::TOTAL_PARTITIONS,
    &catalog::sums::QUOTAS,
    &catalog::prefixes::FOREIGN_PREFIX,
    &catalog::prefixes::CLAIMED_TWICE,
    &secrets::SECRET,
    &personal::ALLOWANCE,
    &personal::RETENTION,
    &personal::ERASURE,
    &personal::RESIDENCY,
    &personal::UNKNOWN_RESIDENCY,
    &style::RAW_NUMBER,
    &style::KEY_ORDER,
    &topic::change::DROPPED,
    &topic::change::DELETED,
    &topic::change::RETENTION_CUT,
    &topic::change::DISRUPTED,
    &acl::dropped::DROPPED,
    &acl::change::ACCESS_LOST,
    &schema::change::DROPPED,
    &schema::change::LOOSENED,
    &schema::change::REWRITTEN,
    &cluster::change::DROPPED,
    &loosened::LOOSENED,
    &acl::change::QUOTA_LOWERED,
    &topic::deprecated::NEWLY_USED,
    &client::names::UNREADABLE,
    &client::names::UNKNOWN,
    &client::names::OTHER_LIBRARY,
    &client::names::DEPRECATED,
    &client::standard::ACKS,
    &client::standard::IDEMPOTENCE,
    &client::standard::RETRIES,
    &client::standard::AUTO_COMMIT,
    &client::transport::PROTOCOL,
    &client::transport::HOST_NAME,
    &client::secret::SECRET,
    &client::servers::BROKERS,
    &client::access::TOPIC,
    &client::access::GROUP,
    &client::servers::REGISTRY,
    &client::standard::REGISTRATION,
    &client::standard::ISOLATION,
    &client::defaults::DEFAULTS,
    &client::names::VALUE,
];

/// Every rule, by code.
pub fn rules() -> &'static [&'static Rule] {
    RULES
}

/// The rule with a code, whatever the case of its letters.
pub fn rule(code: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.code.eq_ignore_ascii_case(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_and_each_name_means_one_rule() {
        let codes: Vec<&str> = rules().iter().map(|rule| rule.code).collect();
        assert!(codes.is_sorted_by(|a, b| a < b), "{codes:?}");
        let names: std::collections::BTreeSet<&str> = rules().iter().map(|rule| rule.name).collect();
        assert_eq!(names.len(), codes.len());
    }
}
