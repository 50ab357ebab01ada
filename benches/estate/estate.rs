//! An estate of many topics, as a workspace on the disk and as what a cluster holds once it is applied.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use crate::Outcome;

/// Topics of one domain. More would make a folder that nobody keeps.
const TOPICS_PER_DOMAIN: usize = 500;

/// Topics that one service writes, and as many that it reads.
const TOPICS_PER_SERVICE: usize = 10;

/// Partitions of each topic. What is measured is a cost of each topic, and one broker cannot map the indexes of more
/// than some 30,000 partitions.
pub const PARTITIONS: u32 = 1;

/// A number of topics, each with a schema of eight fields, a service that writes and a service that reads it.
#[derive(Debug, Clone, Copy)]
pub struct Estate {
    /// How many.
    pub topics: usize,
}

/// How the servers of an estate are reached.
#[derive(Debug, Clone)]
pub struct Servers {
    /// `HOST:PORT` of the broker.
    pub bootstrap: String,
    /// The file with the password of `admin`.
    pub password_file: String,
    /// The registry's Confluent API; none for an estate on Kafka alone.
    pub registry: Option<String>,
}

impl Servers {
    /// Those of an estate that is only read.
    pub fn nowhere() -> Self {
        Self {
            bootstrap: "127.0.0.1:9092".to_owned(),
            password_file: "password".to_owned(),
            registry: Some("http://127.0.0.1:8080".to_owned()),
        }
    }

    /// How `import` is told of them, into a folder where nothing says it.
    pub fn import_arguments(&self) -> Vec<String> {
        let (bootstrap, password) = (&self.bootstrap, format!("file:{}", self.password_file));
        let login = ["--sasl", "plain", "--username", "admin", "--password", &password];
        let cluster = ["import", "--cluster", "bench", "--bootstrap", bootstrap];
        let registry = self.registry.iter().flat_map(|url| ["--registry", url]);
        cluster.into_iter().chain(login).chain(registry).map(str::to_owned).collect()
    }
}

/// One topic of an estate.
#[derive(Debug, Clone)]
pub struct Topic {
    /// Its name.
    pub name: String,
    /// Its domain.
    pub domain: String,
    /// The service that writes it.
    pub producer: String,
    /// The service that reads it.
    pub consumer: String,
}

/// The configs that a topic of an estate has on a cluster, as Kafka writes them: two from its class, one from the
/// cluster, one of its own.
pub const CONFIGS: [(&str, &str); 4] = [
    ("cleanup.policy", "delete"),
    ("max.message.bytes", "2097152"),
    ("min.insync.replicas", "1"),
    ("retention.ms", "2592000000"),
];

impl Estate {
    /// The topic with this number.
    pub fn topic(self, number: usize) -> Topic {
        let domain = format!("{DOMAIN}{:02}", number / TOPICS_PER_DOMAIN);
        Topic {
            name: format!("{domain}.event{number:05}.v1"),
            domain,
            producer: service(number % self.services()),
            consumer: service((number + 1) % self.services()),
        }
    }

    /// All topics.
    pub fn all(self) -> impl Iterator<Item = Topic> {
        (0..self.topics).map(move |number| self.topic(number))
    }

    /// How many services there are.
    pub fn services(self) -> usize {
        (self.topics / TOPICS_PER_SERVICE).max(2)
    }

    /// Whether a topic with this name belongs to an estate.
    pub fn has_topic(name: &str) -> bool {
        name.starts_with(DOMAIN)
    }

    /// Whether a principal is a service of an estate.
    pub fn has_principal(name: &str) -> bool {
        name.strip_prefix("User:").is_some_and(|name| name.starts_with(SERVICE))
    }

    /// ACLs on a cluster: two for each producer, two for each consumer, and one on each service's group.
    pub fn acls(self) -> usize {
        4 * self.topics + self.services().min(self.topics)
    }

