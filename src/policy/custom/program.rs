//! An expression as it is evaluated: unfolded, its patterns compiled, and with a price on what its loops look at.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use cel::common::ast::{CallExpr, EntryExpr, Expr, IdedExpr, LiteralValue, SourceInfo, operators};
use cel::common::types::{CelBool, CelInt, CelMap, CelMapKey, CelString};
use cel::common::value::CowVal;
use cel::functions::FunctionContext;
use cel::{Context, Env, ExecutionError};
use regex::Regex;

use super::typing::{Problem, text_of};
use super::value::PRESENCE;
use crate::model::{Bytes, Duration};

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
const WITH: &str = "@with";
const WITHOUT: &str = "@without";

/// Whom an expression is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A rule over resources, whose fields are declared. What is empty there is not said.
    Rule,
    /// Values whose fields nobody declares.
    Values,
}

impl Purpose {
    /// The longest expression, in bytes. The parser takes each operator inside the one before it.
    fn most(self) -> usize {
        match self {
            Self::Rule => 2_000,
            Self::Values => 10_000,
        }
    }

    /// What to do with one that is too long, and the page that shows how they are written.
    fn helps(self) -> [&'static str; 2] {
        match self {
            Self::Rule => ["make several rules of it", "docs/policy.md shows how rules are written"],
            Self::Values => ["make it shorter", "docs/dlq.md shows how expressions are written"],
        }
    }
}

/// An expression as it is evaluated.
#[derive(Debug)]
pub(super) struct Program {
    /// What is evaluated.
    pub node: IdedExpr,
    patterns: Arc<[Regex]>,
    loops: bool,
    changes: bool,
}

/// Reads an expression as people wrote it: macros are not unfolded, so that what is found fault with is what they see.
pub(super) fn written(text: &str, purpose: Purpose) -> Result<(IdedExpr, SourceInfo), Vec<Problem>> {
    let [too_long, _] = purpose.helps();
    let whole = |message: String| vec![Problem { range: 0..text.len(), message, help: Some(too_long.to_owned()) }];
    if text.len() > purpose.most() {
        return Err(whole(format!("an expression of {} bytes is longer than {}", text.len(), purpose.most())));
    }
    let without_macros = Env::default().with_optional_support(false).with_stdlib();
    let parser = without_macros.parser().max_recursion_depth(MAX_BRACKETS);
    let (written, info) = parser.parse_with_source_info(text).map_err(|errors| syntax(text, errors, purpose))?;
    if depth(&written) > MAX_DEPTH {
        return Err(whole(format!("more than {MAX_DEPTH} operators stand inside each other")));
    }
    Ok((written, info))
}

impl Program {
    /// Makes an expression ready that was read and typed.
    pub fn of(text: &str, purpose: Purpose) -> Result<Self, Vec<Problem>> {
        let parser = Env::stdlib().with_optional_support(false).parser().max_recursion_depth(MAX_BRACKETS);
        let mut node = parser.parse(text).map_err(|errors| syntax(text, errors, purpose))?;
        let mut rewriting = Rewriting { purpose, patterns: Vec::new(), loops: false, changes: false };
        rewriting.rewrite(&mut node, false);
        let Rewriting { patterns, loops, changes, .. } = rewriting;
        Ok(Self { node, patterns: patterns.into(), loops, changes })
    }

    /// Adds the functions that it calls.
    pub fn declare(&self, context: &mut Context<'_, '_>) -> Result<(), cel::DeclarationError> {
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
        if self.changes {
            context.add_function(WITH, function(with))?;
            context.add_function(WITHOUT, function(without))?;
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

/// An object with other members beside its own, or in their place.
fn with<'c, 'v>(call: &mut FunctionContext<'c, 'v>) -> Called<'c, 'v> {
    let object = |at: usize| call.args.get(at).and_then(|value| value.downcast_ref::<CelMap>());
    let (Some(object), Some(changes)) = (object(0), object(1)) else {
        return Err(call.error("with(…) changes an object, and takes one: value.with({'price': 0})"));
    };
    let members = object.inner().iter().chain(changes.inner()).map(|(key, value)| (key.clone(), value.clone()));
    Ok(CowVal::owned(CelMap::from(members.collect::<std::collections::HashMap<_, _>>())))
}

/// An object without some of its members.
fn without<'c, 'v>(call: &mut FunctionContext<'c, 'v>) -> Called<'c, 'v> {
    let object = call.args.first().and_then(|value| value.downcast_ref::<CelMap>());
    let names = call.args.get(1).and_then(|names| names.as_iterable());
    let (Some(object), Some(names)) = (object, names) else {
        return Err(call.error("without(…) changes an object, and takes a list of names: value.without(['price'])"));
    };
    let (mut names, mut gone) = (names.iter(), std::collections::HashSet::new());
    while let Some(name) = names.next() {
        gone.extend(name.downcast_ref::<CelString>().map(|name| name.inner().to_owned()));
    }
    let is_kept =
        |key: &CelMapKey<'_>| key.inner().downcast_ref::<CelString>().is_none_or(|key| !gone.contains(key.inner()));
    let members =
        object.inner().iter().filter(|(key, _)| is_kept(key)).map(|(key, value)| (key.clone(), value.clone()));
    Ok(CowVal::owned(CelMap::from(members.collect::<std::collections::HashMap<_, _>>())))
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
fn syntax(text: &str, errors: cel::ParseErrors, purpose: Purpose) -> Vec<Problem> {
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
        (format!("not an expression: {}", short.replace('\n', " ")), purpose.helps()[1])
    };
    vec![Problem { range: start..end, message, help: Some(help.to_owned()) }]
}

/// Why an evaluation yields nothing.
pub(super) fn failure(error: &ExecutionError) -> String {
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
struct Rewriting {
    purpose: Purpose,
    patterns: Vec<Regex>,
    loops: bool,
    changes: bool,
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
                if select.test && self.purpose == Purpose::Rule {
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
        let changing = match (call.func_name.as_str(), self.purpose) {
            ("with", Purpose::Values) => Some(WITH),
            ("without", Purpose::Values) => Some(WITHOUT),
            _ => None,
        };
        if let Some(name) = changing {
            let target = call.target.take().map(|target| *target);
            call.args = target.into_iter().chain(std::mem::take(&mut call.args)).collect();
            call.func_name = name.to_owned();
            self.changes = true;
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
