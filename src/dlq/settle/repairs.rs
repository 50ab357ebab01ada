//! What is told of values that were made anew, without what is personal in them.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use super::repair::Repaired;
use crate::dlq::decode::{Content, Decoded, Decoder, MASKED, Scrubbing};
use crate::ports::records::Record;
use crate::schema::text::{Json, pretty};

/// How many records are shown before and after, and how many that could not be transformed.
const MOST_SAMPLES: usize = 3;

/// What was made of values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Repairs {
    /// `sha256:` and the digest of the expression's text.
    pub digest: String,
    /// How many were made anew.
    pub transformed: u64,
    /// How many of them no schema was there for.
    pub unchecked: u64,
    /// The first ones, without personal data.
    pub samples: Vec<Sample>,
    /// The first that could not be, and why.
    pub failures: Vec<String>,
}

/// A value before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sample {
    /// The record's partition of the dead-letter topic.
    pub partition: i32,
    /// Its offset there.
    pub offset: i64,
    /// What the value held.
    pub before: String,
    /// What it holds now.
    pub after: String,
}

/// What of a record a reason may quote.
pub(super) enum Quotes {
    Nothing,
    /// What was made of its value.
    Made(Json<'static>),
    Anything,
}

/// What was made of a value.
pub(super) struct Made {
    pub before: Json<'static>,
    pub after: Json<'static>,
    pub decoded: Decoded,
    pub repaired: Repaired,
    pub is_checked: bool,
}

/// Takes down what is made of values.
pub(super) struct Notes(Mutex<Repairs>);

impl Notes {
    /// Of an expression with this digest.
    pub fn new(digest: &str) -> Self {
        Self(Mutex::new(Repairs { digest: digest.to_owned(), ..Repairs::default() }))
    }

    /// What was made so far.
    pub fn so_far(&self) -> Repairs {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Repairs> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// That a value was made anew.
    pub fn made(&self, decoder: &Decoder<'_>, letter: &Record<'_>, origin: &str, made: &Made) {
        let is_wanted = {
            let mut so_far = self.lock();
            so_far.transformed += 1;
            so_far.unchecked += u64::from(!made.is_checked);
            so_far.samples.len() < MOST_SAMPLES
        };
        if !is_wanted {
            return;
        }
        let (_, personal) = decoder.personal(origin, None, made.decoded.known());
        let mut taken = Scrubbing::new(true);
        let is_text = matches!(made.decoded.content, Content::Text(_));
        let shown = match personal.is_known || personal.is_declared() {
            // Nobody knows what of a text is personal.
            true if is_text && personal.is_declared() => [MASKED.to_owned(), MASKED.to_owned()],
            true => {
                let before = personal.mask(made.before.clone(), &mut taken);
                let after = personal.mask(made.after.clone(), &mut taken);
                // An expression may have moved it elsewhere.
                [before, after].map(|json| one_line(&taken.json(json)))
            }
            false => ["(not known what of it is personal data)".to_owned(), "(the same)".to_owned()],
        };
        let [before, after] = shown;
        let sample = Sample { partition: letter.partition, offset: letter.offset, before, after };
        self.lock().samples.push(sample);
    }

    /// That one could not be, and why.
    pub fn failure(&self, decoder: &Decoder<'_>, letter: &Record<'_>, origin: &str, why: &str, quotes: Quotes) {
        if self.lock().failures.len() >= MOST_SAMPLES {
            return;
        }
        let (_, personal) = decoder.personal(origin, None, None);
        let mut taken = Scrubbing::new(personal.is_declared() || !personal.is_known);
        // A long text is quoted in part.
        let is_of_personal = !personal.is_known
            || personal.everything
            || personal.fields.iter().any(|field| why.contains(field.as_str()));
        let why = match quotes {
            Quotes::Nothing => why.to_owned(),
            Quotes::Made(after) if !is_of_personal => {
                personal.mask(after, &mut taken);
                taken.text(why)
            }
            Quotes::Made(_) | Quotes::Anything => taken.quoting(why),
        };
        let failure = format!("partition {} offset {}: {why}", letter.partition, letter.offset);
        self.lock().failures.push(failure);
    }
}

/// A value for people, on one line.
fn one_line(json: &Json<'_>) -> String {
    pretty(json).split_whitespace().collect::<Vec<_>>().join(" ")
}
