use std::collections::HashSet;
use std::sync::Arc;

/// Keeps one copy of each text that comes again and again, such as the keys of ten thousand topics' configs.
#[derive(Debug, Default)]
pub struct Interner {
    known: HashSet<Arc<str>>,
}

impl Interner {
    /// The one copy of `text`.
    pub fn intern(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.known.get(text) {
            return known.clone();
        }
        let text: Arc<str> = text.into();
        self.known.insert(text.clone());
        text
    }
}
