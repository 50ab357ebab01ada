//! Expressions over values whose fields nobody declares, such as what records hold.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use cel::common::types::{CelBool, CelDouble, CelInt, CelList, CelMap, CelMapKey, CelNull, CelString, CelUInt};
use cel::common::value::Val;
use cel::{Context, Env, ExecutionError, Value as CelValue, objects};

use super::program::{Program, Purpose, environment, failure, written};
use super::typing::{Open, Problem, Type, Typing};
use crate::schema::text::{Json, Member, Value, read};

/// An expression that is ready to be evaluated.
pub struct OpenExpression {
    text: String,
    program: Program,
    env: Arc<Env>,
    used: BTreeSet<&'static str>,
    of: Type,
}

/// Why a text is no expression over these values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.told())]
pub struct ExpressionError {
    /// The line, from 1 on.
    pub line: usize,
    /// The column in it, from 1 on, in characters.
    pub column: usize,
    /// One sentence without a full stop.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl ExpressionError {
    fn told(&self) -> String {
        let place = match self.line {
            1 => format!("column {}", self.column),
            line => format!("line {line}, column {}", self.column),
        };
        let help = self.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
        format!("{place}: {}{help}", self.message)
    }

    fn of(text: &str, problems: Vec<Problem>) -> Self {
        let first = problems.into_iter().min_by_key(|problem| problem.range.start);
        let first = first.unwrap_or(Problem { range: 0..0, message: "not an expression".into(), help: None });
        let before = &text[..text.floor_char_boundary(first.range.start)];
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Self { line: before.matches('\n').count() + 1, column, message: first.message, help: first.help }
    }
}

impl fmt::Debug for OpenExpression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OpenExpression").field(&self.text).finish()
    }
}

impl OpenExpression {
    /// Reads an expression over these variables.
    ///
    /// # Errors
    /// The first thing that is wrong with it, and where.
    pub fn compile(text: &str, variables: &'static [Open]) -> Result<Self, ExpressionError> {
        let failed = |problems| ExpressionError::of(text, problems);
        let (node, info) = written(text, Purpose::Values).map_err(failed)?;
        let mut typing = Typing::open(text, &info, variables);
        let of = typing.of(&node);
        if !typing.problems.is_empty() {
            return Err(failed(typing.problems));
        }
        let used = typing.used_open;
        let program = Program::of(text, Purpose::Values).map_err(failed)?;
        Ok(Self { text: text.to_owned(), program, env: environment(), used, of })
    }

    /// The same for one that is true or false.
    ///
    /// # Errors
    /// The same, and that it is something else.
    pub fn condition(text: &str, variables: &'static [Open]) -> Result<Self, ExpressionError> {
        let expression = Self::compile(text, variables)?;
        if matches!(expression.of, Type::Bool | Type::Any) {
            return Ok(expression);
        }
        let message = format!("this is {}; a condition is true or false", expression.of.words());
        Err(ExpressionError { line: 1, column: 1, message, help: None })
    }

    /// What was read.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it asks for a variable.
    pub fn uses(&self, name: &str) -> bool {
        self.used.contains(name)
    }

    /// Evaluates it. `value_of` is asked for each variable that it uses. What it makes has its members in the order of `like`,
    /// where that has them too.
    ///
    /// # Errors
    /// Why it yields nothing, in words without any value.
    pub fn evaluate(
        &self,
        values: &[(&'static str, Json<'_>)],
        like: Option<&Json<'_>>,
    ) -> Result<Json<'static>, String> {
        let mut context = Context::with_env(self.env.clone());
        for (name, value) in values {
            context.add_variable_as_val(*name, to_val(value));
        }
        self.program.declare(&mut context).map_err(|error| error.to_string())?;
        let failed = |error| without_values(&error, &self.text);
        let value = CelValue::resolve_val(&self.program.node, &context).map_err(failed)?;
        let value = CelValue::try_from(&*value).map_err(failed)?;
        let mut text = String::new();
        write(&value, like, &mut text)?;
        read(&text).map(Json::into_owned).map_err(|error| error.message)
    }
}

