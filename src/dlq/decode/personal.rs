use std::collections::BTreeSet;

use crate::dlq::fingerprint::without_particulars;
use crate::schema::text::{Json, Member, Value};
use crate::schema::{MOST_TAGS, PersonalData};

/// What stands in the place of something personal.
pub const MASKED: &str = "(masked)";

/// The shortest text that is looked for elsewhere in a record, in characters: shorter ones are everywhere.
const SHORTEST: usize = 3;

/// What of a key or a value is personal data.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Personal {
    /// Fields, wherever they stand.
    pub fields: BTreeSet<String>,
    /// Whether all of it is.
    pub everything: bool,
    /// Whether its own schemas tag any. Of the fields some may be of the other part.
    pub is_tagged: bool,
    /// Whether nothing more can be: the schemas were seen.
    pub is_known: bool,
    /// Whether a schema says what it holds.
    pub is_described: bool,
}

impl Personal {
    fn add(&mut self, tagged: &[PersonalData]) {
        self.everything |= tagged.len() >= MOST_TAGS || tagged.iter().any(|data| data.field.is_none());
        self.is_tagged |= !tagged.is_empty();
        self.fields.extend(tagged.iter().filter_map(|data| data.field.clone()));
    }

    /// Adds what a schema tags that was read.
    pub fn add_schema(&mut self, tagged: &[PersonalData]) {
        self.add(tagged);
        self.is_known = true;
        self.is_described = true;
    }

    /// Adds what is known from elsewhere.
    pub fn join(&mut self, other: &Self) {
        self.fields.extend(other.fields.iter().cloned());
        self.everything |= other.everything;
        self.is_tagged |= other.is_tagged;
        self.is_known |= other.is_known;
        self.is_described |= other.is_described;
    }

    /// Whether something in it is.
    pub fn is_declared(&self) -> bool {
        self.everything || self.is_tagged
    }

    /// The value without what is personal in it, which is added to `taken`.
    pub fn mask(&self, json: Json<'static>, taken: &mut Scrubbing) -> Json<'static> {
        if self.everything {
            taken.take(&json);
            return masked();
        }
        self.masked(json, taken)
    }

    fn masked(&self, json: Json<'static>, taken: &mut Scrubbing) -> Json<'static> {
        let value = match json.value {
            Value::Array(items) => Value::Array(items.into_iter().map(|item| self.masked(item, taken)).collect()),
            Value::Object(members) => {
                let mask = |member: Member<'static>| {
                    let is_personal = self.fields.contains(&*member.key);
                    // That there is nothing is no secret, and is often why a record failed.
                    let value = if is_personal && member.value.value != Value::Null {
                        taken.take(&member.value);
                        masked()
                    } else {
                        self.masked(member.value, taken)
                    };
                    Member { value, ..member }
                };
                Value::Object(members.into_iter().map(mask).collect())
            }
            value => value,
        };
        Json { range: json.range, value }
    }
}

fn masked() -> Json<'static> {
    Json { range: 0..0, value: Value::String(MASKED.into()) }
}

/// What was masked in a record, so that it is not told by what other parts of the record quote of it.
#[derive(Debug, Clone, Default)]
pub struct Scrubbing {
    taken: BTreeSet<String>,
    is_needed: bool,
    is_blind: bool,
}

impl Scrubbing {
    /// Of a record; `is_needed` says whether something in it is personal, or may be.
    pub fn new(is_needed: bool) -> Self {
        Self { taken: BTreeSet::new(), is_needed, is_blind: false }
    }

    /// Says that something which may be personal was not seen.
    pub fn is_blind(&mut self) {
        self.is_blind = true;
    }

