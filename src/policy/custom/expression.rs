//! An expression in CEL: read and typed once, evaluated for each resource.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use cel::common::ast::{CallExpr, EntryExpr, Expr, IdedExpr, LiteralValue, operators};
use cel::common::types::{CelBool, CelDouble, CelInt, CelString};
use cel::common::value::CowVal;
use cel::functions::FunctionContext;
use cel::{Context, Env, ExecutionError, Value};
use regex::Regex;

use super::item::{Fields, Record};
use super::shape::{Holds, Shape};
use super::typing::{Problem, Type, Typing, text_of};
use super::value::{PRESENCE, RecordValue};
use crate::model::{Bytes, Duration};

/// The longest expression, in bytes. The parser takes each operator inside the one before it.
const MAX_TEXT: usize = 2_000;
/// Brackets inside each other.
const MAX_BRACKETS: u16 = 24;
/// Operators inside each other.
const MAX_DEPTH: usize = 64;
/// What one evaluation may cost: items that its loops look at, and sixteenths of the bytes of texts that they put together.
/// Without it, a loop in a loop in a loop over a few hundred consumers would take minutes.
const MAX_COST: u64 = 50_000;
/// The longest regular expression once it is compiled, in bytes.
const MAX_PATTERN: usize = 1 << 20;

/// Functions that stand in the compiled expression alone; no manifest can name them.
const SPEND: &str = "@spend";
const MATCHES: &str = "@matches";
const JOIN: &str = "@join";

/// An expression that is ready to be evaluated.
#[derive(Debug)]
pub(super) struct Expression {
    program: IdedExpr,
    patterns: Arc<[Regex]>,
    loops: bool,
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
        let whole = |message: String, help: Option<&str>| {
            vec![Problem { range: 0..text.len(), message, help: help.map(str::to_owned) }]
        };
        if text.len() > MAX_TEXT {
            let message = format!("an expression of {} bytes is longer than {MAX_TEXT}", text.len());
            return Err(whole(message, Some("make several rules of it")));
        }
        let without_macros = Env::default().with_optional_support(false).with_stdlib();
        let parser = || without_macros.parser().max_recursion_depth(MAX_BRACKETS);
        let (written, info) = parser().parse_with_source_info(text).map_err(|errors| syntax(text, errors))?;
        if depth(&written) > MAX_DEPTH {
            let message = format!("more than {MAX_DEPTH} operators stand inside each other");
            return Err(whole(message, Some("make several rules of it")));
        }
        let mut typing = Typing::new(text, &info, given);
        let of = typing.of(&written);
        if !typing.problems.is_empty() {
            return Err(typing.problems);
        }
        let used = typing.used;
        let is_field = matches!(written.expr, Expr::Select(_));
        let unit = used.last().filter(|_| is_field).map(|(shape, index)| shape.fields[*index].holds);
        // Macros are unfolded only now: what is found fault with is what people wrote.
        let parser = Env::stdlib().with_optional_support(false).parser().max_recursion_depth(MAX_BRACKETS);
        let mut program = parser.parse(text).map_err(|errors| syntax(text, errors))?;
        let mut rewriting = Rewriting::default();
        rewriting.rewrite(&mut program, false);
        Ok(Self { program, patterns: rewriting.patterns.into(), loops: rewriting.loops, of, used, unit })
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
        let declared = self.declare(&mut context);
        declared.map_err(|error| error.to_string())?;
        let value = Value::resolve_val(&self.program, &context).map_err(|error| failure(&error))?;
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

    fn declare(&self, context: &mut Context<'_, '_>) -> Result<(), cel::DeclarationError> {
        if self.loops {
            let cost = Arc::new(Cost::default());
            let joined = cost.clone();
            context.add_function(SPEND, function(move |call| spend(call, &cost)))?;
            context.add_function(JOIN, function(move |call| join(call, &joined)))?;
        }
        if !self.patterns.is_empty() {
            let patterns = self.patterns.clone();
            context.add_function(MATCHES, function(move |call| matches(call, &patterns)))?;
        }
        Ok(())
    }
}