/// Why an evaluation yields nothing. What records hold may be nobody's business.
fn without_values(error: &ExecutionError, expression: &str) -> String {
    match error {
        // What stands in brackets may be made of values.
        ExecutionError::NoSuchKey(key) if !is_written(expression, key) => {
            "what it asks an object or a map for is not there; ask with … in … first".to_owned()
        }
        ExecutionError::NoSuchKey(_)
        | ExecutionError::IndexOutOfBounds(_)
        | ExecutionError::DivisionByZero(_)
        | ExecutionError::RemainderByZero(_)
        | ExecutionError::Overflow(..) => failure(error),
        ExecutionError::FunctionError { function, message } if function.starts_with('@') => message.clone(),
        ExecutionError::FunctionError { function, .. } => format!("{function}(…) makes nothing of what it is given"),
        _ => "it has to do with values that do not go together; ask with has(…) or type by type first".to_owned(),
    }
}

/// Whether a key stands in an expression, as a name or as a whole text.
fn is_written(expression: &str, key: &str) -> bool {
    let mut names = expression.split(|c: char| !c.is_alphanumeric() && c != '_');
    names.any(|name| name == key)
        || ['\'', '"'].iter().any(|quote| expression.contains(&format!("{quote}{key}{quote}")))
}

fn to_val<'v>(json: &'v Json<'_>) -> Box<dyn Val + 'v> {
    match &json.value {
        Value::Null => Box::new(CelNull),
        Value::Bool(value) => Box::new(CelBool::from(*value)),
        Value::Number(digits) => match (digits.parse::<i64>(), digits.parse::<u64>(), digits.parse::<f64>()) {
            (Ok(number), ..) => Box::new(CelInt::from(number)),
            (_, Ok(number), _) => Box::new(CelUInt::from(number)),
            (_, _, number) => Box::new(CelDouble::from(number.unwrap_or(f64::NAN))),
        },
        Value::String(text) => Box::new(CelString::from(&**text)),
        Value::Array(items) => Box::new(CelList::from(items.iter().map(to_val).collect::<Vec<_>>())),
        Value::Object(members) => {
            let member = |member: &'v Member<'_>| (CelMapKey::from(&*member.key), to_val(&member.value));
            Box::new(CelMap::from(members.iter().map(member).collect::<std::collections::HashMap<_, _>>()))
        }
    }
}

