//! Many questions at once, for other tools to build on.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::check::parse_level;
use super::files::TYPES;
use crate::cli::error::{CommandError, Exit};
use crate::schema::{
    Compatibility, Incompatibility, ParsedSchema, ResolvedReference, SchemaError, SchemaFormat, compared, conflicts,
    parse_like_reference, parse_registered,
};

/// A question, one line of JSON. Other members are left alone.
#[derive(Deserialize)]
struct Question {
    /// Comes back with the answer.
    #[serde(default)]
    id: Value,
    /// `avro`, `json` or `protobuf`.
    format: String,
    /// The version before.
    old: Option<String>,
    /// The versions before, the oldest first.
    previous: Option<Vec<String>>,
    /// The new version.
    new: String,
    /// The level; backward where there is none.
    level: Option<String>,
    /// What the schemas refer to, each behind those that it refers to itself.
    #[serde(default)]
    references: Vec<Reference>,
}

/// A schema that others refer to.
#[derive(Deserialize)]
struct Reference {
    /// The name that they have for it.
    name: String,
    /// Its text.
    text: String,
}

/// The longest question, in bytes. A pair of the largest schemas takes an eighth of it, and more where much is escaped.
const MOST_LINE: usize = 64 << 20;

/// A line that is no question.
struct NoQuestion {
    /// Its id, where that can be read.
    id: Value,
    why: String,
}

impl NoQuestion {
    fn too_long() -> Self {
        Self { id: Value::Null, why: format!("it is longer than {} MiB", MOST_LINE >> 20) }
    }
}

/// The answer to it.
#[derive(Serialize)]
struct Answer {
    id: Value,
    /// Whether each of the schemas is one.
    valid: bool,
    /// Whether the new version may follow; an invalid one may not.
    compatible: bool,
    incompatibilities: Vec<Broken>,
    /// What is wrong with a schema or with the question.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

#[derive(Serialize)]
struct Broken {
    code: &'static str,
    path: String,
    message: String,
}

/// Answers each line of a file, in order. Ends with 64 where one is no question, else with 3 where an answer is not
/// `compatible`.
pub fn run(path: &Path) -> Result<Exit, CommandError> {
    if path == Path::new("-") {
        return answer_all(BufReader::new(std::io::stdin()));
    }
    let file = File::open(path)
        .map_err(|error| CommandError::system(format!("could not read {}: {error}", path.display())))?;
    answer_all(BufReader::new(file))
}

fn answer_all(mut questions: BufReader<impl Read>) -> Result<Exit, CommandError> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut exit = Exit::Done;
    let (mut bad, mut first_bad) = (0_usize, String::new());
    let mut line = Vec::new();
    for number in 1_usize.. {
        line.clear();
        let read = read_line(&mut questions, &mut line);
        let read = read.map_err(|error| CommandError::system(format!("could not read line {number}: {error}")))?;
        let Some(is_whole) = read else { break };
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        let answer = if is_whole { answer(line) } else { Err(NoQuestion::too_long()) };
        let answer = answer.unwrap_or_else(|NoQuestion { id, why }| {
            bad += 1;
            if bad == 1 {
                first_bad = format!("line {number}: {why}");
            }
            Answer::invalid(id, why)
        });
        if !answer.compatible {
            exit = Exit::Findings;
        }
        let written = serde_json::to_writer(&mut out, &answer).map_err(std::io::Error::from);
        let written = written.and_then(|()| writeln!(out));
        // Who asks may wait for the answer before the next question.
        let is_awaited = !questions.buffer().contains(&b'\n');
        match written.and_then(|()| if is_awaited { out.flush() } else { Ok(()) }) {
            // Whoever read has seen enough.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(exit),
            result => result.map_err(|error| CommandError::system(format!("could not write the answers: {error}")))?,
        }
    }
    match bad {
        0 => Ok(exit),
        1 => Err(CommandError::usage(format!("{first_bad} (this is no question; the others are answered)"))),
        _ => Err(CommandError::usage(format!("{bad} lines are no questions, the first of them {first_bad}"))),
    }
}