    fn take(&mut self, json: &Json<'static>) {
        match &json.value {
            Value::Array(items) => items.iter().for_each(|item| self.take(item)),
            Value::Object(members) => members.iter().for_each(|member| {
                // In a map the keys are data too.
                self.take_text(&member.key);
                self.take(&member.value);
            }),
            Value::String(text) => self.take_text(text),
            Value::Number(digits) => self.take_text(digits),
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn take_text(&mut self, text: &str) {
        if text.chars().count() >= SHORTEST {
            self.taken.insert(text.to_owned());
        }
    }

    /// Whether a text is exactly something that was masked.
    pub fn has(&self, text: &str) -> bool {
        self.taken.contains(text)
    }

    /// A text without what was masked elsewhere. The longest goes first, for it may hold a shorter one.
    pub fn text(&self, text: &str) -> String {
        let mut taken: Vec<&String> = self.taken.iter().collect();
        taken.sort_by_key(|taken| std::cmp::Reverse(taken.len()));
        taken.into_iter().fold(text.to_owned(), |text, taken| match text.contains(taken.as_str()) {
            true => text.replace(taken.as_str(), MASKED),
            false => text,
        })
    }

    /// A value without what was masked elsewhere.
    pub fn json(&self, json: Json<'static>) -> Json<'static> {
        let value = match json.value {
            Value::Array(items) => Value::Array(items.into_iter().map(|item| self.json(item)).collect()),
            Value::Object(members) => {
                // In a map the keys are data too.
                let without = |member: Member<'static>| Member {
                    key: self.text(&member.key).into(),
                    value: self.json(member.value),
                    ..member
                };
                Value::Object(members.into_iter().map(without).collect())
            }
            Value::String(text) => Value::String(self.text(&text).into()),
            Value::Number(digits) if self.has(&digits) => Value::String(MASKED.into()),
            value => value,
        };
        Json { range: json.range, value }
    }

    /// What names something of a failure: a class, a component, a group. One with blanks in it is no name, and is taken for what
    /// an exception says.
    pub fn name(&self, text: &str) -> String {
        if text.contains(char::is_whitespace) { self.message(text) } else { self.text(text) }
    }

    /// Something else of the record that no schema describes: nothing of it, where what is personal was not seen.
    pub fn other(&self, text: &str) -> String {
        if self.is_needed && self.is_blind { MASKED.to_owned() } else { self.text(text) }
    }

    /// A text that may quote a record which has something personal: numbers, ids, quoted text and addresses of mail go.
    pub fn quoting(&self, text: &str) -> String {
        if !self.is_needed {
            return text.to_owned();
        }
        let text = self.text(text);
        let without_mail: Vec<&str> =
            text.split(' ').map(|word| if word.contains('@') { MASKED } else { word }).collect();
        let mut short = String::new();
        without_particulars(&without_mail.join(" "), &mut short);
        short
    }

    /// What an exception says, where the record has something personal: its words quote what could not be read. Classes and places
    /// in the code stay. Of the rest stays what quotes nothing, or nothing where what is personal was not seen.
    pub fn message(&self, text: &str) -> String {
        if !self.is_needed {
            return text.to_owned();
        }
        let line = |line: &str| {
            let place = line.trim_start();
            if place.is_empty() || place.starts_with("at ") || place.starts_with("File \"") || place.starts_with("...")
            {
                return line.to_owned();
            }
            if !self.is_blind {
                return self.quoting(line);
            }
            let class = line.split_once(": ").map_or((line, None), |(class, rest)| (class, Some(rest)));
            let is_class = |text: &str| !text.is_empty() && !text.contains(char::is_whitespace) && text.contains('.');
            match class {
                ("Caused by", Some(rest)) => {
                    let class = rest.split(':').next().filter(|class| is_class(class)).unwrap_or(MASKED);
                    format!("Caused by: {class}: {MASKED}")
                }
                (class, _) if is_class(class) => format!("{class}: {MASKED}"),
                _ => MASKED.to_owned(),
            }
        };
        text.lines().map(line).collect::<Vec<_>>().join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::text::read;

    fn personal(fields: &[&str]) -> Personal {
        Personal { fields: fields.iter().map(|field| (*field).to_owned()).collect(), ..Personal::default() }
    }

    fn of(personal: &Personal, text: &str) -> (String, Scrubbing) {
        let mut taken = Scrubbing::new(true);
        let json = personal.mask(read(text).expect("JSON").into_owned(), &mut taken);
        (json.to_string(), taken)
    }

    #[test]
    fn fields_are_masked_wherever_they_stand() {
        let text = r#"{"id": 7, "mail": "a@b.c", "of": [{"mail": null, "x": {"mail": {"a@b.d": 1}}}]}"#;
        let (masked, taken) = of(&personal(&["mail"]), text);
        assert_eq!(masked, r#"{"id": 7, "mail": "(masked)", "of": [{"mail": null, "x": {"mail": "(masked)"}}]}"#);
        assert!(taken.has("a@b.d") && !taken.has("1"));
        let all = Personal { everything: true, ..Personal::default() };
        assert_eq!(of(&all, text).0, r#""(masked)""#);
        assert_eq!(of(&Personal::default(), text).0, text);
    }

    #[test]
    fn what_was_masked_is_quoted_nowhere() {
        let (_, taken) = of(&personal(&["mail", "name"]), r#"{"mail": "ann@b.c", "name": "ann"}"#);
        assert_eq!(taken.text("for ann@b.c, ann"), "for (masked), (masked)");
        let trace = "E: no user ann@b.c in 'x' 17\n\tat a.B.c(B.java:17)\nCaused by: F: x";
        assert_eq!(taken.message(trace), "E: no user (masked) in \"\" #\n\tat a.B.c(B.java:17)\nCaused by: F: x");
        assert_eq!(Scrubbing::default().message(trace), trace);
        assert_eq!(taken.quoting("no x@y.z in order 7"), "no (masked) in order #");
        let mut blind = Scrubbing::new(true);
        blind.is_blind();
        let trace = "a.b.E: no Ann\n\tat a.B.c(B.java:17)\nCaused by: c.F: of Ann\nAnn";
        assert_eq!(blind.message(trace), "a.b.E: (masked)\n\tat a.B.c(B.java:17)\nCaused by: c.F: (masked)\n(masked)");
    }
}
