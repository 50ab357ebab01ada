//! Many questions at once, for other tools to build on.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read as _, Write};
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;
use serde::Serialize;
use serde_json::value::RawValue;

use super::known::{Known, Read, Reading};
use super::question::{self, Before, Question, Reference};
use crate::cli::error::{CommandError, Exit};
use crate::render::elided;
use crate::render::findings::LONGEST_MESSAGE;
use crate::schema::{
    Direction, ParsedSchema, ResolvedReference, SchemaError, SchemaFormat, compared, conflicts, parse_like_reference,
    parse_registered,
};
use crate::source::{Sources, Span};

/// The longest question, in bytes. A pair of the largest schemas takes a third of it, and more where much is escaped.
const MOST_LINE: usize = 64 << 20;

/// Questions that are answered together, and about the bytes that they may have: enough for all processors.
const MOST_TOGETHER: usize = 1_000;
const MOST_SIZE: usize = 256 << 10;

/// What is read at once, in bytes.
const READ: usize = 256 << 10;

/// A line that is no question.
struct NoQuestion<'l> {
    /// Its id, where that can be read.
    id: Option<&'l RawValue>,
    why: String,
}

impl<'l> NoQuestion<'l> {
    /// Of a line that is longer than what is kept of it.
    fn too_long(start: &'l [u8]) -> Self {
        Self { id: question::id_of_start(start), why: format!("it is longer than {} MiB", MOST_LINE >> 20) }
    }
}

/// The answer to it.
#[derive(Serialize)]
struct Answer<'l> {
    /// As it was written, to the byte.
    id: Option<&'l RawValue>,
    /// Whether each of the schemas is one.
    valid: bool,
    /// Whether the new version may follow; an invalid one may not.
    compatible: bool,
    incompatibilities: Vec<Broken>,
    /// What is wrong with a schema or with the question.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// How to mend the schema.
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
}

#[derive(Serialize)]
struct Broken {
    /// Who reads.
    direction: &'static str,
    /// Which of the earlier versions, from 1 for the oldest.
    version: usize,
    code: &'static str,
    path: String,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
}

/// Answers each line of a file, in order. Ends with 64 where one is no question, else with 3 where an answer is not
/// `compatible`.
pub fn run(path: &Path) -> Result<Exit, CommandError> {
    if path == Path::new("-") {
        return answer_all("standard input", BufReader::with_capacity(READ, std::io::stdin()));
    }
    let shown = path.display().to_string();
    let file = File::open(path).map_err(|error| unread(&shown, &error))?;
    answer_all(&shown, BufReader::with_capacity(READ, file))
}

/// What is asked cannot be read any further.
fn unread(what: &str, error: &std::io::Error) -> CommandError {
    match error.kind() {
        ErrorKind::IsADirectory => CommandError::system(format!("could not read {what}: it is a folder"))
            .hint("--pairs takes a file with a question in each line, or - for standard input"),
        _ => CommandError::system(format!("could not read {what}: {error}")),
    }
}

fn answer_all(name: &str, mut questions: BufReader<impl std::io::Read>) -> Result<Exit, CommandError> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut exit = Exit::Done;
    let (mut bad, mut first_bad) = (0_usize, String::new());
    let known = Known::default();
    let mut number = 0_usize;
    loop {
        let (lines, end) = read_lines(&mut questions, &mut number);
        let answer = |line: &Line| line.answered(&known);
        let answers: Vec<Answered> = match &lines[..] {
            [line] => vec![answer(line)],
            lines => lines.par_iter().map(answer).collect(),
        };
        for (line, answered) in lines.iter().zip(answers) {
            if let Some(why) = answered.wrong {
                bad += 1;
                if bad == 1 {
                    first_bad = format!("line {}: {why}", line.number);
                }
            }
            if !answered.is_compatible {
                exit = Exit::Findings;
            }
            match out.write_all(&answered.text) {
                // Whoever read has seen enough.
                Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(exit),
                result => result.map_err(|error| unwritten(&error))?,
            }
        }
        match out.flush() {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(exit),
            result => result.map_err(|error| unwritten(&error))?,
        }
        match end {
            End::None => {}
            End::Reached => break,
            End::Unread(error) if number == 1 => return Err(unread(name, &error)),
            End::Unread(error) => return Err(unread(&format!("line {number} of {name}"), &error)),
        }
    }
    match bad {
        0 => Ok(exit),
        1 => Err(CommandError::usage(format!("{first_bad} (this is no question; the others are answered)"))),
        _ => Err(CommandError::usage(format!("{bad} lines are no questions, the first of them {first_bad}"))),
    }
}