/// The functions that expressions know, to be made once.
pub(super) fn environment() -> Arc<Env> {
    Arc::new(Env::stdlib().with_optional_support(false))
}

type Called<'c, 'v> = Result<CowVal<'c, 'v>, ExecutionError>;

type Function =
    Box<dyn for<'c, 'v> Fn(&mut FunctionContext<'c, 'v>) -> Result<CowVal<'c, 'v>, ExecutionError> + Send + Sync>;

/// Tells the compiler that the closure is for every lifetime.
fn function<F>(f: F) -> Function
where
    F: for<'c, 'v> Fn(&mut FunctionContext<'c, 'v>) -> Called<'c, 'v> + Send + Sync + 'static,
{
    Box::new(f)
}

/// What an evaluation has cost so far.
#[derive(Default)]
struct Cost(AtomicU64);

impl Cost {
    fn pay(&self, call: &FunctionContext<'_, '_>, price: u64) -> Result<(), ExecutionError> {
        // Nobody else counts here.
        if self.0.fetch_add(price, Ordering::Relaxed) + price > MAX_COST {
            return Err(call.error(format!("its loops look at more than {MAX_COST} items")));
        }
        Ok(())
    }
}

/// What a text costs that is put together.
fn price_of_text(bytes: usize) -> u64 {
    1 + bytes as u64 / 16
}

/// Pays for a value that a loop goes over or puts together, and hands it on.
fn spend<'c, 'v>(call: &mut FunctionContext<'c, 'v>, cost: &Cost) -> Called<'c, 'v> {
    let value = call.args.pop().ok_or(ExecutionError::MissingArgumentOrTarget)?;
    let price = match (value.as_sizer(), value.downcast_ref::<CelString>()) {
        (_, Some(text)) => price_of_text(text.inner().len()),
        (Some(sized), None) => 1 + u64::try_from(*sized.size().inner()).unwrap_or(0),
        (None, None) => 1,
    };
    cost.pay(call, price)?;
    Ok(value)
}

/// The texts of a list as one, with another between them. It is paid for before it is made.
fn join<'c, 'v>(call: &mut FunctionContext<'c, 'v>, cost: &Cost) -> Called<'c, 'v> {
    let (list, between) = match call.args.as_slice() {
        [list, between] => (list.as_iterable(), between.downcast_ref::<CelString>()),
        _ => (None, None),
    };
    let (Some(list), Some(between)) = (list, between) else { return Err(call.error("no list of texts to join")) };
    let (mut items, mut texts) = (list.iter(), Vec::new());
    while let Some(item) = items.next() {
        match item.downcast_ref::<CelString>() {
            Some(text) => texts.push(text.inner()),
            None => return Err(call.error("a list has something else than texts to join")),
        }
    }
    let bytes = texts.iter().map(|text| text.len() + between.inner().len()).sum();
    cost.pay(call, texts.len() as u64 + price_of_text(bytes))?;
    Ok(CowVal::owned(CelString::from(texts.join(between.inner()))))
}

fn matches<'c, 'v>(call: &mut FunctionContext<'c, 'v>, patterns: &[Regex]) -> Called<'c, 'v> {
    let index = call.args.get(1).and_then(|index| Some(*index.downcast_ref::<CelInt>()?.inner()));
    let pattern = index.and_then(|index| patterns.get(usize::try_from(index).ok()?));
    let text = call.args.first().and_then(|text| text.downcast_ref::<CelString>());
    match (pattern, text) {
        (Some(pattern), Some(text)) => Ok(CowVal::owned(CelBool::from(pattern.is_match(text.inner())))),
        _ => Err(call.error("no text to match")),
    }
}

