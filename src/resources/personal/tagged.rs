use crate::resources::Workspace;
use crate::resources::topic::{CompanionKind, TopicSpec};
use crate::schema::personal_data;
use crate::source::Span;

/// Personal data in the records of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tagged {
    /// The first field or type that is tagged.
    pub first: String,
    /// How many more are.
    pub others: usize,
    /// Where the first one is.
    pub span: Span,
}

impl Tagged {
    /// The fields in words.
    pub fn named(&self) -> String {
        match self.others {
            0 => format!("`{}`", self.first),
            others => format!("`{}` and {others} more", self.first),
        }
    }
}

impl Workspace {
    /// The personal data that the schemas of a topic tag. Dead letters are records of another topic, and hold what it holds.
    pub fn personal_data_of(&self, topic: &TopicSpec) -> Option<Tagged> {
        let own = self.tagged_in(topic);
        if own.is_some() || !topic.is_dead_letter() {
            return own;
        }
        let origin = CompanionKind::ALL
            .into_iter()
            .find_map(|kind| kind.pattern(&self.settings).part(topic.topic.as_str(), "topic"))?;
        self.tagged_in(self.topics.get(origin)?)
    }

    /// The names of all fields that the schemas of a topic tag themselves.
    pub fn tagged_names(&self, topic: &TopicSpec) -> Vec<String> {
        let references = topic.schema.as_ref().map_or(&[][..], |schema| schema.references.as_slice());
        let resolved = self.resolve_references(references);
        let files = self.schemas_of(topic);
        let files = files.iter().filter_map(|schema| schema.file);
        let tagged = files.flat_map(|file| personal_data(file.format, &self.sources.file(file.file).text, &resolved));
        tagged.map(|data| data.name).collect()
    }

    fn tagged_in(&self, topic: &TopicSpec) -> Option<Tagged> {
        let references = topic.schema.as_ref().map_or(&[][..], |schema| schema.references.as_slice());
        let mut tagged: Option<Tagged> = None;
        let resolved = self.resolve_references(references);
        for schema in self.schemas_of(topic) {
            let Some(file) = schema.file else { continue };
            let text = &self.sources.file(file.file).text;
            for data in personal_data(file.format, text, &resolved) {
                let span = match (&data.reference, data.range) {
                    (None, Some(range)) => Span::new(file.file, range.start, range.end),
                    (None, None) => Span::whole(file.file),
                    // The text of a reference may be named in several ways; the manifest says which one it is.
                    (Some(name), _) => references
                        .iter()
                        .find(|reference| reference.name.value == *name)
                        .map_or(Span::whole(file.file), |reference| reference.name.span),
                };
                match &mut tagged {
                    Some(tagged) => tagged.others += 1,
                    None => tagged = Some(Tagged { first: data.name, others: 0, span }),
                }
            }
        }
        tagged
    }
}
