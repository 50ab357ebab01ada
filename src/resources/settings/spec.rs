use std::collections::BTreeMap;

use super::{LevelsSpec, NamePattern};
use crate::diag::Level;
use crate::model::{Duration, Label, Name};
use crate::resources::client_config::ClientDefaultsSpec;
use crate::resources::schema::CompatibilitySpec;
use crate::resources::topic::{Cleanup, configs_shape};
use crate::resources::vault::VaultSpec;
use crate::source::{Entries, Node, Spanned, manifest, word_enum};

manifest! {
    "busctl.yaml"
    /// The policy of a bus.
    pub struct SettingsSpec {
        /// The version of this format: 1.
        version: Spanned<u32> => Shape::Integer { least: 1, most: 1 },
        /// How things are named.
        naming: Option<NamingSpec>,
        /// What topics have where nothing else says it.
        defaults: Option<DefaultsSpec>,
        /// The classes of topics.
        classes: BTreeMap<Spanned<Box<str>>, ClassSpec>,
        /// The level of rules by code: off, info, warn or error, or `{ default: warn, production: error }` with clusters
        /// and environments for keys.
        rules: BTreeMap<Spanned<Box<str>>, LevelsSpec>,
        /// Reviewed, expiring exceptions to rules.
        waivers: Vec<Spanned<WaiverSpec>>,
        /// For how long from today a waiver may hold, such as 90d or `unlimited`; 365d by default.
        longest_waiver: Option<Spanned<Duration>>,
        /// Texts that look like secrets and are none, by the fingerprints that BUS640 shows.
        not_secrets: Vec<Spanned<String>>,
        /// Rules of the bus's own, by code.
        policy: BTreeMap<Spanned<Box<str>>, PolicySpec>,
        /// What clients are set to on every cluster.
        clients: Option<Spanned<ClientDefaultsSpec>>,
        /// The Vault that secrets are read from.
        vault: Option<Spanned<VaultSpec>>,
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
        /// Topics in which records wait to be tried again, from `<topic>` and `<service>`. Default `<topic>.<service>.retry`.
        retry: Option<Spanned<NamePattern>>,
        /// Topics for dead letters that came back too often, from `<topic>` and `<service>`. Default
        /// `<topic>.<service>.parking`.
        parking: Option<Spanned<NamePattern>>,
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

manifest! {
    "a rule"
    /// A rule of the bus's own, in CEL.
    pub struct PolicySpec {
        /// What it is about: topic, grant, service, schema, cluster or change.
        over: Spanned<Over>,
        /// Its name: a few words in kebab case.
        name: Option<Spanned<String>>,
        /// Why it exists, in Markdown, for `busctl explain`.
        description: Option<Spanned<String>>,
        /// The rule is asked only where this expression is true.
        when: Option<Spanned<String>>,
        /// The expression that must be true.
        check: Spanned<String>,
        /// What is wrong where it is not, in one sentence; expressions in braces are filled in.
        message: Spanned<String>,
        /// How to mend it; expressions in braces are filled in.
        help: Option<Spanned<String>>,
        /// How bad that is: error (default), warn or info.
        level: Option<Spanned<Level>>,
        /// The clusters on which it is asked, by name, environment or label; all by default.
        clusters: Vec<Spanned<Label>>,
        /// What keeps it and what does not, for `busctl policy test`.
        examples: Option<Spanned<ExamplesSpec>>,
    }
}

manifest! {
    "`examples`"
    /// Resources as a rule sees them. What an example leaves out has its default.
    pub struct ExamplesSpec {
        /// Each keeps the rule.
        good: Vec<Node>,
        /// Each breaks it.
        bad: Vec<Node>,
    }
}

word_enum! {
    /// What a rule of the bus's own is about.
    Over, "kind of resource", {
        /// A topic as it is on a cluster.
        Topic = "topic",
        /// One entry of access that a service is given.
        Grant = "grant",
        /// A service with what it asks for.
        Service = "service",
        /// A subject of a registry.
        Schema = "schema",
        /// A cluster.
        Cluster = "cluster",
        /// A change of a plan.
        Change = "change",
    }
}
