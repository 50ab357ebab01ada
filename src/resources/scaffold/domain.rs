use super::draft::Draft;
use super::entry::declare;
use super::words::list;
use super::{NoScaffold, Scaffold, known_team};
use crate::resources::Workspace;
use crate::source::write::scalar;

/// What is said of a new domain.
#[derive(Debug, Clone, Default)]
pub struct NewDomain {
    /// Its name.
    pub name: String,
    /// What it is about.
    pub description: String,
    /// The team that answers for it.
    pub owner: String,
    /// Ways to reach that team, where the team is new too.
    pub contacts: Vec<(String, String)>,
    /// How the names of its topics start, where the naming pattern does not say it.
    pub prefixes: Vec<String>,
}

/// Declares a domain, and its team where that is new.
///
/// # Errors
///
/// The domain is declared already, or its team is neither declared nor given contacts.
pub fn new_domain(workspace: &Workspace, new: &NewDomain) -> Result<Scaffold, NoScaffold> {
    let name = &new.name;
    let is_word = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-'));
    if !is_word {
        let help = "a domain is a word of lower-case letters, digits, `_` and `-` that starts with a letter";
        return Err(NoScaffold::new(format!("`{name}` cannot be a domain"), help));
    }
    if workspace.declares("domain", name) {
        return Err(NoScaffold::new(format!("the domain `{name}` is declared already"), "take another name"));
    }
    let mut draft = Draft::new(workspace);
    match (workspace.declares("team", &new.owner), new.contacts.is_empty()) {
        (true, true) => {}
        (true, false) => {
            let message = format!("the team `{}` is declared already, with contacts of its own", new.owner);
            return Err(NoScaffold::new(message, "leave --contact out; change its contacts in catalog/"));
        }
        (false, true) => known_team(workspace, &new.owner).map_err(|none| {
            let help = format!("{}; or make it too: --contact email=ADDRESS", none.help);
            NoScaffold::new(none.message, help)
        })?,
        (false, false) => {
            let contacts = new.contacts.iter().map(|(way, address)| format!("{}: {}", scalar(way), scalar(address)));
            let contacts = contacts.collect::<Vec<_>>().join(", ");
            declare(&mut draft, "teams", &new.owner, &[("contacts", format!("{{ {contacts} }}"))])?;
        }
    }
    let mut fields = vec![("description", scalar(&new.description)), ("owner", scalar(&new.owner))];
    if !new.prefixes.is_empty() {
        fields.push(("prefixes", list(&new.prefixes)));
    }
    declare(&mut draft, "domains", name, &fields)?;
    Ok(draft.finished())
}