fn unwritten(error: &std::io::Error) -> CommandError {
    CommandError::system(format!("could not write the answers: {error}"))
}

/// A line that is not empty.
struct Line {
    /// Its number, from 1.
    number: usize,
    text: Vec<u8>,
    /// Whether that is all of it.
    is_whole: bool,
}

/// What comes behind some lines.
enum End {
    /// Perhaps other lines.
    None,
    /// Nothing.
    Reached,
    /// Something that cannot be read.
    Unread(std::io::Error),
}

/// Reads the lines that are answered together: those that are there, up to a limit. Who asks may wait for their answers
/// before the next question. `number` is that of the line which was read last.
fn read_lines(questions: &mut BufReader<impl std::io::Read>, number: &mut usize) -> (Vec<Line>, End) {
    let (mut lines, mut size) = (Vec::new(), 0);
    loop {
        *number += 1;
        let mut text = Vec::new();
        let is_whole = match read_line(questions, &mut text) {
            Ok(Some(is_whole)) => is_whole,
            Ok(None) => return (lines, End::Reached),
            Err(error) => return (lines, End::Unread(error)),
        };
        if !text.trim_ascii().is_empty() {
            size += text.len();
            lines.push(Line { number: *number, text, is_whole });
        }
        if lines.len() >= MOST_TOGETHER || size >= MOST_SIZE || !questions.buffer().contains(&b'\n') {
            return (lines, End::None);
        }
    }
}

/// An answer as it is written.
struct Answered {
    text: Vec<u8>,
    is_compatible: bool,
    /// Why the line is no question, if it is none.
    wrong: Option<String>,
}

impl Line {
    fn answered(&self, known: &Known) -> Answered {
        let line = self.text.trim_ascii();
        let answer = if self.is_whole { answer(line, known) } else { Err(NoQuestion::too_long(line)) };
        let (answer, wrong) = match answer {
            Ok(answer) => (answer, None),
            Err(NoQuestion { id, why }) => (Answer::invalid(id, why.clone()), Some(why)),
        };
        // What is made of strings and lists alone can be written to a list.
        let mut text = serde_json::to_vec(&answer).unwrap_or_default();
        text.push(b'\n');
        Answered { text, is_compatible: answer.compatible, wrong }
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

fn answer<'l>(line: &'l [u8], known: &Known) -> Result<Answer<'l>, NoQuestion<'l>> {
    let (id, question) = question::read(line);
    let question = match question {
        Ok(question) => question,
        Err(why) => return Err(NoQuestion { id, why }),
    };
    Ok(match compare(&question, known) {
        Err(wrong) => Answer { help: wrong.error.help.clone(), ..Answer::invalid(id, wrong.told()) },
        Ok(incompatibilities) => Answer {
            id,
            valid: true,
            compatible: incompatibilities.is_empty(),
            incompatibilities,
            error: None,
            help: None,
        },
    })
}

impl<'l> Answer<'l> {
    fn invalid(id: Option<&'l RawValue>, error: String) -> Self {
        Self { id, valid: false, compatible: false, incompatibilities: Vec::new(), error: Some(error), help: None }
    }
}

/// A text of a question that is no schema.
struct Wrong<'q> {
    /// The member that has it.
    member: String,
    text: &'q str,
    error: Box<SchemaError>,
    /// What it was read with.
    references: Vec<Given<'q>>,
}

/// A reference, and where the question has it.
#[derive(Clone)]
struct Given<'q> {
    name: &'q str,
    text: &'q str,
    member: String,
}

