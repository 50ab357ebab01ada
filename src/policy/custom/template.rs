//! Messages with expressions in braces.

use std::sync::Arc;

use cel::Env;

use super::expression::{Answer, Expression};
use super::item::Record;
use super::shape::Shape;
use super::typing::Problem;

/// A message that is ready to be filled in.
#[derive(Debug)]
pub(super) struct Template {
    pieces: Vec<Piece>,
}

#[derive(Debug)]
enum Piece {
    Text(String),
    /// An expression, and how it is written.
    Filled(Expression, String),
}

impl Template {
    /// Reads a message. `{{` and `}}` stand for braces.
    pub fn compile(text: &str, given: &[&'static Shape]) -> Result<Self, Vec<Problem>> {
        let mut pieces = Vec::new();
        let mut problems = Vec::new();
        let mut plain = String::new();
        let mut at = 0;
        while let Some(c) = text[at..].chars().next() {
            let next = at + c.len_utf8();
            match c {
                '{' | '}' if text[next..].starts_with(c) => {
                    plain.push(c);
                    at = next + 1;
                }
                '{' => {
                    let Some(length) = end_of(&text[next..]) else {
                        problems.push(Problem {
                            range: at..text.len(),
                            message: "a `{` without its `}`".into(),
                            help: Some("write an expression in braces, or `{{` for a brace".into()),
                        });
                        break;
                    };
                    let written = &text[next..next + length];
                    match Expression::compile(written, given) {
                        Ok(expression) if expression.of.is_scalar() => {
                            pieces.push(Piece::Text(std::mem::take(&mut plain)));
                            pieces.push(Piece::Filled(expression, written.trim().to_owned()));
                        }
                        Ok(expression) => problems.push(Problem {
                            range: next..next + length,
                            message: format!("{} does not stand in a sentence", expression.of.words()),
                            help: Some("show its size(…), one of its items, or a list of texts by .join(', ')".into()),
                        }),
                        Err(found) => problems.extend(found.into_iter().map(|problem| Problem {
                            range: next + problem.range.start..next + problem.range.end,
                            ..problem
                        })),
                    }
                    at = next + length + 1;
                }
                c => {
                    plain.push(c);
                    at = next;
                }
            }
        }
        pieces.push(Piece::Text(plain));
        if problems.is_empty() { Ok(Self { pieces }) } else { Err(problems) }
    }

    /// The expressions in it.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Filled(expression, _) => Some(expression),
            Piece::Text(_) => None,
        })
    }

    /// Fills it in. What cannot be told stands as it is written: the finding is worth more than its number.
    pub fn fill<'v>(&'v self, env: &Arc<Env>, variables: &[&'v Record<'v>]) -> String {
        let mut filled = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Filled(expression, written) => match expression.evaluate(env, variables) {
                    Ok(Answer::Text(text)) => filled.push_str(&text),
                    Ok(Answer::Bool(value)) => filled.push_str(if value { "true" } else { "false" }),
                    Err(_) => {
                        filled.push('{');
                        filled.push_str(written);
                        filled.push('}');
                    }
                },
            }
        }
        filled
    }
}

/// Where the brace of an expression closes: braces in quotes, and those of mappings, belong to it.
fn end_of(text: &str) -> Option<usize> {
    let mut quote = None;
    let mut open = 0;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(known), c) if c == known => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '{') => open += 1,
            (None, '}') if open == 0 => return Some(at),
            (None, '}') => open -= 1,
            (None, _) => {}
        }
    }
    None
}
