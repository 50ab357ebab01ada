use std::ops::Range;

use super::decide::{Broken, Decision};
use super::registration::Registration;
use crate::diag::{Diagnostic, Level};
use crate::model::Address;
use crate::ports::registry::Verdict;
use crate::resources::schema::{DesiredSubject, cannot_read, versions_in_words, way_out};
use crate::schema::{Compatibility, Direction, InReference, Lack};
use crate::source::{Sources, Span};

/// So many reasons are named one by one.
const MOST_REASONS: usize = 3;

/// Characters of a registered version that are quoted.
const MOST_QUOTED: usize = 60;

/// What is spoken of.
pub struct Case<'c> {
    /// The version that is registered.
    pub registration: &'c Registration<'c>,
    /// What the manifests say of its subject.
    pub wanted: &'c DesiredSubject,
    /// The level that decides.
    pub level: Compatibility,
    /// The level that the subject has now, where it is another one, and what was decided at it.
    pub at_present: Option<&'c (Compatibility, Decision<'c>)>,
}

/// What breaks, and is not known to be taken by the registry.
pub fn incompatible(case: &Case<'_>, ours: &Decision<'_>) -> Vec<Diagnostic> {
    let finding = |broken: &Broken<'_>| {
        let message = format!("`{}`{}: {}", case.registration.subject, case.at_level(), case.what(broken));
        case.finding("BUS510", message, Some(broken)).help(case.way_out(broken))
    };
    let mut findings: Vec<_> = ours.broken.iter().map(finding).collect();
    findings.extend(more(case, ours, "BUS510"));
    findings
}

/// What breaks by our rules, and is taken by the registry.
pub fn accepted_by_registry(case: &Case<'_>, ours: &Decision<'_>) -> Vec<Diagnostic> {
    let finding = |broken: &Broken<'_>| {
        let message = format!(
            "`{}`{}: busctl finds the schema incompatible, the registry says that it may follow: {}",
            case.registration.subject,
            case.at_level(),
            case.what(broken)
        );
        let help =
            format!("the registry decides: see whether your consumers survive it; if not, {}", case.way_out(broken));
        case.finding("BUS512", message, Some(broken)).level(Level::Warn).help(help)
    };
    let mut findings: Vec<_> = ours.broken.iter().map(finding).collect();
    findings.extend(more(case, ours, "BUS512").map(|finding| finding.level(Level::Warn)));
    findings
}

/// What the registry refuses and we do not.
pub fn refused_by_registry(case: &Case<'_>, ours: &Decision<'_>, verdict: &Verdict) -> Diagnostic {
    let ours = if ours.is_compatible() { "finds the schema compatible" } else { "could not compare all of it" };
    let message = format!(
        "`{}`{}: busctl {ours}, the registry finds it incompatible: {}",
        case.registration.subject,
        case.at_level(),
        verdict.messages.join("; ")
    );
    let help = match (case.level, case.registration.global) {
        // Apicurio says NONE for both.
        (Compatibility::None, Some(global)) if !global.eq_ignore_ascii_case("none") => format!(
            "the registry says `none` of a subject without a level too, and then goes by its global level, {}: set the \
             subject's level there, or change what it does not take",
            global.to_lowercase()
        ),
        _ => format!(
            "the registry decides, and goes by rules of its own where it is not Confluent's: change what it does not take, \
             or {}",
            case.new_major_version()
        ),
    };
    case.finding("BUS511", message, None).help(help)
}

/// What we could not compare, live or from a snapshot.
pub fn not_compared(case: &Case<'_>, ours: &Decision<'_>, is_live: bool) -> Diagnostic {
    let reasons = &ours.not_compared;
    let mut named = reasons.iter().take(MOST_REASONS).cloned().collect::<Vec<_>>().join("; ");
    if reasons.len() > MOST_REASONS {
        named.push_str(&format!("; and {} more", reasons.len() - MOST_REASONS));
    }
    let message = format!("`{}`{}: not everything was compared: {named}", case.registration.subject, case.at_level());
    case.finding("BUS513", message, None).help(match is_live {
        true => "see that busctl may read the subject's versions and what they refer to, and that these are there",
        false => {
            "plan from the live registry, or take a new snapshot: it has all versions of the subjects that are declared and \
             have a transitive level"
        }
    })
}

/// What another level would have said, where the plan sets the level that decides.
pub fn other_level(
    case: &Case<'_>,
    present: Compatibility,
    then: &Decision<'_>,
    ours: &Decision<'_>,
) -> Option<String> {
    let (level, present) = (case.level.as_str(), present.as_str());
    match then.broken.first() {
        Some(broken) if ours.broken.is_empty() => Some(format!(
            "the schema may follow because the level becomes {level} first: at {present}, which the subject has now, {}",
            case.what(broken)
        )),
        None if ours.broken.is_empty() && !then.is_compatible() => Some(format!(
            "the level becomes {level} first; whether the schema might follow at {present}, which the subject has now, is \
             not known: {}",
            then.not_compared.join("; ")
        )),
        _ => None,
    }
}

