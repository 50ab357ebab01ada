//! Which domain each topic is of, on a bus that has declared none.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::Import;
use crate::model::{Name, TopicName};
use crate::resources::settings::NamePattern;
use crate::resources::topic::ManagedBy;
use crate::resources::{Claim, Workspace};
use crate::source::{FileId, Span, Spanned};

/// The domain of topics that belong to other parts of the platform, such as a registry.
const PLATFORM: &str = "platform";

/// The folder of topics whose names tell no domain.
pub const UNSORTED: &str = "unsorted";

/// Each topic is compared with each claim, and nobody sorts more by hand.
const MOST_CLAIMS: usize = 400;

/// What domains have to claim so that each topic is of the domain that its name starts with, whatever stands behind that.
/// Names of the bus's rule, and those with dots, need nothing, and for names that tell no domain nothing is claimed.
pub fn claims(import: &Import<'_>, pattern: &NamePattern) -> Vec<Claim> {
    let mut claims: BTreeMap<String, &str> = BTreeMap::new();
    for (name, adoption) in &import.topics {
        let claim = match adoption.manager {
            ManagedBy::Streams | ManagedBy::Connect => None,
            ManagedBy::External => Some((name.to_string(), PLATFORM)),
            ManagedBy::Busctl | ManagedBy::Strimzi => claim_for(name.as_str(), pattern),
        };
        // A whole name that others start with would claim those too.
        let claim = claim.filter(|(prefix, _)| *prefix != name.as_str() || !has_longer(import, name));
        if let Some((prefix, domain)) =
            claim.filter(|(prefix, _)| claims.len() < MOST_CLAIMS || claims.contains_key(prefix))
        {
            claims.insert(prefix, domain);
        }
    }
    let nowhere = Span::whole(FileId(0));
    let claim =
        |(prefix, domain): (String, &str)| Claim { prefix: Spanned::new(prefix, nowhere), domain: domain.to_owned() };
    claims.into_iter().map(claim).collect()
}

fn has_longer(import: &Import<'_>, name: &TopicName) -> bool {
    let behind = import.topics.range::<TopicName, _>((Bound::Excluded(name), Bound::Unbounded)).next();
    behind.is_some_and(|(other, _)| other.as_str().starts_with(name.as_str()))
}

fn claim_for<'n>(text: &'n str, pattern: &NamePattern) -> Option<(String, &'n str)> {
    let natural = pattern.part(text, "domain").or_else(|| text.split_once('.').map(|(domain, _)| domain));
    if natural.is_some_and(is_domain) {
        return None;
    }
    let (domain, _) = text.split_once(['-', '_']).filter(|_| natural.is_none())?;
    is_domain(domain).then(|| (text[..=domain.len()].to_owned(), domain))
}

/// Whether the name of a topic tells no domain.
pub fn is_unsorted(workspace: &Workspace, name: &TopicName) -> bool {
    let domain = workspace.domain_of(name);
    let is_told = workspace.catalog.claim_of(name.as_str()).is_some()
        || workspace.catalog.domains.contains_key(domain)
        || workspace.settings.topic_pattern.part(name.as_str(), "domain").is_some();
    !is_told && (domain == name.as_str() || !is_domain(domain))
}

/// Whether a domain may be called so. Its folder must not be hidden.
pub fn is_domain(text: &str) -> bool {
    text.parse::<Name>().is_ok() && !text.starts_with('.')
}

/// The domains that topics are of, with the prefixes that each claims; those that the workspace has are left out.
pub fn undeclared<'s>(import: &Import<'_>, skeleton: &'s Workspace) -> BTreeMap<String, Vec<&'s str>> {
    let mut domains: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (name, _) in import.topics.iter().filter(|(_, adoption)| !adoption.is_internal()) {
        let domain = skeleton.domain_of(name);
        let is_told = is_domain(domain) && !is_unsorted(skeleton, name);
        if is_told && !skeleton.catalog.domains.contains_key(domain) {
            domains.entry(domain.to_owned()).or_default();
        }
    }
    for claim in &skeleton.catalog.claims {
        if let Some(prefixes) = domains.get_mut(&claim.domain) {
            prefixes.push(claim.prefix.as_str());
        }
    }
    domains
}
