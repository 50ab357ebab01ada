use std::collections::BTreeMap;

use crate::model::{Duration, Label, Name, Pattern, Rate};
use crate::resources::acl::PrincipalsSpec;
use crate::resources::personal::{AllowanceSpec, ResidencySpec};
use crate::source::{Spanned, manifest, word_enum};

manifest! {
    "a catalog"
    /// Who owns what. A workspace may spread it over any number of files in `catalog/`.
    pub struct CatalogSpec {
        /// Domains by name: the first part of a topic's name.
        domains: BTreeMap<Spanned<Box<str>>, DomainSpec>,
        /// Services by name.
        services: BTreeMap<Spanned<Box<str>>, ServiceSpec>,
        /// Teams by name.
        teams: BTreeMap<Spanned<Box<str>>, TeamSpec>,
        /// Operators of the bus by role.
        roles: BTreeMap<Spanned<Box<str>>, RoleSpec>,
    }
}

manifest! {
    "a domain"
    /// A domain: a part of the business with its own language.
    pub struct DomainSpec {
        /// What it is about.
        description: Option<Spanned<String>>,
        /// The team that answers for it.
        owner: Spanned<Name>,
        /// What its topics may do with personal data; none may hold any without it.
        personal_data: Option<Spanned<AllowanceSpec>>,
        /// How the names of its topics, groups, transactional ids and subjects start. Of several that a name starts with
        /// the longest counts.
        prefixes: Vec<Spanned<String>>,
        /// The most that it may have on each cluster.
        limits: Option<LimitsSpec>,
    }
}

manifest! {
    "`limits`"
    /// The most that a domain may have on each cluster.
    pub struct LimitsSpec {
        /// Partitions of one topic.
        partitions: Option<Spanned<u32>>,
        /// Partitions of all its topics together.
        total_partitions: Option<Spanned<u32>>,
        /// How long records are kept.
        retention: Option<Spanned<Duration>>,
        /// Topics.
        topics: Option<Spanned<u32>>,
        /// What all its services together may write to and read from each broker.
        quota: Option<QuotaLimitsSpec>,
    }
}

manifest! {
    "a limit of quotas"
    /// What all services of a domain together may write to and read from each broker.
    pub struct QuotaLimitsSpec {
        /// What they may write.
        produce: Option<Spanned<Rate>>,
        /// What they may read.
        consume: Option<Spanned<Rate>>,
    }
}

manifest! {
    "a service"
    /// A service: whatever connects to the bus.
    pub struct ServiceSpec {
        /// What it does.
        description: Option<Spanned<String>>,
        /// The team that answers for it.
        owner: Spanned<Name>,
        /// The domain it belongs to.
        domain: Option<Spanned<Name>>,
        /// service (default), streams, connect or external.
        kind: Option<Spanned<ServiceKind>>,
        /// Where it runs, where that is not where the clusters are: a region of a provider.
        region: Option<Spanned<String>>,
        /// The area that it takes data to, where the region does not say it.
        residency: Option<ResidencySpec>,
    }
}

word_enum! {
    /// What a service is.
    ServiceKind, "kind of service", {
        /// A program of ours with producers and consumers.
        Service = "service",
        /// A Kafka Streams application.
        Streams = "streams",
        /// A Connect worker.
        Connect = "connect",
        /// Somebody outside the organisation.
        External = "external",
    }
}

manifest! {
    "a team"
    /// A team and how it is reached.
    pub struct TeamSpec {
        /// What it does.
        description: Option<Spanned<String>>,
        /// Ways to reach it: email, chat, on-call …
        contacts: BTreeMap<Spanned<Box<str>>, Spanned<String>>,
    }
}

manifest! {
    "a role"
    /// Operators of the bus: what they may do needs no consent of each topic.
    pub struct RoleSpec {
        /// What it is for.
        description: Option<Spanned<String>>,
        /// The team that answers for it.
        owner: Spanned<Name>,
        /// The clusters it is for, by name, environment or label; all by default.
        clusters: Vec<Spanned<Label>>,
        /// Topics that it may read.
        reads: Vec<Spanned<Pattern>>,
        /// Topics that it may write.
        writes: Vec<Spanned<Pattern>>,
        /// Groups that it may use.
        groups: Vec<Spanned<Pattern>>,
        /// Transactional ids that it may use.
        transactional_ids: Vec<Spanned<Pattern>>,
        /// The dead letters that it looks after: what `busctl dlq` needs of their topics, and no more.
        dlq: Option<Spanned<TendedSpec>>,
        /// Who has it, by cluster; without an entry the cluster's template with the role's name.
        principals: BTreeMap<Spanned<Box<str>>, PrincipalsSpec>,
    }
}

manifest! {
    "`dlq` of a role"
    /// The dead letters that a role looks after.
    pub struct TendedSpec {
        /// The topics whose dead letters they are; all by default.
        topics: Vec<Spanned<Pattern>>,
        /// Whether it may delete from a dead-letter topic what was settled (`--delete-records`).
        delete_records: Option<Spanned<bool>>,
    }
}

impl TendedSpec {
    /// Whether the dead letters of a topic are meant.
    pub fn means(&self, topic: &str) -> bool {
        self.topics.is_empty() || self.topics.iter().any(|pattern| pattern.value.matches(topic))
    }
}
