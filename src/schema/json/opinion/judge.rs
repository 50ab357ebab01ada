use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use super::concern;
use crate::schema::json::compatibility::same::equal;
use crate::schema::json::draft::Draft;
use crate::schema::json::parse::JsonSchema;
use crate::schema::json::resolver::{Resolver, Target};
use crate::schema::opinion::Concern;
use crate::schema::text::Json;
use crate::schema::{Category, Opinion};

/// What is looked at, at most.
const MOST_STEPS: usize = 1_000_000;

/// Opinions that are kept.
const MOST_OPINIONS: usize = 10_000;

/// The longest path that is told in full, in bytes. Names may be as long as a schema, and a path stands in each opinion.
const MOST_PATH: usize = 512;

/// `$ref`s that lead to each other.
const MOST_REFERENCES: usize = 100;

/// One comparison under way.
pub(super) struct Judge<'s> {
    new: &'s JsonSchema,
    old: &'s JsonSchema,
    resolvers: [Resolver<'s>; 2],
    category: Category,
    pub(super) opinions: Vec<Opinion>,
    /// The way to each place: the place before it and the step from there.
    places: Vec<(usize, Step<'s>)>,
    /// Pairs of parts that were compared, by their addresses.
    seen: HashSet<(usize, usize)>,
    waiting: Vec<Meeting<'s>>,
    steps: usize,
    /// Whether something was not looked at, or not told.
    is_cut: bool,
}

/// A part of a path.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step<'s> {
    Root,
    Name(&'s str),
    Index(usize),
}

/// Two schemas that stand at the same place.
#[derive(Clone, Copy)]
pub(super) struct Meeting<'s> {
    pub(super) new: Target<'s>,
    pub(super) old: Target<'s>,
    /// Its number in the list of places.
    pub(super) place: usize,
    /// The name of the property that they are for.
    pub(super) property: Option<&'s str>,
}

/// Bytes of the new text and of the old one.
pub(super) type Ranges = (Option<Range<usize>>, Option<Range<usize>>);

impl<'s> Judge<'s> {
    pub(super) fn new(new: &'s JsonSchema, old: &'s JsonSchema, category: Category) -> Self {
        Self {
            new,
            old,
            resolvers: [Resolver::new(new), Resolver::new(old)],
            category,
            opinions: Vec::new(),
            places: vec![(0, Step::Root)],
            seen: HashSet::new(),
            waiting: Vec::new(),
            steps: 0,
            is_cut: false,
        }
    }

    pub(super) fn run(&mut self) {
        self.wait(self.roots());
        while !self.is_cut
            && let Some(meeting) = self.waiting.pop()
        {
            self.is_cut = self.steps > MOST_STEPS;
            if !self.is_cut {
                self.meet(meeting);
            }
        }
        if self.is_cut {
            let message = "so many parts of both schemas meet each other that not all of them were looked at";
            self.opinions.push(concern::NOT_COMPARED.voice(
                "#/".to_owned(),
                (Some(self.new.root.range.clone()), Some(self.old.root.range.clone())),
                message.to_owned(),
                "split the schema: schemas can refer to each other",
            ));
        }
    }

    /// The draft of the new schema.
    pub(super) fn draft(&self) -> Draft {
        self.new.draft
    }

    /// Both schemas as a whole.
    pub(super) fn roots(&self) -> Meeting<'s> {
        Meeting { new: (&self.new.root, 0), old: (&self.old.root, 0), place: 0, property: None }
    }

    /// Counts what was looked at.
    pub(super) fn count(&mut self, steps: usize) {
        self.steps += steps;
    }

    /// Takes two schemas in, which are compared later.
    pub(super) fn wait(&mut self, meeting: Meeting<'s>) {
        self.waiting.push(meeting);
    }

    /// Adds an opinion, if its category is asked for and there is room.
    pub(super) fn tell<H: Into<String>>(
        &mut self,
        concern: Concern,
        place: usize,
        ranges: Ranges,
        words: impl FnOnce() -> (String, H),
    ) {
        if concern.category > self.category {
            return;
        }
        if self.opinions.len() == MOST_OPINIONS {
            self.is_cut = true;
            return;
        }
        let (message, help) = words();
        self.opinions.push(concern.voice(self.path(place), ranges, message, help));
    }

    /// A place inside another one.
    pub(super) fn inside(&mut self, place: usize, steps: &[Step<'s>]) -> usize {
        steps.iter().fold(place, |place, step| {
            self.places.push((place, *step));
            self.places.len() - 1
        })
    }

    /// The way to a place; of a long one its end.
    fn path(&self, place: usize) -> String {
        let mut words: Vec<Cow<'_, str>> = Vec::new();
        let (mut place, mut length) = (place, 0);
        while length <= MOST_PATH {
            let (before, step) = self.places[place];
            let word = match step {
                Step::Root => break,
                Step::Name(name) => {
                    Cow::Borrowed(&name[name.ceil_char_boundary(name.len().saturating_sub(MOST_PATH))..])
                }
                Step::Index(index) => Cow::Owned(index.to_string()),
            };
            length += 1 + word.len();
            words.push(word);
            place = before;
        }
        words.reverse();
        let path = words.join("/");
        match length <= MOST_PATH {
            true => format!("#/{path}"),
            false => format!("#/…{}", &path[path.ceil_char_boundary(path.len().saturating_sub(MOST_PATH))..]),
        }
    }

    fn meet(&mut self, meeting: Meeting<'s>) {
        self.count(1);
        let Meeting { new: (new, _), old: (old, _), .. } = meeting;
        let key = (new.address(), old.address());
        if !self.seen.insert(key) {
            return;
        }
        let has_reference = |json: &Json<'_>| json.get("$ref").is_some();
        if has_reference(new) == has_reference(old) {
            self.annotations(meeting);
        }
        if has_reference(new) || has_reference(old) {
            let (new, old) = (self.follow(0, meeting.new), self.follow(1, meeting.old));
            // What leads nowhere, or round in a circle, has no more to compare.
            if let (Some(new), Some(old)) = (new, old) {
                self.wait(Meeting { new, old, ..meeting });
            }
            return;
        }
        self.keywords(meeting);
        self.properties(meeting);
    }

    /// The schema that a `$ref` leads to, or the schema itself.
    fn follow(&mut self, side: usize, from: Target<'s>) -> Option<Target<'s>> {
        let mut target = from;
        for _ in 0..MOST_REFERENCES {
            let (json, document) = target;
            let Some(reference) = json.get("$ref") else { return Some(target) };
            self.count(1);
            target = self.resolvers[side].resolve(reference, document)?;
        }
        None
    }

    /// Whether two schemas are equal. What is looked at counts.
    pub(super) fn is_equal(&mut self, one: &Json<'_>, other: &Json<'_>) -> bool {
        self.count(1 + one.range.len() / 64);
        equal(one, other)
    }
}

impl Meeting<'_> {
    /// The bytes of two values inside these schemas, where they are in the texts of the schemas and not in those of
    /// references.
    pub(super) fn ranges_of(&self, new: Option<&Json<'_>>, old: Option<&Json<'_>>) -> Ranges {
        let range =
            |json: Option<&Json<'_>>, document: usize| json.filter(|_| document == 0).map(|json| json.range.clone());
        (range(new, self.new.1), range(old, self.old.1))
    }
}
