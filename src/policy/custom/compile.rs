//! Rules of `busctl.yaml`, read and typed.

use std::sync::Arc;

use cel::Env;

use super::expression::{Answer, Expression};
use super::item::{Fields, Record};
use super::program::environment;
use super::shape::{CHANGE, CLUSTER, GRANT, SCHEMA, SERVICE, Shape, TOPIC};
use super::template::Template;
use super::typing::{Problem, Type};
use super::written::place_of;
use crate::diag::{Code, Diagnostic, Level, intern};
use crate::policy::rules::custom::UNREADABLE;
use crate::resources::Workspace;
use crate::resources::settings::{Over, PolicySpec};
use crate::source::{Span, Spanned};

/// A rule of the workspace's own.
#[derive(Debug)]
pub struct CustomRule<'w> {
    /// Its code.
    pub code: Code,
    /// Where its code is written.
    pub span: Span,
    /// What it says.
    pub spec: &'w PolicySpec,
    when: Option<Expression>,
    check: Expression,
    message: Template,
    help: Option<Template>,
}

/// The rules of a workspace's own that can be asked.
#[derive(Debug, Default)]
pub struct CustomRules<'w> {
    /// In the order of their codes.
    pub rules: Vec<CustomRule<'w>>,
    env: Environment,
}

/// The functions that expressions know; none where there is no expression.
#[derive(Default)]
struct Environment(Option<Arc<Env>>);

impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Environment")
    }
}

/// What a rule says of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is not for it.
    NotAsked,
    /// It is kept.
    Kept,
    /// It is broken: message and help.
    Broken(String, Option<String>),
    /// It yields nothing, and why.
    Failed(String),
}

impl Over {
    /// The resource that such a rule sees.
    pub fn shape(self) -> &'static Shape {
        match self {
            Over::Topic => &TOPIC,
            Over::Grant => &GRANT,
            Over::Service => &SERVICE,
            Over::Schema => &SCHEMA,
            Over::Cluster => &CLUSTER,
            Over::Change => &CHANGE,
        }
    }

    /// All that it sees: the resource, and the cluster.
    pub fn given(self) -> Vec<&'static Shape> {
        match self {
            Over::Cluster => vec![&CLUSTER],
            other => vec![other.shape(), &CLUSTER],
        }
    }
}

/// Reads the rules of a workspace's own. Each that cannot be read gives findings.
pub fn compile(workspace: &Workspace) -> (CustomRules<'_>, Vec<Diagnostic>) {
    compile_those(workspace, |_| true)
}

/// The same for some of them by what is written for their codes.
pub fn compile_those(workspace: &Workspace, is_meant: impl Fn(&str) -> bool) -> (CustomRules<'_>, Vec<Diagnostic>) {
    let mut findings = Vec::new();
    let mut rules = Vec::new();
    for (code, spec) in workspace.settings.policy.iter().filter(|(code, _)| is_meant(&code.value)) {
        if let Some(finding) = wrong_code(code) {
            findings.push(finding);
            continue;
        }
        rules.extend(read(workspace, code, spec, &mut findings));
    }
    let env = Environment((!rules.is_empty()).then(environment));
    (CustomRules { rules, env }, findings)
}

/// Whether a code can be a rule's of a workspace's own.
pub fn is_custom_code(code: &str) -> bool {
    let well_formed = (3..=16).contains(&code.len())
        && code.starts_with(|c: char| c.is_ascii_uppercase())
        && code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    well_formed && !code.starts_with("BUS")
}

fn wrong_code(code: &Spanned<Box<str>>) -> Option<Diagnostic> {
    (!is_custom_code(code)).then(|| {
        let help = if code.starts_with("BUS") {
            "codes that start with BUS are busctl's own; start with the name of your organisation: ORG001"
        } else {
            "write 3 to 16 capital letters and digits, a letter first: ORG001"
        };
        UNREADABLE.finding(format!("`{}` is no code for a rule of your own", code.value)).at(code.span, "").help(help)
    })
}

