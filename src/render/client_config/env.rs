//! Variables of an environment.

use std::collections::BTreeMap;

use super::{Client, Unsayable, in_one_line, java, remarks};
use crate::resources::client_config::ClientConfig;

/// A line for each variable: `KAFKA_` and the name of the config, with `PRODUCER_` or `CONSUMER_` before it where a service has
/// several clients. What is no config is `BUS_`.
pub(super) fn env(config: &ClientConfig, clients: &[Client<'_>]) -> Result<String, Unsayable> {
    let mut text: String = remarks(config).iter().map(|remark| format!("# {remark}\n")).collect();
    let mut line = |name: String, value: &str| text.push_str(&format!("{name}={}\n", quoted(value)));
    let joined = |names: Vec<String>| names.join(",");
    line("BUS_SERVICE".into(), &config.service);
    line("BUS_CLUSTER".into(), &config.cluster);
    let produces: Vec<String> = config.produces.keys().map(ToString::to_string).collect();
    let consumes: Vec<String> = config.consumes.keys().map(ToString::to_string).collect();
    let dead: Vec<String> =
        config.consumes.values().filter_map(|topic| topic.dlq.as_ref()).map(ToString::to_string).collect();
    for (name, topics) in [("BUS_PRODUCES", produces), ("BUS_CONSUMES", consumes), ("BUS_DEAD_LETTERS", dead)] {
        if !topics.is_empty() {
            line(name.into(), &joined(topics));
        }
    }
    for (header, value) in &config.headers {
        line(format!("BUS_HEADER_{}", variable(header)), value);
    }
    let mut named: BTreeMap<String, String> = BTreeMap::new();
    for client in clients {
        let prefix = client.prefix(clients);
        for (key, value) in java::configs(config, client) {
            in_one_line(&key, &value, "a file of variables")?;
            let whole = format!("{prefix}{key}");
            let name = format!("KAFKA_{}", variable(&whole));
            if let Some(other) = named.get(&name) {
                return Err(Unsayable {
                    message: format!("`{other}` and `{whole}` would be one variable, {name}"),
                    help:
                        "print one client at a time, with --group GROUP where groups are alike and --client KIND, or \
                           choose another --format"
                            .to_owned(),
                });
            }
            line(name.clone(), &value);
            named.insert(name, whole);
        }
    }
    Ok(text)
}

/// The name of a variable: letters, digits and underscores.
fn variable(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
}

/// As a shell reads it. What needs no quotes has none.
fn quoted(value: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:,@%+=".contains(c);
    if !value.is_empty() && value.chars().all(is_plain) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\'', "'\\''"))
}
