use std::collections::BTreeMap;

use super::NamePattern;
use crate::diag::Level;
use crate::model::{Duration, Name};
use crate::resources::schema::CompatibilitySpec;
use crate::resources::topic::{Cleanup, configs_shape};
use crate::source::{Entries, Node, Spanned, manifest};

manifest! {
    "busctl.yaml"
    /// The policy of a bus.
    pub struct SettingsSpec {
        /// The version of this format: 1.
        version: Spanned<u32>,
        /// How things are named.
        naming: Option<NamingSpec>,
        /// What topics have where nothing else says it.
        defaults: Option<DefaultsSpec>,
        /// The classes of topics.
        classes: BTreeMap<Spanned<Box<str>>, ClassSpec>,
        /// The level of rules by code: off, info, warn or error.
        rules: BTreeMap<Spanned<Box<str>>, Spanned<Level>>,
        /// Reviewed, expiring exceptions to rules.
        waivers: Vec<Spanned<WaiverSpec>>,
        /// Texts that look like secrets and are none, by the fingerprints that BUS640 shows.
        not_secrets: Vec<Spanned<String>>,
    }
}

manifest! {
    "`naming`"
    /// How things are named. `<word>` stands for a lower-case word, `<number>` for a number.
    pub struct NamingSpec {
        /// Topics; `<domain>` is the part that must be declared in `catalog/`. Default `<domain>.<event>.v<number>`.
        topic: Option<Spanned<NamePattern>>,
        /// Dead-letter topics, from `<topic>` and `<service>`. Default `<topic>.<service>.dlq`.
        dlq: Option<Spanned<NamePattern>>,
    }
}

manifest! {
    "`defaults`"
    /// What topics have where nothing else says it.
    pub struct DefaultsSpec {
        /// Number of partitions.
        partitions: Option<Spanned<u32>>,
        /// Number of replicas of each partition.
        replication_factor: Option<Spanned<u32>>,
        /// The compatibility level of subjects, the category of the second opinion, or a list of both.
        compatibility: Option<CompatibilitySpec>,
        /// Topic configs.
        config: Entries<Node> => configs_shape(),
    }
}

manifest! {
    "a class"
    /// A kind of topic and what it keeps.
    pub struct ClassSpec {
        /// What the class is for.
        description: Option<Spanned<String>>,
        /// Cleanup policy: delete, compact, or both.
        cleanup: Vec<Spanned<Cleanup>>,
        /// How long records are kept.
        retention: Option<Spanned<Duration>>,
        /// More topic configs.
        config: Entries<Node> => configs_shape(),
    }
}

manifest! {
    "a waiver"
    /// A reviewed exception to a rule.
    pub struct WaiverSpec {
        /// The rule.
        code: Spanned<String>,
        /// The resource's address.
        resource: Spanned<String>,
        /// Why.
        reason: Spanned<String>,
        /// The last day on which it holds, `YYYY-MM-DD`.
        expires: Spanned<String>,
        /// The team that asked for it.
        owner: Option<Spanned<Name>>,
    }
}