/// A regular expression of bounded size.
pub(super) fn regex(text: &str) -> Result<Regex, String> {
    let pattern = regex::RegexBuilder::new(text).size_limit(MAX_PATTERN).dfa_size_limit(MAX_PATTERN).build();
    // The last line says what is wrong, those before draw where.
    pattern
        .map_err(|error| error.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned())
}

/// What the parser found, in our words and at its place.
fn syntax(text: &str, errors: cel::ParseErrors) -> Vec<Problem> {
    let Some(first) = errors.errors.into_iter().next() else {
        return vec![Problem { range: 0..text.len(), message: "not an expression".into(), help: None }];
    };
    let message = first.msg.strip_prefix("Syntax error: ").unwrap_or(&first.msg);
    let (line, column) = (first.pos.0.max(1) as usize, first.pos.1.max(1) as usize);
    let line_start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let rest = text.get(line_start..).unwrap_or_default();
    let start = line_start + rest.char_indices().nth(column - 1).map_or(rest.len(), |(at, _)| at);
    let end = text[start..].chars().next().map_or(start, |c| start + c.len_utf8());
    let (message, help) = if message.contains("Recursion limit") {
        (format!("more than {MAX_BRACKETS} brackets stand inside each other"), "make several rules of it")
    } else if message.contains("'<EOF>'") && text.trim().is_empty() {
        ("there is no expression".to_owned(), "write a condition: topic.partitions >= 6")
    } else if message.contains("mismatched input '<EOF>'") {
        ("the expression ends too early".to_owned(), "close brackets and quotes, and give each operator its right side")
    } else if message.contains("token recognition error at: '= '") || text[start..].starts_with('=') {
        ("`=` is no operator".to_owned(), "compare with `==`")
    } else {
        // What the grammar would take instead is a list of thirty tokens.
        let short = message.split(" expecting ").next().unwrap_or(message);
        (format!("not an expression: {}", short.replace('\n', " ")), "docs/policy.md shows how rules are written")
    };
    vec![Problem { range: start..end, message, help: Some(help.to_owned()) }]
}

/// Why an evaluation yields nothing.
fn failure(error: &ExecutionError) -> String {
    match error {
        ExecutionError::NoSuchKey(key) => {
            format!("`{key}` is not there; ask with has(…) first, of a map with '{key}' in …")
        }
        ExecutionError::IndexOutOfBounds(_) => "the list has no such item; ask for its size(…) first".into(),
        ExecutionError::DivisionByZero(_) | ExecutionError::RemainderByZero(_) => "it divides by zero".into(),
        ExecutionError::Overflow(..) => "the number is too large".into(),
        ExecutionError::FunctionError { message, .. } => message.clone(),
        other => other.to_string().chars().take(200).collect(),
    }
}

/// The operators that stand inside each other.
fn depth(node: &IdedExpr) -> usize {
    let deepest = |nodes: &mut dyn Iterator<Item = &IdedExpr>| nodes.map(depth).max().unwrap_or(0);
    1 + match &node.expr {
        Expr::Call(call) => deepest(&mut call.target.as_deref().into_iter().chain(&call.args)),
        Expr::Select(select) => depth(&select.operand),
        Expr::List(list) => deepest(&mut list.elements.iter()),
        Expr::Map(map) => deepest(&mut map.entries.iter().flat_map(|entry| match &entry.expr {
            EntryExpr::MapEntry(entry) => vec![&entry.key, &entry.value],
            EntryExpr::StructField(field) => vec![&field.value],
        })),
        _ => 0,
    }
}

/// What is done to an unfolded expression before it is evaluated: quantities become numbers, patterns are compiled, and
/// loops and joins pay for what they look at.
#[derive(Default)]
struct Rewriting {
    patterns: Vec<Regex>,
    loops: bool,
}

