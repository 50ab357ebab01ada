use std::collections::BTreeSet;

use super::reader::Reader;
use crate::source::{Entry, Node, Span, Value};

/// The keys of a mapping while they are read one by one. What nobody asked for is said at the end.
#[must_use = "`rest` says what is not taken over"]
pub struct Keys<'n> {
    entries: &'n [Entry],
    /// What the mapping is, for messages: "the topic orders".
    what: String,
    /// Where it stands.
    pub span: Span,
    taken: BTreeSet<&'n str>,
}

impl<'n> Keys<'n> {
    /// Those of a node. What is no mapping is said, and has none.
    pub fn of(node: &'n Node, what: impl Into<String>, reader: &mut Reader<'_>) -> Self {
        let what = what.into();
        let entries: &[Entry] = match &node.value {
            Value::Mapping(entries) => entries,
            _ if node.is_null() => &[],
            _ => {
                reader.leave(node.span, format!("{what}: {} where a mapping should be", node.kind()));
                &[]
            }
        };
        Self { entries, what, span: node.span, taken: BTreeSet::new() }
    }

    /// Calls it something else from now on.
    pub fn called(&mut self, what: impl Into<String>) {
        self.what = what.into();
    }

    /// What it is called.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// The value of a key; nothing where it is not there, or null.
    pub fn take(&mut self, key: &str) -> Option<&'n Node> {
        let entry = self.entries.iter().find(|entry| &*entry.key.value == key)?;
        self.taken.insert(&entry.key.value);
        Some(&entry.value).filter(|value| !value.is_null())
    }

    /// Whether the key is there, whatever it says.
    pub fn has(&mut self, key: &str) -> bool {
        let entry = self.entries.iter().find(|entry| &*entry.key.value == key);
        self.taken.extend(entry.map(|entry| &*entry.key.value));
        entry.is_some()
    }

    /// The text of a key.
    pub fn text(&mut self, key: &str, reader: &mut Reader<'_>) -> Option<&'n str> {
        let node = self.take(key)?;
        text_of(node, &format!("`{key}` of {}", self.what), reader)
    }

    /// A key that has to be there.
    pub fn required(&mut self, key: &str, reader: &mut Reader<'_>) -> Option<&'n str> {
        if self.take(key).is_none() {
            reader.leave(self.span, format!("{} has no `{key}`", self.what));
        }
        self.text(key, reader)
    }

    /// A number that counts something; nothing where it is left to the brokers, which is written -1.
    pub fn count(&mut self, key: &str, reader: &mut Reader<'_>) -> Option<u32> {
        let text = self.text(key, reader)?;
        if text.trim() == "-1" {
            return None;
        }
        let number = text.trim().parse().ok().filter(|number| *number > 0);
        if number.is_none() {
            reader.leave(self.place(key), format!("`{key}` of {} is no number of anything: {text}", self.what));
        }
        number
    }

    /// Whether a key is true.
    pub fn is_true(&mut self, key: &str, reader: &mut Reader<'_>) -> bool {
        self.text(key, reader).is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }

    /// The items of a key; one value stands for a list of one.
    pub fn list(&mut self, key: &str) -> Vec<&'n Node> {
        match self.take(key) {
            None => Vec::new(),
            Some(Node { value: Value::Sequence(items), .. }) => items.iter().filter(|item| !item.is_null()).collect(),
            Some(node) => vec![node],
        }
    }

    /// The texts of a key's items.
    pub fn texts(&mut self, key: &str, reader: &mut Reader<'_>) -> Vec<(&'n str, Span)> {
        let what = format!("`{key}` of {}", self.what);
        let items = self.list(key).into_iter();
        items.filter_map(|item| Some((text_of(item, &what, reader)?, item.span))).collect()
    }

    /// The keys of a key.
    pub fn keys(&mut self, key: &str, reader: &mut Reader<'_>) -> Option<Keys<'n>> {
        let node = self.take(key)?;
        Some(Keys::of(node, format!("`{key}` of {}", self.what), reader))
    }

    /// The entries of a key that is a mapping of names.
    pub fn named(&mut self, key: &str, reader: &mut Reader<'_>) -> Vec<(&'n str, &'n Node)> {
        let Some(keys) = self.keys(key, reader) else { return Vec::new() };
        keys.entries.iter().map(|entry| (&*entry.key.value, &entry.value)).collect()
    }

    /// Says of keys that are there why they are not taken over.
    pub fn leave(&mut self, keys: &[&str], why: &str, reader: &mut Reader<'_>) {
        for key in keys {
            if self.has(key) {
                reader.leave(self.place(key), format!("`{key}` of {}: {why}", self.what));
            }
        }
    }

    /// Passes over keys that say nothing of a bus.
    pub fn pass(&mut self, keys: &[&str]) {
        for key in keys {
            self.has(key);
        }
    }

    /// Where a key stands.
    pub fn place(&self, key: &str) -> Span {
        let entry = self.entries.iter().find(|entry| &*entry.key.value == key);
        entry.map_or(self.span, |entry| entry.key.span)
    }

    /// Every entry that nobody asked for yet.
    pub fn others(&mut self) -> Vec<&'n Entry> {
        let taken = &self.taken;
        let others: Vec<&'n Entry> = self.entries.iter().filter(|entry| !taken.contains(&*entry.key.value)).collect();
        self.taken.extend(others.iter().map(|entry| &*entry.key.value));
        others
    }

    /// Says what nobody asked for.
    pub fn rest(mut self, reader: &mut Reader<'_>) {
        for entry in self.others() {
            reader.leave(entry.key.span, format!("`{}` of {} is not taken over", entry.key.value, self.what));
        }
    }
}

/// The text of a value. What is to be filled in by a template is said: here nobody knows with what.
pub fn text_of<'n>(node: &'n Node, what: &str, reader: &mut Reader<'_>) -> Option<&'n str> {
    let Some(text) = node.scalar() else {
        reader.leave(node.span, format!("{what}: {} where a text should be", node.kind()));
        return None;
    };
    if ["{{", "{%", "${"].iter().any(|mark| text.contains(mark)) {
        reader.leave(node.span, format!("{what} is a template: render it, and import what comes of it"));
        return None;
    }
    Some(text)
}
