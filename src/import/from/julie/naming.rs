use std::path::Path;

use super::super::reader::Reader;

/// How names are made, and what else the properties say that Julie is started with.
pub struct Naming {
    separator: String,
    topic: Option<String>,
    project: Option<String>,
    /// Whether consumers and producers of a project have prefixes in place of topics.
    pub is_optimized: bool,
    /// Whether connectors may create topics.
    pub may_create: bool,
    /// The topics that Control Center keeps: monitoring, commands, metrics.
    pub control_center: [String; 3],
}

impl Naming {
    /// What all properties say, of which there should be those of one start.
    pub fn read(reader: &mut Reader<'_>) -> Self {
        let mut naming = Self {
            separator: ".".to_owned(),
            topic: None,
            project: None,
            is_optimized: false,
            may_create: false,
            control_center: ["_confluent-monitoring", "_confluent-command", "_confluent-metrics"].map(str::to_owned),
        };
        for (path, text) in reader.texts("properties") {
            naming.properties(reader, path, &text);
        }
        naming
    }

    fn properties(&mut self, reader: &mut Reader<'_>, path: &Path, text: &str) {
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            let Some((key, value)) = line.split_once('=').filter(|_| !line.starts_with(['#', '!'])) else { continue };
            let value = unquoted(value.trim());
            let mut left = None;
            match key.trim() {
                "topology.topic.prefix.separator" => self.separator = value.to_owned(),
                "topology.topic.prefix.format" => self.topic = custom(value),
                "topology.project.prefix.format" => self.project = custom(value),
                "topology.acls.optimized" => self.is_optimized = value.eq_ignore_ascii_case("true"),
                "topology.connector.allow.topic.create" => self.may_create = value.eq_ignore_ascii_case("true"),
                "confluent.monitoring.topic" => self.control_center[0] = value.to_owned(),
                "confluent.command.topic" => self.control_center[1] = value.to_owned(),
                "confluent.metrics.topic" => self.control_center[2] = value.to_owned(),
                key if key.starts_with("topology.dlq.") && value != "false" => {
                    left = Some("dead-letter topics that it makes")
                }
                key if key.starts_with("topology.builder.access.control.class") && value.contains("rbac") => {
                    left = Some("roles of Confluent's platform; ACLs are written in their place");
                }
                // Where servers are and how one logs in is said on the command line; it holds secrets, too.
                _ => {}
            }
            if let Some(what) = left {
                let place = format!("{}:{}", path.display(), index + 1);
                reader.out.left.push(format!("{place}: {}: {what}", key.trim()));
            }
        }
    }

    /// What the names of a project's topics start with.
    pub fn project(&self, attributes: &[(String, String)]) -> String {
        match &self.project {
            Some(format) => filled(format, attributes),
            None => self.joined(attributes.iter().map(|(_, value)| value.as_str())),
        }
    }

    /// The name of a topic.
    pub fn topic(&self, project: &super::Project, name: &str, data_type: Option<&str>) -> String {
        match &self.topic {
            Some(format) => {
                let own = [("topic", name), ("dataType", data_type.unwrap_or_default())];
                let own = own.map(|(key, value)| (key.to_owned(), value.to_owned()));
                filled(format, &[&project.attributes[..], &own].concat())
            }
            None => self.joined([project.prefix.as_str(), name].into_iter().chain(data_type)),
        }
    }

    fn joined<'a>(&self, parts: impl Iterator<Item = &'a str>) -> String {
        parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(&self.separator)
    }
}

fn custom(value: &str) -> Option<String> {
    (value != "default").then(|| value.to_owned())
}

fn unquoted(value: &str) -> &str {
    value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value)
}

/// A template of names with the attributes filled in. One that nobody knows is nothing, as in Jinja.
pub fn filled(template: &str, attributes: &[(String, String)]) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once("{{") {
        let Some((name, after)) = behind.split_once("}}") else { break };
        text += before;
        let value = attributes.iter().find(|(key, _)| key == name.trim()).map(|(_, value)| value.as_str());
        text += value.unwrap_or_default();
        rest = after;
    }
    text + rest
}