fn write(value: &CelValue, like: Option<&Json<'_>>, out: &mut String) -> Result<(), String> {
    use crate::schema::text::write_string;
    match value {
        CelValue::Null => out.push_str("null"),
        CelValue::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        CelValue::Int(number) => out.push_str(&number.to_string()),
        CelValue::UInt(number) => out.push_str(&number.to_string()),
        CelValue::Float(number) if number.is_finite() => out.push_str(&format!("{number:?}")),
        // As the encodings of records in JSON have it.
        CelValue::Float(number) if number.is_nan() => out.push_str("\"NaN\""),
        CelValue::Float(number) => out.push_str(if *number > 0.0 { "\"Infinity\"" } else { "\"-Infinity\"" }),
        CelValue::String(text) => write_string(out, text),
        CelValue::List(items) => {
            let likes = like.and_then(Json::as_array).unwrap_or_default();
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                write(item, likes.get(index), out)?;
            }
            out.push(']');
        }
        CelValue::Map(map) => {
            let likes = like.and_then(Json::as_object).unwrap_or_default();
            let place = |name: &str| likes.iter().position(|member| member.key == name).unwrap_or(usize::MAX);
            let mut members = Vec::with_capacity(map.map.len());
            for (key, value) in map.map.iter() {
                let objects::Key::String(name) = key else {
                    return Err("the names of an object's members are texts".to_owned());
                };
                members.push((place(name), name, value));
            }
            members.sort_by_key(|(place, name, _)| (*place, *name));
            out.push('{');
            for (index, (place, name, value)) in members.into_iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                write_string(out, name);
                out.push(':');
                write(value, likes.get(place).map(|member| &member.value), out)?;
            }
            out.push('}');
        }
        _ => return Err("it yields something that is no value of a record".to_owned()),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::custom::Holds;

    static VARIABLES: &[Open] = &[
        Open { name: "value", holds: None, fields: &[] },
        Open { name: "partition", holds: Some(Holds::Int), fields: &[] },
        Open { name: "origin", holds: None, fields: &["topic", "partition"] },
    ];

    fn of(text: &str, value: &str) -> Result<String, String> {
        let expression = OpenExpression::compile(text, VARIABLES).map_err(|error| error.to_string())?;
        let value = read(value).expect("JSON");
        let origin = read(r#"{"topic": "t", "partition": null}"#).expect("JSON");
        let partition = read("3").expect("JSON");
        let values = [("value", value.clone()), ("partition", partition), ("origin", origin)];
        expression.evaluate(&values, Some(&value)).map(|json| json.to_string())
    }

    #[test]
    fn values_of_any_form_are_asked() {
        let value = r#"{"id": 7, "price": 1.5, "big": 18446744073709551615, "tags": ["a", {"b": null}], "note": null}"#;
        for text in [
            "value.id == 7 && value.price > 1 && value.note == null",
            "value.tags.exists(x, x == 'a') && value.tags[1].b == null",
            "has(value.note) && !has(value.nothing)",
            "'id' in value && size(value.tags) == 2",
            "partition == 3 && origin.topic == 't' && origin.partition == null",
            "string(value.id).matches('^7$') && value.big > 5",
        ] {
            assert_eq!(of(text, value).as_deref(), Ok("true"), "{text}");
        }
        assert_eq!(
            of("value.nothing.x == 1", value),
            Err("`nothing` is not there; ask with has(…) first, of a map with 'nothing' in …".into())
        );
        let made = of("{'x': 1}[value.tags[0]] == 1", value).expect_err("no such key");
        assert_eq!(made, "what it asks an object or a map for is not there; ask with … in … first");
        let written = of("value['no price'] == 1", value).expect_err("no such key");
        assert!(written.starts_with("`no price` is not there"), "{written}");
        let mixed = of("value.tags > 3", value).expect_err("no order");
        assert!(!mixed.contains("a\""), "{mixed}");
        assert_eq!(of("int(value.tags[0])", value), Err("int(…) makes nothing of what it is given".into()));
    }

    #[test]
    fn values_are_changed() {
        let value = r#"{"id": "a", "address": {"zip": "1", "city": "x"}, "n": 1.0}"#;
        let changed = of("value.with({'address': value.address.with({'zip': '02'}), 'at': [1, {'x': null}]})", value);
        assert_eq!(
            changed.as_deref(),
            Ok(r#"{"id": "a", "address": {"zip": "02", "city": "x"}, "n": 1.0, "at": [1, {"x": null}]}"#)
        );
        assert_eq!(of("value.without(['n', 'address', 'none'])", value).as_deref(), Ok(r#"{"id": "a"}"#));
        assert_eq!(of("{'b': value.id, 'a': double(2)}", value).as_deref(), Ok(r#"{"a": 2.0, "b": "a"}"#));
        let none = of("value.id.with({})", value).expect_err("no object");
        assert!(none.starts_with("with(…) changes an object"), "{none}");
    }

    #[test]
    fn errors_say_where_and_what_there_is() {
        let error = |text: &str| of(text, "{}").expect_err(text);
        assert_eq!(error("partition == 3 && valeu.x"), "column 19: there is no `valeu`; did you mean `value`?");
        assert_eq!(error("zzz"), "column 1: there is no `zzz`; known here: value, partition, origin");
        assert_eq!(error("origin.topc == 'x'"), "column 8: `origin` has no `topc`; did you mean `topic`?");
        assert_eq!(
            error("partition == '3'"),
            "column 11: a whole number is not compared with a text; lengths of time and sizes are numbers: write duration('30d'), byte_size('2MiB')"
        );
        assert!(error("value.x ==").starts_with("column "));
        assert!(error("value.foo(1)").contains("there is no function `foo`"));
        let condition = OpenExpression::condition("partition", VARIABLES).map(drop).expect_err("a number");
        assert_eq!(condition.to_string(), "column 1: this is a whole number; a condition is true or false");
    }
}
