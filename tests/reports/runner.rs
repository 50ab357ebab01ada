//! What runners of pipelines look for in the lines of a log, by their published rules.

use std::collections::BTreeMap;

/// A command that was found in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// What to do: `error`, `task.logissue`.
    pub name: String,
    /// Its properties.
    pub properties: BTreeMap<String, String>,
    /// What stands behind it.
    pub data: String,
}

/// The command that GitHub's runner finds in a line: one that starts it, or one in brackets anywhere. Only commands that it
/// knows count, which are left out of account here: none that is not ours may be there.
pub fn github(line: &str) -> Option<Command> {
    first_form(line).or_else(|| second_form(line))
}

fn first_form(line: &str) -> Option<Command> {
    let (info, data) = line.trim_start().strip_prefix("::")?.split_once("::")?;
    let escapes: &[_] = &[("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")];
    let data = unescaped(data, &[("%0D", "\r"), ("%0A", "\n"), ("%25", "%")]);
    Some(Command { data, ..command(info, ',', escapes) })
}

fn second_form(line: &str) -> Option<Command> {
    let (_, behind) = line.split_once("##[")?;
    let (info, data) = behind.split_once(']')?;
    let escapes: &[_] = &[("%3B", ";"), ("%0D", "\r"), ("%0A", "\n"), ("%5D", "]"), ("%25", "%")];
    Some(Command { data: unescaped(data, escapes), ..command(info, ';', escapes) })
}

/// The command that the agent of Azure Pipelines finds in a line, anywhere in it.
pub fn azure(line: &str) -> Option<Command> {
    let at = line.to_ascii_lowercase().find("##vso[")?;
    let (info, data) = line[at + "##vso[".len()..].split_once(']')?;
    let escapes: &[_] = &[("%3B", ";"), ("%0D", "\r"), ("%0A", "\n"), ("%5D", "]"), ("%AZP25", "%")];
    Some(Command { data: unescaped(data, escapes), ..command(info, ';', escapes) })
}

fn command(info: &str, separator: char, escapes: &[(&str, &str)]) -> Command {
    let (name, properties) = info.split_once(' ').unwrap_or((info, ""));
    let pairs = properties.trim().split(separator).filter_map(|pair| pair.split_once('='));
    let properties = pairs.map(|(key, value)| (key.to_owned(), unescaped(value, escapes))).collect();
    Command { name: name.to_owned(), properties, data: String::new() }
}

/// Runners replace one escape behind the other.
fn unescaped(text: &str, escapes: &[(&str, &str)]) -> String {
    escapes.iter().fold(text.to_owned(), |text, (escape, meant)| text.replace(escape, meant))
}

/// Whether a character could hide or forge what a log shows.
pub fn is_invisible(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}
