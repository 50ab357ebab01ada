//! What type an expression has, found before any resource is there.

use std::collections::BTreeSet;
use std::ops::Range;

use cel::common::ast::{CallExpr, EntryExpr, Expr, IdedExpr, LiteralValue, SourceInfo, operators};

use super::shape::{Holds, Shape};
use crate::source::closest;

/// What an expression yields.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Type {
    Bool,
    Int,
    Double,
    Text,
    Map,
    List(Box<Type>),
    Record(&'static Shape),
    /// The items of an empty list, and what has been found fault with: it fits everywhere.
    Any,
}

/// What is wrong with an expression, and where in its text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Problem {
    pub range: Range<usize>,
    pub message: String,
    pub help: Option<String>,
}

/// A variable of an expression.
#[derive(Debug, Clone)]
pub(super) struct Variable {
    pub name: String,
    pub of: Type,
}

/// An expression that is being looked at.
pub(super) struct Typing<'a> {
    text: &'a str,
    info: &'a SourceInfo,
    pub variables: Vec<Variable>,
    /// What was found.
    pub problems: Vec<Problem>,
    /// Fields of the given variables that it uses, by their index, in its order.
    pub used: Vec<(&'static Shape, usize)>,
    given: usize,
    /// Variables whose fields nobody declares, where that is so: null, and what is inside of each other, may stand anywhere.
    pub open: Option<&'static [Open]>,
    /// Those of them that it uses.
    pub used_open: BTreeSet<&'static str>,
}

/// A variable whose fields nobody declares.
#[derive(Debug)]
pub struct Open {
    /// Its name.
    pub name: &'static str,
    /// What it holds; none is anything.
    pub holds: Option<Holds>,
    /// The fields that it has all the same, where they are known.
    pub fields: &'static [&'static str],
}

use Type::{Any, Bool, Double, Int, List, Map, Record, Text};

/// The type of a field.
impl From<Holds> for Type {
    fn from(holds: Holds) -> Self {
        match holds {
            Holds::Bool => Bool,
            Holds::Int | Holds::Millis | Holds::Bytes => Int,
            Holds::Text => Text,
            Holds::Texts => List(Text.into()),
            Holds::Map => Map,
            Holds::Records(shape) => List(Record(shape).into()),
        }
    }
}

impl Type {
    /// In words, with its article.
    pub fn words(&self) -> String {
        match self {
            Bool => "true or false".into(),
            Int => "a whole number".into(),
            Double => "a number with a fraction".into(),
            Text => "a text".into(),
            Map => "a mapping".into(),
            List(_) => "a list".into(),
            Record(shape) => format!("a {} with all its fields", shape.name),
            Any => "anything".into(),
        }
    }

    pub fn fits(&self, other: &Type) -> bool {
        match (self, other) {
            (Any, _) | (_, Any) => true,
            (List(a), List(b)) => a.fits(b),
            (Int | Double, Int | Double) => true,
            (a, b) => a == b,
        }
    }

    fn is_number(&self) -> bool {
        matches!(self, Int | Double | Any)
    }

    /// Whether it is one value that can stand in a list or in a message.
    pub fn is_scalar(&self) -> bool {
        matches!(self, Bool | Int | Double | Text | Any)
    }
}

