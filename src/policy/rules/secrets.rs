use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Workspace;
use crate::source::{File, FileId, SecretText, Sources, Span, Words, secret_fingerprint, secrets};

const CLUSTER: &str = "clusters/production.yaml";

/// BUS640.
pub static SECRET: Rule = Rule {
    code: "BUS640",
    name: "secret-in-manifest",
    summary: "No secret stands in a manifest or schema, nor in its comments",
    explanation: "What is in Git is known to everybody who has a clone, for ever: take the secret out, and change it where it is \
used. Manifests name where a secret is kept, `vault:PATH#FIELD`, `env:NAME` or `file:PATH`. Private keys, access keys, tokens \
and passwords in URLs are known by their form; other values by names such as `password`, `pwd`, `passphrase`, `client_secret`, `basic.auth.user.info` or `api_key`. They are \
shown as stars, in this finding and in every other. What only looks like a secret is listed by the fingerprint that the finding \
shows, under `not_secrets` in `busctl.yaml`: so the exception is for this one text, and not for the next secret in its place.",
    level: Level::Error,
    floor: Level::Error,
    bad: Example(&[(CLUSTER, Text("description: Its inventory is postgres://bus:hunter2@db.example.com/bus\n"))]),
    good: Example(&[(CLUSTER, Text("description: Its inventory is vault:secret/bus/inventory#url\n"))]),
    check: Check::Workspace(check),
};

fn check(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    let excepted: BTreeSet<&str> = workspace.settings.not_secrets.iter().map(|known| known.value.as_str()).collect();
    let files: Vec<(FileId, &File)> = workspace.sources.iter().collect();
    let finding = |id: FileId, file: &File, secret: &SecretText| {
        let fingerprint = secret_fingerprint(&file.text[secret.range.clone()]);
        let finding = SECRET.finding(format!("this looks like {}", secret.what));
        (!excepted.contains(fingerprint.as_str())).then(|| {
            finding.at(Span::new(id, secret.range.start, secret.range.end), "").help(format!(
                "take it out, change it where it is used, and name where it is kept: vault:PATH#FIELD, env:NAME or \
                 file:PATH; if it is none, write `not_secrets: [\"{fingerprint}\"]` in busctl.yaml"
            ))
        })
    };
    let found = files.into_par_iter().flat_map_iter(|(id, file)| {
        file.secrets().iter().filter_map(move |secret| finding(id, file, secret)).collect::<Vec<_>>()
    });
    findings.par_extend(found);
}

/// Takes secrets out of what findings say: a finding of another rule may repeat what stands where it was found, or in the name
/// of a file.
pub struct Redaction(Words);

impl Redaction {
    /// What is to be taken out of findings that speak of these files; none where there is nothing.
    pub fn of(spoken_of: impl Iterator<Item = FileId>, sources: &Sources) -> Option<Self> {
        let words = |file: &File, found: &SecretText| file.text[found.range.clone()].to_owned();
        let looked_at = sources.all().flat_map(|file| file.known_hidden().map(|found| words(file, found)));
        // Nobody looks at all of what the workspace is compared with.
        let spoken_of = spoken_of.filter_map(|file| sources.get(file));
        let spoken_of = spoken_of.flat_map(|file| file.hidden().map(|found| words(file, found)));
        let mut hidden: BTreeSet<String> = looked_at.chain(spoken_of).collect();
        for path in sources.all().filter_map(|file| file.path.to_str()) {
            hidden.extend(secrets(path).into_iter().map(|secret| path[secret.range].to_owned()));
        }
        Words::of(hidden.iter().map(String::as_str)).map(Self)
    }

    /// Takes it out of a finding.
    pub fn clean(&self, finding: &mut Diagnostic) {
        let Self(words) = self;
        let clean = |text: &mut String| match words.hidden(text) {
            Some(hidden) => {
                *text = hidden;
                true
            }
            None => false,
        };
        clean(&mut finding.message);
        finding.help.iter_mut().for_each(|help| _ = clean(help));
        finding.labels.iter_mut().for_each(|label| _ = clean(&mut label.text));
        finding.fix.iter_mut().for_each(|fix| _ = clean(&mut fix.title));
        finding.cluster.iter_mut().for_each(|cluster| _ = clean(cluster));
        // A waiver of a resource whose name is not known would except nothing.
        if finding.resource.as_mut().is_some_and(clean) {
            finding.waiver = None;
        }
        if let Some(waiver) = &mut finding.waiver {
            waiver.owner = waiver.owner.take().filter(|owner| words.hidden(owner).is_none());
        }
    }
}