    /// Writes the workspace into an empty folder.
    pub fn write(self, folder: &Path) -> Outcome<()> {
        for name in ["topics", "schemas", "acls", "catalog", "clusters"] {
            fs::create_dir_all(folder.join(name))?;
        }
        fs::write(folder.join("busctl.yaml"), SETTINGS)?;
        for topic in self.all() {
            let (topics, schemas) =
                (folder.join("topics").join(&topic.domain), folder.join("schemas").join(&topic.domain));
            fs::create_dir_all(&topics)?;
            fs::create_dir_all(&schemas)?;
            fs::write(topics.join(format!("{}.yaml", topic.name)), topic.manifest())?;
            fs::write(schemas.join(format!("{}.avsc", topic.name)), topic.schema())?;
        }
        self.write_grants(folder)?;
        self.write_catalog(folder)
    }

    /// Writes the versions before the present schema of each topic beside it: each has one field less than the one behind it.
    pub fn write_versions(self, folder: &Path) -> Outcome<()> {
        for topic in self.all() {
            let versions = folder.join("schemas").join(&topic.domain).join("versions").join(&topic.name);
            fs::create_dir_all(&versions)?;
            for number in 1..=EARLIER_VERSIONS {
                let fields = FIELDS.len() - (EARLIER_VERSIONS + 1 - number);
                fs::write(versions.join(format!("{number}.avsc")), topic.schema_of(fields))?;
            }
        }
        Ok(())
    }

    /// Writes how the servers are reached; in place of what was written before.
    pub fn connect(self, folder: &Path, servers: &Servers) -> Outcome<()> {
        let Servers { bootstrap, password_file, registry } = servers;
        let cluster = format!(
            "cluster: bench\n\
             environment: dev\n\
             description: One node on this machine.\n\
             connection:\n\
             \x20 bootstrap: [\"{bootstrap}\"]\n\
             \x20 sasl: {{ mechanism: plain, username: admin, password: \"file:{password_file}\" }}\n\
             {}\
             principal: \"User:{{service}}\"\n\
             defaults: {{ replication_factor: 1, min_insync_replicas: 1 }}\n\
             kafka:\n\
             \x20 version: \"4.3\"\n\
             \x20 deployment: self_managed\n\
             \x20 authorizer: standard\n\
             \x20 super_users: [\"User:admin\"]\n",
            if registry.is_some() { "schema_registry: bench\n" } else { "" },
        );
        fs::write(folder.join("clusters/bench.yaml"), cluster)?;
        let file = folder.join("clusters/registry.yaml");
        match registry {
            Some(url) => fs::write(file, format!("registry: bench\nurl: \"{url}\"\ndeployment: remote\n"))?,
            None if file.exists() => fs::remove_file(file)?,
            None => {}
        }
        Ok(())
    }

    fn write_grants(self, folder: &Path) -> Outcome<()> {
        let mut grants: Vec<(Vec<String>, Vec<String>)> = vec![Default::default(); self.services()];
        for number in 0..self.topics {
            let name = self.topic(number).name;
            grants[number % self.services()].0.push(name.clone());
            grants[(number + 1) % self.services()].1.push(name);
        }
        for (number, (produces, consumes)) in grants.iter().enumerate() {
            let service = service(number);
            let mut file = fs::File::create(folder.join(format!("acls/{service}.yaml")))?;
            writeln!(file, "service: {service}")?;
            for (key, topics) in [("produces", produces), ("consumes", consumes)] {
                if !topics.is_empty() {
                    writeln!(file, "{key}:")?;
                }
                topics.iter().try_for_each(|topic| writeln!(file, "  - {topic}"))?;
            }
        }
        Ok(())
    }

