use rayon::prelude::*;

use super::{ALLOWED, CATALOG, Holder, IN_THE_EU, TAGGED, allowance_of};
use crate::diag::{Diagnostic, Level};
use crate::model::{Address, Duration};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::topic::TopicSpec;
use crate::resources::{Resolved, Workspace};

/// BUS641.
pub static ALLOWANCE: Rule = Rule {
    code: "BUS641",
    name: "personal-data-allowance",
    summary: "Personal data is in the topics of domains that may process it",
    explanation: "A field is tagged as personal data by the property `pii` in Avro, `x-pii` in JSON Schema, or an option whose \
name ends in `pii` in Protobuf (`[(pii) = true]`). Which domain may hold such data, and for how long, is decided for the \
domain: `personal_data: { retention: 30d }` in `catalog/`. A topic of another domain that has tagged fields came to them by \
accident, or nobody has decided yet. Dead letters hold what the topic holds that they come from.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[TAGGED, IN_THE_EU]),
    good: Example(&[TAGGED, IN_THE_EU, ALLOWED]),
    check: Check::Workspace(check_allowance),
};

/// BUS642.
pub static RETENTION: Rule = Rule {
    code: "BUS642",
    name: "personal-data-retention",
    summary: "Personal data is kept no longer than its domain allows",
    explanation: "The retention that counts is `retention.ms` as it holds on each cluster, with class and overrides. None at \
all leaves it to the broker, and `unlimited` has no end; a limit of bytes helps neither, for a quiet topic never reaches it. \
Kafka deletes whole segments: a record can be there for `segment.ms` longer, so set that too where days count.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[
        TAGGED,
        IN_THE_EU,
        (CATALOG, Text("domains:\n  media: { owner: media-platform, personal_data: { retention: 7d } }\n")),
    ]),
    good: Example(&[TAGGED, IN_THE_EU, ALLOWED]),
    check: Check::Cluster(super::check),
};

fn check_allowance(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    let topics: Vec<&TopicSpec> = workspace
        .topics
        .values()
        .filter(|topic| topic.is_present() && allowance_of(workspace, topic).is_none())
        // A domain that is not declared is a reference to nothing.
        .filter(|topic| workspace.catalog.domains.contains_key(workspace.domain_of(&topic.topic)))
        .collect();
    findings.par_extend(topics.into_par_iter().filter_map(|topic| {
        let tagged = workspace.personal_data_of(topic)?;
        let name = workspace.domain_of(&topic.topic);
        let domain = workspace.catalog.domains.get(name)?;
        let (message, path) = (
            format!("`{}` holds personal data ({}), which its domain `{name}` does not process", topic.topic.value, tagged.named()),
            workspace.sources.file(domain.span.file).path.display(),
        );
        Some(
            ALLOWANCE
                .finding(message)
                .at(topic.topic.span, "")
                .at(tagged.span, "tagged as personal data here")
                .lacks(domain.span, "personal_data")
                .help(format!(
                    "have the domain's owner write `personal_data: {{ retention: 30d }}` in {path}, or leave the data out"
                ))
                .resource(Address::topic(&topic.topic.value)),
        )
    }));
}

pub(super) fn check(holder: &Holder<'_>, findings: &mut Vec<Diagnostic>) {
    let keeps_everything = holder.topic.keeps_everything();
    let is_concerned = keeps_everything || holder.topic.cleans_up_by("delete");
    let Some(allowance) = holder.allowance.filter(|_| is_concerned) else { return };
    let allowed = allowance.retention;
    let kept = match keeps_everything {
        true => Some((Duration(-1), holder.topic.configs.get("cleanup.policy").and_then(Resolved::span))),
        false => holder.time("retention.ms"),
    };
    let named = holder.tagged.named();
    let (message, span) = match kept {
        Some((Duration(kept), _)) if (0..=allowed.value.0).contains(&kept) => return,
        Some((kept, span)) => {
            let how_long = if kept.0 < 0 { "without an end".to_owned() } else { format!("for {kept}") };
            (format!("`{}` keeps personal data ({named}) {how_long}", holder.name()), span)
        }
        None => (format!("`{}` keeps personal data ({named}) for as long as the broker likes", holder.name()), None),
    };
    let finding = RETENTION.finding(format!("{message}; its domain allows {}", allowed.value));
    let help = match keeps_everything {
        true => "choose a class that deletes what is older: an empty `cleanup.policy` keeps every record".to_owned(),
        false => format!("write `config: {{ retention.ms: {} }}`, or choose a class that keeps less", allowed.value),
    };
    findings.push(
        holder.finding(finding, span.unwrap_or(holder.spec.topic.span), "").at(allowed.span, "allowed here").help(help),
    );
}
