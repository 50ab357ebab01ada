//! What must hold of what others say, where busctl reads it itself: answers of brokers, tokens, certificates and their subjects,
//! records of the journal, the files in which plans and snapshots are kept, and configurations of clients.

use std::fmt::Debug;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::answers;
use super::certificate::Described;
use super::claims::Claims;
use super::model::Secret;
use super::plan::SavedPlan;
use super::ports::journal::{Applied, Event, Holder};
use super::resources::Live;
use super::resources::client_config::file::ClientFile;
use super::resources::client_config::rules::secret::secret_spans;
use super::resources::cluster::{Mapped, map_subject};
use super::source::{Sources, Span};

/// Versions of requests in the classic encoding and in the compact one.
const VERSIONS: [i16; 2] = [1, 9];

/// Tries an input.
pub fn hold(data: &[u8]) {
    for version in VERSIONS {
        is_no_more_than_came(data, version);
    }
    drop(answers::assigned(data));
    let Ok(text) = std::str::from_utf8(data) else { return };
    has_times_that_clocks_have(text);
    drop(Described::all_in(text));
    is_kept::<SavedPlan>(text);
    is_kept::<Live>(text);
    is_kept::<Event>(text);
    is_kept::<Applied>(text);
    is_kept::<Holder>(text);
    // The ending says how a text is read; without one, the text does.
    for path in ["client.properties", "client.yaml", "client"] {
        is_in_its_place(path, text);
    }
    is_no_more_than_rules_make(text);
}

/// What is found in the configuration of a client has a place in it, and what is hidden there takes nothing else along.
fn is_in_its_place(path: &str, text: &str) {
    let mut sources = Sources::default();
    let id = sources.add_foreign(path, text);
    let is_in_text = |span: &Span| assert!(text.get(span.start as usize..span.end as usize).is_some(), "{span:?}");
    match ClientFile::read(id, Path::new(path), text, None) {
        Ok(file) => {
            for setting in &file.settings {
                is_in_text(&setting.key_span);
                is_in_text(&setting.value_span);
            }
            file.topics.iter().for_each(|topic| is_in_text(&topic.span));
            let secrets = secret_spans(&file);
            secrets.iter().for_each(is_in_text);
            sources.hide(id, &secrets);
            let shown = sources.file(id).without_secrets();
            assert_eq!(shown.len(), text.len());
            for secret in &secrets {
                let hidden = &shown[secret.start as usize..secret.end as usize];
                assert!(hidden.chars().all(|c| matches!(c, '*' | '\n' | '\r')), "{hidden}");
            }
        }
        Err(findings) => {
            assert!(!findings.is_empty());
            findings.iter().flat_map(|finding| &finding.labels).for_each(|label| is_in_text(&label.span));
        }
    }
}

/// Of a first line of `ssl.principal.mapping.rules` and a subject below it: names are made of the rule and of the subject alone.
fn is_no_more_than_rules_make(text: &str) {
    let Some((rules, subject)) = text.split_once('\n') else { return };
    if let Mapped::Name(name) = map_subject(rules, subject) {
        // A pattern may be found before each letter and behind the last; letters of another case may be three for one.
        assert!(name.len() <= (rules.len() * (subject.len() + 1)).max(subject.len()) * 3, "{name}");
    }
}

/// A length that lies makes no list longer than the bytes are that came.
fn is_no_more_than_came(data: &[u8], version: i16) {
    if let Ok(Ok((acls, unknown))) = answers::acls(data, version) {
        assert!(acls.len() + unknown.len() <= data.len());
    }
    let most = |count: usize| assert!(count <= data.len(), "{count} of {} bytes", data.len());
    answers::created(data, version).iter().for_each(|outcomes| most(outcomes.len()));
    answers::deleted(data, version).iter().for_each(|outcomes| most(outcomes.len()));
    answers::coordinators(data, version).iter().for_each(|found| most(found.len()));
    answers::committed(data, version).iter().for_each(|groups| most(groups.len()));
}

/// Whatever a token says of itself can be compared with a clock.
fn has_times_that_clocks_have(token: &str) {
    let Some(claims) = Claims::of(&Secret::new(token)) else { return };
    for time in [claims.expires(), claims.starts()].into_iter().flatten() {
        assert!(time.duration_since(std::time::UNIX_EPOCH).is_ok());
    }
    assert!(claims.text("sub").is_none_or(|who| who.len() <= token.len()));
}

/// What is read is read again as it is written.
fn is_kept<T: Serialize + DeserializeOwned + PartialEq + Debug>(text: &str) {
    let Ok(read) = serde_json::from_str::<T>(text) else { return };
    let written = serde_json::to_string(&read).expect("what was read can be written");
    assert_eq!(serde_json::from_str::<T>(&written).expect("what was written is read"), read);
}
