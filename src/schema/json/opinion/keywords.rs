use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use super::concern;
use super::judge::{Judge, Meeting, Step};
use crate::schema::error::quoted;
use crate::schema::json::compatibility::number;
use crate::schema::json::draft::Draft;
use crate::schema::json::keywords::{Holds, holds};
use crate::schema::opinion::Concern;
use crate::schema::text::{Json, Value};

/// Keywords by which people say what a number counts. JSON Schema itself has none.
const UNITS: [&str; 8] = ["unit", "units", "x-unit", "x-units", "currency", "x-currency", "timezone", "x-timezone"];

/// Keywords that say what is inside a text.
const CONTENTS: [&str; 2] = ["contentEncoding", "contentMediaType"];

/// Keywords whose schemas the registry does not compare.
const UNCOMPARED: [&str; 5] = ["contains", "else", "if", "propertyNames", "then"];

/// Keywords that ask for nothing.
const WORDS_ALONE: [&str; 9] =
    ["$comment", "$id", "default", "deprecated", "description", "examples", "readOnly", "title", "writeOnly"];

impl<'s> Judge<'s> {
    /// The name of the record, or of what is inside it.
    fn title(&mut self, meeting: Meeting<'s>) {
        let (new, old) = (meeting.new.0.get("title"), meeting.old.0.get("title"));
        let text = |title: Option<&'s Json<'static>>| title.and_then(Json::as_str).filter(|title| !title.is_empty());
        if let (Some(now), Some(before)) = (text(new), text(old))
            && now != before
        {
            self.tell(concern::TITLE_CHANGED, meeting.place, meeting.ranges_of(new, old), || {
                let (now, before, subject) = (quoted(now), quoted(before), meeting.subject());
                let and = match meeting.place {
                    0 => ", and so is the subject where it is named by record",
                    _ => "",
                };
                let message =
                    format!("{subject}the title was {before} and is {now}: generated code is named after it{and}");
                (message, format!("keep the title {before}"))
            });
        }
    }

    /// What stands beside the schema itself.
    pub(super) fn annotations(&mut self, meeting: Meeting<'s>) {
        self.title(meeting);
        let (new, old) = (meeting.new.0, meeting.old.0);
        match (new.get("default"), old.get("default")) {
            (Some(now), Some(before)) if !self.is_equal(now, before) => {
                self.changed(concern::DEFAULT_CHANGED, meeting, "default", "records without it are read otherwise");
            }
            (None, Some(before)) => {
                let ranges = meeting.ranges_of(Some(new), Some(before));
                self.tell(concern::DEFAULT_REMOVED, meeting.place, ranges, || {
                    let before = quoted(&before.to_string());
                    let message = format!(
                        "{}the default {before} is gone: records without it are read without a value",
                        meeting.subject()
                    );
                    (message, format!("keep the default {before}"))
                });
            }
            _ => {}
        }
        self.format(meeting);
        for word in CONTENTS {
            if self.differs(new.get(word), old.get(word)) {
                let why = "what was written is taken for something else";
                self.changed(concern::CONTENT_CHANGED, meeting, word, why);
            }
        }
        for word in UNITS {
            if let (now @ Some(_), before @ Some(_)) = (new.get(word), old.get(word))
                && self.differs(now, before)
            {
                self.changed(
                    concern::UNIT_CHANGED,
                    meeting,
                    word,
                    "the numbers that were written count something else",
                );
            }
        }
    }

    fn format(&mut self, meeting: Meeting<'s>) {
        let (new, old) = (meeting.new.0.get("format"), meeting.old.0.get("format"));
        match (new, old) {
            (Some(_), Some(_)) if self.differs(new, old) => {
                let why = "the registry does not look at it, and what was written need not have that form";
                self.changed(concern::FORMAT_CHANGED, meeting, "format", why);
            }
            (Some(now), None) => {
                let ranges = meeting.ranges_of(Some(now), Some(meeting.old.0));
                self.tell(concern::FORMAT_ADDED, meeting.place, ranges, || {
                    let message = format!(
                        "{}the format {} is new: the registry does not look at it, and what was written need not have it",
                        meeting.subject(),
                        quoted(&now.to_string())
                    );
                    (message, "make sure that records have had it all along")
                });
            }
            (None, Some(before)) => {
                let ranges = meeting.ranges_of(Some(meeting.new.0), Some(before));
                self.tell(concern::FORMAT_REMOVED, meeting.place, ranges, || {
                    let before = quoted(&before.to_string());
                    let message =
                        format!("{}the format {before} is gone: consumers rely on it no more", meeting.subject());
                    (message, format!("keep the format {before}"))
                });
            }
            _ => {}
        }
    }

