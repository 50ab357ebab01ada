use super::args::{ClusterArg, Global, TimeoutArg};
use super::context::Context;
use super::error::{CommandError, Exit};
use super::logins::{DeclaredLogin, declared};
use super::output;
use crate::adapters::oauth::{Claims, Invitation, KeptLogin, Logins, Pending};
use crate::model::Timestamp;
use crate::render::on_one_line;

/// Options of `login`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    cluster: ClusterArg,

    #[command(flatten)]
    timeout: TimeoutArg,
}

/// Logs a person in at each issuer that the manifests name.
pub async fn run(_: &Global, args: &Args) -> Result<Exit, CommandError> {
    let context = Context::load()?;
    let logins = Logins::of_user()?.within(args.timeout.timeout);
    for declared in declared(context, &args.cluster).await? {
        logins.locked(&declared.login).await?.can_be_written()?;
        let pending = Pending::begin(&declared.login, args.timeout.timeout).await?;
        invite(&declared, &pending.invitation);
        let kept = pending.wait().await?;
        logins.locked(&declared.login).await?.write(&kept)?;
        output::data(&format!("{}\n", told(&declared, &kept)))?;
    }
    Ok(Exit::Done)
}

fn invite(declared: &DeclaredLogin, invitation: &Invitation) {
    let Invitation { address, code, complete, life } = invitation;
    anstream::eprintln!(
        "To log in to {} open\n    {}\nand type the code\n    {}",
        declared.systems.join(" and "),
        on_one_line(address),
        on_one_line(code)
    );
    if let Some(complete) = complete {
        anstream::eprintln!("or open, where the code is filled in,\n    {}", on_one_line(complete));
    }
    anstream::eprintln!("Waiting for up to {} s …", life.as_secs());
}

fn told(declared: &DeclaredLogin, kept: &KeptLogin) -> String {
    let claims = Claims::of(&kept.access_token);
    let who = claims.as_ref().and_then(|claims| claims.text(&declared.claim));
    let who = who.map_or_else(String::new, |who| format!(" as {}", on_one_line(who)));
    let until = match &kept.refresh_token {
        Some(_) => "refreshed when it is used".to_owned(),
        None => format!("until {}", Timestamp::from(kept.expires)),
    };
    format!("logged in at {}{who}, {until}", on_one_line(&declared.login.issuer))
}