    fn write_catalog(self, folder: &Path) -> Outcome<()> {
        let mut domains = String::from("domains:\n");
        for number in 0..self.topics.div_ceil(TOPICS_PER_DOMAIN) {
            domains.push_str(&format!(
                "  {DOMAIN}{number:02}: {{ description: A part of the business., owner: team{} }}\n",
                number % TEAMS
            ));
        }
        fs::write(folder.join("catalog/domains.yaml"), domains)?;
        let mut services = String::from("services:\n");
        for number in 0..self.services() {
            services.push_str(&format!(
                "  {}: {{ description: Reads and writes events., owner: team{} }}\n",
                service(number),
                number % TEAMS
            ));
        }
        fs::write(folder.join("catalog/services.yaml"), services)?;
        let mut teams = String::from("teams:\n");
        for number in 0..TEAMS {
            teams.push_str(&format!(
                "  team{number}: {{ description: Answers for its domains., contacts: {{ email: team{number}@bench.example }} }}\n"
            ));
        }
        fs::write(folder.join("catalog/teams.yaml"), teams)?;
        Ok(())
    }
}

const TEAMS: usize = 7;
const DOMAIN: &str = "domain";
const SERVICE: &str = "service";

fn service(number: usize) -> String {
    format!("{SERVICE}{number:04}")
}

const SETTINGS: &str = r#"version: 1
naming: { topic: "<domain>.<event>.v<number>" }
defaults: { partitions: 1, compatibility: backward }
classes:
  raw:
    description: What entered, as it entered.
    cleanup: [delete]
    retention: 30d
"#;

/// Versions of each schema before the present one, where there are any.
const EARLIER_VERSIONS: usize = 4;

const FIELDS: [&str; 8] = [
    r#"{ "name": "customer_id", "type": { "type": "string", "logicalType": "uuid" }, "doc": "The customer. It is also the record's key." }"#,
    r#"{ "name": "changed_at", "type": { "type": "long", "logicalType": "timestamp-millis" }, "doc": "When the change was accepted." }"#,
    r#"{ "name": "sequence", "type": "long", "doc": "The number of the change, which rises by one for each customer." }"#,
    r#"{ "name": "channel", "type": { "type": "enum", "name": "Channel", "symbols": ["WEB", "APP", "DESK"], "doc": "Where changes are made." }, "doc": "Where the change was made." }"#,
    r#"{ "name": "amount", "type": ["null", "double"], "default": null, "doc": "What it cost in euro; null where it cost nothing." }"#,
    r#"{ "name": "items", "type": { "type": "array", "items": "string" }, "default": [], "doc": "The articles that it is about, by number." }"#,
    r#"{ "name": "labels", "type": { "type": "map", "values": "string" }, "default": {}, "doc": "What campaigns have attached to it." }"#,
    r#"{ "name": "note", "type": ["null", "string"], "default": null, "doc": "What the customer wrote beside it, as it was written." }"#,
];

impl Topic {
    /// The subject of its value.
    pub fn subject(&self) -> String {
        format!("{}-value", self.name)
    }

    fn manifest(&self) -> String {
        let Self { name, domain, producer, consumer } = self;
        format!(
            "topic: {name}\n\
             class: raw\n\
             description: >-\n\
             \x20 One record for each change that a customer made in {domain}, in the order in which the changes were\n\
             \x20 accepted, with what it was before and what it is now.\n\
             key: customer_id                           # what orders the records\n\
             producers: [{producer}]\n\
             consumers:\n\
             \x20 - {{ service: {consumer}, max_lag: 5000 }}\n\
             retention_rationale: Thirty days let every reader start again after a wrong release.\n\
             change_request: CR-2041\n\
             config:\n\
             \x20 max.message.bytes: 2MiB                  # some come with a long list of items\n"
        )
    }

    /// The schema of its value.
    pub fn schema(&self) -> String {
        self.schema_of(FIELDS.len())
    }

    /// The schema with the first of its fields. Those that a version may lack have a default.
    fn schema_of(&self, fields: usize) -> String {
        let Self { name, domain, .. } = self;
        let event = name.split('.').nth(1).unwrap_or_default();
        let fields = FIELDS[..fields].join(",\n    ");
        format!(
            r#"{{
  "type": "record",
  "name": "{event}",
  "namespace": "bench.{domain}",
  "doc": "A change that a customer made.",
  "fields": [
    {fields}
  ]
}}
"#
        )
    }
}
