use super::ask::{Ask, Question};
use super::made;
use crate::cli::args::{Global, words};
use crate::cli::error::{CommandError, Exit};
use crate::resources::catalog::ServiceKind;
use crate::resources::scaffold::{NewService, known_topic, new_service};

/// Options of `new service`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Its name
    #[arg(value_name = "SERVICE")]
    service: Option<String>,

    /// What it does
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,

    /// The team that answers for it
    #[arg(long, value_name = "TEAM")]
    owner: Option<String>,

    /// The domain that it belongs to
    #[arg(long, value_name = "DOMAIN")]
    domain: Option<String>,

    /// What it is
    #[arg(long, value_name = "KIND", default_value = "service", value_parser = words(ServiceKind::WORDS))]
    kind: ServiceKind,

    /// A topic that it reads. May be repeated
    #[arg(long = "consumes", value_name = "TOPIC")]
    consumes: Vec<String>,

    /// Its consumer group; by default it is called after the service
    #[arg(long, value_name = "GROUP", requires = "consumes")]
    group: Option<String>,

    /// A topic that it writes. May be repeated
    #[arg(long = "produces", value_name = "TOPIC")]
    produces: Vec<String>,

    /// A transactional id, or a prefix with a trailing `*`. May be repeated
    #[arg(long = "transactional-id", value_name = "PATTERN")]
    transactional_ids: Vec<String>,

    /// The reference of the approval, of a service outside the organisation
    #[arg(long, value_name = "REFERENCE")]
    approval: Option<String>,

    /// A cluster, environment or label that it is for; by default all. May be repeated
    #[arg(long = "on", value_name = "CLUSTER")]
    clusters: Vec<String>,
}

/// Writes a service with both sides of its consents.
pub fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let context = made::loaded(global)?;
    let catalog = &context.workspace.catalog;
    let mut ask = Ask::new();
    let name = ask.text(args.service.as_ref(), &Question::open("SERVICE", "Name"))?;
    let description = ask.text(args.description.as_ref(), &Question::open("--description TEXT", "What does it do?"))?;
    let teams = catalog.teams.keys().map(String::as_str);
    let owner = ask.text(args.owner.as_ref(), &Question::among("--owner TEAM", "Team that answers for it", teams))?;
    let domains = catalog.domains.keys().map(String::as_str);
    let domain = Question::among("--domain DOMAIN", "Domain", domains).or("");
    let domain = Some(ask.text(args.domain.as_ref(), &domain)?).filter(|domain| !domain.is_empty());
    let is_topic = |topic: &str| known_topic(&context.workspace, topic);
    let consumes = "Topics that it reads, with commas between them";
    let consumes = ask.list(&args.consumes, &Question::open("--consumes TOPIC", consumes).or("").checked(&is_topic))?;
    let produces = "Topics that it writes, with commas between them";
    let produces = ask.list(&args.produces, &Question::open("--produces TOPIC", produces).or("").checked(&is_topic))?;
    let approval = match args.kind {
        ServiceKind::External => {
            let question = Question::open("--approval REFERENCE", "The reference of the approval");
            Some(ask.text(args.approval.as_ref(), &question)?)
        }
        _ => args.approval.clone(),
    };
    ask.finish()?;
    let new = NewService {
        name,
        description,
        owner,
        domain,
        kind: Some(args.kind),
        consumes,
        group: args.group.clone(),
        produces,
        transactional_ids: args.transactional_ids.clone(),
        approval,
        clusters: args.clusters.clone(),
    };
    made::write_new(context, new_service(&context.workspace, &new)?, global)?;
    Ok(Exit::Done)
}