fn more(case: &Case<'_>, ours: &Decision<'_>, code: &'static str) -> Option<Diagnostic> {
    let told = ours.broken.len();
    let message =
        || format!("`{}`: {} incompatibilities, of which {told} are told", case.registration.subject, told + ours.more);
    (ours.more > 0).then(|| case.finding(code, message(), None))
}

impl Case<'_> {
    /// A finding at the new version's text.
    fn finding(&self, code: &'static str, message: String, broken: Option<&Broken<'_>>) -> Diagnostic {
        let file = self.wanted.file;
        let range = broken.and_then(|broken| sides(broken).0.clone());
        let span = range.map_or(Span::whole(file), |range| Span::new(file, range.start, range.end));
        Diagnostic::new(code, message).at(span, "").resource(Address::schema(self.registration.subject))
    }

    /// The level, and where it comes from if that is not what the subject has.
    fn at_level(&self) -> String {
        let level = self.level.as_str();
        match (self.registration.sets, self.registration.present) {
            (None, _) => format!(" at {level}"),
            (Some(_), None) => format!(" at {level}, which this plan sets"),
            (Some(_), Some(present)) => {
                let might = match self.at_present {
                    Some((_, then)) if then.is_compatible() => ", at which it might follow",
                    _ => "",
                };
                format!(" at {level}, which this plan sets (it is {} now{might})", present.to_lowercase())
            }
        }
    }

    /// What breaks for whom, and where.
    fn what(&self, broken: &Broken<'_>) -> String {
        let new = format!("v{}", self.registration.latest.version.saturating_add(1));
        let old: Vec<_> = broken.versions.iter().map(|version| format!("v{}", version.version)).collect();
        let who = cannot_read(broken.direction, &new, &versions_in_words(&old));
        format!("{who}: {} (at {}; {})", broken.why.message, broken.why.path, there(broken))
    }

    fn way_out(&self, broken: &Broken<'_>) -> String {
        let major = self.wanted.topic.as_ref().map(|topic| format!("`busctl new version {topic}`"));
        let ways = (major.as_deref(), &*self.new_major_version());
        way_out(broken.direction, broken.why.help.as_deref(), "the version in the registry", ways)
    }

    fn new_major_version(&self) -> String {
        match &self.wanted.topic {
            Some(topic) => format!("make a new major version of the topic: `busctl new version {topic}`"),
            None => "register the schema under a new subject".to_owned(),
        }
    }
}

/// What of an incompatibility is in the new text, and what in the registered one.
fn sides<'b>(broken: &'b Broken<'_>) -> (&'b Option<Range<usize>>, &'b Option<Range<usize>>) {
    match broken.direction {
        Direction::Backward => (&broken.why.reader, &broken.why.writer),
        Direction::Forward => (&broken.why.writer, &broken.why.reader),
    }
}

/// The registered side, which has no file that could be pointed at: what stands where in its text.
fn there(broken: &Broken<'_>) -> String {
    let Some(version) = broken.versions.first() else { return String::new() };
    let (number, text) = (version.version, &version.schema.text);
    let referred = match broken.direction {
        Direction::Backward => &broken.why.referred.writer,
        Direction::Forward => &broken.why.referred.reader,
    };
    if let Some(InReference { name, .. }) = referred {
        return format!("in `{name}`, which version {number} in the registry refers to");
    }
    let range = sides(broken).1.clone().filter(|range| text.get(range.clone()).is_some());
    let Some(range) = range else { return format!("against version {number} in the registry") };
    let mut sources = Sources::default();
    let file = sources.add("", &**text);
    let place = sources.place(Span::new(file, range.start, range.end));
    let at = format!("at {}:{}", place.line, place.column);
    let lack = match (broken.direction, &broken.why.lacks) {
        (Direction::Backward, Some(Lack::Writer(lack))) | (Direction::Forward, Some(Lack::Reader(lack))) => lack,
        _ => return format!("version {number} in the registry has `{}` {at}", short(&text[range])),
    };
    format!("version {number} in the registry, {at}: {lack}")
}

/// A text in one line; of a long one the beginning.
fn short(text: &str) -> String {
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.extend(word.chars().take(MOST_QUOTED));
        if let Some((end, _)) = line.char_indices().nth(MOST_QUOTED) {
            line.truncate(end);
            line.push('…');
            break;
        }
    }
    line
}