impl Wrong<'_> {
    /// Which text it is, where in it, and what is wrong.
    fn told(&self) -> String {
        let of_reference = self.error.reference.as_ref().and_then(|wrong| {
            let given = self.references.iter().find(|given| given.name == wrong)?;
            Some((format!("`{}` (`{wrong}`)", given.member), given.text))
        });
        let (member, text) = of_reference.unwrap_or_else(|| (format!("`{}`", self.member), self.text));
        let at = self.error.range.as_ref().map(|range| {
            let mut sources = Sources::default();
            let file = sources.add("", text);
            let place = sources.place(Span::new(file, range.start, range.end));
            format!(" at {}:{}", place.line, place.column)
        });
        format!("{member}{}: {}", at.unwrap_or_default(), self.error)
    }
}

/// References with others in the place of those that have their names; those of other names come before all.
fn over<'q>(all: &[Given<'q>], instead: &'q [Reference], member: &str) -> Vec<Given<'q>> {
    let given =
        |(index, (name, text)): (usize, &'q Reference)| Given { name, text, member: format!("{member}[{index}]") };
    let instead: Vec<Given<'q>> = instead.iter().enumerate().map(given).collect();
    let added = instead.iter().filter(|given| !all.iter().any(|known| known.name == given.name));
    let kept = all.iter().map(|known| instead.iter().find(|given| given.name == known.name).unwrap_or(known));
    added.chain(kept).cloned().collect()
}

/// The text of an earlier version, what it alone refers to, and the member that has it.
type Version<'q> = (&'q str, &'q [Reference], String);

/// What breaks, or which text is no schema.
fn compare<'q>(question: &'q Question, known: &Known) -> Result<Vec<Broken>, Wrong<'q>> {
    // A pair goes by the format's own implementation, a history by the registry that keeps it.
    let (previous, reading): (Vec<Version<'_>>, Reading) = match &question.before {
        Before::Old(old) => (vec![(old, &[], "old".to_owned())], Reading::LikeReference),
        Before::Previous(previous) => {
            let previous = previous.iter().enumerate();
            let previous = previous.map(|(at, one)| (&*one.text, &*one.references, format!("previous[{at}]")));
            (previous.collect(), Reading::Registered)
        }
    };
    let now = over(&[], &question.references, "references");
    let before = over(&now, &question.old_references, "old_references");
    let skipped = previous.len() - compared(question.level, previous.len());
    let read = |text: &str, member: &str, given: &[Given<'_>]| {
        // As of a file: `protoc` reads past the mark that some editors write.
        let text = match question.format {
            SchemaFormat::Protobuf => text.strip_prefix('\u{feff}').unwrap_or(text),
            SchemaFormat::Avro | SchemaFormat::Json => text,
        };
        let references: Vec<_> = given.iter().map(|to| ResolvedReference { name: to.name, text: to.text }).collect();
        let read = match (&*references, reading) {
            ([], _) => known.read(question.format, reading, text),
            (references, Reading::LikeReference) => owned(parse_like_reference(question.format, text, references)),
            (references, Reading::Registered) => owned(parse_registered(question.format, text, references)),
        };
        read.map_err(|error| (member.to_owned(), error))
    };
    let wrong = |text, given: &[Given<'q>], (member, error)| Wrong { member, text, error, references: given.to_vec() };
    let mut old = Vec::with_capacity(previous.len() - skipped);
    for (text, own, member) in &previous[skipped..] {
        let given = over(&before, own, &format!("{member}.references"));
        old.push(read(text, member, &given).map_err(|error| wrong(text, &given, error))?);
    }
    let new = read(&question.new, "new", &now).map_err(|error| wrong(&question.new, &now, error))?;
    let broken = conflicts(question.level, &new, &old).into_iter().flat_map(|conflict| {
        let direction = match conflict.direction {
            Direction::Backward => "backward",
            Direction::Forward => "forward",
        };
        let version = skipped + conflict.version + 1;
        conflict.incompatibilities.into_iter().map(move |found| Broken {
            direction,
            version,
            code: found.code,
            path: found.path,
            message: elided(&found.message, LONGEST_MESSAGE).into_owned(),
            help: found.help,
        })
    });
    Ok(broken.collect())
}

fn owned(parsed: Result<ParsedSchema, SchemaError>) -> Read {
    parsed.map(Arc::new).map_err(Box::new)
}
