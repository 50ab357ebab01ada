use super::error::CommandError;
use crate::model::{Address, AddressGlob};
use crate::plan::{Plan, Selection};
use crate::resources::Desired;
use crate::source::closest;

/// Which resources are meant.
#[derive(Debug, Default, clap::Args)]
pub struct SelectionArgs {
    /// Only these resources, with what they depend on: an address, or a pattern such as 'topic/media.*'. May be repeated
    #[arg(long, value_name = "ADDRESS")]
    target: Vec<AddressGlob>,

    /// Not these resources, nor what depends on them. May be repeated
    #[arg(long, value_name = "ADDRESS")]
    exclude: Vec<AddressGlob>,
}

impl SelectionArgs {
    /// Cuts a plan down. A pattern that means nothing at all is most likely misspelt, and no reason to change nothing or
    /// everything.
    pub fn select(&self, plan: &mut Plan, desired: &Desired<'_>) -> Result<(), CommandError> {
        let selection = Selection { targets: self.target.clone(), excludes: self.exclude.clone() };
        if selection.is_everything() {
            return Ok(());
        }
        let planned = plan.changes.iter().map(|change| change.address.clone());
        let known: Vec<Address> = planned.chain(desired.addresses()).collect();
        if let Some(pattern) = selection.unmatched(&known).next() {
            let texts: Vec<String> = known.iter().map(ToString::to_string).collect();
            let error = CommandError::usage(format!("`{pattern}` matches no resource of the cluster"));
            let text = pattern.to_string();
            let with_kind = format!("topic/{text}").parse::<AddressGlob>();
            return Err(match closest(&text, texts.iter().map(String::as_str)) {
                _ if !text.contains('/')
                    && with_kind.is_ok_and(|glob| known.iter().any(|known| glob.matches(known))) =>
                {
                    error.hint(format!("did you mean `topic/{text}`?"))
                }
                Some(meant) => error.hint(format!("did you mean `{meant}`?")),
                None => error.hint("`busctl plan --verbose` lists addresses; a `*` stands for any characters"),
            });
        }
        plan.select(&selection);
        Ok(())
    }
}
