//! Many questions at once, for other tools to build on.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::check::parse_level;
use crate::cli::error::{CommandError, Exit};
use crate::schema::{
    Compatibility, ParsedSchema, ResolvedReference, SchemaError, SchemaFormat, compared, conflicts,
    parse_like_reference, parse_registered,
};

/// A question, one line of JSON. Other members are left alone.
#[derive(Deserialize)]
struct Question {
    /// Comes back with the answer.
    #[serde(default)]
    id: serde_json::Value,
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
}

/// The answer to it.
#[derive(Serialize)]
struct Answer {
    id: serde_json::Value,
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

/// Answers each line of a file, in order. Ends with 3 where an answer is not `compatible`.
pub fn run(path: &Path) -> Result<Exit, CommandError> {
    if path == Path::new("-") {
        return answer_all(std::io::stdin().lock());
    }
    let file = File::open(path)
        .map_err(|error| CommandError::system(format!("could not read {}: {error}", path.display())))?;
    answer_all(BufReader::new(file))
}

fn answer_all(questions: impl BufRead) -> Result<Exit, CommandError> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut exit = Exit::Done;
    for (number, line) in questions.lines().enumerate() {
        let number = number + 1;
        let line = line.map_err(|error| CommandError::system(format!("could not read line {number}: {error}")))?;
        if line.trim().is_empty() {
            continue;
        }
        let question: Question = serde_json::from_str(&line)
            .map_err(|error| CommandError::usage(format!("line {number} is no question: {error}")))?;
        let answer = answer(question).map_err(|why| CommandError::usage(format!("line {number}: {why}")))?;
        if !answer.compatible {
            exit = Exit::Findings;
        }
        let written = serde_json::to_writer(&mut out, &answer).map_err(std::io::Error::from);
        match written.and_then(|()| writeln!(out)) {
            // Whoever read has seen enough.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => return Ok(exit),
            result => result.map_err(|error| CommandError::system(format!("could not write the answers: {error}")))?,
        }
    }
    out.flush().map_err(|error| CommandError::system(format!("could not write the answers: {error}")))?;
    Ok(exit)
}

type Parse = fn(SchemaFormat, &str, &[ResolvedReference<'_>]) -> Result<ParsedSchema, SchemaError>;

/// Answers a question; `Err` where it is none.
fn answer(question: Question) -> Result<Answer, String> {
    let known = [("avro", SchemaFormat::Avro), ("json", SchemaFormat::Json), ("protobuf", SchemaFormat::Protobuf)];
    let format = known.iter().find(|(word, _)| word.eq_ignore_ascii_case(&question.format)).map(|(_, format)| *format);
    let format = format.ok_or_else(|| format!("there is no format `{}`: avro, json or protobuf", question.format))?;
    let level = question.level.as_deref().map_or(Ok(Compatibility::Backward), parse_level)?;
    let (previous, parse) = match (question.old, question.previous) {
        (Some(old), None) => (vec![old], parse_like_reference as Parse),
        (None, Some(previous)) => (previous, parse_registered as Parse),
        (None, None) => return Err("it has neither `old` nor `previous`".to_owned()),
        (Some(_), Some(_)) => return Err("it has both `old` and `previous`".to_owned()),
    };
    let previous = &previous[previous.len() - compared(level, previous.len())..];
    // A pair goes by the format's own implementation, a history by the registry that keeps it.
    let parse_one = |text: &String| parse(format, text, &[]);
    let parsed: Result<(Vec<ParsedSchema>, ParsedSchema), SchemaError> =
        previous.iter().map(parse_one).collect::<Result<_, _>>().and_then(|old| Ok((old, parse_one(&question.new)?)));
    let id = question.id;
    Ok(match parsed {
        Err(error) => Answer {
            id,
            valid: false,
            compatible: false,
            incompatibilities: Vec::new(),
            error: Some(error.to_string()),
        },
        Ok((old, new)) => {
            let conflicts = conflicts(level, &new, &old);
            let broken = conflicts.into_iter().flat_map(|conflict| conflict.incompatibilities);
            let incompatibilities: Vec<Broken> =
                broken.map(|found| Broken { code: found.code, path: found.path, message: found.message }).collect();
            Answer { id, valid: true, compatible: incompatibilities.is_empty(), incompatibilities, error: None }
        }
    })
}
