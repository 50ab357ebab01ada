use super::args::{ClusterArg, Global};
use super::context::Context;
use super::error::{CommandError, Exit};
use super::logins::declared;
use super::output;
use crate::adapters::oauth::Logins;
use crate::model::Timestamp;
use crate::render::printable;

/// Options of `logout`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    cluster: ClusterArg,
}

/// Forgets what `login` keeps.
pub async fn run(_: &Global, args: &Args) -> Result<Exit, CommandError> {
    let context = Context::load()?;
    let logins = Logins::of_user()?;
    for declared in declared(context, &args.cluster).await? {
        let locked = logins.locked(&declared.login).await?;
        // One that cannot be read is forgotten all the same.
        let expires = locked.read().ok().flatten().map(|kept| kept.expires);
        let issuer = printable(&declared.login.issuer).into_owned();
        let line = match (locked.remove()?, expires) {
            (true, Some(expires)) => {
                format!("logged out of {issuer}; the token was good until {}", Timestamp::from(expires))
            }
            (true, None) => format!("logged out of {issuer}"),
            (false, _) => format!("nobody was logged in at {issuer}"),
        };
        output::data(&format!("{line}\n"))?;
    }
    Ok(Exit::Done)
}
