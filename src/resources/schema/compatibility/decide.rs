use super::read::MOST_VERSIONS;
use super::registered::Registered;
use super::registration::Registration;
use crate::ports::registry::RegisteredSchema;
use crate::schema::{
    Compatibility, Direction, Effort, Incompatibility, ParsedSchema, conflicts_within, parse_registered,
};

/// Of a subject so many different incompatibilities are told.
const MOST_TOLD: usize = 10;

/// What breaks, against one version or several.
#[derive(Debug)]
pub struct Broken<'p> {
    /// Who cannot read.
    pub direction: Direction,
    /// The versions that it holds against, the newest first.
    pub versions: Vec<&'p RegisteredSchema>,
    /// What it is, as it was found against the first of them.
    pub why: Incompatibility,
}

/// What comes of comparing a new version with those of the registry.
#[derive(Debug, Default)]
pub struct Decision<'p> {
    /// What breaks.
    pub broken: Vec<Broken<'p>>,
    /// How much else breaks that is not listed.
    pub more: usize,
    /// What could not be compared, and why.
    pub not_compared: Vec<String>,
    /// Whether the new version itself cannot be read, which is found in its file.
    pub is_unread: bool,
}

impl Decision<'_> {
    /// Whether everything was compared and nothing breaks.
    pub fn is_compatible(&self) -> bool {
        self.broken.is_empty() && self.not_compared.is_empty()
    }
}

/// Compares a version that is to be registered with those that a level looks at.
pub fn decide<'p>(registration: &Registration<'p>, level: Compatibility, registered: &Registered<'p>) -> Decision<'p> {
    let mut decision = Decision::default();
    if level == Compatibility::None {
        return decision;
    }
    let versions = compared(registration, level, registered, &mut decision.not_compared);
    let references = registered.planned_texts(registration.references).map_err(|why| why.to_string());
    let new = references.map(|references| parse_registered(registration.format, registration.text, &references));
    let new = match new {
        Ok(Ok(new)) => new,
        Ok(Err(error)) => {
            decision.not_compared.push(format!("the new version cannot be read: {}", error.message));
            decision.is_unread = true;
            return decision;
        }
        Err(why) => {
            decision.not_compared.push(why);
            return decision;
        }
    };
    let mut effort = Effort::default();
    for version in versions {
        match parsed(version, registered) {
            Ok(old) => {
                for conflict in conflicts_within(level, &new, std::slice::from_ref(&old), &mut effort) {
                    for why in conflict.incompatibilities {
                        decision.add(version, conflict.direction, why);
                    }
                }
            }
            Err(why) => {
                decision
                    .not_compared
                    .push(format!("version {} in the registry cannot be read: {why}", version.version));
            }
        }
    }
    decision
}

impl<'p> Decision<'p> {
    fn add(&mut self, version: &'p RegisteredSchema, direction: Direction, why: Incompatibility) {
        let same = |broken: &Broken<'p>| {
            broken.direction == direction
                && (broken.why.code, &broken.why.path, &broken.why.message) == (why.code, &why.path, &why.message)
        };
        match self.broken.iter().position(same) {
            Some(index) => {
                let known = &mut self.broken[index];
                // One version may hold the same against the new one several times.
                if known.versions.last().is_none_or(|last| last.version != version.version) {
                    known.versions.push(version);
                }
            }
            None if self.broken.len() < MOST_TOLD => {
                self.broken.push(Broken { direction, versions: vec![version], why });
            }
            None => self.more += 1,
        }
    }
}

/// The versions that are compared, the newest first.
fn compared<'p>(
    registration: &Registration<'p>,
    level: Compatibility,
    registered: &Registered<'p>,
    not_compared: &mut Vec<String>,
) -> Vec<&'p RegisteredSchema> {
    let latest = registration.latest;
    // The new version is in the group of the newest one, so that this one counts in any case.
    if !level.is_transitive() {
        return vec![latest];
    }
    let numbers = match registered.numbers(registration.subject) {
        Ok(numbers) => numbers,
        Err(why) => {
            not_compared.push(format!("its other versions: {why}"));
            return vec![latest];
        }
    };
    let mut versions = vec![latest];
    let mut earlier = numbers.iter().rev().filter(|number| **number < latest.version);
    for number in earlier.by_ref().take(MOST_VERSIONS) {
        match registered.version(registration.subject, *number) {
            Ok(version) if registration.group_value(version) == registration.own_group_value() => {
                versions.push(version);
            }
            Ok(_) => {}
            Err(why) => not_compared.push(format!("version {number}: {why}")),
        }
    }
    let left = earlier.count();
    if left > 0 {
        not_compared.push(format!("{left} versions before the newest {MOST_VERSIONS}"));
    }
    versions
}

fn parsed(version: &RegisteredSchema, registered: &Registered<'_>) -> Result<ParsedSchema, String> {
    let schema = &version.schema;
    let references = registered.texts(&schema.references).map_err(|why| why.to_string())?;
    parse_registered(schema.format, &schema.text, &references).map_err(|error| error.message)
}
