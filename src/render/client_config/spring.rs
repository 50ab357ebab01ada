//! Spring's `application.yml`.

use super::java::{Configs, FillIn, Made};
use super::{Client, one_line, remarks, yaml_line};
use crate::resources::client_config::ClientConfig;
use crate::source::write::scalar;

/// Configs that stand under a name of Spring's own, so that what Spring sets itself does not win over them.
const NAMED: [(&str, &str); 5] = [
    ("acks", "acks"),
    ("enable.auto.commit", "enable-auto-commit"),
    ("group.id", "group-id"),
    ("isolation.level", "isolation-level"),
    ("retries", "retries"),
];

/// Where secrets are filled in, Spring reads the folder of their files as a tree of properties (`configtree:`).
pub(super) fn spring(config: &ClientConfig, clients: &[Client<'_>]) -> String {
    let mut common = Made::new(FillIn::Spring);
    common.configs.extend(config.configs.common.clone());
    common.connection(config);
    common.registry(config);
    let mut text: String = remarks(config).iter().map(|remark| format!("# {remark}\n")).collect();
    text.push_str("spring:\n");
    text.push_str("  application:\n");
    text.push_str(&yaml_line(4, "name", &config.service));
    if !common.folders.is_empty() {
        let trees = common.folders.iter().map(|folder| format!("configtree:{}/", folder.trim_end_matches('/')));
        text.push_str("  config:\n");
        text.push_str(&yaml_line(4, "import", &trees.collect::<Vec<_>>().join(";")));
    }
    text.push_str("  kafka:\n");
    let mut configs = common.configs;
    for (key, name) in [("bootstrap.servers", "bootstrap-servers"), ("client.id", "client-id")] {
        if let Some(value) = configs.remove(key) {
            text.push_str(&yaml_line(4, name, &value));
        }
    }
    text.push_str(&properties(4, &configs));
    let one = |is_meant: &dyn Fn(&Client<'_>) -> bool| {
        let mut meant = clients.iter().filter(|client| is_meant(client));
        let first = meant.next()?;
        let mut made = Made::new(FillIn::Spring);
        made.client(config, first);
        let mut configs = made.configs;
        // Several listeners name their groups themselves.
        if meant.next().is_some() {
            configs.remove("group.id");
        }
        Some(configs)
    };
    if let Some(configs) = one(&|client| matches!(client, Client::Producer)) {
        section("producer", configs, &mut text);
    }
    if let Some(configs) = one(&|client| matches!(client, Client::Consumer(_))) {
        let groups = clients.iter().filter_map(|client| match client {
            Client::Consumer(group) => Some(one_line(group)),
            _ => None,
        });
        let groups: Vec<_> = groups.collect();
        if groups.len() > 1 {
            let groups = groups.join(", ");
            text.push_str(&format!(
                "    # each @KafkaListener names its own group, one of {groups}: groupId = \"…\"\n"
            ));
        }
        section("consumer", configs, &mut text);
    }
    if let Some(mut configs) = one(&|client| matches!(client, Client::Streams(_))) {
        text.push_str("    streams:\n");
        if let Some(id) = configs.remove("application.id") {
            text.push_str(&yaml_line(6, "application-id", &id));
        }
        text.push_str(&properties(6, &configs));
    }
    text.push_str("bus:\n");
    text.push_str(&list("produces", config.produces.keys().map(ToString::to_string)));
    text.push_str(&list("consumes", config.consumes.keys().map(ToString::to_string)));
    let dead = config.consumes.values().filter_map(|topic| topic.dlq.as_ref());
    text.push_str(&list("dead-letters", dead.map(ToString::to_string)));
    text.push_str("  headers:\n");
    for (header, value) in &config.headers {
        text.push_str(&yaml_line(4, header, value));
    }
    text
}

fn section(name: &str, mut configs: Configs, text: &mut String) {
    text.push_str(&format!("    {name}:\n"));
    for (kafka, spring) in NAMED {
        if let Some(value) = configs.remove(kafka) {
            text.push_str(&yaml_line(6, spring, &value));
        }
    }
    text.push_str(&properties(6, &configs));
}

fn properties(indent: usize, configs: &Configs) -> String {
    if configs.is_empty() {
        return String::new();
    }
    let lines = configs.iter().map(|(key, value)| yaml_line(indent + 2, key, value));
    format!("{:indent$}properties:\n{}", "", lines.collect::<String>())
}

fn list(key: &str, items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.map(|item| scalar(&item)).collect();
    format!("  {key}: [{}]\n", items.join(", "))
}
