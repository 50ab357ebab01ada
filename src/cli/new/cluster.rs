use super::ask::{Ask, Question};
use super::made;
use crate::cli::args::Global;
use crate::cli::error::{CommandError, Exit};
use crate::cli::login_args::LoginArgs;
use crate::diag::{Diagnostic, Level};
use crate::policy::UNKNOWN_RESIDENCY;
use crate::resources::cluster::Reach;
use crate::resources::scaffold::{NewCluster, NoScaffold, broker_address, new_cluster};

/// Options of `new cluster`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Its name
    #[arg(value_name = "CLUSTER")]
    cluster: Option<String>,

    /// Its environment; by default it is called after the cluster
    #[arg(long, value_name = "LABEL")]
    environment: Option<String>,

    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,

    /// One on this machine, which `busctl dev up` starts
    #[arg(long, conflicts_with_all = ["bootstrap", "cluster_id", "tls", "sasl", "brokers", "registry_url"])]
    local: bool,

    /// A broker to ask first. May be repeated, or several with commas
    #[arg(long, value_name = "HOST:PORT", value_delimiter = ',')]
    bootstrap: Vec<String>,

    /// The id that its brokers answer
    #[arg(long, value_name = "ID")]
    cluster_id: Option<String>,

    /// Where it runs
    #[arg(long, value_name = "REGION")]
    region: Option<String>,

    /// The area that it is in, where its region does not tell: eu or elsewhere
    #[arg(long, value_name = "AREA")]
    residency: Option<String>,

    /// How many brokers it has
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=1000))]
    brokers: Option<u32>,

    #[command(flatten)]
    login: LoginArgs,

    /// Its schema registry
    #[arg(long, value_name = "NAME")]
    registry: Option<String>,

    /// The registry's address, where the registry is new too
    #[arg(long, value_name = "URL", requires = "registry")]
    registry_url: Option<String>,

    /// How a principal is made from a service, as in User:CN={service}
    #[arg(long, value_name = "TEMPLATE")]
    principal: Option<String>,
}

/// Writes a cluster.
pub fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let (tls, sasl) = (args.login.tls()?, args.login.sasl()?);
    let context = made::loaded(global)?;
    let mut ask = Ask::new();
    let name = ask.text(args.cluster.as_ref(), &Question::open("CLUSTER", "Name"))?;
    let environment = Question::open("--environment LABEL", "Environment").or(&name);
    let environment = ask.text(args.environment.as_ref(), &environment)?;
    let mut brokers = 1;
    let mut connection = None;
    if !args.local {
        let bootstrap = "Brokers to ask first, HOST:PORT with commas between them";
        let given: Vec<String> = args.bootstrap.iter().map(|address| address.trim().to_owned()).collect();
        let question = Question::open("--bootstrap HOST:PORT (or --local)", bootstrap).checked(&broker_address);
        let bootstrap = ask.list(&given, &question)?;
        let given = args.brokers.map(|brokers| brokers.to_string());
        let question = Question::open("--brokers NUMBER", "How many brokers has it?").checked(&number_of_brokers);
        let answer = ask.text(given.as_ref(), &question)?;
        // Where nobody could be asked that is told below.
        brokers = answer.parse().unwrap_or(1);
        connection = Some(Reach { bootstrap, tls, sasl, registry: None });
    }
    ask.finish()?;
    let new = NewCluster {
        name,
        environment,
        description: args.description.clone(),
        cluster_id: args.cluster_id.clone(),
        region: args.region.clone(),
        residency: args.residency.clone(),
        connection,
        registry: args.registry.clone(),
        registry_url: args.registry_url.clone(),
        principal: args.principal.clone(),
        brokers,
    };
    let made = new_cluster(&context.workspace, &new)?;
    made::write_new_if(context, made, global, refuse_errors)?;
    Ok(Exit::Done)
}

/// Refuses a cluster in which `validate` would find errors that are not there now.
fn refuse_errors(findings: &[Diagnostic]) -> Result<(), CommandError> {
    let way = |finding: &Diagnostic| {
        let is_about_place = finding.code == UNKNOWN_RESIDENCY.code;
        is_about_place.then_some("give --region REGION as its provider calls it, or --residency eu")
    };
    let errors = findings.iter().filter(|finding| finding.level == Level::Error);
    let refused = CommandError::refused("`validate` would find errors in it: nothing was written");
    match errors.clone().next() {
        None => Ok(()),
        Some(_) => Err(errors.fold(refused, |refused, error| refused.hint(made::in_words(error, way(error))))),
    }
}

fn number_of_brokers(answer: &str) -> Result<(), NoScaffold> {
    match answer.parse::<u32>() {
        Ok(1..=1000) => Ok(()),
        _ => Err(NoScaffold::new(format!("`{answer}` is no number of brokers"), "from 1 to 1000")),
    }
}
