use super::ask::{Ask, Question};
use super::made;
use crate::cli::args::Global;
use crate::cli::error::{CommandError, Exit};
use crate::resources::scaffold::{NewDomain, new_domain};

/// Options of `new domain`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Its name: the first part of its topics' names
    #[arg(value_name = "DOMAIN")]
    domain: Option<String>,

    /// What it is about
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,

    /// The team that answers for it
    #[arg(long, value_name = "TEAM")]
    owner: Option<String>,

    /// A way to reach the team, where the team is new too: email=ADDRESS. May be repeated
    #[arg(long = "contact", value_name = "WAY=ADDRESS", value_parser = parse_contact)]
    contacts: Vec<(String, String)>,

    /// How names of its topics start, where that is not its own name. May be repeated
    #[arg(long = "prefix", value_name = "PREFIX")]
    prefixes: Vec<String>,
}

/// Declares a domain.
pub fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let context = made::loaded(global)?;
    let teams = &context.workspace.catalog.teams;
    let mut ask = Ask::new();
    let name =
        ask.text(args.domain.as_ref(), &Question::open("DOMAIN", "Name: the first part of its topics' names"))?;
    let description =
        ask.text(args.description.as_ref(), &Question::open("--description TEXT", "What is it about?"))?;
    let known: Vec<&str> = teams.keys().map(String::as_str).collect();
    let owner = format!("Team that answers for it; there are {}", known.join(", "));
    let owner = if known.is_empty() { "Team that answers for it".to_owned() } else { owner };
    let owner = ask.text(args.owner.as_ref(), &Question::open("--owner TEAM", &owner))?;
    let mut contacts = args.contacts.clone();
    if contacts.is_empty() && !owner.is_empty() && !context.workspace.declares("team", &owner) {
        let question = format!("How is the new team {owner} reached, as email=ADDRESS?");
        let contact = ask.text(None, &Question::open("--contact email=ADDRESS", &question))?;
        if !contact.is_empty() {
            contacts.push(parse_contact(&contact).map_err(CommandError::usage)?);
        }
    }
    ask.finish()?;
    let new = NewDomain { name, description, owner, contacts, prefixes: args.prefixes.clone() };
    made::write_new(context, new_domain(&context.workspace, &new)?, global)?;
    Ok(Exit::Done)
}

fn parse_contact(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((way, address)) if !way.trim().is_empty() && !address.trim().is_empty() => {
            Ok((way.trim().to_owned(), address.trim().to_owned()))
        }
        _ => Err("write WAY=ADDRESS, as in email=team@example.org".to_owned()),
    }
}
