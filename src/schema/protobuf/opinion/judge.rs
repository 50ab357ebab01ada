use std::collections::HashSet;
use std::ops::Range;

use prost_reflect::MessageDescriptor;

use super::concern::Concern;
use crate::schema::opinion::{self, Kind};
use crate::schema::protobuf::ProtobufSchema;
use crate::schema::protobuf::compatibility::path::Path;
use crate::schema::protobuf::places::{Declared, Places, part};
use crate::schema::{Category, InReferences, Incompatibility, Lack, Opinion};

/// Opinions that are kept.
const MOST_OPINIONS: usize = 50_000;

/// There are more than anybody reads.
const NOT_TOLD: opinion::Concern = opinion::Concern::new("NOT_COMPARED", Category::Wire, Kind::Wire);

/// One comparison under way.
pub struct Judge<'s> {
    pub old: &'s ProtobufSchema,
    pub new: &'s ProtobufSchema,
    old_places: Places<'s>,
    new_places: Places<'s>,
    category: Category,
    pub opinions: Vec<Opinion>,
    /// Whether some were not told.
    is_cut: bool,
    /// Pairs of messages from elsewhere that are compared already, or wait for it.
    seen: HashSet<(String, String)>,
    waiting: Vec<(MessageDescriptor, MessageDescriptor)>,
}

/// What is said of a concern.
pub struct Words {
    /// What may be regretted.
    pub message: String,
    /// The way out.
    pub help: Option<String>,
    /// What one side has not, where that is what it is about.
    pub lacks: Option<Lack>,
}

impl<S: Into<String>> From<S> for Words {
    fn from(message: S) -> Self {
        Words { message: message.into(), help: None, lacks: None }
    }
}

impl Words {
    /// With a way out.
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Words { help: Some(help.into()), ..Words::from(message) }
    }
}

/// Which bytes of a text.
pub type Place = Option<Range<usize>>;

impl<'s> Judge<'s> {
    pub fn new(new: &'s ProtobufSchema, old: &'s ProtobufSchema, category: Category) -> Self {
        Self {
            old,
            new,
            old_places: Places::new(old),
            new_places: Places::new(new),
            category,
            opinions: Vec::new(),
            is_cut: false,
            seen: HashSet::new(),
            waiting: Vec::new(),
        }
    }

    /// Everything that the files hold, and what they import.
    pub fn files(&mut self) {
        let root = Path::root();
        let (old, new) = (self.old, self.new);
        self.options(&root);
        self.services(&root);
        self.extensions(&root);
        self.message_list(old.file.messages().collect(), new.file.messages().collect(), &root);
        self.enum_list(old.file.enums().collect(), new.file.enums().collect(), &root);
        while let Some((old, new)) = self.waiting.pop() {
            self.message(&old, &new, &root.below(new.full_name()), false);
        }
        if self.is_cut {
            let message = "so much has changed that not all of it is told";
            let help = "split the file: files can import each other";
            let places = (new.beginning(), old.beginning());
            self.opinions.push(NOT_TOLD.voice(root.here(), places, message.to_owned(), help));
        }
    }

    /// Adds an opinion, if its category is asked for and there is room.
    pub fn tell(&mut self, concern: Concern, path: String, (old, new): (Place, Place), words: impl FnOnce() -> Words) {
        if concern.category() > self.category {
            return;
        }
        if self.opinions.len() == MOST_OPINIONS {
            self.is_cut = true;
            return;
        }
        let Words { message, help, lacks } = words();
        let (code, reader, writer) = (concern.code(), new, old);
        let referred = InReferences::default();
        let incompatibility = Incompatibility { code, path, message, help, reader, writer, lacks, referred };
        self.opinions.push(Opinion { category: concern.category(), kind: concern.kind(), incompatibility });
    }

    /// Where the names of both stand.
    pub fn names(&self, old: &impl Declared, new: &impl Declared) -> (Place, Place) {
        self.parts(old, new, &[part::NAME])
    }

    /// Where the first of some parts stands in both.
    pub fn parts(&self, old: &impl Declared, new: &impl Declared, parts: &[i32]) -> (Place, Place) {
        (self.old_places.of(old, parts), self.new_places.of(new, parts))
    }

    /// Where an option of the files stands in both; in one that has it not, where such an option would follow.
    pub fn options_of_files(&self, number: i32) -> (Place, Place) {
        let place = |places: &Places<'_>, file| {
            let near = || places.of(file, &[part::PACKAGE, part::SYNTAX]).or_else(|| places.beginning());
            places.option(number).or_else(near)
        };
        (place(&self.old_places, &self.old.file), place(&self.new_places, &self.new.file))
    }

    /// Where the name of something stands that is gone.
    pub fn old_name(&self, old: &impl Declared) -> (Place, Place) {
        (self.old_places.of(old, &[part::NAME]), None)
    }

    /// Compares a message that a field holds, unless it is compared where the files declare it.
    pub fn message_elsewhere(&mut self, old: MessageDescriptor, new: MessageDescriptor) {
        let is_own = old.parent_file() == self.old.file && new.parent_file() == self.new.file;
        if !is_own && self.seen.insert((old.full_name().to_owned(), new.full_name().to_owned())) {
            self.waiting.push((old, new));
        }
    }
}
