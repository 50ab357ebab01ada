//! What type a function or a loop over items has.

use cel::common::ast::{CallExpr, Expr, IdedExpr};

use super::program::regex;
use super::typing::{Type, Typing, Variable, text_of};
use crate::model::{Bytes, Duration, counted};
use crate::source::closest;

use Type::{Any, Bool, Double, Int, List, Map, Text};

/// What stands alone: `size(x)`.
const FUNCTIONS: [&str; 8] = ["has", "size", "matches", "duration", "byte_size", "int", "double", "string"];
/// What stands behind a value: `x.size()`.
const METHODS: [&str; 12] = [
    "all",
    "exists",
    "exists_one",
    "existsOne",
    "filter",
    "map",
    "join",
    "size",
    "contains",
    "startsWith",
    "endsWith",
    "matches",
];

impl Typing<'_> {
    /// A call that is no operator.
    pub(super) fn function(&mut self, node: &IdedExpr, call: &CallExpr) -> Type {
        match (call.func_name.as_str(), call.target.as_deref(), call.args.as_slice()) {
            ("has", None, [field]) => {
                if !matches!(field.expr, Expr::Select(_)) {
                    return self.report(field, "has() asks for a field", Some("write has(topic.FIELD)"));
                }
                self.of(field);
                Bool
            }
            (macro_name @ ("all" | "exists" | "exists_one" | "existsOne" | "filter" | "map"), Some(list), args) => {
                self.over_items(node, macro_name, list, args)
            }
            ("size", None, [of]) | ("size", Some(of), []) => match self.of(of) {
                List(_) | Map | Text | Any => Int,
                other => self.report(of, &format!("{} has no size", other.words()), None),
            },
            ("join", Some(list), between @ ([] | [_])) => {
                match self.of(list) {
                    List(of) if of.fits(&Text) => {}
                    Any => {}
                    List(of) => {
                        let message = format!("texts are joined, and an item of this list is {}", of.words());
                        return self.report(list, &message, Some("make texts of the items first: .map(x, …)"));
                    }
                    other => return self.report(list, &format!("{} has no items to join", other.words()), None),
                }
                between.iter().for_each(|between| drop(self.expect(between, &Text)));
                Text
            }
            ("with", Some(object), [changes]) if self.open.is_some() => {
                self.of(object);
                self.of(changes);
                Any
            }
            ("without", Some(object), [names]) if self.open.is_some() => {
                self.of(object);
                self.of(names);
                Any
            }
            ("contains" | "startsWith" | "endsWith", Some(target), [part]) => {
                self.expect(target, &Text);
                self.expect(part, &Text);
                Bool
            }
            ("matches", Some(target), [pattern]) | ("matches", None, [target, pattern]) => {
                self.expect(target, &Text);
                self.pattern(pattern);
                Bool
            }
            ("duration", None, [written]) => self.quantity(written, "30d", |text| {
                text.parse().map(|Duration(millis)| millis).map_err(|error| error.to_string())
            }),
            ("byte_size", None, [written]) => self.quantity(written, "2MiB", |text| {
                text.parse().map(|Bytes(bytes)| bytes).map_err(|error| error.to_string())
            }),
            (conversion @ ("int" | "double" | "string"), None, [of]) => {
                let found = self.of(of);
                if !found.is_scalar() || (found == Bool && conversion != "string") {
                    return self.report(of, &format!("{conversion}() makes nothing of {}", found.words()), None);
                }
                match conversion {
                    "int" => Int,
                    "double" => Double,
                    _ => Text,
                }
            }
            (name, target, args) => self.unknown_function(node, name, target.is_some(), args.len()),
        }
    }

    fn over_items(&mut self, node: &IdedExpr, name: &str, list: &IdedExpr, args: &[IdedExpr]) -> Type {
        let item = match self.of(list) {
            List(of) => *of,
            Map => Text,
            Any => Any,
            other => return self.report(list, &format!("{} has no items", other.words()), None),
        };
        let (variable, rest) = match args {
            [IdedExpr { expr: Expr::Ident(variable), .. }, rest @ ..] => (variable, rest),
            _ => {
                let help = format!("name the item first: .{name}(x, …)");
                return self.report(node, &format!("`{name}` needs a name for the item"), Some(&help));
            }
        };
        self.variables.push(Variable { name: variable.clone(), of: item.clone() });
        let result = match (name, rest) {
            ("map", [made]) => self.mapped(made),
            ("map", [condition, made]) => {
                self.expect(condition, &Bool);
                self.mapped(made)
            }
            ("map", _) | (_, [] | [_, _, ..]) => {
                let message = format!("`{name}` takes the name of the item and one expression");
                self.report(node, &message, None)
            }
            (_, [condition]) => {
                self.expect(condition, &Bool);
                if name == "filter" { List(item.into()) } else { Bool }
            }
        };
        self.variables.pop();
        result
    }

    fn mapped(&mut self, made: &IdedExpr) -> Type {
        let of = self.of(made);
        List(self.item(made, Any, of).into())
    }

    /// A pattern is written out: it is compiled once and not for each resource.
    fn pattern(&mut self, node: &IdedExpr) {
        match text_of(node) {
            Some(text) => {
                if let Err(error) = regex(text) {
                    let message = format!("this is no regular expression: {error}");
                    self.report(node, &message, None);
                }
            }
            None => drop(self.report(node, "a pattern is written out, in quotes", None)),
        }
    }

    fn quantity(&mut self, node: &IdedExpr, like: &str, read: impl Fn(&str) -> Result<i64, String>) -> Type {
        let help = format!("write it in quotes: '{like}'");
        match text_of(node).map(read) {
            Some(Ok(_)) => Int,
            Some(Err(message)) => self.report(node, &message, Some(&help)),
            None => self.report(node, "a quantity is written out", Some(&help)),
        }
    }

    fn unknown_function(&mut self, node: &IdedExpr, name: &str, of_value: bool, given: usize) -> Type {
        let mut names = if of_value { METHODS.to_vec() } else { FUNCTIONS.to_vec() };
        if of_value && self.open.is_some() {
            names.extend(["with", "without"]);
        }
        if names.contains(&name) {
            let arguments = counted(given as u64, "argument");
            return self.report(node, &format!("`{name}` does not take {arguments}"), None);
        }
        let help = match closest(name, names.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("known here: {}", names.join(", ")),
        };
        self.report(node, &format!("there is no function `{name}`"), Some(&help))
    }
}
