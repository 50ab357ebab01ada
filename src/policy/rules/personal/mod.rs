//! Personal data: who may hold it, for how long, how it is erased, and where it is.

mod erasure;
mod residency;
mod retention;

pub use erasure::ERASURE;
pub use residency::{OUTSIDE_EU, RESIDENCY, UNKNOWN_RESIDENCY};
pub use retention::{ALLOWANCE, RETENTION};

use rayon::prelude::*;

use crate::diag::Diagnostic;
use crate::model::{Address, Duration};
use crate::policy::Content::{self, Text};
use crate::resources::personal::{AllowanceSpec, Tagged};
use crate::resources::topic::{DesiredTopic, State, TopicSpec};
use crate::resources::{Desired, Workspace};
use crate::source::{Span, Spanned};

const TOPIC: &str = "topics/media/media.raw_ingest.v1.yaml";
const CLUSTER: &str = "clusters/production.yaml";
const CATALOG: &str = "catalog/catalog.yaml";
const ADR: (&str, Content) = ("docs/adr/0007-analytics-abroad.md", Text("# 7. Analytics run in Ohio\n"));
const IN_THE_EU: (&str, Content) = (CLUSTER, Text("region: eu-central-1\n"));
const ALLOWED: (&str, Content) =
    (CATALOG, Text("domains:\n  media: { owner: media-platform, personal_data: { retention: 30d } }\n"));
const TAGGED: (&str, Content) = (
    "schemas/media/media.raw_ingest.v1.avsc",
    Text(
        r#"{
  "type": "record",
  "name": "RawIngest",
  "namespace": "example.media",
  "fields": [
    { "name": "asset_id", "type": "string", "doc": "The asset's id." },
    { "name": "sender", "type": "string", "doc": "Who uploaded it.", "pii": "email" }
  ]
}
"#,
    ),
);

/// A topic with personal data.
struct Holder<'w> {
    spec: &'w TopicSpec,
    topic: &'w DesiredTopic,
    tagged: Tagged,
    allowance: Option<&'w Spanned<AllowanceSpec>>,
}

impl Holder<'_> {
    fn name(&self) -> &str {
        self.spec.topic.as_str()
    }

    fn address(&self) -> Address {
        Address::topic(&self.spec.topic.value)
    }

    /// A finding at what is wrong, with the field that makes it so.
    fn finding(&self, finding: Diagnostic, span: Span, label: &str) -> Diagnostic {
        finding.at(span, label).at(self.tagged.span, "tagged as personal data here").resource(self.address())
    }

    /// A config that is a time, as it holds on the cluster.
    fn time(&self, key: &str) -> Option<(Duration, Option<Span>)> {
        let config = self.topic.configs.get(key)?;
        Some((Duration(config.value.as_i64()?), config.span()))
    }
}

/// The topics of a cluster with personal data in them. Schemas are read for that, each by itself.
fn holders<'w>(desired: &'w Desired<'_>) -> Vec<Holder<'w>> {
    let workspace: &Workspace = desired.workspace;
    let topics: Vec<&DesiredTopic> = desired.topics.values().filter(|topic| topic.state == State::Present).collect();
    let holder = |topic: &'w DesiredTopic| {
        let spec = workspace.topics.get(&topic.name)?;
        let tagged = workspace.personal_data_of(spec)?;
        Some(Holder { spec, topic, tagged, allowance: allowance_of(workspace, spec) })
    };
    topics.into_par_iter().filter_map(holder).collect()
}

fn allowance_of<'w>(workspace: &'w Workspace, topic: &TopicSpec) -> Option<&'w Spanned<AllowanceSpec>> {
    workspace.catalog.domains.get(workspace.domain_of(&topic.topic))?.personal_data.as_ref()
}

/// All that clusters have to do with it, in one pass.
fn check(desired: &Desired<'_>, findings: &mut Vec<Diagnostic>) {
    let holders = holders(desired);
    for holder in &holders {
        retention::check(holder, findings);
        erasure::check(holder, findings);
    }
    residency::check(desired, &holders, findings);
}
