use std::path::Path;

use regex::Regex;

use super::super::reader::Reader;

/// How the name of a topic is made.
enum Format {
    /// Of what its project's topics start with, and what the topic says.
    Parts,
    /// The topic's own name alone.
    Name,
    /// Filled in.
    Template(String),
}

impl Format {
    fn of(value: &str) -> Self {
        match value {
            "default" => Self::Parts,
            "name" => Self::Name,
            template => Self::Template(template.to_owned()),
        }
    }
}

/// How names are made, and what else the properties say that Julie is started with.
pub struct Naming {
    separator: String,
    topic: Format,
    project: Option<String>,
    letters: DeadLetters,
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
            topic: Format::Parts,
            project: None,
            letters: DeadLetters {
                are_made: false,
                label: "dlq".to_owned(),
                format: Format::Parts,
                allowed: Vec::new(),
                denied: Vec::new(),
            },
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
            let key = key.trim();
            if let Err(why) = self.property(key, &unescaped(unquoted(value.trim()))) {
                reader.out.left.push(format!("{}:{}: {key}: {why}", path.display(), index + 1));
            }
        }
    }

    /// Takes over what a key says, or answers why not.
    fn property(&mut self, key: &str, value: &str) -> Result<(), String> {
        let is_true = || value.eq_ignore_ascii_case("true");
        match key {
            "topology.topic.prefix.separator" => self.separator = value.to_owned(),
            "topology.topic.prefix.format" => self.topic = Format::of(value),
            "topology.project.prefix.format" => {
                self.project = (value != "default").then(|| value.to_owned());
            }
            "topology.topic.dlq.prefix.format" => self.letters.format = Format::of(value),
            "topology.topic.dlq.label" => self.letters.label = value.to_owned(),
            "topology.dlq.topics.generate" => self.letters.are_made = is_true(),
            "topology.acls.optimized" => self.is_optimized = is_true(),
            "topology.connector.allow.topic.create" => self.may_create = is_true(),
            "confluent.monitoring.topic" => self.control_center[0] = value.to_owned(),
            "confluent.command.topic" => self.control_center[1] = value.to_owned(),
            "confluent.metrics.topic" => self.control_center[2] = value.to_owned(),
            key if key.starts_with("topology.dlq.") => self.letters.property(key, value)?,
            key if key.starts_with("topology.builder.access.control.class") && value.contains("rbac") => {
                return Err("roles of Confluent's platform; ACLs are written in their place".to_owned());
            }
            // Where servers are and how one logs in is said on the command line; it holds secrets, too.
            _ => {}
        }
        Ok(())
    }

    /// What the names of a project's topics start with.
    pub fn project(&self, attributes: &[(String, String)]) -> String {
        match &self.project {
            Some(format) => filled(format, attributes),
            None => attributes
                .iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(_, value)| format!("{value}{}", self.separator))
                .collect(),
        }
    }

    /// The name of a topic.
    pub fn topic(&self, project: &super::Project, name: &str, data_type: Option<&str>) -> String {
        self.made(&self.topic, project, name, [data_type, None])
    }

    /// The name of the topic that Julie makes for the dead letters of another one; none where it makes none.
    pub fn dead_letters(&self, project: &super::Project, name: &str, data_type: Option<&str>) -> Option<String> {
        let letters = &self.letters;
        let of = self.topic(project, name, data_type);
        let label = Some(letters.label.as_str()).filter(|label| !label.trim().is_empty());
        letters.are_made_for(&of).then(|| self.made(&letters.format, project, name, [data_type, label]))
    }

    fn made(
        &self,
        format: &Format,
        project: &super::Project,
        name: &str,
        [data_type, label]: [Option<&str>; 2],
    ) -> String {
        match format {
            Format::Name => name.to_owned(),
            Format::Template(template) => {
                let own = [("topic", Some(name)), ("dataType", data_type), ("dlq", label)];
                let own = own.map(|(key, value)| (key.to_owned(), value.unwrap_or_default().to_owned()));
                filled(template, &[&project.attributes[..], &own].concat())
            }
            Format::Parts => {
                let behind = [data_type, label].into_iter().flatten();
                let behind: String = behind.map(|part| format!("{}{part}", self.separator)).collect();
                format!("{}{name}{behind}", project.prefix)
            }
        }
    }
}

/// The topics for dead letters that Julie makes beside those of its files.
struct DeadLetters {
    are_made: bool,
    label: String,
    format: Format,
    /// Names of topics that have one; all where it is empty.
    allowed: Vec<Regex>,
    /// Names of topics that have none.
    denied: Vec<Regex>,
}

impl DeadLetters {
    fn property(&mut self, key: &str, value: &str) -> Result<(), String> {
        let number = |list: &str| key.strip_prefix(list).is_some_and(|rest| rest.parse::<u32>().is_ok());
        let list = match () {
            () if number("topology.dlq.topics.allow.list.") => &mut self.allowed,
            () if number("topology.dlq.topics.deny.list.") => &mut self.denied,
            () => return Err("a list is written with a number behind each of its keys".to_owned()),
        };
        let pattern = Regex::new(&format!("^(?:{value})$"));
        list.push(pattern.map_err(|_| format!("`{value}` is not understood as a regular expression"))?);
        Ok(())
    }

    fn are_made_for(&self, topic: &str) -> bool {
        let is_in = |list: &[Regex]| list.iter().any(|pattern| pattern.is_match(topic));
        self.are_made && (self.allowed.is_empty() || is_in(&self.allowed)) && !is_in(&self.denied)
    }
}

fn unquoted(value: &str) -> &str {
    value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value)
}

/// A value of properties, in which a backslash stands before what is meant as it is.
fn unescaped(value: &str) -> String {
    let mut chars = value.chars();
    std::iter::from_fn(|| chars.next().and_then(|c| if c == '\\' { chars.next() } else { Some(c) })).collect()
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