fn read<'w>(
    workspace: &'w Workspace,
    code: &Spanned<Box<str>>,
    spec: &'w PolicySpec,
    findings: &mut Vec<Diagnostic>,
) -> Option<CustomRule<'w>> {
    let given = spec.over.value.given();
    let mut report = |written: &Spanned<String>, problems: Vec<Problem>| {
        findings.extend(problems.into_iter().map(|problem| {
            let span = place_of(&workspace.sources, written, problem.range);
            let finding = UNREADABLE.finding(format!("{}: {}", code.value, problem.message)).at(span, "");
            match problem.help {
                Some(help) => finding.help(help),
                None => finding,
            }
        }));
    };
    let mut condition = |written: &Spanned<String>| match Expression::compile(&written.value, &given) {
        Ok(expression) if matches!(expression.of, Type::Bool | Type::Any) => Some(expression),
        Ok(expression) => {
            let message = format!("this is {}; a condition is true or false", expression.of.words());
            report(written, vec![Problem { range: 0..written.value.len(), message, help: None }]);
            None
        }
        Err(problems) => {
            report(written, problems);
            None
        }
    };
    // Each is read before the first that failed ends it, so that all errors are found.
    let when = spec.when.as_ref().map(&mut condition);
    let check = condition(&spec.check);
    let mut template = |written: &Spanned<String>| match Template::compile(&written.value, &given) {
        Ok(template) => Some(template),
        Err(problems) => {
            report(written, problems);
            None
        }
    };
    let message = template(&spec.message);
    let help = spec.help.as_ref().map(template);
    Some(CustomRule {
        code: intern(&code.value),
        span: code.span,
        spec,
        when: match when {
            Some(when) => Some(when?),
            None => None,
        },
        check: check?,
        message: message?,
        help: match help {
            Some(help) => Some(help?),
            None => None,
        },
    })
}

impl CustomRules<'_> {
    /// Those over one kind of resource.
    pub fn over(&self, over: Over) -> impl Iterator<Item = &CustomRule<'_>> {
        self.rules.iter().filter(move |rule| rule.spec.over.value == over)
    }

    /// The fields of a kind of record that some rule over `over` uses.
    pub(super) fn fields(&self, over: Over, shape: &'static Shape) -> Fields {
        let mut fields = Fields::NONE;
        for expression in self.over(over).flat_map(CustomRule::expressions) {
            fields.extend(expression.fields_of(shape));
        }
        fields
    }

    /// What a rule says of a resource.
    pub(super) fn judge<'v>(&self, rule: &'v CustomRule<'_>, variables: &[&'v Record<'v>]) -> Verdict {
        let Some(env) = &self.env.0 else { return Verdict::NotAsked };
        match rule.when.as_ref().map(|when| when.evaluate(env, variables)) {
            None | Some(Ok(Answer::Bool(true))) => {}
            Some(Ok(_)) => return Verdict::NotAsked,
            Some(Err(why)) => return Verdict::Failed(why),
        }
        match rule.check.evaluate(env, variables) {
            Ok(Answer::Bool(true)) => Verdict::Kept,
            Ok(_) => {
                let fill = |template: &'v Template| template.fill(env, variables);
                Verdict::Broken(fill(&rule.message), rule.help.as_ref().map(fill))
            }
            Err(why) => Verdict::Failed(why),
        }
    }
}

impl CustomRule<'_> {
    /// Its level where `rules:` does not say another.
    pub fn level(&self) -> Level {
        level_of(self.spec)
    }

    fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let texts = std::iter::once(&self.message).chain(&self.help).flat_map(Template::expressions);
        self.when.iter().chain([&self.check]).chain(texts)
    }

    /// Whether `when` or `check` asks for a field.
    pub(super) fn uses(&self, shape: &'static Shape, index: usize) -> bool {
        self.when.iter().chain([&self.check]).any(|expression| expression.used.contains(&(shape, index)))
    }

    /// The fields of the resource that its check uses, in its order.
    pub(super) fn checked(&self) -> impl Iterator<Item = usize> {
        let shape = self.spec.over.value.shape();
        self.check.used.iter().filter(move |(of, _)| *of == shape).map(|(_, index)| *index)
    }
}

/// The level of a rule where `rules:` does not say another.
pub fn level_of(spec: &PolicySpec) -> Level {
    spec.level.map_or(Level::Error, |level| level.value)
}

/// The rule of the workspace's own with a code, whatever the case of its letters.
pub fn find<'w>(workspace: &'w Workspace, code: &str) -> Option<(Code, &'w PolicySpec)> {
    let mut rules = workspace.settings.policy.iter();
    let (code, spec) = rules.find(|(known, _)| known.value.eq_ignore_ascii_case(code) && is_custom_code(known))?;
    Some((intern(&code.value), spec))
}

/// Whether a rule is about changes, which are known with a server only.
pub fn is_over_changes(spec: &PolicySpec) -> bool {
    spec.over.value == Over::Change
}
