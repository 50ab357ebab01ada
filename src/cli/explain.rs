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

/// What `busctl ci` finds beside the rules, and a line or two on each. Neither `rules:` nor waivers reach it.
const OF_CI: [(&str, &str); 4] = [
    (
        "STALE_FILE",
        "A file that is made from the manifests or by the program itself is not what they make now, or is gone: the event \
catalog (`docs/event-catalog.md`), or completions and man pages (`completions/`).\n\nWhoever reads it is told what is no longer \
so. Write it with `busctl catalog`, or with `busctl completions --all completions`, and commit it with the change.",
    ),
    (
        "RISK_NOT_ALLOWED",
        "A planned change has more risk than its cluster takes without being asked (`allow`), so that `busctl apply` would refuse \
it.\n\nWhere it is meant, have it reviewed and run `busctl ci --allow RISK`; `busctl apply --allow RISK` applies it.",
    ),
    (
        "PLAN_FAILED",
        "A plan that was asked for (`--plan`, `--live`) could not be made. The finding says what was tried and what came back.",
    ),
    (
        "PLAN_INCOMPLETE",
        "Something that a plan would compare could not be seen, so that nobody knows whether it differs. The finding names the \
first of it and why; `docs/permissions.md` lists what a plan needs.",
    ),
];

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
        if let Some((code, text)) = OF_CI.iter().find(|(code, _)| *code == upper) {
            output::data(&format!("## {code}\n\n{text}\n"))?;
            return Ok(Exit::Done);
        }
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