impl Rewriting {
    fn rewrite(&mut self, node: &mut IdedExpr, in_loop: bool) {
        match &mut node.expr {
            // The sum of a macro itself: the library knows it by its form, and adds to one list instead of making a longer
            // one for each item.
            Expr::Call(CallExpr { func_name, args, .. })
                if func_name == operators::ADD && args.first().is_some_and(is_result) =>
            {
                if let Some(IdedExpr { expr: Expr::List(list), .. }) = args.get_mut(1) {
                    list.elements.iter_mut().for_each(|element| self.rewrite(element, true));
                }
            }
            Expr::Call(call) => {
                self.calls(call, in_loop);
                if let Some(number) = quantity(call) {
                    node.expr = Expr::Literal(LiteralValue::Int(CelInt::from(number)));
                } else if in_loop && call.func_name == operators::ADD {
                    self.pay(node);
                }
            }
            Expr::Select(select) => {
                self.rewrite(&mut select.operand, in_loop);
                if select.test {
                    // The library would call empty text present.
                    select.field.insert(0, PRESENCE);
                    select.test = false;
                }
            }
            Expr::List(list) => {
                list.elements.iter_mut().for_each(|element| self.rewrite(element, in_loop));
                if in_loop {
                    self.pay(node);
                }
            }
            Expr::Map(map) => {
                for entry in &mut map.entries {
                    if let EntryExpr::MapEntry(entry) = &mut entry.expr {
                        self.rewrite(&mut entry.key, in_loop);
                        self.rewrite(&mut entry.value, in_loop);
                    }
                }
            }
            Expr::Comprehension(comprehension) => {
                self.rewrite(&mut comprehension.iter_range, in_loop);
                self.pay(&mut comprehension.iter_range);
                self.rewrite(&mut comprehension.loop_step, true);
            }
            Expr::Struct(_) | Expr::Ident(_) | Expr::Literal(_) | Expr::Unspecified => {}
        }
    }

    fn calls(&mut self, call: &mut CallExpr, in_loop: bool) {
        if call.func_name == "matches" {
            let target = call.target.take().map(|target| *target);
            let mut args: Vec<_> = target.into_iter().chain(std::mem::take(&mut call.args)).collect();
            if let Some(pattern) = args.pop().as_ref().and_then(text_of).and_then(|text| regex(text).ok()) {
                let index = CelInt::from(self.patterns.len() as i64);
                args.push(IdedExpr { id: 0, expr: Expr::Literal(LiteralValue::Int(index)) });
                self.patterns.push(pattern);
            }
            call.func_name = MATCHES.to_owned();
            call.args = args;
        }
        if call.func_name == "join" {
            let target = call.target.take().map(|target| *target);
            let nothing = || IdedExpr { id: 0, expr: Expr::Literal(LiteralValue::String(CelString::from(""))) };
            let between = call.args.pop().unwrap_or_else(nothing);
            call.args = target.into_iter().chain([between]).collect();
            call.func_name = JOIN.to_owned();
            self.loops = true;
        }
        call.target.iter_mut().for_each(|target| self.rewrite(target, in_loop));
        call.args.iter_mut().for_each(|arg| self.rewrite(arg, in_loop));
    }

    fn pay(&mut self, node: &mut IdedExpr) {
        self.loops = true;
        let inner = std::mem::take(node);
        let call = CallExpr { func_name: SPEND.to_owned(), target: None, args: vec![inner] };
        *node = IdedExpr { id: 0, expr: Expr::Call(call) };
    }
}

/// Whether this is what a macro gathers in.
fn is_result(node: &IdedExpr) -> bool {
    matches!(&node.expr, Expr::Ident(name) if name == "@result")
}

/// The number that `duration('30d')` and `byte_size('2MiB')` stand for.
fn quantity(call: &CallExpr) -> Option<i64> {
    let text = || text_of(call.args.first()?);
    match call.func_name.as_str() {
        "duration" => text()?.parse().ok().map(|Duration(millis)| millis),
        "byte_size" => text()?.parse().ok().map(|Bytes(bytes)| bytes),
        _ => None,
    }
}