    /// What a schema asks for, besides its properties.
    pub(super) fn keywords(&mut self, meeting: Meeting<'s>) {
        let (new, old) = (meeting.new.0, meeting.old.0);
        if let (now @ Some(_), before @ Some(_)) = (new.get("const"), old.get("const"))
            && self.differs(now, before)
        {
            let why = "the registry does not look at it, and records that have the old value no longer fit";
            self.changed(concern::CONST_CHANGED, meeting, "const", why);
        }
        for word in UNCOMPARED {
            self.uncompared(meeting, &[Step::Name(word)], (new.get(word), old.get(word)));
        }
        self.how_many_contained(meeting);
        let members = |json: &'s Json<'static>, word| json.get(word).and_then(Json::as_object).unwrap_or_default();
        let patterns: HashMap<&str, &'s Json<'static>> =
            members(new, "patternProperties").iter().map(|member| (&*member.key, &member.value)).collect();
        for before in members(old, "patternProperties") {
            if let Some(now) = patterns.get(&*before.key) {
                let steps = [Step::Name("patternProperties"), Step::Name(&before.key)];
                self.uncompared(meeting, &steps, (Some(*now), Some(&before.value)));
            }
        }
        let before: HashSet<&str> = members(old, "patternProperties").iter().map(|member| &*member.key).collect();
        // Where nothing else was allowed, no record has such a property.
        let was_closed = matches!(old.get("additionalProperties"), Some(Json { value: Value::Bool(false), .. }));
        for now in members(new, "patternProperties") {
            let asks = match &now.value.value {
                Value::Bool(anything) => !anything,
                Value::Object(members) => members.iter().any(|member| !WORDS_ALONE.contains(&&*member.key)),
                _ => false,
            };
            if asks && !was_closed && !before.contains(&*now.key) {
                let steps = [Step::Name("patternProperties"), Step::Name(&now.key)];
                self.uncompared(meeting, &steps, (Some(&now.value), None));
            }
        }
        for member in new.as_object().unwrap_or_default() {
            let word = &*member.key;
            let holds = holds(word);
            if !matches!(holds, Holds::Schema | Holds::Schemas | Holds::SchemaOrSchemas) || UNCOMPARED.contains(&word) {
                continue;
            }
            let Some(before) = old.get(word) else { continue };
            let now = &member.value;
            match holds {
                Holds::Schema => self.go_on(meeting, &[Step::Name(word)], (now, before)),
                Holds::Schemas | Holds::SchemaOrSchemas => match (now.as_array(), before.as_array()) {
                    (Some(now), Some(before)) if word.ends_with("Of") => self.choices(meeting, word, now, before),
                    (Some(now), Some(before)) => {
                        for (index, pair) in now.iter().zip(before).enumerate() {
                            self.go_on(meeting, &[Step::Name(word), Step::Index(index)], pair);
                        }
                    }
                    (None, None) => self.go_on(meeting, &[Step::Name(word)], (now, before)),
                    _ => {}
                },
                _ => {}
            }
        }
    }