/// Reads a line and tells whether it is whole: of one that is too long, no more is kept. `None` where there is none.
fn read_line(from: &mut impl BufRead, line: &mut Vec<u8>) -> std::io::Result<Option<bool>> {
    let kept = from.take(MOST_LINE as u64 + 1).read_until(b'\n', line)?;
    let is_whole = kept <= MOST_LINE || line.ends_with(b"\n");
    if !is_whole {
        from.skip_until(b'\n')?;
    }
    Ok((kept > 0).then_some(is_whole))
}

fn answer(line: &[u8]) -> Result<Answer, NoQuestion> {
    let mut question = read_question(line)?;
    let id = std::mem::take(&mut question.id);
    match compare(&question) {
        Err(why) => Err(NoQuestion { id, why }),
        Ok(Err(error)) => {
            let inside = error.reference.as_ref().map(|name| format!("in `{name}`: ")).unwrap_or_default();
            Ok(Answer::invalid(id, format!("{inside}{error}")))
        }
        Ok(Ok(broken)) => {
            let broken = broken.into_iter();
            let incompatibilities: Vec<_> =
                broken.map(|found| Broken { code: found.code, path: found.path, message: found.message }).collect();
            Ok(Answer { id, valid: true, compatible: incompatibilities.is_empty(), incompatibilities, error: None })
        }
    }
}

impl Answer {
    fn invalid(id: Value, error: String) -> Self {
        Self { id, valid: false, compatible: false, incompatibilities: Vec::new(), error: Some(error) }
    }
}

fn read_question(line: &[u8]) -> Result<Question, NoQuestion> {
    serde_json::from_slice(line).map_err(|error| {
        let whole = serde_json::from_slice::<Value>(line).ok();
        let id = whole.and_then(|whole| whole.get("id").cloned()).unwrap_or_default();
        let said = error.to_string();
        // The library counts the lines of its text, which has but this one.
        let said = said.rsplit_once(" at line ").map_or(said.as_str(), |(said, _)| said);
        NoQuestion { id, why: format!("{said}, at column {}", error.column()) }
    })
}

type Parse = fn(SchemaFormat, &str, &[ResolvedReference<'_>]) -> Result<ParsedSchema, SchemaError>;

/// What breaks, or what is wrong with a schema; `Err` where this is no question.
fn compare(question: &Question) -> Result<Result<Vec<Incompatibility>, SchemaError>, String> {
    let format = TYPES.iter().find(|(word, _)| word.eq_ignore_ascii_case(&question.format)).map(|(_, format)| *format);
    let format = format.ok_or_else(|| {
        let known: Vec<_> = TYPES.iter().map(|(word, _)| *word).collect();
        format!("there is no format `{}`; formats are {}", question.format, known.join(", "))
    })?;
    let level = question.level.as_deref().map_or(Ok(Compatibility::Backward), parse_level)?;
    // A pair goes by the format's own implementation, a history by the registry that keeps it.
    let (previous, parse) = match (&question.old, &question.previous) {
        (Some(old), None) => (std::slice::from_ref(old), parse_like_reference as Parse),
        (None, Some(previous)) => (previous.as_slice(), parse_registered as Parse),
        (None, None) => return Err("it has neither `old` nor `previous`".to_owned()),
        (Some(_), Some(_)) => return Err("it has both `old` and `previous`".to_owned()),
    };
    let references = question.references.iter();
    let references: Vec<_> = references.map(|Reference { name, text }| ResolvedReference { name, text }).collect();
    let parse = |text: &String| parse(format, text, &references);
    let previous = &previous[previous.len() - compared(level, previous.len())..];
    let old: Result<Vec<ParsedSchema>, SchemaError> = previous.iter().map(parse).collect();
    Ok(old.and_then(|old| {
        let new = parse(&question.new)?;
        Ok(conflicts(level, &new, &old).into_iter().flat_map(|conflict| conflict.incompatibilities).collect())
    }))
}
