use super::context::Context;
use super::error::{CommandError, Exit};
use super::output;
use crate::policy::{self, custom};
use crate::render::printable;

/// Options of `explain`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The rule: BUS101, or one of your own
    #[arg(required_unless_present = "all")]
    code: Option<String>,

    /// Every rule, as the page docs/rules.md has them
    #[arg(long, conflicts_with = "code")]
    all: bool,
}

/// Says why a rule exists.
pub fn run(args: &Args) -> Result<Exit, CommandError> {
    let Some(code) = &args.code else {
        output::data(&policy::page())?;
        return Ok(Exit::Done);
    };
    // Rules of the bus's own need their workspace, the others none.
    if policy::rule(code).is_none() && custom::is_custom_code(&code.to_uppercase()) {
        let context = Context::open()?;
        let Some((code, spec)) = custom::find(&context.workspace, code) else {
            return Err(unknown_of_own(&context, code));
        };
        output::data(&printable(&custom::page(&context.workspace, code, spec)))?;
        return Ok(Exit::Done);
    }
    let Some(rule) = policy::rule(code) else {
        let codes = policy::rules().iter().map(|rule| rule.code);
        let upper = code.to_uppercase();
        let error = CommandError::usage(format!("there is no rule `{code}`"));
        // What is in parentheses in a finding of schemas. They are hundreds, and not ours.
        if code.contains('_') && code.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_')) {
            return Err(error
                .hint("words in capitals are kinds of changes, as Apache Avro, the registry or `buf` call them")
                .hint(
                    "`busctl schema check` says of each what breaks and the way out; see BUS307 and BUS311 to BUS316",
                ));
        }
        return Err(match crate::source::closest(&upper, codes) {
            Some(meant) => error.hint(format!("did you mean {meant}? `busctl explain --all` lists them")),
            None => error.hint("`busctl explain --all` lists them"),
        });
    };
    output::data(&rule.page())?;
    Ok(Exit::Done)
}

fn unknown_of_own(context: &Context, code: &str) -> CommandError {
    let upper = code.to_uppercase();
    let own = context.workspace.settings.policy.keys().map(|known| &*known.value);
    let error = CommandError::usage(format!("there is no rule `{code}`"));
    match crate::source::closest(&upper, own.chain(policy::rules().iter().map(|rule| rule.code))) {
        Some(meant) => error.hint(format!("did you mean {meant}?")),
        None => error
            .hint("rules of your own stand below `policy:` of busctl.yaml; `busctl explain --all` lists the others"),
    }
}