    /// The parts of `oneOf` and the like: what is equal is the same, the others meet in their order where none is missing.
    fn choices(&mut self, meeting: Meeting<'s>, word: &'s str, new: &'s [Json<'static>], old: &'s [Json<'static>]) {
        if new.len() != old.len() {
            return;
        }
        let mut left: Vec<&Json<'static>> = old.iter().collect();
        let mut changed = Vec::new();
        for (index, now) in new.iter().enumerate() {
            match left.iter().take(FEW).position(|before| self.is_equal(now, before)) {
                Some(position) => drop(left.remove(position)),
                None => changed.push((index, now)),
            }
        }
        for ((index, now), before) in changed.into_iter().zip(left) {
            self.go_on(meeting, &[Step::Name(word), Step::Index(index)], (now, before));
        }
    }

    /// Two schemas inside these.
    pub(super) fn go_on(
        &mut self,
        meeting: Meeting<'s>,
        steps: &[Step<'s>],
        (new, old): (&'s Json<'static>, &'s Json<'static>),
    ) {
        let place = self.inside(meeting.place, steps);
        self.wait(Meeting { new: (new, meeting.new.1), old: (old, meeting.old.1), place, property: meeting.property });
    }

    /// A part that the registry does not look at.
    fn uncompared(
        &mut self,
        meeting: Meeting<'s>,
        steps: &[Step<'s>],
        (new, old): (Option<&'s Json<'static>>, Option<&'s Json<'static>>),
    ) {
        let is_same = match (new, old) {
            // What is gone asks for nothing.
            (None, _) => true,
            (Some(_), None) => false,
            (Some(new), Some(old)) => self.asks_the_same(new, old),
        };
        if is_same {
            return;
        }
        let place = self.inside(meeting.place, steps);
        let ranges = meeting.ranges_of(new, old.or(Some(meeting.old.0)));
        self.tell(concern::UNCOMPARED_CHANGED, place, ranges, || {
            let word = match steps {
                [Step::Name(word), ..] => quoted(word),
                _ => String::new(),
            };
            let is = if old.is_some() { "asks for something else than before" } else { "is new" };
            let message = format!(
                "{}{word} {is}: the registry does not look into it, and what was written need not fit",
                meeting.subject()
            );
            (message, "make sure that records fit, or keep it as it was")
        });
    }

    /// How many elements must be, and may be, as `contains` says, which the registry does not look at either.
    fn how_many_contained(&mut self, meeting: Meeting<'s>) {
        let (new, old) = (meeting.new.0, meeting.old.0);
        // One that is new is told itself, and up to draft 7 it stands alone.
        if self.draft() < Draft::Draft2019 || new.get("contains").is_none() || old.get("contains").is_none() {
            return;
        }
        let count = |json: &'s Json<'static>, word| json.get(word).and_then(Json::as_number);
        let (least, before) = (count(new, "minContains"), count(old, "minContains"));
        let asks_for_more = number::compare(least.unwrap_or("1"), before.unwrap_or("1")) == Ordering::Greater;
        let allows_less = count(new, "maxContains").is_some_and(|now| {
            count(old, "maxContains").is_none_or(|before| number::compare(now, before) == Ordering::Less)
        });
        let why = "the registry does not look at it, and what was written need not fit";
        for (word, is_narrower) in [("minContains", asks_for_more), ("maxContains", allows_less)] {
            if is_narrower {
                self.changed(concern::UNCOMPARED_CHANGED, meeting, word, why);
            }
        }
    }

    /// Whether two schemas are equal but for words that ask for nothing.
    pub(super) fn asks_the_same(&mut self, one: &Json<'_>, other: &Json<'_>) -> bool {
        self.count(1);
        match (&one.value, &other.value) {
            // Of large ones even the words that ask for nothing count: each is looked up in all others.
            (Value::Object(a), Value::Object(b)) if a.len() + b.len() <= MOST_WORDS => {
                let asks = |json: &Json<'_>| {
                    let members = json.as_object().unwrap_or_default();
                    members.iter().filter(|member| !WORDS_ALONE.contains(&&*member.key)).count()
                };
                self.count(a.len() * b.len());
                asks(one) == asks(other)
                    && a.iter().filter(|member| !WORDS_ALONE.contains(&&*member.key)).all(|member| {
                        other.get(&member.key).is_some_and(|other| match holds(&member.key) {
                            Holds::Schema => self.asks_the_same(&member.value, other),
                            _ => self.is_equal(&member.value, other),
                        })
                    })
            }
            _ => self.is_equal(one, other),
        }
    }

    fn differs(&mut self, new: Option<&Json<'_>>, old: Option<&Json<'_>>) -> bool {
        match (new, old) {
            (Some(new), Some(old)) => !self.is_equal(new, old),
            (new, old) => new.is_some() != old.is_some(),
        }
    }

    /// A keyword whose value is another one.
    fn changed(&mut self, concern: Concern, meeting: Meeting<'s>, word: &'s str, why: &'static str) {
        let (new, old) = (meeting.new.0.get(word), meeting.old.0.get(word));
        let ranges = meeting.ranges_of(new.or(Some(meeting.new.0)), old.or(Some(meeting.old.0)));
        self.tell(concern, meeting.place, ranges, || {
            let shown = |json: Option<&Json<'_>>| json.map_or("unset".to_owned(), |json| quoted(&json.to_string()));
            let (now, before) = (shown(new), shown(old));
            let message = format!("{}`{word}` was {before} and is {now}: {why}", meeting.subject());
            match new {
                Some(_) => (message, format!("keep {before}, or add a property of another name for {now}")),
                None => (message, format!("keep {before}")),
            }
        });
    }
}

/// Members of two schemas up to which words that ask for nothing are told apart.
const MOST_WORDS: usize = 200;

/// Parts of `oneOf` among which an equal one is looked for.
const FEW: usize = 50;
