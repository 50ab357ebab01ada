use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::model::Subject;
use crate::ports::schemas::{LatestSchema, SchemaId, SchemaSource, StoredSchema};
use crate::ports::{Failure, FailureKind};
use crate::schema::{ParsedSchema, PersonalData, parse_registered, personal_data};

/// A schema that is ready to read with.
#[derive(Debug)]
pub struct Known {
    /// The schema.
    pub parsed: ParsedSchema,
    /// What it tags as personal.
    pub personal: Vec<PersonalData>,
}

impl Known {
    fn of(stored: &StoredSchema) -> Result<Arc<Self>, String> {
        let references = stored.resolved();
        let parsed = parse_registered(stored.format, &stored.text, &references)
            .map_err(|error| format!("the schema cannot be read: {}", error.message))?;
        let personal = personal_data(stored.format, &stored.text, &references);
        Ok(Arc::new(Self { parsed, personal }))
    }
}

/// The newest version of a subject.
#[derive(Debug)]
pub struct NewestSchema {
    /// As the registry has it.
    pub latest: LatestSchema,
    /// The same ready to read with; or why it cannot be read, in one sentence without a full stop.
    pub known: Result<Arc<Known>, String>,
}

/// How much is asked for in vain of each kind before nothing more of it is asked. Ids and topics are the word of whoever wrote a
/// record, and each question is a request.
const MOST_IN_VAIN: usize = 1_000;

/// What was found for each key, or why it was not; and how much was not there.
struct Found<K, T> {
    by_key: HashMap<K, Result<T, String>>,
    in_vain: usize,
}

type Kept<K, T> = Mutex<Found<K, T>>;

impl<K, T> Default for Found<K, T> {
    fn default() -> Self {
        Self { by_key: HashMap::new(), in_vain: 0 }
    }
}

/// What a registry has, asked for once.
pub(super) struct Schemas {
    source: Option<Box<dyn SchemaSource>>,
    by_id: Kept<SchemaId, Arc<Known>>,
    newest: Kept<Subject, Option<Arc<NewestSchema>>>,
    subjects: Kept<SchemaId, Vec<Subject>>,
    /// Why nothing more is asked: nobody answered, or lets us in. A thousand records do not wait for a thousand timeouts.
    lost: Mutex<Option<Failure>>,
}

impl Schemas {
    /// Those of a registry; or why there is none.
    pub fn new(source: Option<Result<Box<dyn SchemaSource>, Failure>>) -> Self {
        let (source, lost) = match source {
            None => (None, None),
            Some(Ok(source)) => (Some(source), None),
            Some(Err(failure)) => (None, Some(failure)),
        };
        Self {
            source,
            by_id: Mutex::default(),
            newest: Mutex::default(),
            subjects: Mutex::default(),
            lost: Mutex::new(lost),
        }
    }

    /// Why the registry could not be asked.
    pub fn lost(&self) -> Option<Failure> {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether there is no registry at all.
    pub fn is_without(&self) -> bool {
        self.source.is_none() && self.lost().is_none()
    }

    /// The schema of an id; or why it cannot be used, in one sentence without a full stop.
    pub fn of_id(&self, id: SchemaId) -> Result<Arc<Known>, String> {
        once(
            &self.by_id,
            &id,
            |_| true,
            || {
                let stored = self.ask(|source| {
                    let absent = || format!("{} has no schema {id}", source.server());
                    source.schema(id).map(|found| found.ok_or_else(absent))
                })??;
                Known::of(&stored)
            },
        )
    }

    /// The newest version of a subject; the error says why it is not known whether there is one.
    pub fn newest(&self, subject: &Subject) -> Result<Option<Arc<NewestSchema>>, String> {
        if self.is_without() {
            return Ok(None);
        }
        once(&self.newest, subject, Option::is_some, || {
            let latest = self.ask(|source| source.latest(subject))?;
            Ok(latest.map(|latest| {
                let known = Known::of(&latest.schema);
                Arc::new(NewestSchema { latest, known })
            }))
        })
    }

    /// The subjects that have a schema.
    pub fn subjects(&self, id: SchemaId) -> Result<Vec<Subject>, String> {
        once(&self.subjects, &id, |_| true, || self.ask(|source| source.subjects(id)))
    }

    fn ask<T>(&self, question: impl FnOnce(&dyn SchemaSource) -> Result<T, Failure>) -> Result<T, String> {
        if let Some(failure) = self.lost() {
            return Err(format!("the registry could not be asked: {}", failure.answer));
        }
        let Some(source) = &self.source else { return Err("the cluster has no schema registry".to_owned()) };
        question(&**source).map_err(|failure| {
            let said = failure.to_string();
            if matches!(failure.kind, FailureKind::Unreachable | FailureKind::Timeout | FailureKind::Authentication) {
                self.lost.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(failure);
            }
            said
        })
    }
}

/// What was found for a key before, or is found now; `is_there` says whether there was something. Nothing is locked while a
/// registry is asked.
fn once<K: Clone + Eq + std::hash::Hash, T: Clone>(
    kept: &Kept<K, T>,
    key: &K,
    is_there: impl FnOnce(&T) -> bool,
    find: impl FnOnce() -> Result<T, String>,
) -> Result<T, String> {
    {
        let kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = kept.by_key.get(key) {
            return found.clone();
        }
        if kept.in_vain >= MOST_IN_VAIN {
            return Err(format!("the registry is not asked for more: {MOST_IN_VAIN} that records name were not there"));
        }
    }
    let found = find();
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    kept.in_vain += usize::from(!found.as_ref().is_ok_and(is_there));
    kept.by_key.insert(key.clone(), found.clone());
    found
}
