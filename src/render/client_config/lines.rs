//! Files of lines: Java's properties, and those of librdkafka.

use std::fmt::Write;

use super::{Client, Unsayable, in_one_line, java, native, one_line, remarks};
use crate::resources::client_config::ClientConfig;

/// Properties. Where there are several clients, each has its prefix, as Streams and Connect read it.
pub(super) fn properties(config: &ClientConfig, clients: &[Client<'_>]) -> String {
    let mut text = head(config);
    for client in clients {
        let prefix = client.prefix(clients);
        text.push('\n');
        for (key, value) in java::configs(config, client) {
            let _ = writeln!(text, "{}={}", escaped(&format!("{prefix}{key}"), true), escaped(&value, false));
        }
    }
    text
}

/// `KEY=VALUE`, the rest of each line as it is. Where there are several clients, each has its prefix, and the application takes it
/// away.
pub(super) fn librdkafka(config: &ClientConfig, clients: &[Client<'_>]) -> Result<String, Unsayable> {
    let mut text = head(config);
    for client in clients {
        let prefix = client.prefix(clients);
        let (configs, remarks) = native::configs(config, client);
        text.push('\n');
        for (key, value) in configs {
            in_one_line(&key, &value, "a file of librdkafka")?;
            let _ = writeln!(text, "{prefix}{key}={value}");
        }
        remarks.iter().for_each(|remark| _ = writeln!(text, "# {}", one_line(&format!("{prefix}{remark}"))));
    }
    Ok(text)
}

fn head(config: &ClientConfig) -> String {
    remarks(config).iter().map(|remark| format!("# {remark}\n")).collect()
}

/// As `java.util.Properties` reads it: ISO 8859-1 in older programs, so that other letters are escaped.
fn escaped(text: &str, is_key: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for (index, c) in text.chars().enumerate() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            ' ' if is_key || index == 0 => out.push_str("\\ "),
            '=' | ':' | '#' | '!' if is_key => out.extend(['\\', c]),
            c if c.is_ascii_graphic() || c == ' ' => out.push(c),
            c => {
                let mut units = [0; 2];
                c.encode_utf16(&mut units).iter().for_each(|unit| _ = write!(out, "\\u{unit:04x}"));
            }
        }
    }
    out
}
