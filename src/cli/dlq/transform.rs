use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::queue::OpenQueue;
use crate::cli::error::CommandError;
use crate::dlq::VARIABLES;
use crate::dlq::settle::Repair;
use crate::policy::custom::{ExpressionError, OpenExpression};

/// An expression that makes values anew.
pub struct Transform {
    text: String,
    /// The file that it is in.
    file: Option<PathBuf>,
}

/// The largest file that is read for one, in bytes.
const LARGEST: u64 = 1 << 20;

/// The expression of `--transform`: that of a file, where there is one of this name or the name says that it is meant.
pub fn expression(given: &str) -> Result<Transform, CommandError> {
    let path = Path::new(given);
    let is_file = path.is_file();
    let looks_like_one = path.extension().is_some_and(|extension| extension == "cel");
    if !is_file && !looks_like_one {
        let transform = Transform { text: given.to_owned(), file: None };
        return transform.checked();
    }
    let failed = |error: io::Error| {
        CommandError::usage(format!("--transform: could not read {}: {error}", path.display()))
            .hint("name a file with an expression in it, or write the expression itself")
    };
    let file = File::open(path).map_err(failed)?;
    let mut text = String::new();
    file.take(LARGEST).read_to_string(&mut text).map_err(failed)?;
    Transform { text: text.trim_end().to_owned(), file: Some(path.to_owned()) }.checked()
}

impl Transform {
    /// The same, where it can be read.
    fn checked(self) -> Result<Self, CommandError> {
        match OpenExpression::compile(&self.text, VARIABLES) {
            Ok(_) => Ok(self),
            Err(error) => Err(self.wrong(&error)),
        }
    }

    fn wrong(&self, error: &ExpressionError) -> CommandError {
        match &self.file {
            Some(file) => CommandError::usage(format!(
                "--transform {}:{}:{}: {}",
                file.display(),
                error.line,
                error.column,
                error.message
            ))
            .hint(error.help.clone().unwrap_or_else(|| "docs/dlq.md shows how expressions are written".to_owned())),
            None => CommandError::usage(format!("--transform: {error}"))
                .hint("there is no file of that name, so it is taken for the expression itself"),
        }
    }

    /// What makes values of this queue anew.
    pub fn repair(&self, open: &OpenQueue) -> Result<Repair, CommandError> {
        Repair::new(&self.text, open.decoder.clone()).map_err(|error| self.wrong(&error))
    }
}