impl<'a> Typing<'a> {
    pub fn new(text: &'a str, info: &'a SourceInfo, given: &[&'static Shape]) -> Self {
        let variable = |shape: &&'static Shape| Variable { name: shape.name.to_owned(), of: Record(shape) };
        let variables: Vec<_> = given.iter().map(variable).collect();
        Self {
            text,
            info,
            given: variables.len(),
            variables,
            problems: Vec::new(),
            used: Vec::new(),
            open: None,
            used_open: BTreeSet::new(),
        }
    }

    /// The same over values whose fields nobody declares.
    pub fn open(text: &'a str, info: &'a SourceInfo, open: &'static [Open]) -> Self {
        let variable = |open: &Open| Variable { name: open.name.to_owned(), of: open.holds.map_or(Any, Type::from) };
        let variables = open.iter().map(variable).collect();
        Self { variables, open: Some(open), ..Self::new(text, info, &[]) }
    }

    pub fn of(&mut self, node: &IdedExpr) -> Type {
        match &node.expr {
            Expr::Literal(literal) => self.literal(node, literal),
            Expr::Ident(name) => self.variable(node, name),
            Expr::Select(select) => {
                let operand = self.of(&select.operand);
                self.field_of_open(node, &select.operand, &select.field)
                    .unwrap_or_else(|| self.field(node, &operand, &select.field))
            }
            Expr::Call(call) => self.call(node, call),
            Expr::List(list) if self.open.is_some() => {
                list.elements.iter().for_each(|element| drop(self.of(element)));
                Any
            }
            Expr::List(list) => {
                let mut item = Any;
                for element in &list.elements {
                    let of = self.of(element);
                    item = self.item(element, item, of);
                }
                List(item.into())
            }
            Expr::Map(map) => {
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr {
                        self.expect(&entry.key, &Text);
                        match self.open {
                            Some(_) => drop(self.of(&entry.value)),
                            None => drop(self.expect(&entry.value, &Text)),
                        }
                    }
                }
                if self.open.is_some() { Any } else { Map }
            }
            Expr::Struct(_) | Expr::Comprehension(_) | Expr::Unspecified => {
                self.report(node, "expressions make no messages of Protobuf", None)
            }
        }
    }

    fn literal(&mut self, node: &IdedExpr, literal: &LiteralValue) -> Type {
        match literal {
            LiteralValue::Boolean(_) => Bool,
            LiteralValue::Int(_) => Int,
            LiteralValue::Double(_) => Double,
            LiteralValue::String(_) => Text,
            LiteralValue::Null if self.open.is_some() => Any,
            LiteralValue::Null => {
                self.report(node, "nothing is null here", Some("ask with has(…) whether a field is there"))
            }
            LiteralValue::UInt(_) => self.report(node, "numbers are written without `u`", None),
            LiteralValue::Bytes(_) => {
                self.report(node, "expressions know no bytes", Some("write the text without `b`"))
            }
        }
    }

    fn variable(&mut self, node: &IdedExpr, name: &str) -> Type {
        if let Some(known) = self.variables.iter().rev().find(|known| known.name == name) {
            let of = known.of.clone();
            let open = self.open.unwrap_or_default().iter().find(|open| open.name == name);
            self.used_open.extend(open.map(|open| open.name));
            return of;
        }
        let names: Vec<_> = self.variables.iter().map(|known| known.name.clone()).collect();
        let mut help = match closest(name, names.iter().map(String::as_str)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("known here: {}", names.join(", ")),
        };
        let of_resource = names.first().filter(|_| self.given > 0);
        if let (Some(first), Some(Record(shape))) = (of_resource, self.variables.first().map(|known| &known.of))
            && shape.index(name).is_some()
        {
            help = format!("did you mean `{first}.{name}`?");
        }
        self.report(node, &format!("there is no `{name}`"), Some(&help))
    }

    /// A field that a variable whose fields are known does not have.
    fn field_of_open(&mut self, node: &IdedExpr, operand: &IdedExpr, name: &str) -> Option<Type> {
        let Expr::Ident(variable) = &operand.expr else { return None };
        let open = self.open?.iter().find(|open| open.name == variable && !open.fields.is_empty())?;
        // The item of a loop may have the same name.
        let is_item = self.variables.iter().filter(|known| known.name == *variable).count() > 1;
        if open.fields.contains(&name) || is_item {
            return None;
        }
        let help = match closest(name, open.fields.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("it has {}", open.fields.join(", ")),
        };
        Some(self.report(node, &format!("`{variable}` has no `{name}`"), Some(&help)))
    }

