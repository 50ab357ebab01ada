//! Rules of the bus's own.

use super::args::{FormatArg, Global};
use super::context::Context;
use super::error::{CommandError, Exit};
use super::output;
use crate::diag::Findings;
use crate::model::counted;
use crate::policy::custom;
use crate::render::Format;
use crate::render::policy_test::PolicyTestView;

/// Rules of the bus's own.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Ask rules of your own of their examples
    Test(TestArgs),
}

/// Options of `policy test`.
#[derive(Debug, clap::Args)]
pub struct TestArgs {
    /// Rules; all below `policy:` by default
    #[arg(value_name = "CODE")]
    codes: Vec<String>,

    #[command(flatten)]
    format: FormatArg,
}

/// Runs one of the commands.
pub fn run(global: &Global, command: &Command) -> Result<Exit, CommandError> {
    match command {
        Command::Test(args) => test(global, args),
    }
}

/// Asks each rule of its examples.
fn test(global: &Global, args: &TestArgs) -> Result<Exit, CommandError> {
    let context = Context::load()?;
    let workspace = &context.workspace;
    for code in &args.codes {
        if !workspace.settings.policy.keys().any(|known| known.value.eq_ignore_ascii_case(code)) {
            return Err(unknown(context, code));
        }
    }
    let mut tested = custom::test(workspace, &args.codes);
    // Rules of a file that cannot be read are not there, which is no success.
    let settings = context.loading.iter().filter(|finding| {
        finding.span().is_some_and(|span| workspace.sources.file(span.file).path.as_os_str() == "busctl.yaml")
    });
    tested.findings.extend(settings.cloned());
    let findings = Findings::listed(tested.findings, &workspace.sources);
    let view = PolicyTestView { rules: &tested.rules, findings: context.findings_view(&findings) };
    output::view(&view, args.format.format, global)?;
    if args.format.format == Format::Text {
        let examples: usize = tested.rules.iter().map(|rule| rule.good + rule.bad).sum();
        let [rules, examples] =
            [(tested.rules.len(), "rule"), (examples, "example")].map(|(count, one)| counted(count as u64, one));
        anstream::eprintln!("{examples} of {rules}.");
    }
    Ok(output::exit_of(&findings))
}

fn unknown(context: &Context, code: &str) -> CommandError {
    let known = || context.workspace.settings.policy.keys().map(|known| &*known.value);
    let error = CommandError::usage(format!("busctl.yaml has no rule `{code}` below `policy:`"));
    match crate::source::closest(code, known()) {
        Some(meant) => error.hint(format!("did you mean `{meant}`?")),
        None if known().next().is_none() => error.hint("docs/policy.md shows how one is written"),
        None => error.hint(format!("its rules: {}", known().collect::<Vec<_>>().join(", "))),
    }
}
