//! An expression of a rule: read and typed once, evaluated for each resource.

use std::sync::Arc;

use cel::common::ast::Expr;
use cel::common::types::{CelBool, CelDouble, CelInt, CelString};
use cel::common::value::CowVal;
use cel::{Context, Env, Value};

use super::item::{Fields, Record};
use super::program::{Program, Purpose, failure, written};
use super::shape::{Holds, Shape};
use super::typing::{Problem, Type, Typing};
use super::value::RecordValue;
use crate::model::{Bytes, Duration};

/// An expression that is ready to be evaluated.
#[derive(Debug)]
pub(super) struct Expression {
    program: Program,
    /// What it yields.
    pub of: Type,
    /// The fields that it uses, in its order.
    pub used: Vec<(&'static Shape, usize)>,
    /// What it measures, where it is a field as it is.
    unit: Option<Holds>,
}

/// What an expression yields for a resource.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Answer {
    Bool(bool),
    /// Anything else, in words.
    Text(String),
}

impl Expression {
    /// Reads an expression over the variables that these shapes name.
    pub fn compile(text: &str, given: &[&'static Shape]) -> Result<Self, Vec<Problem>> {
        let (written, info) = written(text, Purpose::Rule)?;
        let mut typing = Typing::new(text, &info, given);
        let of = typing.of(&written);
        if !typing.problems.is_empty() {
            return Err(typing.problems);
        }
        let used = typing.used;
        let is_field = matches!(written.expr, Expr::Select(_));
        let unit = used.last().filter(|_| is_field).map(|(shape, index)| shape.fields[*index].holds);
        Ok(Self { program: Program::of(text, Purpose::Rule)?, of, used, unit })
    }

    /// The fields of one kind of record that it uses.
    pub fn fields_of(&self, shape: &'static Shape) -> Fields {
        let mut fields = Fields::NONE;
        self.used.iter().filter(|(of, _)| *of == shape).for_each(|(_, index)| fields.add(*index));
        fields
    }

    /// Evaluates it; the error says in words why it yields nothing.
    pub fn evaluate<'v>(&'v self, env: &Arc<Env>, variables: &[&'v Record<'v>]) -> Result<Answer, String> {
        let mut context = Context::with_env(env.clone());
        for record in variables {
            context.add_variable_as_val(record.shape.name, Box::new(RecordValue(record)));
        }
        let declared = self.program.declare(&mut context);
        declared.map_err(|error| error.to_string())?;
        let value = Value::resolve_val(&self.program.node, &context).map_err(|error| failure(&error))?;
        Ok(match value.downcast_ref::<CelBool>() {
            Some(value) => Answer::Bool(*value.inner()),
            None => Answer::Text(self.words(&value)),
        })
    }

    /// A value as it stands in a message: a length of time or a size in units.
    fn words(&self, value: &CowVal<'_, '_>) -> String {
        if let Some(text) = value.downcast_ref::<CelString>() {
            text.inner().to_owned()
        } else if let Some(number) = value.downcast_ref::<CelInt>() {
            match self.unit {
                Some(Holds::Millis) => Duration(*number.inner()).to_string(),
                Some(Holds::Bytes) => Bytes(*number.inner()).to_string(),
                _ => number.inner().to_string(),
            }
        } else if let Some(number) = value.downcast_ref::<CelDouble>() {
            number.inner().to_string()
        } else {
            // Nothing else stands in a message.
            "…".to_owned()
        }
    }
}