    /// What `name` of a value is. `node` is the selection.
    fn field(&mut self, node: &IdedExpr, operand: &Type, name: &str) -> Type {
        match operand {
            Any => Any,
            // Keys of configs have dots: `config.retention.ms` would ask for a key `retention`.
            Map => {
                let help = format!("write …['{name}'], and '{name}' in … to ask whether it is there");
                self.report(node, "the entries of a mapping stand in brackets", Some(&help))
            }
            Record(shape) => match shape.index(name) {
                Some(index) => {
                    self.used.push((shape, index));
                    shape.fields[index].holds.into()
                }
                None => {
                    let names = || shape.fields.iter().map(|field| field.name);
                    let help = match closest(name, names()) {
                        Some(meant) => format!("did you mean `{meant}`?"),
                        None => format!("fields of a {}: {}", shape.name, names().collect::<Vec<_>>().join(", ")),
                    };
                    self.report(node, &format!("a {} has no `{name}`", shape.name), Some(&help))
                }
            },
            List(_) => self.report(
                node,
                &format!("a list has no `{name}`"),
                Some("look at its items: .exists(x, …), .all(x, …), .map(x, …)"),
            ),
            other => self.report(node, &format!("{} has no fields", other.words()), None),
        }
    }

    pub(super) fn item(&mut self, node: &IdedExpr, known: Type, found: Type) -> Type {
        if self.open.is_some() {
            return Any;
        }
        // Lists of lists could double their size with each step of a loop.
        if !found.is_scalar() && !matches!(found, Record(_)) {
            return self.report(node, &format!("{} cannot stand in a list", found.words()), None);
        }
        if !known.fits(&found) {
            let message = format!("the list has {} and {}", known.words(), found.words());
            return self.report(node, &message, Some("the items of a list are all of one kind"));
        }
        if known == Any { found } else { known }
    }

    pub(super) fn expect(&mut self, node: &IdedExpr, wanted: &Type) -> Type {
        let found = self.of(node);
        if !found.fits(wanted) {
            self.report(node, &format!("this is {}; {} is needed", found.words(), wanted.words()), None);
        }
        found
    }

    fn call(&mut self, node: &IdedExpr, call: &CallExpr) -> Type {
        let args = call.args.as_slice();
        match (call.func_name.as_str(), call.target.as_deref(), args) {
            (operators::CONDITIONAL, None, [condition, yes, no]) => {
                self.expect(condition, &Bool);
                let (yes, no_type) = (self.of(yes), self.of(no));
                if !yes.fits(&no_type) {
                    let message = format!("this is {}, and {} where the condition holds", no_type.words(), yes.words());
                    return self.report(no, &message, None);
                }
                if yes == Any { no_type } else { yes }
            }
            (operators::LOGICAL_AND | operators::LOGICAL_OR, None, [a, b]) => {
                self.expect(a, &Bool);
                self.expect(b, &Bool);
                Bool
            }
            (operators::LOGICAL_NOT, None, [a]) => {
                self.expect(a, &Bool);
                Bool
            }
            (operators::NEGATE, None, [a]) => {
                let of = self.of(a);
                if of.is_number() { of } else { self.report(a, &format!("{} has no sign", of.words()), None) }
            }
            (operators::EQUALS | operators::NOT_EQUALS, None, [a, b]) => self.equality(node, a, b),
            (
                operators::LESS | operators::LESS_EQUALS | operators::GREATER | operators::GREATER_EQUALS,
                None,
                [a, b],
            ) => {
                let (left, right) = (self.of(a), self.of(b));
                let ordered = |of: &Type| of.is_number() || *of == Text;
                if ordered(&left) && ordered(&right) && left.fits(&right) {
                    return Bool;
                }
                self.unlike(node, &left, &right);
                Bool
            }
            (operators::ADD, None, [a, b]) => {
                let (left, right) = (self.of(a), self.of(b));
                let adds = |of: &Type| of.is_number() || matches!(of, Text | List(_));
                let same = left == right || left == Any || right == Any || (left.fits(&right) && !left.is_number());
                if adds(&left) && adds(&right) && same {
                    return if left == Any { right } else { left };
                }
                let help = (left == Text || right == Text).then_some("make a text of a number with string(…)");
                self.report(node, &format!("{} and {} are not added", left.words(), right.words()), help)
            }
            (operators::SUBSTRACT | operators::MULTIPLY | operators::DIVIDE | operators::MODULO, None, [a, b]) => {
                let (left, right) = (self.of(a), self.of(b));
                if left.is_number() && right.is_number() && (left == right || left == Any || right == Any) {
                    return if left == Any { right } else { left };
                }
                let help =
                    (left.is_number() && right.is_number()).then_some("make both alike with int(…) or double(…)");
                self.report(node, &format!("this is no sum of {} and {}", left.words(), right.words()), help)
            }
            (operators::IN, None, [a, b]) => {
                let (item, list) = (self.of(a), self.of(b));
                match &list {
                    List(of) if of.is_scalar() && of.fits(&item) => Bool,
                    Map if item.fits(&Text) => Bool,
                    Any => Bool,
                    List(of) if of.is_scalar() => self.report(
                        node,
                        &format!("{} is never in a list whose items are each {}", item.words(), of.words()),
                        None,
                    ),
                    List(_) => self.report(node, "records are not compared", Some("use .exists(x, x.FIELD == …)")),
                    other => self.report(b, &format!("this is {}; a list is needed", other.words()), None),
                }
            }
            (operators::INDEX, None, [a, b]) => match self.of(a) {
                List(of) => {
                    self.expect(b, &Int);
                    *of
                }
                Map => {
                    self.expect(b, &Text);
                    Text
                }
                Any => Any,
                other => self.report(a, &format!("{} has no items", other.words()), None),
            },
            _ => self.function(node, call),
        }
    }

