use std::io::{self, BufRead, IsTerminal, Write};

use crate::cli::error::CommandError;
use crate::render::printable;
use crate::resources::scaffold::NoScaffold;
use crate::source::closest;

/// Asks for what the command line does not say: on a terminal its user; elsewhere nobody, so that what is missing is told.
pub struct Ask {
    is_terminal: bool,
    missing: Vec<&'static str>,
}

/// A question.
pub struct Question<'a> {
    /// The option that answers it, as people write it: `--class CLASS`.
    pub option: &'static str,
    /// What is asked.
    pub text: &'a str,
    /// What may be answered; anything where it is empty.
    pub among: Vec<&'a str>,
    /// What an empty answer means; `None` where there must be one.
    pub default: Option<&'a str>,
    /// Says why an answer, or an item of a list, is none, so that it is asked for again and not lost with all others.
    pub check: Option<&'a Check<'a>>,
}

/// Whether something may be answered.
pub type Check<'a> = dyn Fn(&str) -> Result<(), NoScaffold> + 'a;

impl<'a> Question<'a> {
    /// A question that anything answers.
    pub fn open(option: &'static str, text: &'a str) -> Self {
        Self { option, text, among: Vec::new(), default: None, check: None }
    }

    /// A question that one of these answers.
    pub fn among(option: &'static str, text: &'a str, among: impl IntoIterator<Item = &'a str>) -> Self {
        Self { among: among.into_iter().collect(), ..Self::open(option, text) }
    }

    /// What an empty answer means.
    pub fn or(self, default: &'a str) -> Self {
        Self { default: Some(default), ..self }
    }

    /// What may be answered, beyond being one line.
    pub fn checked(self, check: &'a Check<'a>) -> Self {
        Self { check: Some(check), ..self }
    }

    /// Why an answer is none.
    fn objection(&self, items: &[&str]) -> Option<String> {
        let objection = items.iter().find_map(|item| (self.check?)(item).err())?;
        Some(format!("{}: {}", objection.message, objection.help))
    }
}

impl Ask {
    /// Looks whether there is somebody to ask.
    pub fn new() -> Self {
        Self { is_terminal: io::stdin().is_terminal() && io::stderr().is_terminal(), missing: Vec::new() }
    }

    /// What was given, or else the answer.
    pub fn text(&mut self, given: Option<&String>, question: &Question<'_>) -> Result<String, CommandError> {
        match (given, question.default) {
            (Some(given), _) => {
                let given = one_line(given).map(str::to_owned).map_err(|why| {
                    let option = question.option.split(' ').next().unwrap_or_default();
                    CommandError::usage(format!("{option}: {why}"))
                })?;
                self.check(question, &[&given])?;
                Ok(given)
            }
            (None, Some(default)) if !self.is_terminal => Ok(default.to_owned()),
            (None, _) => self.answer(question, |answer| vec![answer]),
        }
    }

    /// The same of a list; answers are parted by commas.
    pub fn list(&mut self, given: &[String], question: &Question<'_>) -> Result<Vec<String>, CommandError> {
        if !given.is_empty() {
            self.check(question, &given.iter().map(String::as_str).collect::<Vec<_>>())?;
            return Ok(given.to_vec());
        }
        let answer = match question.default {
            Some(default) if !self.is_terminal => default.to_owned(),
            _ => self.answer(question, items)?,
        };
        Ok(items(&answer).into_iter().map(str::to_owned).collect())
    }

    /// Refuses what was given before anybody is asked for more. Where nobody is asked all of it is looked at in the end.
    fn check(&self, question: &Question<'_>, given: &[&str]) -> Result<(), CommandError> {
        match question.check.filter(|_| self.is_terminal) {
            Some(check) => Ok(given.iter().try_for_each(|item| check(item))?),
            None => Ok(()),
        }
    }

    /// Says what nobody gave and nobody could be asked for.
    pub fn finish(&self) -> Result<(), CommandError> {
        match self.missing.as_slice() {
            [] => Ok(()),
            missing => Err(CommandError::usage(format!("nobody can be asked: give {}", missing.join(", ")))
                .hint("in front of a terminal busctl asks for what is missing")),
        }
    }

    fn answer(&mut self, question: &Question<'_>, parts: impl Fn(&str) -> Vec<&str>) -> Result<String, CommandError> {
        if !self.is_terminal {
            self.missing.push(question.option);
            return Ok(String::new());
        }
        let among = match question.among.as_slice() {
            [] => String::new(),
            among => format!(" ({})", among.join(", ")),
        };
        let default = match question.default {
            None => String::new(),
            Some("") => " [none]".to_owned(),
            Some(default) => format!(" [{default}]"),
        };
        loop {
            let asked = format!("{}{among}{default}", question.text);
            let colon = if asked.ends_with('?') { "" } else { ":" };
            eprint!("{}{colon} ", printable(&asked));
            io::stderr().flush().ok();
            let mut answer = String::new();
            match io::stdin().lock().read_line(&mut answer) {
                Ok(1..) => {}
                Ok(0) => return Err(CommandError::interrupted("no answer: nothing was written")),
                Err(error) => return Err(CommandError::system(format!("could not read the answer: {error}"))),
            }
            let wrong = match (answer.trim(), question.default) {
                ("", Some(default)) => return Ok(default.to_owned()),
                ("", None) => "say something, or stop with Ctrl-C".to_owned(),
                (answer, _) => match one_line(answer) {
                    Ok(answer) if question.among.is_empty() || question.among.contains(&answer) => {
                        match question.objection(&parts(answer)) {
                            None => return Ok(answer.to_owned()),
                            Some(why) => why,
                        }
                    }
                    Ok(answer) => match closest(answer, question.among.iter().copied()) {
                        Some(meant) => format!("did you mean `{meant}`?"),
                        None => "take one of those in brackets".to_owned(),
                    },
                    Err(why) => why.to_owned(),
                },
            };
            eprintln!("  {}", printable(&wrong));
        }
    }
}

/// The items of an answer, which are parted by commas.
fn items(answer: &str) -> Vec<&str> {
    answer.split(',').map(str::trim).filter(|item| !item.is_empty()).collect()
}

/// What a manifest can say in one line.
fn one_line(text: &str) -> Result<&str, &'static str> {
    match text.trim() {
        "" => Err("it says nothing"),
        text if text.contains(char::is_control) => Err("it must be one line, without control characters"),
        text => Ok(text),
    }
}
