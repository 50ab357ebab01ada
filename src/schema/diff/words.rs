//! Changes in words.

use super::change::{ChangeKind, SchemaChange, SchemaDiff};
use crate::schema::Compatibility;

/// Changes that a summary in one line names.
const MOST: usize = 5;

impl SchemaChange {
    /// `+`, `-` or `~`.
    pub fn mark(&self) -> char {
        match self.kind {
            ChangeKind::Added => '+',
            ChangeKind::Removed => '-',
            _ => '~',
        }
    }

    /// What changed, without the path: `type: string → long`.
    pub fn words(&self) -> String {
        // The path says of a field or a type which one is meant.
        let is_said = matches!(
            &*self.part,
            "field" | "property" | "elements" | "further properties" | "type" | "schema" | "method" | "file"
        );
        let of = |what: &str| if is_said { what.to_owned() } else { format!("{}: {what}", self.part) };
        let (before, after) = (self.before.as_deref(), self.after.as_deref());
        let with = |value: Option<&str>| match value {
            Some(value) if !value.is_empty() => format!(": {value}"),
            _ => String::new(),
        };
        let name = self.attribute.as_deref();
        match self.kind {
            ChangeKind::Added => format!("{} added{}", self.part, with(after)),
            ChangeKind::Removed => format!("{} removed{}", self.part, with(before)),
            ChangeKind::Renamed => {
                format!("{} renamed: {} → {}", self.part, before.unwrap_or_default(), after.unwrap_or_default())
            }
            ChangeKind::MadeOptional | ChangeKind::MadeRequired if name.is_some() => {
                let word = if self.kind == ChangeKind::MadeOptional { "optional" } else { "required" };
                of(&format!("made {word}"))
            }
            ChangeKind::MadeOptional => of(&format!("made optional{}", with_arrow(before, after))),
            ChangeKind::MadeRequired => of(&format!("made required{}", with_arrow(before, after))),
            ChangeKind::OrderChanged if before.is_some() && after.is_some() => {
                of(&format!("order of {}{}", name.unwrap_or("parts"), with_arrow(before, after)))
            }
            ChangeKind::Other => of(name.unwrap_or("something else changed")),
            _ => match (name.unwrap_or("type"), before, after) {
                (name, None, Some(_)) => of(&format!("{name} added{}", with(after))),
                (name, Some(_), None) => of(&format!("{name} removed{}", with(before))),
                (name, ..) => of(&format!("{name}{}", with_arrow(before, after))),
            },
        }
    }
}

fn with_arrow(before: Option<&str>, after: Option<&str>) -> String {
    let shown = |value: Option<&str>| value.filter(|value| !value.is_empty()).unwrap_or("nothing").to_owned();
    format!(": {} → {}", shown(before), shown(after))
}

impl SchemaDiff {
    /// Which way both versions can be read, in words: `compatible BACKWARD, not FORWARD`.
    pub fn verdict(&self) -> &'static str {
        match self.level() {
            Compatibility::Full => "compatible FULL",
            Compatibility::Backward => "compatible BACKWARD, not FORWARD",
            Compatibility::Forward => "compatible FORWARD, not BACKWARD",
            _ => "compatible neither BACKWARD nor FORWARD",
        }
    }

    /// All changes in a line: `+ bitrate, ~ title, FULL`.
    pub fn summary(&self) -> String {
        if self.changes.is_empty() && self.backward.is_empty() && self.forward.is_empty() {
            return "the same meaning".to_owned();
        }
        let mut parts: Vec<String> = Vec::new();
        for change in &self.changes {
            let at = if change.path.is_empty() { &change.part } else { &change.path };
            let part = format!("{} {at}", change.mark());
            // Several changes of one field are one thing to look at.
            if parts.last() != Some(&part) {
                parts.push(part);
            }
        }
        let more = parts.len().saturating_sub(MOST);
        parts.truncate(MOST);
        if more > 0 {
            parts.push(format!("{more} more"));
        }
        parts.push(match self.level() {
            Compatibility::None => "neither BACKWARD nor FORWARD".to_owned(),
            level => level.to_registry(),
        });
        parts.join(", ")
    }
}