    fn equality(&mut self, node: &IdedExpr, a: &IdedExpr, b: &IdedExpr) -> Type {
        let (left, right) = (self.of(a), self.of(b));
        let whole = |of: &Type| matches!(of, Record(_)) || matches!(of, List(item) if matches!(**item, Record(_)));
        if whole(&left) || whole(&right) {
            return self.report(node, "records are not compared", Some("compare a field of them"));
        }
        if !left.fits(&right) {
            self.unlike(node, &left, &right);
        }
        Bool
    }

    /// Two values that are never compared.
    fn unlike(&mut self, node: &IdedExpr, left: &Type, right: &Type) {
        let help = match (left, right) {
            (Int, Text) | (Text, Int) => {
                Some("lengths of time and sizes are numbers: write duration('30d'), byte_size('2MiB')")
            }
            _ => None,
        };
        self.report(node, &format!("{} is not compared with {}", left.words(), right.words()), help);
    }

    pub(super) fn report(&mut self, node: &IdedExpr, message: &str, help: Option<&str>) -> Type {
        let problem = Problem { range: self.range(node), message: message.to_owned(), help: help.map(str::to_owned) };
        self.problems.push(problem);
        Any
    }

    /// Where a node stands. Of a selection and a call the parser tells the dot or the bracket.
    fn range(&self, node: &IdedExpr) -> Range<usize> {
        let Some((start, stop)) = self.info.offset_for(node.id) else { return 0..self.text.len() };
        let (start, stop) = (start as usize, stop as usize);
        let (Some(before), Some(_)) = (self.text.get(..start), self.text.get(start..)) else {
            return 0..self.text.len();
        };
        let found = match &node.expr {
            Expr::Select(select) => {
                self.text[start..].find(&select.field).map(|at| start + at..start + at + select.field.len())
            }
            Expr::Call(call) => {
                let name = before.trim_end();
                name.ends_with(&call.func_name).then(|| name.len() - call.func_name.len()..name.len())
            }
            _ => None,
        };
        let end = self.text.ceil_char_boundary(stop + 1);
        found.unwrap_or(start..end.max(start))
    }
}

/// The text of a literal.
pub(super) fn text_of(node: &IdedExpr) -> Option<&str> {
    match &node.expr {
        Expr::Literal(LiteralValue::String(text)) => Some(text.inner()),
        _ => None,
    }
}
